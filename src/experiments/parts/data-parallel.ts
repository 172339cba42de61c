/**
 * Learning from the parts of a batch, which workers compute at the same time. A batch is cut into the same parts for any
 * number of workers, and the mean of their gradients is taken in their order: so the bits are the same.
 */
import { MLP } from "../../models/index.ts";
import type { Optimizer } from "../../optim/index.ts";
import type { Forms, Probe } from "../probe.ts";
import { say, type Text } from "../text.ts";
import type { Examples } from "./digits-task.ts";
import { crew } from "./gradient-crew.ts";
import { integerParam, type Quantity } from "./params.ts";
import { flatParameters, type PartGradient, type PartTask, shaped } from "./part-gradients.ts";
import { bars, scalar } from "./probes.ts";
import { type Learn, learner } from "./supervised.ts";

/** Into how many parts a batch is cut, if each has enough examples to be worth a message: as many workers can help. */
const mostParts = 4;
const leastExamples = 16;
const partsOf = (count: number): number => Math.min(mostParts, Math.max(1, Math.floor(count / leastExamples)));

/** Logical cores that this machine says it has; "?" where it does not say. */
export const cores: string = String(globalThis.navigator?.hardwareConcurrency ?? "?");

/** How many workers share a batch. */
export const workersParam: Quantity = integerParam(2, say("ワーカーの数", "workers"), {
  min: 1,
  max: 4,
  hot: true,
  help: say(
    "バッチを 4 つに分け、別々のエンジンを持つワーカーが同時に計算します。32 枚に満たないバッチは分けません。数を変えても、結果は 1 ビットも変わりません。",
    "A batch is cut into 4 parts, which workers with engines of their own compute at the same time. Batches of fewer than 32 are not cut. Their number changes no bit of the result.",
  ),
});

interface SharingProbes {
  readonly workerSpeeds: Probe<"bars">;
  readonly partGap: Probe<"scalar">;
  readonly differing: Probe<"scalar">;
}
/** What is measured of 512 digits that workers share. */
export const sharingProbes: SharingProbes = {
  workerSpeeds: bars("magnitude", say("512 枚を分け合う速さ（枚/秒）", "512 digits shared: digits per second"), {
    timed: true,
    help: say(
      "実際にワーカーを起動して、このマシンで測った値です。コアの数より多いワーカーは順番を待ちます。",
      "Measured here, with workers that are really started. More of them than there are cores wait for each other.",
    ),
  }),
  partGap: scalar("magnitude", say("部分の勾配の平均と全体との差", "mean gradient of the parts against the whole")),
  differing: scalar("count", say("ワーカーの数で変わった勾配の値", "gradients that another count of workers changes")),
};
const crewOf = (count: number): Text => say(`ワーカー ${count} つ`, count === 1 ? "1 worker" : `${count} workers`);
const alone = say("ワーカーなし（起動できません）", "none: workers do not start here");

/** Examples of a batch on the host. */
interface Batch {
  readonly x: Float32Array;
  readonly y: Int32Array;
}

/** How well workers share a batch. */
interface Sharing {
  /** Examples per second with one worker, two, …; with this thread alone where no worker would start. */
  readonly workerSpeeds: Forms["bars"];
  /** Numbers of the mean gradient that are other bits with all workers than with one. */
  readonly differing: number;
  /** How far the mean of the parts is from the gradient of the whole batch, as a part of its length. */
  readonly partGap: number;
}

export class DataParallel {
  readonly model: MLP;
  readonly #sizes: readonly number[];
  readonly #optimizer: Optimizer;
  readonly #learnHere: Learn;

  /** Of a network as wide as `sizes` says. */
  constructor(sizes: readonly number[], makeOptimizer: (model: MLP) => Optimizer) {
    this.#sizes = sizes;
    this.model = new MLP([...sizes]);
    this.#optimizer = makeOptimizer(this.model);
    this.#learnHere = learner(this.model, this.#optimizer);
  }

  /** A step with the mean gradient of the parts; gives the loss. A batch that is not cut is not sent anywhere. */
  async learn(examples: Examples, { lr, workers }: { lr: number; workers: number }): Promise<number> {
    this.#optimizer.lr = lr;
    if (partsOf(examples.y.shape[0]) === 1) return (await this.#learnHere(examples)).loss;
    const { loss, gradient } = await this.#gradient(await hostOf(examples), workers);
    const gradients = shaped(this.model, gradient);
    this.model.parameters().forEach((p, i) => {
      p.grad = gradients[i];
    });
    await this.#optimizer.step();
    return loss;
  }

  /** Measures what a batch takes with one worker, and with more, up to `workers`: the best of three, in turn. */
  async share(examples: Examples, workers: number): Promise<Sharing> {
    const batch = await hostOf(examples);
    const [whole] = await crew.solve([{ ...(await this.#asked()), ...batch }], 1);
    const [one, all] = [await this.#gradient(batch, 1), await this.#gradient(batch, workers)];
    const most = Math.min(workers, crew.count);
    const best = new Array<number>(Math.max(most, 1)).fill(Infinity);
    for (let round = 0; round < 3; round++) {
      for (let count = 1; count <= best.length; count++) {
        const start = performance.now();
        await this.#gradient(batch, count);
        best[count - 1] = Math.min(best[count - 1], (performance.now() - start) / 1000);
      }
    }
    const speeds = best.map((seconds) => batch.y.length / Math.max(seconds, 1e-9));
    const names = most === 0 ? [alone] : speeds.map((_, i) => crewOf(i + 1));
    const bits = [one, all].map(({ gradient }) => new Uint32Array(gradient.buffer));
    const off = one.gradient.map((v, i) => v - whole.gradient[i]);
    return {
      workerSpeeds: { names, values: speeds },
      differing: bits[0].reduce((count, v, i) => count + (v === bits[1][i] ? 0 : 1), 0),
      partGap: lengthOf(off) / lengthOf(whole.gradient),
    };
  }

  async #asked(): Promise<Pick<PartTask, "sizes" | "parameters">> {
    return { sizes: this.#sizes, parameters: await flatParameters(this.model) };
  }

  async #gradient(batch: Batch, workers: number): Promise<PartGradient> {
    const cut = cutInto(partsOf(batch.y.length), batch, this.#sizes[0]);
    const asked = await this.#asked();
    const solved = await crew.solve(
      cut.map((part) => ({ ...asked, ...part })),
      workers,
    );
    return meanOf(
      solved,
      cut.map(({ y }) => y.length / batch.y.length),
    );
  }
}

const lengthOf = (v: Float32Array): number => Math.sqrt(v.reduce((sum, x) => sum + x * x, 0));

async function hostOf({ x, y }: Examples): Promise<Batch> {
  return { x: (await x.data()) as Float32Array, y: (await y.data()) as Int32Array };
}

/** Parts that are as equal as can be. */
function cutInto(count: number, { x, y }: Batch, width: number): Batch[] {
  return Array.from({ length: count }, (_, k) => {
    const [from, to] = [k, k + 1].map((n) => Math.round((n * y.length) / count));
    return { x: x.slice(from * width, to * width), y: y.slice(from, to) };
  });
}

/** The mean by weights, added up in the order of the parts. */
function meanOf(solved: readonly PartGradient[], weights: readonly number[]): PartGradient {
  const gradient = new Float32Array(solved[0].gradient.length);
  for (const [k, part] of solved.entries()) {
    for (let i = 0; i < gradient.length; i++) gradient[i] += weights[k] * part.gradient[i];
  }
  return { loss: solved.reduce((sum, { loss }, k) => sum + weights[k] * loss, 0), gradient };
}
