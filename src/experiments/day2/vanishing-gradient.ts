/**
 * 2.1 The vanishing gradient: the way back through a layer of sigmoids multiplies the gradient by 1/4 at most, and by small
 * weights, so the first of eight layers gets next to none. Beside them are eight layers of ReLU with He's weights, where it
 * arrives. Of the claim, its consequence is judged (its cause, the flat ends of a sigmoid, in 1.5): by the first step's gradient
 * at layer 1, as a part of that at the output.
 */
import { defineExperiment, type Experiment } from "../experiment.ts";
import { stepsParam, untested } from "../parts/common.ts";
import { digitNetwork } from "../parts/digit-network.ts";
import { digitTraining, firstFilters } from "../parts/digit-training.ts";
import { activationParam, networkProbes, stdParam, weightsParam } from "../parts/network-settings.ts";
import { integerParam, numberParam } from "../parts/params.ts";
import { images } from "../parts/probes.ts";
import { say, show } from "../text.ts";

/** What part of the output layer's gradient has to arrive at the first: with less it has vanished. */
const enough = 1e-3;

export const vanishingGradient: Experiment = defineExperiment({
  id: "vanishing-gradient",
  row: "2.1",
  title: say("勾配消失問題", "The vanishing gradient problem"),
  question: say(
    "深いネットワークの入力側の層には、出力側の何分の 1 の勾配が届くでしょうか？",
    "What part of the gradient at the output arrives at the first layers of a deep network?",
  ),
  params: {
    depth: integerParam(8, say("隠れ層の数", "hidden layers"), { min: 1, max: 10 }),
    width: integerParam(32, say("第 1 層のユニット数", "units in the first"), { min: 1, max: 1000 }),
    taper: numberParam(1, say("次の層のユニット数（何倍か）", "units in each further layer, times those before"), {
      min: 0.1,
      max: 1,
    }),
    activation: activationParam("sigmoid"),
    weights: weightsParam,
    std: stdParam,
    lr: numberParam(0.1, say("学習率", "learning rate"), { max: 10, hot: true }),
    steps: stepsParam(400, 5000),
  },
  probes: {
    ...networkProbes,
    filters: images("signed", say("第 1 層の重み（28×28）", "weights of layer 1 (28 by 28)")),
  },
  lanes: {
    sigmoid: { label: say("シグモイド", "sigmoid"), values: { activation: "sigmoid", weights: "gaussian" } },
    relu: {
      label: say("ReLU と He の初期値", "ReLU with He's weights"),
      values: { activation: "relu", weights: "he" },
    },
  },
  presets: {
    course: {
      label: say("講座の設定", "The course's setting"),
      why: say(
        "784-40-20-10、2000 ステップ。層が少なくても、シグモイドはほとんど学習しません。",
        "784-40-20-10 for 2,000 steps: even two hidden layers of sigmoids hardly learn.",
      ),
      values: { depth: 2, width: 40, taper: 0.5, steps: 2000 },
    },
    "course-narrow": {
      label: say("講座の [try]：隠れ層を狭く", "The course's [try]: narrow layers"),
      why: say("784-10-5-10。シグモイドは変わらず学習しません。", "784-10-5-10: sigmoids still learn nothing."),
      values: { depth: 2, width: 10, taper: 0.5, steps: 2000 },
    },
    "course-wide": {
      label: say("講座の [try]：隠れ層を広く", "The course's [try]: wide layers"),
      why: say(
        "784-1000-500-10。広い層ではシグモイドも約 67 % まで学習します（計算に時間がかかります）。",
        "784-1000-500-10: with wide layers even sigmoids come to about 67 %. It takes a while to compute.",
      ),
      values: { depth: 2, width: 1000, taper: 0.5, steps: 2000 },
    },
    works: {
      label: say("消えない設定", "One that works"),
      why: say(
        "隠れ層が 1 つならシグモイドにも勾配が届き、どちらのレーンも約 9 割の数字を読めるようになります。",
        "A single layer of sigmoids gets its gradient: both lanes come to read about nine digits of ten.",
      ),
      values: { depth: 1, std: 0.1, lr: 0.5 },
    },
    breaks: {
      label: say("壊れる設定", "One that breaks"),
      why: say(
        "学習率 10 では、勾配が届く側も発散するか動かなくなります。",
        "At a rate of 10 even the lane with gradients fails.",
      ),
      values: { lr: 10 },
    },
  },
  async setup({ depth, width, taper, activation, weights, std, steps }, context) {
    const hidden = Array.from({ length: depth }, (_, i) => Math.max(Math.round(width * taper ** i), 1));
    const network = digitNetwork({ hidden, activation: () => activation, weights, std });
    const training = await digitTraining(network, context);
    return {
      steps,
      model: network.model,
      step: ({ lr }, step) => training.step(step, lr),
      look: async () => ({ filters: await firstFilters(network.linears[0]), accuracy: await training.test() }),
    };
  },
  claims: {
    vanishes: {
      sentence: say(
        "シグモイド関数：両端で出力の変化が微小で勾配消失問題が起こる",
        "Sigmoid: its output hardly changes at both ends, so that gradients vanish.",
      ),
      predictions: [
        say("1/10 くらい届く", "about a tenth arrives"),
        say("1/1000 くらい届く", "about a thousandth"),
        say("それよりずっと小さい", "far less"),
      ],
      verdict(run) {
        const lane = run.lane("sigmoid");
        const other = untested(vanishingGradient, [lane]);
        if (other) return other;
        const { values } = lane.first("gradient");
        const first = values[0];
        const output = values[values.length - 1];
        const ratio = first / output;
        return {
          outcome: ratio < enough ? "holds" : "fails",
          prediction: ratio > 0.03 ? 0 : ratio > 1e-4 ? 1 : 2, // nearest to 1/10, to 1/1000, or below both
          because: say(
            `最初のステップで、出力層の勾配 ${show(output)} に対して、第 1 層は ${show(first)}（${show(ratio)} 倍）でした。`,
            `In the first step the output layer's gradient was ${show(output)}, the first layer's ${show(first)}: ${show(ratio)} of it.`,
          ),
        };
      },
    },
  },
  expect: {
    bands: {
      "sigmoid.gradient.0@0": [1e-18, 1e-16],
      "sigmoid.gradient.-1@0": [5e-3, 5e-2],
      "sigmoid.accuracy": [0.08, 0.15], // as good as guessing
      "relu.accuracy": [0.87, 0.96],
    },
    verdicts: { vanishes: "holds" },
  },
});
