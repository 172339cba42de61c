/** Networks of several widths from one number to one number: built by hand, or to be trained, all at the same time. */
import { Module } from "../../nn/index.ts";
import { type Tensor, tensor } from "../../tensor.ts";
import { type Curve, type Samples, sampled } from "./curve-task.ts";
import { ManyLinear } from "./many-networks.ts";

export type Bend = "sigmoid" | "tanh" | "relu";

/** `(N, 1) → (widths, N, 1)`: a network of each width, where units beyond its width are held at 0. */
export class Approximators extends Module {
  readonly first: ManyLinear;
  readonly deeper: readonly ManyLinear[];
  readonly last: ManyLinear;
  /** `(widths, 1, units)` of 1 and 0 */
  readonly #mask: Tensor;
  readonly #bend: Bend;

  constructor(widths: readonly number[], depth: number, bend: Bend) {
    super();
    const units = Math.max(...widths);
    const layer = (): ManyLinear => new ManyLinear(widths.length, units, units);
    this.first = new ManyLinear(widths.length, 1, units, { std: 4 });
    this.deeper = Array.from({ length: depth - 1 }, layer);
    this.last = new ManyLinear(widths.length, units, 1);
    this.#mask = tensor(widths.map((width) => [Array.from({ length: units }, (_, i) => (i < width ? 1 : 0))]));
    this.#bend = bend;
  }

  override forward(x: Tensor): Tensor {
    return this.last.forward(this.hidden(x));
  }
  /** What the units of the last hidden layer give: `(N, 1) → (widths, N, units)`. */
  hidden(x: Tensor): Tensor {
    return [this.first, ...this.deeper].reduce((y, layer) => layer.forward(y)[this.#bend]().mul(this.#mask), x);
  }
  /** What each of these units adds to the output: `(N, 1) → (widths, units, N)`. */
  parts(x: Tensor): Tensor {
    return this.hidden(x).mul(this.last.weight.mT).mT;
  }

  /** The output of each, and its error against a curve: root mean square, and greatest. */
  async compared({ x, y }: Samples): Promise<{ outputs: Float32Array[]; errors: number[]; greatest: number[] }> {
    const [widths, count] = [this.last.weight.shape[0], x.length];
    const all = (await this.forward(tensor(x, [count, 1])).data()) as Float32Array;
    const outputs = Array.from({ length: widths }, (_, k) => all.subarray(k * count, (k + 1) * count));
    const gaps = outputs.map((output) => Array.from(output, (value, i) => Math.abs(value - y[i])));
    const errors = gaps.map((gap) => Math.sqrt(gap.reduce((sum, e) => sum + e * e, 0) / count));
    return { outputs, errors, greatest: gaps.map((gap) => Math.max(...gap)) };
  }

  /** Makes one hidden layer of known weights of each network. */
  build(piles: readonly Pile[]): void {
    const units = this.last.weight.shape[1];
    const rows = (of: (unit: Unit) => number): Tensor =>
      tensor(piles.map((pile) => [Array.from({ length: units }, (_, i) => (pile.units[i] ? of(pile.units[i]) : 0))]));
    this.first.weight.assign(rows((unit) => unit.weight));
    this.first.bias.assign(rows((unit) => unit.bias));
    this.last.weight.assign(rows((unit) => unit.height).mT);
    this.last.bias.assign(tensor(piles.map((pile) => [[pile.base]])));
  }
}

interface Unit {
  readonly weight: number;
  readonly bias: number;
  /** Its weight in the output. */
  readonly height: number;
}
/** A function as a sum of hidden units. */
export interface Pile {
  readonly units: readonly Unit[];
  readonly base: number;
}

/**
 * A curve as so many units: hinges of ReLU that go along straight lines between `width + 1` of its points, or steps of
 * S-shaped units from each of `width + 1` levels to the next, `steepness` times as steep as steps are long.
 */
export function pile(curve: Curve, width: number, bend: Bend, steepness: number): Pile {
  const count = width + 1;
  if (bend === "relu") {
    const { x, y } = sampled(curve, count);
    const slopes = Array.from({ length: width }, (_, i) => ((y[i + 1] - y[i]) * width) / 2);
    const units = slopes.map((slope, i) => ({ weight: 1, bias: -x[i], height: slope - (slopes[i - 1] ?? 0) }));
    return { units, base: y[0] };
  }
  const levels = Array.from({ length: count }, (_, i) => curve(-1 + (2 * i + 1) / count));
  const size = bend === "tanh" ? 0.5 : 1; // tanh(½u) goes from −1 to 1 where sigmoid(u) goes from 0 to 1
  const weight = (size * steepness * count) / 2;
  const units = Array.from({ length: width }, (_, i) => {
    const border = -1 + (2 * (i + 1)) / count;
    return { weight, bias: -weight * border, height: size * (levels[i + 1] - levels[i]) };
  });
  const middle = units.reduce((sum, { height }) => sum + height, levels[0]);
  return { units, base: bend === "tanh" ? middle : levels[0] };
}
