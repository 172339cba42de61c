/** A network of two layers that tells animals by their features, with shapes that may not fit. */
import { ShapeError } from "../errors.ts";
import { linear, stack, type Tensor } from "../index.ts";
import type { Forms } from "./probe.ts";
import { type Label, say, type Text } from "./text.ts";

export const animals: readonly Text[] = [say("犬", "dog"), say("猫", "cat"), say("ネズミ", "mouse")];
export const features: readonly Text[] = [
  say("体長 10cm", "length, 10 cm"),
  say("体重 kg", "weight, kg"),
  say("耳 cm", "ears, cm"),
  say("ひげ 10 本", "whiskers, 10"),
  say("足 10cm", "legs, 10 cm"),
];

/** `x Wᵀ + b`: for each unit by itself, the sum of its inputs times its weights, and its bias; or at once. */
export const products: Readonly<Record<"units" | "matrix", (x: Tensor, w: Tensor, b: Tensor) => Tensor>> = {
  units: (x, w, b) =>
    stack(
      Array.from({ length: w.shape[0] }, (_, i) => x.matmul(w.select(0, i)).add(b.select(0, i))),
      1,
    ),
  matrix: linear,
};

/** What the columns of a table of edges between layers are. */
export const edgeHead: readonly Text[] = [
  say("境目", "edge"),
  say("左", "left"),
  say("右", "right"),
  say("合うか", "fits"),
  say("ライブラリの答え", "what the library says"),
];

/** A product, or what the library says against it; and a row of the table of edges. */
export function attempt(
  x: Tensor | undefined,
  w: Tensor,
  product: () => Tensor | undefined,
): { value?: Tensor; row: Label[] } {
  const shapes = [x ? `${x.shape.join("×")}` : "–", `${w.shape.toReversed().join("×")}`];
  if (!x) return { row: [...shapes, "–", say("手前で止まりました", "stopped before")] };
  try {
    const value = product();
    return { ...(value && { value }), row: [...shapes, "○", ""] };
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    return { row: [...shapes, "×", error.message] };
  }
}

/** Where shapes did not fit. */
export function stopped({ rows }: Forms["table"]): Text {
  const [name, left, right] = rows.find((row) => row[3] === "×") ?? ["–", "–", "–"];
  return say(
    `${name} の境目で形が合いません（${left} と ${right}）。`,
    `The shapes do not fit at ${name}: ${left} and ${right}.`,
  );
}
