/** A network after LeNet-5 reads handwritten digits: what `npm start` shows first. */
import { DataLoader, type Digits, digitsDataset, permutation, randomShift } from "../data/index.ts";
import { LeNet5 } from "../models/index.ts";
import type { Module } from "../nn/index.ts";
import { Adam, oneCycle } from "../optim/index.ts";
import { accuracy, confusionMatrix, predictions, Recent } from "../train/index.ts";
import { defineExperiment, type Experiment } from "./experiment.ts";
import { images, matrix, scalar } from "./parts/probes.ts";
import { learner } from "./parts/supervised.ts";
import type { Forms } from "./probe.ts";
import { say } from "./text.ts";

const classes: readonly string[] = Array.from("0123456789");
/** How many of the digits that it misreads are shown. */
const mostMisread = 24;

export const digits: Experiment = defineExperiment({
  id: "digits",
  row: null,
  title: say("畳み込みネットワークで手書き数字を読む", "Handwritten digits with a convolutional network"),
  question: say(
    "小さな畳み込みネットワーク（LeNet-5 を手本にしたもの）は、初めて見る手書き数字をどれだけ読めるでしょうか？",
    "How well does a small convolutional network (after LeNet-5) read digits that it has never seen?",
  ),
  params: {
    epochs: {
      kind: "integer",
      min: 0,
      max: 1000,
      default: 16,
      label: say("エポック数", "epochs"),
      help: say("学習データ全体を何回使うか。", "How often all training digits are seen."),
    },
    batchSize: {
      kind: "integer",
      min: 1,
      max: 8000,
      default: 64,
      label: say("バッチサイズ", "batch size"),
      help: say("1 ステップで使う数字の枚数。", "Digits in a step."),
    },
    lr: {
      kind: "number",
      min: 0,
      max: 10,
      default: 0.005,
      hot: true,
      label: say("学習率", "learning rate"),
      help: say("Adam の学習率の最大値（1 サイクル）。", "The highest of Adam, in one cycle."),
    },
    shift: {
      kind: "integer",
      min: 0,
      max: 10,
      default: 2,
      label: say("ずらす幅", "shift"),
      help: say(
        "学習用の数字をランダムにずらすピクセル数。データを水増しする効果があります。",
        "Pixels by which training digits are moved at random, so that there seem to be more of them.",
      ),
    },
    data: {
      kind: "choice",
      options: ["small", "full"],
      default: "small",
      label: say("データ", "data"),
      help: say(
        "small は同梱の 10,000 枚、full は全 70,000 枚（なければダウンロードします）。",
        "small: 10,000 digits, which are here; full: all 70,000, fetched if need be.",
      ),
    },
  },
  probes: {
    loss: scalar("magnitude", say("損失", "loss")),
    accuracy: scalar("probability", say("学習中の正解率", "accuracy in training"), {
      help: say("最近のミニバッチでの平均。", "The mean over recent minibatches."),
    }),
    testAccuracy: scalar("probability", say("テスト正解率", "test accuracy")),
    confusion: matrix("count", say("混同行列", "confusion matrix"), {
      help: say("行は正解、列はモデルの答え。", "Rows: what it is; columns: what the model says."),
    }),
    misread: images("probability", say("読み間違えた数字の例", "some digits that it misreads")),
  },
  lanes: { lenet: { label: say("LeNet-5", "LeNet-5"), values: {} } },
  presets: {
    works: {
      label: say("短い学習", "A short training"),
      why: say("3 エポックでも 98 % ほど読めます。", "Three epochs already read about 98 %."),
      values: { epochs: 3 },
    },
    breaks: {
      label: say("大きすぎる学習率", "A learning rate that is too high"),
      why: say("学習率 0.1 では、当てずっぽうと変わりません。", "At a rate of 0.1 it does no better than guessing."),
      values: { epochs: 3, lr: 0.1 },
    },
    full: {
      label: say("MNIST 全体", "The whole of MNIST"),
      why: say("データが増えると、8 エポックで 99.1 % になります。", "With more data, 8 epochs come to 99.1 %."),
      values: { epochs: 8, data: "full" },
    },
  },
  async setup({ epochs, batchSize, lr, shift, data }, { seed, data: source }) {
    const { train, test } = await source.digits(data);
    const training = digitsDataset(train, { transforms: [randomShift(shift)] });
    const perEpoch = Math.ceil(train.count / batchSize);
    const steps = perEpoch * epochs;
    const model = new LeNet5();
    const optimizer = new Adam(model.parameters(), { lr });
    const learn = learner(model, optimizer, { probe: (output, target) => [accuracy(output, target)] });
    const recent = new Recent(perEpoch);
    let [epoch, order]: [number, Uint32Array] = [-1, new Uint32Array()];
    return {
      steps,
      model,
      async step({ lr }, step) {
        optimizer.lr = oneCycle(lr)(step - 1, steps);
        const at = step - 1;
        if (Math.floor(at / perEpoch) !== epoch) {
          epoch = Math.floor(at / perEpoch);
          order = permutation(train.count, seed, epoch);
        }
        const from = (at % perEpoch) * batchSize;
        const { loss, probed } = await learn(training.batch(order.slice(from, from + batchSize), { seed, epoch }));
        recent.add(probed[0]);
        return { loss, accuracy: recent.mean };
      },
      look: () => lookAt(model, test),
    };
  },
  claims: {},
  expect: {
    bands: {
      "lenet.testAccuracy@0": [0.02, 0.25],
      "lenet.testAccuracy": [0.98, 0.996],
      "lenet.accuracy": [0.985, 1],
    },
    verdicts: {},
  },
});

/** What the model makes of digits that it has not seen. */
async function lookAt(
  model: Module,
  test: Digits,
): Promise<{ testAccuracy: number; confusion: Forms["matrix"]; misread: Forms["images"] }> {
  const { rows, cols } = test;
  const { actual, predicted } = await predictions(model, new DataLoader(digitsDataset(test), { batchSize: 500 }));
  const wrong = [...actual.keys()].filter((i) => actual[i] !== predicted[i]);
  const images = wrong.slice(0, mostMisread).map((i) => ({
    pixels: Float32Array.from(test.images.subarray(i * rows * cols, (i + 1) * rows * cols), (v) => v / 255),
    caption: say(`正解 ${actual[i]}, 予測 ${predicted[i]}`, `is ${actual[i]}, read as ${predicted[i]}`),
  }));
  const counts = confusionMatrix(actual, predicted, classes.length).flat();
  return {
    testAccuracy: 1 - wrong.length / test.count,
    confusion: {
      rows: classes.length,
      cols: classes.length,
      values: counts,
      rowNames: classes,
      colNames: classes,
    },
    misread: { rows, cols, images },
  };
}
