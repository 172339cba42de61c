/**
 * 1.6 ReLU lets gradients pass where sigmoids lose them (Nair & Hinton 2010), and folds the plane (Montúfar et al. 2014); but
 * units whose input is nowhere above 0 sleep. Judged by what the first step brings to layer 1, and by who sleeps at the end.
 */
import { spirals } from "../../data/index.ts";
import { MLP } from "../../models/index.ts";
import { Linear } from "../../nn/index.ts";
import { Adam } from "../../optim/index.ts";
import { defineExperiment, type Experiment } from "../experiment.ts";
import { activationLayers, namesOf } from "../parts/activations.ts";
import { rateParam, stepsParam, untested } from "../parts/common.ts";
import { equalWidths, layerNames } from "../parts/digit-network.ts";
import { foldsOf, Sleepers } from "../parts/hidden-units.ts";
import { choiceParam, integerParam, numberParam } from "../parts/params.ts";
import { mapOf, square } from "../parts/plane.ts";
import { pointsTask } from "../parts/points-task.ts";
import { axes, bars, map, scalar } from "../parts/probes.ts";
import { accuracyOf, learner, meanGradient } from "../parts/supervised.ts";
import { graded, passedOn } from "../parts/verdicts.ts";
import { say, show } from "../text.ts";

const plane = square(-1.2, 1.2, 60);
const kinds = namesOf("sigmoid", "tanh", "relu", "leaky", "swish");

