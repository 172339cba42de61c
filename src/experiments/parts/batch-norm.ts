/** What can be seen of batch normalization: what it is given and what it gives, and its running mean beside a batch's. */
import type { Tensor } from "../../index.ts";
import type { Forms, Probe } from "../probe.ts";
import { say } from "../text.ts";
import { type DigitNetwork, layerNames, traceOf } from "./digit-network.ts";
import type { Examples } from "./digits-task.ts";
import { histogramOf } from "./histogram.ts";
import { type Choice, choiceParam, numberParam, type Quantity } from "./params.ts";
import { bars, histograms } from "./probes.ts";
import { accuracyOf } from "./supervised.ts";

/** Whose mean and variance normalize in the test. */
type TestMode = "running" | "batch";

type BatchNormParams = {
  readonly momentum: Quantity;
  readonly mode: Choice<TestMode>;
};
export const batchNormParams: BatchNormParams = {
  momentum: numberParam(0.1, say("移動平均の更新率", "how far the running mean moves"), {
    min: 0.001,
    max: 1,
    scale: "log",
  }),
  mode: choiceParam(
    "running",
    say("テストのときの平均と分散", "mean and variance in the test"),
    {
      running: say("移動平均（推論）", "the running mean (inference)"),
      batch: say("そのバッチの平均（学習）", "the batch's own mean (training)"),
    },
    { hot: true },
  ),
};

type BatchNormProbes = {
  readonly before: Probe<"histograms">;
  readonly after: Probe<"histograms">;
  readonly bias: Probe<"bars">;
  readonly unitMeans: Probe<"bars">;
};

export const batchNormProbes: BatchNormProbes = {
  before: histograms("count", say("正規化する前の分布", "distributions before normalization")),
  after: histograms("count", say("活性化関数への入力の分布", "distributions of what activations get")),
  bias: bars("magnitude", say("入力の偏り（|平均| ÷ 標準偏差）", "bias of the inputs: |mean| over deviation"), {
    help: say(
      "活性化関数への入力を 200 枚の画像で測った、ユニットごとの値の平均です。",
      "Of what activations get, over 200 digits; the mean of all units.",
    ),
  }),
  unitMeans: bars(
    "signed",
    say("第 1 ユニットの平均：ミニバッチと移動平均", "mean of unit 1: the batch's and the running one"),
  ),
};

type Pictures = { readonly [K in "before" | "after" | "bias"]: Forms[BatchNormProbes[K]["form"]] };

/** What each hidden layer does with examples `(N, 784)`, as a batch of its own. */
export async function batchNormPictures(network: DigitNetwork, x: Tensor): Promise<Pictures> {
  const layers = traceOf(network, x, { byBatch: true });
  const names = layerNames(layers.length);
  const histograms = async (tensors: readonly Tensor[]): Promise<Forms["histograms"]> => {
    const all: Forms["histograms"][number][] = [];
    for (const [i, values] of tensors.entries()) {
      all.push(histogramOf(names[i], await values.data(), { from: -4, to: 4 }));
    }
    return all;
  };
  const biases: number[] = [];
  for (const { input } of layers) {
    const ratio = input.mean(0).abs().div(input.std(0).add(1e-12));
    biases.push(await ratio.mean().item());
  }
  return {
    before: await histograms(layers.map(({ sum }) => sum)),
    after: await histograms(layers.map(({ input }) => input)),
    bias: { names, values: biases },
  };
}

const meanNames = [say("ミニバッチの平均", "the batch's mean"), say("移動平均", "the running mean")];

/** Reads after each step the mean of the first normalized unit: the batch's, as the running one's move tells, and that. */
export function unitMeansOf({ hidden }: DigitNetwork, momentum: number): () => Promise<{ unitMeans?: Forms["bars"] }> {
  const running = hidden.find(({ norm }) => norm)?.norm?.runningMean;
  let last = 0;
  return async () => {
    if (!running) return {};
    const mean = (await running.data())[0];
    const values = [(mean - (1 - momentum) * last) / momentum, mean];
    last = mean;
    return { unitMeans: { names: meanNames, values } };
  };
}

/** The accuracy with mean and variance of each batch of `size` examples, as in training; of 100 batches at most. */
export async function accuracyByBatch(network: DigitNetwork, { x, y }: Examples, size: number): Promise<number> {
  const { hidden, linears } = network;
  let [right, count] = [0, 0];
  for (; count + size <= Math.min(x.shape[0], 100 * size); count += size) {
    const top = traceOf(network, x.narrow(0, count, size), { byBatch: true })[hidden.length - 1].output;
    const guess = linears[hidden.length].forward(top).argmax(1);
    const hits = guess
      .eq(y.narrow(0, count, size))
      .int()
      .sum();
    right += await hits.item();
  }
  return right / count;
}

/** The accuracy on examples, in either mode; batches of `size` where they matter. */
export const testOf =
  (network: DigitNetwork, examples: Examples): ((mode: TestMode, size: number) => Promise<number>) =>
  (mode, size) =>
    mode === "batch" ? accuracyByBatch(network, examples, size) : accuracyOf(network.model, examples);
