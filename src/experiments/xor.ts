/** The smallest problem that needs a hidden layer (Rumelhart, Hinton & Williams 1986). */
import { binaryCrossEntropyWithLogits, tensor } from "../index.ts";
import { MLP } from "../models/index.ts";
import { Tanh } from "../nn/index.ts";
import { Adam } from "../optim/index.ts";
import { binaryAccuracy, type FitOptions } from "../train/index.ts";
import { defineExperiment, type Experiment } from "./demo.ts";
import { training } from "./training.ts";

const params = {
  steps: {
    kind: "integer",
    min: 1,
    max: 100_000,
    default: 500,
    help: { en: "Steps, each with all four cases.", ja: "ステップ数。毎回、4 通りすべてを使います。" },
  },
  hidden: {
    kind: "integer",
    min: 0,
    max: 1024,
    default: 4,
    help: {
      en: "Hidden units; 0 leaves the hidden layer out, and then it cannot be learned.",
      ja: "隠れ層のユニット数。0 なら隠れ層なしになり、学習できません。",
    },
  },
  lr: {
    kind: "number",
    min: 0,
    max: 10,
    default: 0.05,
    help: { en: "The learning rate of Adam.", ja: "Adam の学習率。" },
  },
} as const;

export const xor: Experiment<typeof params> = defineExperiment({
  id: "xor",
  title: { en: "Exclusive or", ja: "排他的論理和（XOR）" },
  question: {
    en: "How many hidden units does a network need to learn exclusive or? Try 0, 1, 2 and 4.",
    ja: "XOR を学ぶのに、隠れ層のユニットはいくつ必要でしょうか？ 0、1、2、4 で試してみてください。",
  },
  params,
  async *run({ steps, hidden, lr }, { signal }) {
    const cases = [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ] as const;
    const x = tensor(cases);
    const y = tensor(cases.map(([a, b]) => [a === b ? 0 : 1]));
    const model = new MLP(hidden === 0 ? [2, 1] : [2, hidden, 1], { activation: () => new Tanh() });
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
    const outputs = await model.forward(x).sigmoid().data();
    const right = cases.filter(([a, b], i) => outputs[i] > 0.5 === (a !== b)).length;
    yield {
      kind: "measure",
      id: "accuracy",
      name: { en: "Cases that are right", ja: "正しい答えの割合" },
      value: right / cases.length,
      unit: "percent",
    };
    yield {
      kind: "figure",
      title: { en: "What it has learned", ja: "学習した結果" },
      figure: {
        kind: "table",
        head: ["a", "b", "a xor b", "network"].map((en) => ({ en, ja: en === "network" ? "ネットワーク" : en })),
        rows: cases.map(([a, b], i) => [String(a), String(b), String(a === b ? 0 : 1), outputs[i].toFixed(3)]),
      },
    };
  },
});
