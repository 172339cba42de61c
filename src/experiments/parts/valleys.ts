/** Losses of two parameters that are quadratic, so that one number says how high a learning rate may be. */
import { Parameter, type Tensor, tensor } from "../../index.ts";
import { say, type Text } from "../text.ts";
import { spaced } from "./plane.ts";

export type ValleyName = "ravine" | "line";
export const valleyNames: Readonly<Record<ValleyName, Text>> = {
  ravine: say("谷（κ で急さが変わる）", "a ravine, as steep as κ"),
  line: say("直線を当てはめる", "fitting a line"),
};
export interface Valley {
  /** At places `(…, 2)`. */
  readonly height: (w: Tensor) => Tensor;
  readonly bottom: readonly [number, number];
}

/** Slope and intercept of the line that is fitted: where its loss is 0. */
const line = [1.5, -1] as const;

/** A ravine along the first axis, `steepness` times as steep across; or the squared error of a line on 12 points. */
export function valleyOf(name: ValleyName, steepness: number): Valley {
  if (name === "ravine") {
    const curvature = tensor([0.5, 0.5 * steepness]);
    return { height: (w) => w.square().mul(curvature).sum(-1), bottom: [0, 0] };
  }
  const x = spaced(-1, 3, 12);
  const points = tensor(Float32Array.from([...x, ...x.map(() => 1)]), [2, x.length]);
  const targets = tensor(x.map((v) => line[0] * v + line[1]));
  return { height: (w) => w.matmul(points).sub(targets).square().mean(-1).mul(0.5), bottom: line };
}

/**
 * The greatest curvature λ of a quadratic: the greater eigenvalue of its matrix of second derivatives, which gradients at
 * three places give.
 */
export async function curvatureOf(height: Valley["height"]): Promise<number> {
  const gradient = async (place: readonly [number, number]): Promise<number[]> => {
    const w = new Parameter(tensor([...place]), { label: "w" });
    height(w).backward();
    return Array.from((await w.grad?.data()) ?? [], Number);
  };
  const [here, right, up] = [await gradient([0, 0]), await gradient([1, 0]), await gradient([0, 1])];
  const [a, b, c] = [right[0] - here[0], right[1] - here[1], up[1] - here[1]];
  return (a + c) / 2 + Math.sqrt(((a - c) / 2) ** 2 + b * b);
}
