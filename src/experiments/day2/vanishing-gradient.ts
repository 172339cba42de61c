/** 2.1 How much of the error's gradient reaches each layer of a deep network. */
import { defineExperiment, type Experiment } from "../experiment.ts";
import { untested } from "../parts/common.ts";
import { digitNetwork } from "../parts/digit-network.ts";
import { digitTraining, firstFilters } from "../parts/digit-training.ts";
import { activationParam, weightsParam } from "../parts/network-settings.ts";
import { numberParam } from "../parts/params.ts";
import { scalar } from "../parts/probes.ts";
import { say, show } from "../text.ts";

export const vanishingGradient: Experiment = defineExperiment({
  id: "vanishing-gradient",
  row: "2.1",
  title: say("勾配消失問題", "The vanishing gradient problem"),
  question: say(
    "深いネットワークの入力側の層には、出力側の何分の 1 の勾配が届くでしょうか？",
    "What part of the gradient at the output arrives at the first layers of a deep network?",
  ),
  params: {
    depth: { kind: "integer", min: 1, max: 10, default: 8, label: say("隠れ層の数", "hidden layers") },
    width: { kind: "integer", min: 1, max: 1000, default: 32, label: say("第 1 層のユニット数", "units in the first") },
    taper: numberParam(1, say("次の層のユニット数（何倍か）", "units in each further layer, times those before"), {
      min: 0.1,
      max: 1,
    }),
    activation: activationParam("sigmoid"),
    weights: weightsParam,
    std: numberParam(0.01, say("正規分布の標準偏差", "its standard deviation"), { max: 2 }),
    lr: { kind: "number", min: 0, max: 10, default: 0.1, hot: true, label: say("学習率", "learning rate") },
    steps: { kind: "integer", min: 0, max: 5000, default: 400, label: say("ステップ数", "steps") },
  },
  probes: {
    gradient: {
      form: "bars",
      kind: "magnitude",
      label: say("重みの勾配の平均絶対値", "mean absolute gradient of the weights"),
      help: say(
        "各層の重みについて、損失の勾配の絶対値を平均したもの。上が入力側、下が出力側。",
        "The mean absolute gradient of the loss, for each layer's weights: the input at the top, the output at the bottom.",
      ),
    },
    filters: { form: "images", kind: "signed", label: say("第 1 層の重み（28×28）", "weights of layer 1 (28 by 28)") },
    loss: scalar("magnitude", say("損失", "loss")),
    accuracy: scalar("probability", say("テスト正解率", "test accuracy")),
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
      why: say("シグモイドでも 1 層なら勾配は届きます。", "A single layer of sigmoids gets its gradient."),
      values: { depth: 1, std: 0.1, lr: 1 },
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
        const [first, output] = [values[0], values[values.length - 1]];
        const ratio = first / output;
        return {
          outcome: ratio < 1e-3 ? "holds" : "fails",
          prediction: ratio > 0.03 ? 0 : ratio > 1e-4 ? 1 : 2,
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
      "sigmoid.gradient.0@0": [1e-20, 1e-15],
      "sigmoid.gradient.-1@0": [5e-3, 5e-2],
      "sigmoid.accuracy": [0.08, 0.15],
      "relu.accuracy": [0.87, 0.96],
    },
    verdicts: { vanishes: "holds" },
  },
});
