/** What a network with softmax at its output tells apart: clouds of points in the plane, or handwritten digits. */
import { blobs } from "../../data/index.ts";
import type { Tensor } from "../../index.ts";
import { MLP } from "../../models/index.ts";
import { Tanh } from "../../nn/index.ts";
import type { Context } from "../experiment.ts";
import type { Forms } from "../probe.ts";
import { say, type Text } from "../text.ts";
import { digitsTask, type Examples } from "./digits-task.ts";
import { mapOf, square } from "./plane.ts";
import { pointsTask } from "./points-task.ts";

export type SoftmaxData = "points" | "digits";
export const dataNames: Readonly<Record<SoftmaxData, Text>> = {
  points: say("平面の点", "points of the plane"),
  digits: say("手書き数字（784-n-10）", "handwritten digits: 784-n-10"),
};

export interface SoftmaxTask {
  readonly model: MLP;
  readonly names: readonly Text[];
  batch(step: number): Examples;
  /** What it is tested with: the points themselves, or other digits. */
  readonly test: Examples;
  /** Which class each place of the plane is given, and how surely; for points only. `of` turns logits into probabilities. */
  territories(of: (z: Tensor) => Tensor): Promise<{ territory?: Forms["map"]; confidence?: Forms["map"] }>;
}

export async function softmaxTask(
  { data, classes, units }: { data: SoftmaxData; classes: number; units: number },
  context: Context,
): Promise<SoftmaxTask> {
  const names = (count: number): Text[] => Array.from({ length: count }, (_, i) => say(`クラス ${i}`, `class ${i}`));
  if (data === "digits") {
    const { batch, test } = await digitsTask(context, { batchSize: 100, testCount: 1000 });
    const model = new MLP([784, units, 10]);
    return { model, names: names(10), batch, test: test.all(), territories: async () => ({}) };
  }
  const { examples, points } = pointsTask(blobs({ classes }, context.seed));
  const model = new MLP([2, units, classes], { activation: () => new Tanh() });
  const plane = square(-3.5, 3.5, 50);
  return {
    model,
    names: names(classes),
    batch: () => examples,
    test: examples,
    async territories(of) {
      const all = of(model.forward(plane.places));
      const [best, greatest] = [await all.argmax(1).data(), await all.amax(1).data()];
      return { territory: { ...mapOf(plane, best), points }, confidence: mapOf(plane, greatest) };
    },
  };
}
