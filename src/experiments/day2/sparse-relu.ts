/** 2.2 What ReLU does for gradients, and how many units it turns off. */
import { stack } from "../../index.ts";
import { SGD } from "../../optim/index.ts";
import { inEvalMode } from "../../train/index.ts";
import { defineExperiment, type Experiment } from "../experiment.ts";
import { undecided } from "../parts/arena-claims.ts";
import {
  type Activation,
  activations,
  digitNetwork,
  equal,
  layerNames,
  networkParams,
  networkProbes,
  traceOf,
  widthsOf,
} from "../parts/digit-network.ts";
import { digitsTask } from "../parts/digits-task.ts";
import { accuracyOf, learner, meanGradient } from "../parts/supervised.ts";
import { percent, say, show } from "../text.ts";

/** How many digits the picture of units shows. */
const shown = 50;

/** The activation of a layer; the last of a list goes on for further layers. */
const kindAt = (kinds: readonly number[], layer: number): Activation =>
  activations[Math.round(kinds[Math.min(layer, kinds.length - 1)] ?? 1)];
const isRelu = (kinds: readonly number[]): boolean => kinds.every((_, i) => kindAt(kinds, i) === "relu");
const meanOf = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0) / values.length;

export const sparseRelu: Experiment = defineExperiment({
  id: "sparse-relu",
  row: "2.2",
  title: say("ReLU とスパース化", "ReLU and sparsity"),
  question: say(
    "シグモイドを ReLU に替えると、勾配は入力側まで届くでしょうか？ ユニットはどれだけ 0 になるでしょうか？",
    "With ReLU in place of sigmoids, does the gradient arrive at the input, and how many units are at 0?",
  ),
  params: {
    ...networkParams({ hidden: equal(8, 32), lr: 0.1, steps: 400 }),
    activations: {
      kind: "list",
      min: 0,
      max: 2,
      default: [1],
      label: say("各層の活性化関数", "activation of each layer"),
      help: say(
        "0：シグモイド、1：ReLU、2：tanh。層の数より短ければ、最後の値が続きます。",
        "0: sigmoid, 1: ReLU, 2: tanh. The last one goes on for further layers.",
      ),
    },
    layer: {
      kind: "integer",
      min: 1,
      max: 10,
      default: 1,
      hot: true,
      label: say("ユニットを見る層", "layer to look at"),
    },
  },
  probes: {
    ...networkProbes,
    zeros: {
      form: "bars",
      kind: "probability",
      label: say("出力が 0 のユニットの割合", "part of units at 0"),
      help: say("隠れ層ごとに、200 枚の画像についての平均です。", "In each hidden layer, over 200 digits."),
    },
    units: {
      form: "matrix",
      kind: "probability",
      label: say("ユニット × 画像（1：点灯、0：消灯）", "units × digits: 1 where a unit is on"),
    },
  },
  lanes: {
    sigmoid: { label: say("シグモイド", "sigmoid"), values: { activations: [0], weights: "gaussian" } },
    he: { label: say("ReLU、He の初期値", "ReLU, He's weights"), values: { activations: [1], weights: "he" } },
    xavier: {
      label: say("ReLU、Xavier の初期値", "ReLU, Xavier's weights"),
      values: { activations: [1], weights: "xavier" },
    },
    small: {
      label: say("ReLU、シグモイドと同じ初期値", "ReLU, weights as the sigmoids'"),
      values: { activations: [1], weights: "gaussian" },
    },
  },
  presets: {
    course: {
      label: say("講座の設定", "The course's setting"),
      why: say(
        "784-40-20-10 を 2000 ステップ。隠れ層が 2 つなら、小さな初期値の ReLU も学習します。",
        "784-40-20-10 for 2,000 steps: with two hidden layers ReLU learns even from small weights.",
      ),
      values: { hidden: [40, 20], steps: 2000 },
    },
    "course-narrow": {
      label: say("講座の [try]：隠れ層を狭く", "The course's [try]: narrow layers"),
      why: say(
        "784-10-5-10。層が狭いと、ReLU のどのレーンも正解率が下がります。",
        "784-10-5-10: narrow layers cost every lane of ReLU accuracy.",
      ),
      values: { hidden: [10, 5], steps: 2000 },
    },
    works: {
      label: say("浅いネットワーク", "A shallow network"),
      why: say("隠れ層が 1 つなら、どのレーンも学習します。", "With a single hidden layer every lane learns."),
      values: { hidden: [64] },
    },
    breaks: {
      label: say("大きすぎる学習率", "Too large a rate"),
      why: say("学習率 10 では、どのレーンも学習できません。", "At a rate of 10 no lane learns."),
      values: { lr: 10 },
    },
  },
  async setup({ hidden: widths, activations: kinds, weights, std, lr, steps }, context) {
    const digits = await digitsTask(context, { batchSize: 100 });
    const hidden = widthsOf("sparse-relu", widths);
    const network = digitNetwork({ hidden, activation: (i) => kindAt(kinds, i), weights, std });
    const { model, linears } = network;
    const optimizer = new SGD(model.parameters(), { lr });
    const learn = learner(model, optimizer, { probe: () => linears.map(({ weight }) => meanGradient(weight)) });
    const { x } = digits.test.all(200);
    return {
      steps,
      model,
      async step({ lr }, step) {
        optimizer.lr = lr;
        const { loss, probed } = await learn(digits.batch(step));
        return { loss, gradient: { names: layerNames(linears.length), values: probed } };
      },
      look: ({ layer }) =>
        inEvalMode(model, async () => {
          const outputs = traceOf(network, x).map(({ output }) => output);
          const values = await stack(outputs.map((y) => y.eq(0).float().mean())).data();
          const at = Math.min(layer, hidden.length) - 1;
          const on = await outputs[at].narrow(0, 0, shown).T.ne(0).float().data();
          return {
            accuracy: await accuracyOf(model, digits.test.all()),
            zeros: { names: layerNames(hidden.length), values },
            units: { rows: hidden[at], cols: shown, values: on },
          };
        }),
    };
  },
  claims: {
    avoids: {
      sentence: say("ReLU関数：勾配消失問題を回避", "ReLU: it avoids the vanishing of gradients."),
      predictions: [
        say("どの初期値でも回避できる", "from any of these weights"),
        say("初期値による", "it depends on the initial weights"),
        say("どの初期値でも回避できない", "from none of them"),
      ],
      verdict(run) {
        const sigmoid = run.lane("sigmoid");
        const relus = run.lanes.filter(({ values }) => isRelu(values.activations));
        if (sigmoid.values.hidden.length < 3 || relus.some((lane) => !lane.has("gradient")) || relus.length === 0) {
          return undecided(
            "隠れ層が 3 つ以上あり、1 ステップ進むと判定できます。",
            "It takes three hidden layers, and a step.",
          );
        }
        const { values } = sigmoid.first("gradient");
        const output = values[values.length - 1];
        const firsts = relus.map((lane) => lane.first("gradient").values[0]);
        const count = firsts.filter((first) => first > output / 1000).length;
        const list = relus.map(({ values: { weights } }, i) => `${weights} ${show(firsts[i])}`).join(", ");
        return {
          outcome: count === relus.length ? "holds" : count > 0 ? "depends" : "fails",
          prediction: count === relus.length ? 0 : count > 0 ? 1 : 2,
          because: say(
            `第 1 層の勾配は、シグモイド ${show(values[0])}、ReLU は初期値ごとに ${list} でした。`,
            `The gradient at layer 1 was ${show(values[0])} with sigmoids, and with ReLU, by its weights: ${list}.`,
          ),
        };
      },
    },
    sparse: {
      sentence: say(
        "シグモイド関数ではなくReLU関数を使う。スパース化されるメリットがある。",
        "Use ReLU, not the sigmoid: it has the merit of sparsity.",
      ),
      predictions: [
        say("0 になるのは 1 割以下", "a tenth of the units is at 0, or less"),
        say("半分くらいが 0 になる", "about half of them"),
        say("8 割以上が 0 になる", "four fifths or more"),
      ],
      verdict(run) {
        const [s, r] = [run.lane("sigmoid"), run.lane("he")].map((lane) => meanOf(lane.last("zeros").values));
        const accuracy = run.lane("he").last("accuracy");
        return {
          outcome: r <= 0.1 || r <= s ? "fails" : accuracy > 0.5 ? "holds" : "depends",
          prediction: r <= 0.1 ? 0 : r < 0.8 ? 1 : 2,
          because: say(
            `隠れユニットの出力のうち 0 だったのは、ReLU ${percent(r)}、シグモイド ${percent(s)}。ReLU のテスト正解率は ${percent(accuracy)} です。`,
            `Of the hidden outputs ${percent(r)} were 0 with ReLU and ${percent(s)} with sigmoids; ReLU's test accuracy is ${percent(accuracy)}.`,
          ),
        };
      },
    },
  },
  expect: {
    bands: {
      "sigmoid.gradient.0@0": [1e-20, 1e-15],
      "small.gradient.0@0": [1e-16, 1e-12],
      "xavier.gradient.0@0": [5e-5, 1e-3],
      "he.gradient.0@0": [8e-4, 4e-2],
      "sigmoid.accuracy": [0.08, 0.15],
      "small.accuracy": [0.08, 0.15],
      "xavier.accuracy": [0.75, 0.92],
      "he.accuracy": [0.87, 0.96],
      "he.zeros.0": [0.4, 0.75],
    },
    verdicts: { avoids: "depends", sparse: "holds" },
  },
});
