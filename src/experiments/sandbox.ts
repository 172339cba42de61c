/** Free play: a network of one's own on points of two or three classes, and another beside it. */
import { binaryCrossEntropyWithLogits, crossEntropy, type Tensor } from "../index.ts";
import { MLP } from "../models/index.ts";
import { Linear, ReLU, Sigmoid, Tanh } from "../nn/index.ts";
import { accuracy, binaryAccuracy, inEvalMode } from "../train/index.ts";
import { defineExperiment, type Experiment } from "./experiment.ts";
import { layerNames } from "./parts/digit-network.ts";
import type { Examples } from "./parts/digits-task.ts";
import { methodNames, methods, optimizerOf } from "./parts/methods.ts";
import { choiceParam, listParam } from "./parts/params.ts";
import { mapOf, square } from "./parts/plane.ts";
import { pointsTask } from "./parts/points-task.ts";
import { pointsOf } from "./parts/points-world.ts";
import { axes, bars, map, scalar } from "./parts/probes.ts";
import { learner, meanGradient } from "./parts/supervised.ts";
import { say } from "./text.ts";

const activations = { tanh: () => new Tanh(), relu: () => new ReLU(), sigmoid: () => new Sigmoid() };

export const sandbox: Experiment = defineExperiment({
  id: "sandbox",
  row: null,
  title: say("自由に組む", "Free play"),
  question: say("あなたのネットワークは、この点を分けられるでしょうか？", "Can your network tell these points apart?"),
  params: {
    data: choiceParam("spirals", say("データ", "data"), {
      spirals: say("二重渦巻き", "spirals"),
      moons: say("三日月", "moons"),
      circles: say("同心円", "circles"),
      blobs: say("2 つのかたまり", "blobs"),
      xor: say("XOR", "XOR"),
      own: say("自分の点", "points of my own"),
    }),
    points: listParam([], say("自分の点：x y クラス …", "my points: x y class …"), { min: -1, max: 2 }),
    noise: { kind: "number", min: 0, max: 0.5, default: 0.05, label: say("点のばらつき", "noise of the points") },
    hidden: listParam([16, 16], say("隠れ層のユニット数", "units of the hidden layers"), { min: 1, max: 64 }),
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
    territory: map("probability", say("平面の各点での答え", "what it says of each place"), {
      axes: axes.plane,
    }),
    loss: scalar("magnitude", say("損失", "loss")),
    regions: map("count", say("平面の各点で選ぶクラス", "the class that it chooses at each place"), {
      axes: axes.plane,
    }),
    accuracy: scalar("probability", say("学習データの正解率", "accuracy on the points it learns from")),
    testAccuracy: scalar("probability", say("新しい点の正解率", "accuracy on new points")),
    gradient: bars("magnitude", say("重みの勾配の平均絶対値", "mean absolute gradient of the weights")),
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
  setup({ data, noise, points, hidden, activation, method, lr, steps }, { seed }) {
    const world = { data, noise, points };
    const [train, test] = [0, 1].map((sample) => pointsTask(pointsOf(world, sample, seed)));
    const classes = Math.max(2, ...train.points.map(({ label }) => label + 1));
    // Two classes have one output between them; three have one each.
    const isTwo = classes === 2;
    const widths = [2, ...hidden.map(Math.round), isTwo ? 1 : classes];
    const model = new MLP(widths, { activation: activations[activation] });
    const linears = [...model.modules().values()].filter((module) => module instanceof Linear);
    const optimizer = optimizerOf(method, model.parameters(), { lr });
    const measure = isTwo ? binaryAccuracy : accuracy;
    const learn = learner(model, optimizer, {
      loss: isTwo ? binaryCrossEntropyWithLogits : crossEntropy,
      probe: (output, target) => [measure(output, target), ...linears.map(({ weight }) => meanGradient(weight))],
    });
    const target = ({ y }: Examples): Tensor => (isTwo ? y.float().reshape([-1, 1]) : y);
    const examples = { x: train.examples.x, y: target(train.examples) };
    const farthest = Math.max(...train.points.flatMap(({ x, y }) => [Math.abs(x), Math.abs(y)]));
    const reach = data === "own" ? 1 : 1.1 * farthest;
    const plane = square(-reach, reach, 60);
    return {
      steps: train.points.length > 0 ? steps : 0,
      model,
      async step({ lr }) {
        optimizer.lr = lr;
        const { loss, probed } = await learn(examples);
        const [right, ...gradients] = probed;
        return { loss, accuracy: right, gradient: { names: layerNames(linears.length), values: gradients } };
      },
      look: () =>
        inEvalMode(model, async () => {
          const output = model.forward(plane.places);
          const values = await (isTwo ? output.sigmoid() : output.argmax(1).float()).data();
          const map = { ...mapOf(plane, values), points: train.points };
          const seen = isTwo ? { territory: map } : { regions: map };
          if (test.points.length === 0) return seen;
          const { x } = test.examples;
          return { ...seen, testAccuracy: await measure(model.forward(x), target(test.examples)).item() };
        }),
    };
  },
  claims: {},
  expect: { bands: { "a.accuracy": [0.95, 1], "b.accuracy": [0.9, 1] }, verdicts: {} },
});
