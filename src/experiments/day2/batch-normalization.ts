/** 2.5 What batch normalization does to the inputs of activations, and what it learns from weights that are far too small. */
import { SGD } from "../../optim/index.ts";
import { inEvalMode } from "../../train/index.ts";
import { defineExperiment, type Experiment } from "../experiment.ts";
import { undecided } from "../parts/arena-claims.ts";
import {
  activationParam,
  digitNetwork,
  layerNames,
  networkParams,
  networkProbes,
  widthsOf,
} from "../parts/digit-network.ts";
import { digitsTask } from "../parts/digits-task.ts";
import { accuracyByBatch, needleOf, normedPictures, normedProbes } from "../parts/normed.ts";
import { accuracyOf, learner, meanGradient } from "../parts/supervised.ts";
import { percent, say, show } from "../text.ts";

/** Whether a layer is normalized; the last of a list goes on for further layers. */
const isNormed = (norms: readonly number[], layer: number): boolean =>
  (norms[Math.min(layer, norms.length - 1)] ?? 0) >= 0.5;
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
    norms: {
      kind: "list",
      min: 0,
      max: 1,
      default: [1],
      label: say("各層のバッチ正規化（1：あり、0：なし）", "batch normalization of each layer: 1 or 0"),
      help: say("層の数より短ければ、最後の値が続きます。", "The last one goes on for further layers."),
    },
    batch: { kind: "integer", min: 2, max: 256, default: 100, label: say("ミニバッチの大きさ", "size of a minibatch") },
    momentum: {
      kind: "number",
      min: 0.001,
      max: 1,
      default: 0.1,
      scale: "log",
      label: say("移動平均の更新率", "how far the running mean moves"),
    },
    mode: {
      kind: "choice",
      options: ["running", "batch"],
      default: "running",
      hot: true,
      names: {
        running: say("移動平均（推論）", "the running mean (inference)"),
        batch: say("そのバッチの平均（学習）", "the batch's own mean (training)"),
      },
      label: say("テストのときの平均と分散", "mean and variance in the test"),
    },
  },
  probes: {
    ...networkProbes,
    ...normedProbes,
  },
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
      why: say(
        "深くしても、バッチ正規化があれば学習が始まります。",
        "A deep network of sigmoids learns too, if it is normalized.",
      ),
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
  async setup({ hidden: widths, activation, norms, batch, momentum, weights, std, lr, steps }, context) {
    const digits = await digitsTask(context, { batchSize: batch });
    const hidden = widthsOf("batch-normalization", widths);
    const norm = (i: number): number | null => (isNormed(norms, i) ? momentum : null);
    const network = digitNetwork({ hidden, activation: () => activation, weights, std, norm });
    const { model, linears } = network;
    const optimizer = new SGD(model.parameters(), { lr });
    const learn = learner(model, optimizer, { probe: () => linears.map(({ weight }) => meanGradient(weight)) });
    const [needle, sample, tests] = [needleOf(network, momentum), digits.train.all(200).x, digits.test.all()];
    const test = (mode: "running" | "batch"): Promise<number> =>
      mode === "batch" ? accuracyByBatch(network, tests, batch) : accuracyOf(model, tests);
    return {
      steps,
      model,
      async step({ lr, mode }, step) {
        optimizer.lr = lr;
        const { loss, probed } = await learn(digits.batch(step));
        const gradient = { names: layerNames(linears.length), values: probed };
        const accuracy = step % 100 === 0 ? { accuracy: await test(mode) } : {};
        return { loss, gradient, ...accuracy, ...(await needle()) };
      },
      look: ({ mode }) =>
        inEvalMode(model, async () => ({ ...(await normedPictures(network, sample)), accuracy: await test(mode) })),
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
        if (normed.values.norms.every((norm) => norm < 0.5) || normed.step === 0) {
          return undecided("バッチ正規化を入れて学習すると判定できます。", "It takes batch normalization, and steps.");
        }
        const [a, b] = [without, normed].map((lane) => Math.max(...Array.from(lane.last("bias").values)));
        return {
          outcome: b < a / 10 ? "holds" : b < a / 2 ? "depends" : "fails",
          prediction: b < a / 10 ? 0 : b < a ? 1 : 2,
          because: say(
            `最も偏った層の |平均| ÷ 標準偏差は、なしで ${show(a)}、ありで ${show(b)} でした。`,
            `In the most biased layer |mean| over deviation was ${show(a)} without it, and ${show(b)} with it.`,
          ),
        };
      },
    },
    cures: {
      sentence: say("勾配消失問題　解決方法　バッチ正規化", "A cure of vanishing gradients: batch normalization."),
      predictions: [
        say("小さすぎる初期値からでも学習できる", "it learns even from weights that are too small"),
        say("少しだけ良くなる", "it helps a little"),
        say("変わらない", "it makes no difference"),
      ],
      verdict(run) {
        const [without, normed] = [run.lane("without"), run.lane("with")];
        if (normed.values.norms.every((norm) => norm < 0.5) || !normed.has("gradient") || !without.has("gradient")) {
          return undecided("バッチ正規化を入れて学習すると判定できます。", "It takes batch normalization, and steps.");
        }
        const [a, b] = [without, normed].map((lane) => lane.last("accuracy"));
        const [g, h] = [without, normed].map((lane) => show(lane.first("gradient").values[0]));
        return {
          outcome: b > a + 0.3 ? "holds" : b > a + 0.02 ? "depends" : "fails",
          prediction: b > a + 0.3 ? 0 : b > a + 0.02 ? 1 : 2,
          because: say(
            `第 1 層の勾配は、なしで ${g}、ありで ${h}。正解率は ${percent(a)} と ${percent(b)} でした。`,
            `The gradient at layer 1 was ${g} without it and ${h} with it; the accuracies are ${percent(a)} and ${percent(b)}.`,
          ),
        };
      },
    },
  },
  expect: {
    bands: {
      "without.accuracy": [0.08, 0.15],
      "with.accuracy": [0.86, 0.94],
      "without.gradient.0@0": [1e-8, 1e-5],
      "with.gradient.0@0": [1e-4, 5e-3],
      "without.bias.-1": [5, 500],
      "with.bias.-1": [0, 0.3],
    },
    verdicts: { bias: "holds", cures: "holds" },
  },
});
