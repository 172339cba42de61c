/** Free play: a network of one's own on points of two classes, and another beside it. */
import { blobs, circles, HostRandom, moons, type Points, spirals, xor } from "../data/index.ts";
import { binaryCrossEntropyWithLogits, tensor } from "../index.ts";
import { MLP } from "../models/index.ts";
import { Linear, ReLU, Sigmoid, Tanh } from "../nn/index.ts";
import { binaryAccuracy, inEvalMode } from "../train/index.ts";
import { defineExperiment, type Experiment } from "./experiment.ts";
import { layerNames } from "./parts/digit-network.ts";
import { methodNames, methods, optimizerOf } from "./parts/methods.ts";
import { mapOf, square } from "./parts/plane.ts";
import { learner, meanGradient } from "./parts/supervised.ts";
import { say } from "./text.ts";

const activations = { tanh: () => new Tanh(), relu: () => new ReLU(), sigmoid: () => new Sigmoid() };
const count = 200;

/** Points of the world `data`; `sample` 0 to learn from, 1 to test with. */
function pointsOf(data: string, noise: number, sample: number, seed: number): Points {
  const options = { count, sample, noise };
  if (data === "moons") return moons(options, seed);
  if (data === "circles") return circles(options, seed);
  if (data === "blobs") return blobs({ count, sample, classes: 2, spread: 0.3 + noise }, seed);
  if (data === "xor") return corners(noise, sample, seed);
  return spirals({ ...options, turns: 1.25 }, seed);
}

/** Clouds around the four cases of exclusive or, which are −½ and ½. */
function corners(noise: number, sample: number, seed: number): Points {
  const { x: cases, y } = xor();
  const x = Float32Array.from({ length: 2 * count }, (_, i) => {
    const random = new HostRandom(seed, sample, i);
    return cases[2 * (Math.floor(i / 2) % 4) + (i % 2)] - 0.5 + (0.1 + noise / 2) * random.normal();
  });
  return { x, shape: [2], y: Int32Array.from({ length: count }, (_, i) => y[i % 4]), count };
}

export const sandbox: Experiment = defineExperiment({
  id: "sandbox",
  row: null,
  title: say("自由に組む", "Free play"),
  question: say("あなたのネットワークは、この点を分けられるでしょうか？", "Can your network tell these points apart?"),
  params: {
    data: {
      kind: "choice",
      options: ["spirals", "moons", "circles", "blobs", "xor"],
      default: "spirals",
      label: say("データ", "data"),
    },
    noise: { kind: "number", min: 0, max: 0.5, default: 0.05, label: say("点のばらつき", "noise of the points") },
    hidden: {
      kind: "list",
      min: 1,
      max: 64,
      default: [16, 16],
      label: say("隠れ層のユニット数", "units of the hidden layers"),
    },
    activation: {
      kind: "choice",
      options: ["tanh", "relu", "sigmoid"],
      default: "tanh",
      label: say("活性化関数", "activation"),
    },
    method: {
      kind: "choice",
      options: methods,
      default: "adam",
      names: methodNames,
      label: say("最適化手法", "optimizer"),
    },
    lr: {
      kind: "number",
      min: 0,
      max: 10,
      default: 0.02,
      scale: "log",
      hot: true,
      label: say("学習率", "learning rate"),
    },
    steps: { kind: "integer", min: 0, max: 5000, default: 500, label: say("ステップ数", "steps") },
  },
  probes: {
    territory: {
      form: "map",
      kind: "probability",
      label: say("平面の各点での答え", "what it says of each place"),
      axes: [say("x₁", "x₁"), say("x₂", "x₂")],
    },
    loss: { form: "scalar", kind: "magnitude", label: say("損失", "loss") },
    accuracy: {
      form: "scalar",
      kind: "probability",
      label: say("学習データの正解率", "accuracy on the points it learns from"),
    },
    testAccuracy: { form: "scalar", kind: "probability", label: say("新しい点の正解率", "accuracy on new points") },
    gradient: {
      form: "bars",
      kind: "magnitude",
      label: say("重みの勾配の平均絶対値", "mean absolute gradient of the weights"),
    },
  },
  lanes: {
    a: { label: say("A", "A"), values: { activation: "tanh" } },
    b: { label: say("B", "B"), values: { activation: "relu" } },
  },
  presets: {
    works: {
      label: say("二重渦巻き", "Two spirals"),
      why: say("2 層あれば、渦巻きも分けられます。", "Two layers separate even spirals."),
      values: {},
    },
    breaks: {
      label: say("隠れ層なし", "No hidden layer"),
      why: say("直線では渦巻きを分けられません。", "No straight line separates spirals."),
      values: { hidden: [] },
    },
  },
  setup({ data, noise, hidden, activation, method, lr, steps }, { seed }) {
    const train = pointsOf(data, noise, 0, seed);
    const test = pointsOf(data, noise, 1, seed);
    const model = new MLP([2, ...hidden.map(Math.round), 1], { activation: activations[activation] });
    const linears = [...model.modules().values()].filter((module) => module instanceof Linear);
    const optimizer = optimizerOf(method, model.parameters(), { lr });
    const learn = learner(model, optimizer, {
      loss: binaryCrossEntropyWithLogits,
      probe: (output, target) => [binaryAccuracy(output, target), ...linears.map(({ weight }) => meanGradient(weight))],
    });
    const [x, y, testX, testY] = [
      tensor(train.x, [count, 2]),
      tensor(Float32Array.from(train.y), [count, 1]),
      tensor(test.x, [count, 2]),
      tensor(Float32Array.from(test.y), [count, 1]),
    ];
    const reach = Math.max(...Array.from(train.x, Math.abs)) * 1.1;
    const plane = square(-reach, reach, 60);
    const points = Array.from({ length: count }, (_, i) => ({
      x: train.x[2 * i],
      y: train.x[2 * i + 1],
      label: train.y[i],
    }));
    return {
      steps,
      model,
      async step({ lr }) {
        optimizer.lr = lr;
        const { loss, probed } = await learn({ x, y });
        const [accuracy, ...gradients] = probed;
        return { loss, accuracy, gradient: { names: layerNames(linears.length), values: gradients } };
      },
      look: () =>
        inEvalMode(model, async () => {
          const values = await model.forward(plane.places).sigmoid().data();
          const testAccuracy = await binaryAccuracy(model.forward(testX), testY).item();
          return { testAccuracy, territory: { ...mapOf(plane, values), points } };
        }),
    };
  },
  claims: {},
  expect: { bands: { "a.accuracy": [0.95, 1], "b.accuracy": [0.9, 1] }, verdicts: {} },
});
