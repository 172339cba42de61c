/**
 * 2.5 Batch normalization (Ioffe & Szegedy 2015; `BatchNorm1d`): what goes into activations loses the batch's mean and is divided
 * by its deviation. Sigmoids from weights that are far too small learn with it only. Claims: it takes the bias from inputs, judged
 * by |mean| over deviation; and it cures vanishing gradients, judged by layer 1's in the first step, and by accuracy.
 */
import { defineExperiment, type Experiment } from "../experiment.ts";
import { batchNormParams, batchNormPictures, batchNormProbes, testOf, unitMeansOf } from "../parts/batch-norm.ts";
import { changed } from "../parts/common.ts";
import { digitNetwork } from "../parts/digit-network.ts";
import { digitTraining } from "../parts/digit-training.ts";
import { isNormed, normsParam } from "../parts/layer-lists.ts";
import { activationParam, networkParams, networkProbes, widthsOf } from "../parts/network-settings.ts";
import { integerParam } from "../parts/params.ts";
import { graded, undecided } from "../parts/verdicts.ts";
import { percent, say, show } from "../text.ts";

const needsNorm = undecided(
  "バッチ正規化のありなしで学習すると判定できます。",
  "It takes one lane with it, one without, and steps.",
);

export const batchNormalization: Experiment = defineExperiment({
  id: "batch-normalization",
  row: "2.5",
  title: say("バッチ正規化", "Batch normalization"),
  question: say(
    "重みの初期値が小さすぎても、層の入力を正規化すれば学習できるでしょうか？",
    "Can a network learn from weights that are far too small, if the inputs of its layers are normalized?",
  ),
  params: {
    ...networkParams({ hidden: [40, 20], lr: 0.1, steps: 1000 }),
    activation: activationParam("sigmoid"),
    norms: normsParam,
    batch: integerParam(100, say("ミニバッチの大きさ", "size of a minibatch"), { min: 2, max: 256, hot: true }),
    ...batchNormParams,
  },
  probes: { ...networkProbes, ...batchNormProbes },
  lanes: {
    without: { label: say("なし", "without"), values: { norms: [0] } },
    with: { label: say("バッチ正規化", "with batch normalization"), values: { norms: [1] } },
  },
  presets: {
    course: {
      label: say("講座の設定", "The course's setting"),
      why: say(
        "学習率 0.01。バッチ正規化があれば、1000 ステップで半分以上の数字を読めるようになります。",
        "At a rate of 0.01 batch normalization learns to read more than half of the digits in 1,000 steps.",
      ),
      values: { lr: 0.01 },
    },
    "course-relu": {
      label: say("講座の [try]：ReLU と He", "The course's [try]: ReLU and He's weights"),
      why: say(
        "初期値が良ければ、バッチ正規化なしでも学習できます。",
        "From good weights it learns without batch normalization too.",
      ),
      values: { lr: 0.01, activation: "relu", weights: "he" },
    },
    works: {
      label: say("5 層のシグモイド", "Five layers of sigmoids"),
      why: say("深くしても、正規化すれば学習が始まります。", "Deep networks of sigmoids learn too, if normalized."),
      values: { hidden: [40, 40, 40, 40, 40] },
    },
    breaks: {
      label: say("ミニバッチを 2 枚に", "Minibatches of two"),
      why: say(
        "2 枚の平均と分散は当てにならず、正解率が落ちます。",
        "Two digits give no reliable mean and variance: accuracy drops.",
      ),
      values: { batch: 2 },
    },
  },
  async setup({ hidden, activation, norms, momentum, weights, std, steps }, context) {
    const widths = widthsOf("batch-normalization", hidden);
    const norm = (layer: number): number | null => (isNormed(norms, layer) ? momentum : null);
    const network = digitNetwork({ hidden: widths, activation: () => activation, weights, std, norm });
    const training = await digitTraining(network, context);
    const unitMeans = unitMeansOf(network, momentum);
    const sample = training.digits.train.all(200).x;
    const test = testOf(network, training.digits.test.all());
    return {
      steps,
      model: network.model,
      async step({ batch, lr, mode }, step) {
        const readings = { ...(await training.next(batch, lr)), ...(await unitMeans()) };
        return step % 100 === 0 ? { ...readings, accuracy: await test(mode, batch) } : readings;
      },
      async look({ batch, mode }) {
        return { ...(await batchNormPictures(network, sample)), accuracy: await test(mode, batch) };
      },
    };
  },
  claims: {
    bias: {
      sentence: say(
        "ミニバッチ単位で入力値のデータの偏りを抑制する",
        "Minibatch by minibatch, it keeps the inputs from being biased.",
      ),
      predictions: [
        say("偏りは 10 分の 1 以下になる", "the bias is a tenth, or less"),
        say("少し減る", "it gets somewhat smaller"),
        say("変わらない", "it stays as it is"),
      ],
      verdict(run) {
        const [without, normed] = [run.lane("without"), run.lane("with")];
        if (!normed.has("unitMeans") || changed(batchNormalization, run.lanes)) return needsNorm;
        const [plain, own] = [without, normed].map((lane) => Math.max(...Array.from(lane.last("bias").values)));
        return {
          ...graded(own < plain / 10, own < plain),
          because: say(
            `最も偏った層の |平均| ÷ 標準偏差は、なしで ${show(plain)}、ありで ${show(own)} でした。`,
            `In the most biased layer |mean| over deviation was ${show(plain)} without it, and ${show(own)} with it.`,
          ),
        };
      },
    },
    cures: {
      sentence: say("勾配消失問題　解決方法　バッチ正規化", "A cure for vanishing gradients: batch normalization."),
      predictions: [
        say("小さすぎる初期値からでも学習できる", "it learns even from weights that are too small"),
        say("少しだけ良くなる", "it helps a little"),
        say("変わらない", "it makes no difference"),
      ],
      verdict(run) {
        const [without, normed] = [run.lane("without"), run.lane("with")];
        if (!normed.has("unitMeans") || changed(batchNormalization, run.lanes)) return needsNorm;
        const [plain, own] = [without, normed].map((lane) => lane.last("accuracy"));
        const [plainGradient, ownGradient] = [without, normed].map((lane) => lane.first("gradient").values[0]);
        return {
          ...graded(ownGradient > 10 * plainGradient && own > plain + 0.3, own > plain + 0.02),
          because: say(
            `最初のステップの第 1 層の勾配は、なしで ${show(plainGradient)}、ありで ${show(ownGradient)}。正解率は ${percent(plain)} と ${percent(own)} でした。`,
            `In the first step the gradient at layer 1 was ${show(plainGradient)} without it and ${show(ownGradient)} with it; the accuracies are ${percent(plain)} and ${percent(own)}.`,
          ),
        };
      },
    },
  },
  expect: {
    bands: {
      "without.accuracy": [0.08, 0.15],
      "with.accuracy": [0.86, 0.94],
      "without.gradient.0@0": [1e-7, 5e-6],
      "with.gradient.0@0": [1e-4, 2e-3],
      "without.bias.-1": [20, 120],
      "with.bias.-1": [0, 0.1],
    },
    verdicts: { bias: "holds", cures: "holds" },
  },
});
