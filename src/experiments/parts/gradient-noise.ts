/** The gradients of minibatches: how they scatter about that of all examples, and how long they take. */
import { HostRandom } from "../../data/index.ts";
import type { Tensor } from "../../index.ts";
import type { Module } from "../../nn/index.ts";
import type { Forms, Probe } from "../probe.ts";
import { say, type Text } from "../text.ts";
import type { Examples, Task } from "./digits-task.ts";
import { ellipse } from "./ellipse.ts";
import { lossAndGradient } from "./part-gradients.ts";
import { bars, curves } from "./probes.ts";

/** The batch sizes that are compared. */
const sizes = [8, 32, 128, 512] as const;
/** How many minibatches of each are drawn. */
const draws = 8;

const named = (size: number): Text => say(`${size} 枚`, `${size} digits`);
const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, v, i) => sum + v * b[i], 0);
const lengthOf = (v: Float32Array): number => Math.sqrt(dot(v, v));
const minus = (a: Float32Array, b: Float32Array): Float32Array => a.map((v, i) => v - b[i]);

interface NoiseProbes {
  readonly noise: Probe<"bars">;
  readonly cloud: Probe<"curves">;
  readonly throughput: Probe<"bars">;
}
/** What is measured of gradients of minibatches of 8, 32, 128 and 512. */
export const noiseProbes: NoiseProbes = {
  noise: bars("magnitude", say("枚数ごとの勾配のばらつき", "noise of the gradient by batch size"), {
    help: say(
      "全体の勾配からのずれ（RMS）を、全体の勾配の長さで割ったものです。",
      "How far off the gradient of all it is, root mean square, as a part of that one's length.",
    ),
  }),
  cloud: curves("signed", say("ミニバッチの勾配の散らばり", "how gradients of minibatches scatter"), {
    axes: [say("全体の勾配の向き", "along the gradient of all"), say("直交する向き", "across it")],
  }),
  throughput: bars("magnitude", say("枚数ごとの 1 秒あたりの枚数", "digits per second by batch size"), { timed: true }),
};

interface Noise {
  /** The root mean square distance from the whole gradient, as a part of its length; for each size. */
  readonly noise: Forms["bars"];
  /** The same gradients, seen along the whole one and across it, with the ellipse of twice their deviation for each size. */
  readonly cloud: Forms["curves"];
}
export class BatchGradients {
  readonly #task: Task;
  readonly #examples: Examples;
  /** The mean loss, and its gradient by all parameters, as one vector. */
  readonly #gradient: (x: Tensor, y: Tensor) => Promise<Tensor>;

  /** Of a model as it is when they are asked for, on the first `count` images of a task. */
  constructor(model: Module, task: Task, count: number) {
    [this.#task, this.#examples] = [task, task.all(count)];
    this.#gradient = lossAndGradient(model);
  }

  async #of({ x, y }: Examples): Promise<Float32Array> {
    return ((await (await this.#gradient(x, y)).data()) as Float32Array).subarray(1);
  }
  /** The first `size` of them, or those `from` one on. */
  #first(size: number, from = 0): Examples {
    return { x: this.#examples.x.narrow(0, from, size), y: this.#examples.y.narrow(0, from, size) };
  }

  /** Of minibatches that are drawn from all examples, each by itself, so that one may be drawn twice. */
  async noise(seed: number): Promise<Noise> {
    const whole = await this.#of(this.#examples);
    const length = lengthOf(whole);
    const count = this.#examples.x.shape[0];
    const drawn: Float32Array[][] = [];
    for (const size of sizes) {
      const gaps: Float32Array[] = [];
      for (let k = 0; k < draws; k++) {
        const random = new HostRandom(seed, size, k);
        const batch = this.#task.some(Array.from({ length: size }, () => random.below(count)));
        gaps.push(minus(await this.#of(batch), whole));
      }
      drawn.push(gaps);
    }
    const spreads = drawn.map((gaps) => Math.sqrt(gaps.reduce((sum, gap) => sum + dot(gap, gap), 0) / draws) / length);
    // Across: the way in which the first of the smallest lies off the whole gradient.
    const [[first]] = drawn;
    const along = dot(first, whole) / length ** 2;
    const across = first.map((v, i) => v - along * whole[i]);
    const scale = Math.max(lengthOf(across) * length, 1e-30);
    const placeOf = (gap: Float32Array): [number, number] => [
      1 + dot(gap, whole) / length ** 2,
      dot(gap, across) / scale,
    ];
    const cloud = drawn.flatMap((gaps, k) => ellipse(named(sizes[k]), gaps.map(placeOf)));
    return { noise: { names: sizes.map(named), values: spreads }, cloud };
  }

  /** Digits per second of each size. */
  async throughput(): Promise<Forms["bars"]> {
    const values: number[] = [];
    for (const size of sizes) values.push(size / (await this.#seconds(this.#first(size))));
    return { names: sizes.map(named), values };
  }

  /** How long a gradient takes once it is compiled: the best of three, which other programs disturb least. */
  async #seconds(examples: Examples): Promise<number> {
    await this.#of(examples);
    let best = Infinity;
    for (let i = 0; i < 3; i++) {
      const start = performance.now();
      await this.#of(examples);
      best = Math.min(best, (performance.now() - start) / 1000);
    }
    return Math.max(best, 1e-9);
  }
}
