/** Softmax of a few logits, as the pictures of it need it. */
import type { Tensor } from "../../index.ts";
import type { Line } from "../probe.ts";
import { type Label, say, type Text } from "../text.ts";

/** The library's softmax, which takes the greatest logit away first; and as it stands in textbooks, which overflows. */
export const formulas: Readonly<Record<"stable" | "naive", (logits: Tensor) => Tensor>> = {
  stable: (z) => z.softmax(-1),
  naive: (z) => z.exp().div(z.exp().sum(-1, { keepdim: true })),
};

export const formulaNames: Readonly<Record<keyof typeof formulas, Text>> = {
  stable: say("最大値を引いてから exp", "exp after taking the greatest away"),
  naive: say("そのまま exp", "exp as it is"),
};

/** Temperatures from 0.05 to 20, each a little greater than the last. */
export const temperatures: Float32Array = Float32Array.from({ length: 81 }, (_, i) => 0.05 * 400 ** (i / 80));

/** The place of the first three probabilities in a triangle with corners at (0, 0), (1, 0) and the top. */
export function inTriangle(name: Label, probabilities: ArrayLike<number>, classes: number, dots: boolean): Line {
  const [x, y]: number[][] = [[], []];
  for (let i = 0; i < probabilities.length; i += classes) {
    const sum = probabilities[i] + probabilities[i + 1] + probabilities[i + 2];
    x.push((probabilities[i + 1] + probabilities[i + 2] / 2) / sum);
    y.push(((Math.sqrt(3) / 2) * probabilities[i + 2]) / sum);
  }
  return { name, x, y, dots };
}

/** The probability of each class by temperature, from those at all of them. */
export const meltingOf = (path: ArrayLike<number>, names: readonly Label[]): Line[] =>
  names.map((name, k) => ({
    name,
    x: temperatures,
    y: Array.from(temperatures, (_, i) => path[i * names.length + k]),
  }));
