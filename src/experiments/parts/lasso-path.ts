/** The ways in which L1 is solved, and the lasso's path: the weights at many strengths of the penalty at once. */
import { jit, Parameter, type Tensor, tensor, zeros } from "../../index.ts";
import { softThreshold } from "../../optim/index.ts";
import type { Line } from "../probe.ts";
import { say, type Text } from "../text.ts";
import type { SparseWorld } from "./sparse-world.ts";

/** How L1 is solved. */
export const lassoNames: Readonly<Record<"none" | "sign" | "proximal", Text>> = {
  none: say("正則化なし", "no penalty"),
  sign: say("符号の劣勾配（教科書）", "sub-gradient: the sign, as in textbooks"),
  proximal: say("軟しきい値（近接勾配）", "soft threshold: the proximal step"),
};

const strengths = Float32Array.from({ length: 16 }, (_, i) => 0.02 * 1.4 ** i);

/** The lasso's path: proximal gradient descent (Daubechies et al. 2004) for every strength, a column for each. */
export class LassoPath {
  readonly #weights: Parameter;
  readonly #step: () => Promise<void>;

  constructor({ features, train: { x, y } }: SparseWorld, lr = 0.05) {
    this.#weights = new Parameter(zeros([features, strengths.length]), { label: "path", requiresGrad: false });
    const limits = tensor(strengths.map((s) => s * lr));
    const rate = (2 * lr) / x.shape[0];
    this.#step = jit(async (): Promise<void> => {
      const gradient = x.transpose(0, 1).matmul(x.matmul(this.#weights).sub(y)).mul(rate);
      this.#weights.assign(softThreshold(this.#weights.sub(gradient), limits));
      await this.#weights.realize();
    });
  }

  step(): Promise<void> {
    return this.#step();
  }

  /** A line for each weight that ought not to be 0, and one for the largest of the others. */
  async lines(truth: Float32Array): Promise<Line[]> {
    const all = (await (this.#weights as Tensor).data()) as Float32Array;
    const row = (i: number): Float32Array => all.slice(i * strengths.length, (i + 1) * strengths.length);
    const useful = [...truth.keys()].filter((i) => truth[i] !== 0);
    const others = [...truth.keys()].filter((i) => truth[i] === 0).map(row);
    const largest = strengths.map((_, k) => Math.max(0, ...others.map((r) => Math.abs(r[k]))));
    return [
      ...useful.slice(0, 6).map((i) => ({ name: `w${i + 1}`, x: strengths, y: row(i) })),
      { name: say("ほかの重みの最大", "largest of the others"), x: strengths, y: largest, dots: true },
    ];
  }
}
