/** A small network bends its decision boundary around two spirals. */
import { binaryCrossEntropyWithLogits, randn, tensor } from "../index.ts";
import { MLP } from "../models/index.ts";
import { type Module, Tanh } from "../nn/index.ts";
import { Adam } from "../optim/index.ts";
import { binaryAccuracy, evaluate, type FitOptions } from "../train/index.ts";
import { defineExperiment, type Experiment, type Figure } from "./demo.ts";
import { training } from "./training.ts";

const params = {
  steps: {
    kind: "integer",
    min: 1,
    max: 100_000,
    default: 600,
    help: { en: "Steps, each with all points.", ja: "ステップ数。毎回、すべての点を使います。" },
  },
  hidden: {
    kind: "integer",
    min: 1,
    max: 1024,
    default: 32,
    help: { en: "Units of each of the two hidden layers.", ja: "2 つの隠れ層それぞれのユニット数。" },
  },
  lr: {
    kind: "number",
    min: 0,
    max: 10,
    default: 0.02,
    help: { en: "The learning rate of Adam.", ja: "Adam の学習率。" },
  },
  noise: {
    kind: "number",
    min: 0,
    max: 1,
    default: 0.02,
    help: { en: "How far points lie off their spirals.", ja: "点が渦巻きから外れる大きさ。" },
  },
  turns: {
    kind: "number",
    min: 0.1,
    max: 5,
    default: 1.25,
    help: { en: "Turns of each spiral.", ja: "渦巻きの巻き数。" },
  },
} as const;

export const spirals: Experiment<typeof params> = defineExperiment({
  id: "spirals",
  title: { en: "Two spirals", ja: "二重渦巻き" },
  question: {
    en: "Can a network with two small hidden layers separate two spirals, which no straight line can?",
    ja: "直線では分けられない 2 つの渦巻きを、小さな隠れ層 2 つのネットワークで分けられるでしょうか？",
  },
  params,
  async *run({ steps, hidden, lr, noise, turns }, { signal }) {
    const points = await spiralPoints(100, turns, noise);
    const x = tensor(Float32Array.from(points.flatMap((p) => [p.x, p.y])), [points.length, 2]);
    const y = tensor(
      Float32Array.from(points, (p) => p.label),
      [points.length, 1],
    );
    const model = new MLP([2, hidden, hidden, 1], { activation: () => new Tanh() });
    const options: FitOptions = {
      train: [{ x, y }],
      loss: binaryCrossEntropyWithLogits,
      metrics: { accuracy: binaryAccuracy },
      optimizer: new Adam(model.parameters(), { lr }),
      epochs: steps,
      signal,
    };
    yield* training(model, options, "step");
    if (signal.aborted) return;
    const { accuracy } = await evaluate(model, [{ x, y }], { metrics: { accuracy: binaryAccuracy } });
    yield {
      kind: "measure",
      id: "accuracy",
      name: { en: "Points on the right side", ja: "正しい側にある点" },
      value: accuracy,
      unit: "percent",
    };
    yield {
      kind: "figure",
      title: { en: "What the network says of each place", ja: "平面の各点に対するネットワークの答え" },
      figure: await decisionMap(model, points),
    };
  },
});

interface Point {
  readonly x: number;
  readonly y: number;
  readonly label: number;
}

/** So many points on each of two spirals that wind into each other, within a square of side 2. */
async function spiralPoints(count: number, turns: number, noise: number): Promise<Point[]> {
  const offsets = await randn([2 * count, 2])
    .mul(noise)
    .data();
  return Array.from({ length: 2 * count }, (_, i) => {
    const label = i % 2;
    const along = (Math.floor(i / 2) + 1) / count;
    const angle = 2 * Math.PI * turns * along + Math.PI * label;
    const [x, y] = [0.9 * along * Math.cos(angle), 0.9 * along * Math.sin(angle)];
    return { x: x + offsets[2 * i], y: y + offsets[2 * i + 1], label };
  });
}

async function decisionMap(model: Module, points: readonly Point[]): Promise<Figure> {
  const [rows, cols] = [60, 60];
  const places = new Float32Array(rows * cols * 2);
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++) {
      places.set([((col + 0.5) / cols) * 2 - 1, 1 - ((row + 0.5) / rows) * 2], 2 * (row * cols + col));
    }
  }
  const logits = model.forward(tensor(places, [rows * cols, 2]));
  return { kind: "map", rows, cols, values: await logits.sigmoid().data(), points };
}
