/**
 * 2.16 Why convolutions: a fully connected layer takes an image as one row of pixels. Two networks of about the same size learn
 * the digits, each twice: as they are, and with the pixels of all images in the same other order. The claim is that fully
 * connected layers do not learn how pixels relate; judged by whether only convolutions lose accuracy by the other order.
 */
import { Adam } from "../../optim/index.ts";
import { defineExperiment, type Experiment } from "../experiment.ts";
import { changed, rateParam, stepsParam } from "../parts/common.ts";
import { digitReader, firstImages, moved, networkNames, orderOf, pixelNames, side } from "../parts/digit-images.ts";
import { digitsTask } from "../parts/digits-task.ts";
import { choiceParam, integerParam } from "../parts/params.ts";
import { images, matrix, scalar } from "../parts/probes.ts";
import { accuracyOf, learner } from "../parts/supervised.ts";
import { undecided } from "../parts/verdicts.ts";
import { percent, say } from "../text.ts";

const testCount = 500;
/** What may lie between accuracies on so many digits without meaning anything. */
const chance = 0.03;

const lane = <N extends "mlp" | "cnn", P extends "original" | "scrambled">(network: N, pixels: P) => ({
  label: say(
    `${networkNames[network].ja}・${pixelNames[pixels].ja}`,
    `${networkNames[network].en}, ${pixelNames[pixels].en}`,
  ),
  values: { network, pixels },
});

export const whyConvolution: Experiment = defineExperiment({
  id: "why-convolution",
  row: "2.16",
  title: say("なぜ畳み込みか", "Why convolution"),
  question: say(
    "画素をでたらめに並べ替えても、数字を読めるでしょうか？",
    "Can digits be read whose pixels are in another order?",
  ),
  params: {
    network: choiceParam("cnn", say("ネットワーク", "network"), networkNames),
    pixels: choiceParam("original", say("画素の並び", "order of the pixels"), pixelNames),
    shift: integerParam(3, say("テスト画像をずらす画素数", "pixels by which test digits are moved"), {
      max: 8,
      hot: true,
    }),
    count: integerParam(5000, say("学習画像の数", "digits to learn from"), { min: 100, max: 8000 }),
    lr: rateParam(0.003, 1),
    steps: stepsParam(250, 3000),
  },
  probes: {
    input: images("probability", say("ネットワークが見る画像", "what the network sees")),
    order: matrix("count", say("各画素の、もとの位置", "where each pixel comes from")),
    loss: scalar("magnitude", say("損失", "loss")),
    accuracy: scalar("probability", say("テスト正解率", "test accuracy")),
    moved: scalar("probability", say("ずらした画像の正解率", "accuracy on digits that are moved")),
    parameters: scalar("count", say("パラメーター数", "parameters")),
  },
  lanes: {
    mlp: lane("mlp", "original"),
    mlpScrambled: lane("mlp", "scrambled"),
    cnn: lane("cnn", "original"),
    cnnScrambled: lane("cnn", "scrambled"),
  },
  presets: {
    course: {
      label: say("講座の枚数とステップ数", "The course's digits and steps"),
      why: say("5000 枚、学習率 0.001 で 1000 ステップ。", "5,000 digits, and 1,000 steps at a rate of 0.001."),
      values: { count: 5000, lr: 0.001, steps: 1000 },
    },
    works: {
      label: say("少ない画像", "Few digits"),
      why: say("学習画像が 500 枚でも、畳み込みの利点が見えます。", "Convolutions are ahead with 500 digits, too."),
      values: { count: 500 },
    },
    breaks: {
      label: say("大きくずらす", "Moved far"),
      why: say("8 画素ずらすと、畳み込みでもほとんど読めません。", "Moved by 8 pixels, neither can read them."),
      values: { shift: 8 },
    },
  },
  async setup({ network, pixels, count, lr, steps }, context) {
    const { order, prepare } = orderOf(pixels, context.seed);
    const digits = await digitsTask(context, { batchSize: 50, shape: [1, side, side], count, testCount, prepare });
    const model = digitReader(network);
    const optimizer = new Adam(model.parameters(), { lr });
    const learn = learner(model, optimizer);
    const { test } = await context.data.digits(); // as they are: they are moved before their pixels are put in another order
    return {
      steps,
      model,
      async step({ lr }, step) {
        optimizer.lr = lr;
        return { loss: (await learn(digits.batch(step))).loss };
      },
      async look({ shift }) {
        const away = moved(test, { count: testCount, shift, scramble: prepare });
        return {
          input: await firstImages(digits.test, away, 3),
          order: { rows: side, cols: side, values: order },
          accuracy: await accuracyOf(model, digits.test.all()),
          moved: await accuracyOf(model, away),
          parameters: model.parameters().reduce((sum, p) => sum + p.numel(), 0),
        };
      },
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
        const lanes = ["mlp", "mlpScrambled", "cnn", "cnnScrambled"].map((id) => run.lane(id));
        const [mlp, mlpScrambled, cnn, cnnScrambled] = lanes.map((lane) => lane.last("accuracy"));
        if (changed(whyConvolution, run.lanes) || Math.max(mlp, cnn) < 0.3) {
          return undecided("4 つの組合せで学習が進むと判定できます。", "It takes all four lanes, and some learning.");
        }
        const lost = { mlp: mlp - mlpScrambled, cnn: cnn - cnnScrambled };
        const isBlind = Math.abs(lost.mlp) < chance;
        const isWorse = lost.cnn >= chance;
        return {
          outcome: !isBlind ? "fails" : isWorse ? "holds" : "depends",
          prediction: lost.mlp >= chance ? 0 : isWorse ? 1 : 2,
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
      "mlp.accuracy": [0.84, 0.92],
      "mlpScrambled.accuracy": [0.84, 0.92],
      "cnn.accuracy": [0.93, 0.99],
      "cnnScrambled.accuracy": [0.79, 0.9],
      "mlp.moved": [0.32, 0.52],
      "cnn.moved": [0.62, 0.86],
    },
    verdicts: { flattened: "holds" },
  },
});