export const relu: Experiment = defineExperiment({
  id: "relu",
  row: "1.6",
  title: say("ReLU 関数", "The rectified linear unit"),
  question: say("ReLU なら、勾配はどのユニットにも届くでしょうか？", "With ReLU, does the gradient reach every unit?"),
  params: {
    activation: choiceParam("relu", say("活性化関数", "activation"), kinds),
    shift: numberParam(0, say("バイアスの初期値に足す量", "added to the first biases"), { min: -3, max: 3 }),
    width: integerParam(8, say("各層のユニット数", "units in each layer"), { min: 1, max: 32 }),
    depth: integerParam(2, say("隠れ層の数", "hidden layers"), { min: 1, max: 6 }),
    turns: numberParam(0.75, say("渦の巻き数", "turns of the spirals"), { min: 0.25, max: 2 }),
    lr: rateParam(0.02),
    steps: stepsParam(600, 5000),
  },
  probes: {
    accuracy: scalar("probability", say("正解率", "accuracy")),
    gradient: bars("magnitude", say("重みの勾配の平均絶対値", "mean absolute gradient of the weights")),
    asleep: scalar("count", say("どの点でも総入力が 0 以下のユニット", "units whose input is nowhere above 0")),
    revived: scalar("count", say("そこから目覚めたユニット（のべ）", "times that such a unit came back")),
    zeros: bars("probability", say("総入力が 0 以下の割合", "part of inputs that are at most 0")),
    regions: map("count", say("折り目で分かれた領域", "regions between the folds"), { axes: axes.plane }),
    pieces: scalar("count", say("領域の数", "regions")),
    output: map("probability", say("クラス 1 の確率", "probability of class 1"), { axes: axes.plane }),
    loss: scalar("magnitude", say("損失", "loss")),
  },
  lanes: {
    sigmoid: { label: kinds.sigmoid, values: { activation: "sigmoid", shift: 0 } },
    relu: { label: kinds.relu, values: { activation: "relu", shift: 0 } },
    shifted: {
      label: say("ReLU、バイアスを下げる", "ReLU, biases lowered"),
      values: { activation: "relu", shift: -1 },
    },
    leaky: {
      label: say("Leaky ReLU、バイアスを下げる", "Leaky ReLU, biases lowered"),
      values: { activation: "leaky", shift: -1 },
    },
  },
  presets: {
    course: {
      label: say("講座の ReLU と Leaky ReLU", "The course's ReLU and leaky ReLU"),
      why: say(
        "バイアスを下げて始めると、眠ったままの ReLU に対して、Leaky ReLU は目覚めて学習します。",
        "From lowered biases leaky units come back and learn, while those of ReLU stay asleep.",
      ),
      values: {},
    },
    works: {
      label: say("16 ユニットずつ", "16 units in each layer"),
      why: say("ReLU でも、渦をほぼ完全に分けられます。", "ReLU separates the spirals almost perfectly."),
      values: { width: 16 },
    },
    breaks: {
      label: say("学習率 0.5", "A rate of 0.5"),
      why: say(
        "バイアスを下げなくても、ReLU の半分以上のユニットが眠ります。",
        "Half of the ReLU units or more fall asleep, though their biases were not lowered.",
      ),
      values: { lr: 0.5 },
    },
  },
  async setup({ activation, shift, width, depth, turns, lr, steps }, { seed }) {
    const { examples, points } = pointsTask(spirals({ turns }, seed));
    const model = new MLP([2, ...equalWidths(depth, width), 2], { activation: activationLayers[activation] });
    const layers = [...model.modules().values()].filter((module) => module instanceof Linear);
    for (const { bias } of layers.slice(0, -1)) bias?.assign(bias.add(shift));
    const optimizer = new Adam(model.parameters(), { lr });
    const learn = learner(model, optimizer, { probe: () => layers.map(({ weight }) => meanGradient(weight)) });
    const sleepers = new Sleepers(model, examples.x);
    return {
      steps,
      model,
      async step({ lr }) {
        optimizer.lr = lr;
        const { loss, probed } = await learn(examples);
        return { loss, gradient: { names: layerNames(layers.length), values: probed }, ...(await sleepers.count()) };
      },
      async look() {
        return {
          accuracy: await accuracyOf(model, examples),
          asleep: (await sleepers.count()).asleep,
          ...(await foldsOf(model, examples.x, plane)),
          output: { ...mapOf(plane, await model.forward(plane.places).softmax(1).select(1, 1).data()), points },
        };
      },
    };
  },
  claims: {
    avoidsVanishing: {
      sentence: say("ReLU関数：勾配消失問題を回避", "ReLU: it avoids vanishing gradients."),
      predictions: [
        say("勾配はどのユニットにも届く", "the gradient reaches every unit"),
        say("よく届くが、眠ったユニットには届かない", "it arrives, but not at units that are asleep"),
        say("シグモイドと変わらない", "it is no better than with sigmoids"),
      ],
      verdict(run) {
        const unfit = untested(relu, run.lanes);
        if (unfit) return unfit;
        const [curved, straight, shifted, leaky] = run.lanes;
        const [s, r] = [curved, straight].map((lane) => passedOn(lane.first("gradient")));
        const isGreater = r >= 3 * s;
        const asleep = [straight, shifted].map((lane) => lane.last("asleep"));
        const awoken = [shifted, leaky].map((lane) => lane.last("revived"));
        return {
          ...graded(isGreater && asleep.every((n) => n === 0), isGreater),
          because: say(
            `最初のステップで、第 1 層の勾配は出力層に対してシグモイド ${show(s)} 倍、ReLU ${show(r)} 倍。ただし 2 つの ReLU のレーンでは最後に ${asleep.join(" 個と ")} 個のユニットが、どの点でも総入力 0 以下で、勾配を受け取りません。バイアスを下げたあとに目覚めたのは、ReLU でのべ ${awoken[0]}、Leaky ReLU でのべ ${awoken[1]} 個。`,
            `In the first step, layer 1 had ${show(s)} of the output layer's gradient with sigmoids and ${show(r)} with ReLU. But ${asleep.join(" and ")} units of the ReLU lanes ended with inputs of at most 0 at every point, where no gradient comes. After biases were lowered, ReLU units came back ${awoken[0]} times, leaky ones ${awoken[1]} times.`,
          ),
        };
      },
    },
  },
  expect: {
    bands: {
      "sigmoid.gradient.0@0": [5e-5, 3e-3],
      "sigmoid.accuracy": [0.9, 1],
      "relu.accuracy": [0.65, 1],
      "shifted.asleep": [10, 16],
      "shifted.revived": [0, 0],
      "shifted.gradient.0": [0, 0],
      "leaky.asleep": [0, 6],
      "leaky.accuracy": [0.95, 1],
    },
    verdicts: { avoidsVanishing: "depends" },
  },
});
