/** 2.16 A fully connected layer does not notice that pixels are scrambled: it never knew that they had neighbours. */
import { Adam } from "../../optim/index.ts";
import { defineExperiment, type Experiment } from "../experiment.ts";
import { rateParam, scalar, stepsParam } from "../parts/common.ts";
import { digitReader, firstImages, moved, networkNames, scrambler, side } from "../parts/digit-images.ts";
import { digitsTask } from "../parts/digits-task.ts";
import { accuracyOf, learner } from "../parts/supervised.ts";
import { percent, say } from "../text.ts";

const testCount = 500;

export const whyConvolution: Experiment = defineExperiment({
  id: "why-convolution",
  row: "2.16",
  title: say("なぜ畳み込みか", "Why convolution"),
  question: say(
    "画素をでたらめに並べ替えても、数字を読めるでしょうか？",
    "Can digits be read whose pixels are in another order?",
  ),
  params: {
    network: {
      kind: "choice",
      options: ["mlp", "cnn"],
      default: "cnn",
      names: networkNames,
      label: say("ネットワーク", "network"),
    },
    pixels: {
      kind: "choice",
      options: ["original", "scrambled"],
      default: "original",
      names: { original: say("もとのまま", "as they are"), scrambled: say("入れ替え", "scrambled") },
      label: say("画素の並び", "order of the pixels"),
    },
    shift: {
      kind: "integer",
      min: 0,
      max: 8,
      default: 3,
      hot: true,
      label: say("テスト画像をずらす画素数", "pixels by which test digits are moved"),
    },
    count: { kind: "integer", min: 100, max: 8000, default: 5000, label: say("学習画像の数", "digits to learn from") },
    lr: rateParam(0.003, 1),
    steps: stepsParam(250, 3000),
  },
  probes: {
    input: { form: "images", kind: "probability", label: say("ネットワークが見る画像", "what the network sees") },
    loss: scalar("magnitude", say("損失", "loss")),
    accuracy: scalar("probability", say("テスト正解率", "test accuracy")),
    moved: scalar("probability", say("ずらした画像の正解率", "accuracy on digits that are moved")),
    parameters: scalar("count", say("パラメーター数", "parameters")),
  },
  lanes: {
    mlp: {
      label: say("全結合・もとのまま", "fully connected, as they are"),
      values: { network: "mlp", pixels: "original" },
    },
    mlpScrambled: {
      label: say("全結合・入れ替え", "fully connected, scrambled"),
      values: { network: "mlp", pixels: "scrambled" },
    },
    cnn: {
      label: say("畳み込み・もとのまま", "convolutions, as they are"),
      values: { network: "cnn", pixels: "original" },
    },
    cnnScrambled: {
      label: say("畳み込み・入れ替え", "convolutions, scrambled"),
      values: { network: "cnn", pixels: "scrambled" },
    },
  },
  presets: {
    works: {
      label: say("少ない画像", "Few digits"),
      why: say(
        "学習画像が 500 枚でも、畳み込みの利点が見えます。",
        "With 500 digits the advantage of convolutions still shows.",
      ),
      values: { count: 500 },
    },
    breaks: {
      label: say("大きくずらす", "Moved far"),
      why: say(
        "8 画素ずらすと、全結合はほとんど読めません。",
        "Moved by 8 pixels, the fully connected network reads hardly any.",
      ),
      values: { shift: 8 },
    },
  },
  async setup({ network, pixels, count, lr, steps }, context) {
    const scramble = pixels === "scrambled" ? scrambler(context.seed) : (image: Float32Array): Float32Array => image;
    const shape = [1, side, side];
    const digits = await digitsTask(context, { batchSize: 50, shape, count, testCount, prepare: scramble });
    const model = digitReader(network);
    const optimizer = new Adam(model.parameters(), { lr });
    const learn = learner(model, optimizer);
    const parameters = model.parameters().reduce((sum, p) => sum + p.numel(), 0);
    const { test } = await context.data.digits();
    return {
      steps,
      model,
      async step({ lr }, step) {
        optimizer.lr = lr;
        return { loss: (await learn(digits.batch(step))).loss };
      },
      look: async ({ shift }) => ({
        input: firstImages(digits.test, 6),
        accuracy: await accuracyOf(model, digits.test.all()),
        moved: await accuracyOf(model, moved(test, { count: testCount, shift, scramble })),
        parameters,
      }),
    };
  },
  claims: {
    flattened: {
      sentence: say(
        "全結合層で画像を学習する場合、1次元のデータとして処理され、2次元（縦、横）、3次元（チャンネル）の関連性が学習に反映されない。",
        "A fully connected layer takes an image as one dimension: how pixels relate in two or three is not learnt.",
      ),
      predictions: [
        say("どちらも読めなくなる", "neither can read them any more"),
        say("全結合は変わらず、畳み込みだけ悪くなる", "fully connected is the same, convolutions get worse"),
        say("どちらも変わらない", "both are the same"),
      ],
      verdict(run) {
        const [a, b, c, d] = ["mlp", "mlpScrambled", "cnn", "cnnScrambled"].map((id) => run.lane(id));
        if (d.step === 0)
          return { outcome: "undecided", because: say("まだ学習していません。", "Nothing was learnt yet.") };
        const [mlp, mlpScrambled, cnn, cnnScrambled] = [a, b, c, d].map((lane) => lane.last("accuracy"));
        const [first, second] = [mlp - mlpScrambled, cnn - cnnScrambled];
        const isBlind = Math.abs(first) < 0.03;
        return {
          outcome: isBlind && second > first + 0.01 ? "holds" : isBlind ? "depends" : "fails",
          prediction: isBlind ? (second > 0.01 ? 1 : 2) : 0,
          because: say(
            `入れ替えると、全結合は ${percent(mlp)} → ${percent(mlpScrambled)}、畳み込みは ${percent(cnn)} → ${percent(cnnScrambled)} になりました。`,
            `Scrambled, the fully connected went from ${percent(mlp)} to ${percent(mlpScrambled)}, convolutions from ${percent(cnn)} to ${percent(cnnScrambled)}.`,
          ),
        };
      },
    },
  },
  expect: {
    bands: {
      "mlp.accuracy": [0.83, 0.97],
      "mlpScrambled.accuracy": [0.83, 0.97],
      "cnn.accuracy": [0.92, 1],
      "cnnScrambled.accuracy": [0.8, 0.97],
    },
    verdicts: { flattened: "holds" },
  },
});
