/** How a signal goes forward through a deep network at its initial weights, and what the network then learns. */
import { stack, type Tensor } from "../../index.ts";
import { inEvalMode } from "../../train/index.ts";
import type { Context, Session } from "../experiment.ts";
import type { Forms, Probe, Reading } from "../probe.ts";
import { say, type Text } from "../text.ts";
import { type Activation, digitNetwork, layerNames, traceOf, type Weights } from "./digit-network.ts";
import { digitTraining } from "./digit-training.ts";
import { histogramOf } from "./histogram.ts";
import { activationParam, networkParams, networkProbes, widthsOf } from "./network-settings.ts";
import { bars, histograms } from "./probes.ts";

type SignalParams = ReturnType<typeof networkParams> & { readonly activation: ReturnType<typeof activationParam> };

export const signalParams = (usual: {
  hidden: readonly number[];
  activation: Activation;
  lr: number;
  steps: number;
}): SignalParams => ({
  activation: activationParam(usual.activation),
  ...networkParams(usual),
});

type SignalProbes = typeof networkProbes & {
  readonly outputs: Probe<"histograms">;
  readonly spread: Probe<"bars">;
  readonly signal: Probe<"bars">;
  readonly deviations: Probe<"bars">;
  readonly advised: Probe<"bars">;
};

/** What is measured; `rule` says what the deviation of the weights of a layer with `n` inputs ought to be. */
export const signalProbes = (rule: string): SignalProbes => ({
  outputs: histograms("count", say("各層の出力の分布", "what each layer gives, as distributions")),
  spread: bars("magnitude", say("出力の標準偏差（山の幅）", "deviation of the outputs: a ridge's width")),
  signal: bars("magnitude", say("画像による違い（信号）", "difference between digits: the signal"), {
    help: say(
      "同じユニットの出力が、画像によってどれだけ違うか（標準偏差の平均）。これが 0 なら、どの画像も同じに見えています。",
      "How far the outputs of one unit differ between digits (mean deviation). At 0 all digits look the same to the layer.",
    ),
  }),
  deviations: bars("magnitude", say("重みの標準偏差", "deviation of the weights")),
  advised: bars("magnitude", say(`重みの標準偏差の目安 ${rule}`, `what it ought to be: ${rule}`)),
  ...networkProbes,
});

export interface SignalValues {
  readonly hidden: readonly number[];
  readonly activation: Activation;
  readonly weights: Weights;
  readonly std: number;
  readonly lr: number;
  readonly steps: number;
}

const ranges = { sigmoid: [0, 1], tanh: [-1, 1], relu: [0, 4] } as const;

/** A lane; `advised` is what the deviation of the weights of a layer with so many inputs ought to be. */
export async function signalSession(
  id: string,
  { hidden: widths, activation, weights, std, steps }: SignalValues,
  { context, advised }: { context: Context; advised: (inputs: number) => number },
): Promise<Session<{ readonly lr: SignalParams["lr"] }, SignalProbes>> {
  const hidden = widthsOf(id, widths);
  const network = digitNetwork({ hidden, activation: () => activation, weights, std });
  const { model, linears } = network;
  const training = await digitTraining(network, context);
  const { x } = training.digits.test.all(200);
  const [hiddenNames, allNames] = [hidden.length, linears.length].map(layerNames);
  const deviations = linears.map(({ weight }) => advised(weight.shape[1]));
  return {
    steps,
    model,
    step: ({ lr }, step) => training.step(step, lr),
    look: () =>
      inEvalMode(model, async () => {
        const outputs = traceOf(network, x).map(({ output }) => output);
        const bars = async (names: Text[], values: Tensor[]): Promise<Reading<Probe<"bars">>> => ({
          names,
          values: await stack(values).data(),
        });
        const [from, to] = ranges[activation];
        const histograms: Forms["histograms"][number][] = [];
        for (const [i, output] of outputs.entries()) {
          histograms.push(histogramOf(hiddenNames[i], await output.data(), { from, to }));
        }
        return {
          outputs: histograms,
          spread: await bars(
            hiddenNames,
            outputs.map((y) => y.std()),
          ),
          signal: await bars(
            hiddenNames,
            outputs.map((y) => y.std(0).mean()),
          ),
          deviations: await bars(
            allNames,
            linears.map(({ weight }) => weight.std()),
          ),
          advised: { names: allNames, values: deviations },
          accuracy: await training.test(),
        };
      }),
  };
}

interface Lane {
  first(probe: "signal" | "spread"): Reading<Probe<"bars">>;
}

/** How large what the last hidden layer gives is before training, as a part of what the first gives. */
export function keptBy(lane: Lane, probe: "signal" | "spread"): number {
  const { values } = lane.first(probe);
  return values[values.length - 1] / values[0];
}
