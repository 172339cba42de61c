/** Free play with digits: two networks learn to read them, and say what they make of one that is drawn. */
import { tensor } from "../index.ts";
import { MLP } from "../models/index.ts";
import { Conv2d, Flatten, Linear, MaxPool2d, ReLU, Sequential } from "../nn/index.ts";
import { Adam } from "../optim/index.ts";
import { inEvalMode } from "../train/index.ts";
import { defineExperiment, type Experiment } from "./experiment.ts";
import { digitsTask } from "./parts/digits-task.ts";
import { bars, scalar } from "./parts/probes.ts";
import { accuracyOf, learner } from "./parts/supervised.ts";
import { say } from "./text.ts";

const size = 28;
const names = Array.from({ length: 10 }, (_, digit) => String(digit));

/** Two convolutions and a linear layer, for images `(N, 1, 28, 28)`. */
const convolutional = (): Sequential =>
  new Sequential(
    new Conv2d(1, 8, 5, { padding: 2 }),
    new ReLU(),
    new MaxPool2d(2),
    new Conv2d(8, 16, 5, { padding: 2 }),
    new ReLU(),
    new MaxPool2d(2),
    new Flatten(),
    new Linear(16 * 7 * 7, 10),
  );

export const drawing: Experiment = defineExperiment({
  id: "drawing",
  row: null,
  title: say("数字を描いて読ませる", "Draw a digit"),
  question: say("あなたの字を、ネットワークは何と読むでしょうか？", "What do networks make of your handwriting?"),
  params: {
    network: {
      kind: "choice",
      options: ["linear", "mlp", "cnn"],
      default: "mlp",
      names: {
        linear: say("全結合 1 層", "one linear layer"),
        mlp: say("隠れ層 1 つ", "one hidden layer"),
        cnn: say("畳み込み", "convolutions"),
      },
      label: say("ネットワーク", "network"),
    },
    drawing: {
      kind: "list",
      min: 0,
      max: 1,
      default: [],
      hot: true,
      label: say("描いた数字（28×28 の明るさ、0 から 1）", "the drawing (28 by 28, from 0 to 1)"),
    },
    lr: {
      kind: "number",
      min: 0,
      max: 1,
      default: 0.003,
      scale: "log",
      hot: true,
      label: say("学習率", "learning rate"),
    },
    steps: { kind: "integer", min: 0, max: 5000, default: 300, label: say("ステップ数", "steps") },
  },
  probes: {
    answer: bars("probability", say("描いた数字への答え", "what it says of the drawing")),
    loss: scalar("magnitude", say("損失", "loss")),
    accuracy: scalar("probability", say("テスト正解率", "test accuracy")),
  },
  lanes: {
    mlp: { label: say("隠れ層 1 つ", "one hidden layer"), values: { network: "mlp" } },
    cnn: { label: say("畳み込み", "convolutions"), values: { network: "cnn" } },
  },
  presets: {
    works: {
      label: say("畳み込みと比べる", "Beside convolutions"),
      why: say(
        "位置がずれた字は、畳み込みのほうが読めます。",
        "Convolutions read digits better that are out of place.",
      ),
      values: {},
    },
    breaks: {
      label: say("大きな学習率", "A high rate"),
      why: say("学習率 1 では学習が壊れます。", "At a rate of 1 training breaks."),
      values: { lr: 1 },
    },
  },
  async setup({ network, lr, steps }, context) {
    const isFlat = network !== "cnn";
    const shape = isFlat ? [size * size] : [1, size, size];
    const digits = await digitsTask(context, { batchSize: 64, shape, testCount: 1000 });
    const model = isFlat ? new MLP(network === "mlp" ? [784, 128, 10] : [784, 10]) : convolutional();
    const optimizer = new Adam(model.parameters(), { lr });
    const learn = learner(model, optimizer);
    return {
      steps,
      model,
      async step({ lr }, step) {
        optimizer.lr = lr;
        const { loss } = await learn(digits.batch(step));
        return { loss };
      },
      async look({ drawing: drawn }) {
        const pixels = Float32Array.from({ length: size * size }, (_, i) => drawn[i] ?? 0);
        const answer = await inEvalMode(model, async () =>
          model
            .forward(tensor(pixels, [1, ...shape]))
            .softmax(1)
            .data(),
        );
        return { answer: { names, values: answer }, accuracy: await accuracyOf(model, digits.test.all()) };
      },
    };
  },
  claims: {},
  expect: { bands: { "mlp.accuracy": [0.85, 1], "cnn.accuracy": [0.9, 1] }, verdicts: {} },
});
