/** 1.6 A ReLU folds the plane, lets gradients pass, and may fall silent for good (Nair & Hinton 2010; Montúfar et al. 2014). */
import { spirals } from "../../data/index.ts";
import { cat, jit, tensor } from "../../index.ts";
import { MLP } from "../../models/index.ts";
import { Linear } from "../../nn/index.ts";
import { Adam } from "../../optim/index.ts";
import { defineExperiment, type Experiment } from "../experiment.ts";
import { rateParam, scalar, stepsParam } from "../parts/common.ts";
import { hiddenInputs, hingeNames, hinges, regionsOf } from "../parts/hidden-units.ts";
import { mapOf, square } from "../parts/plane.ts";
import { accuracyOf, learner, meanGradient } from "../parts/supervised.ts";
import { say, show } from "../text.ts";

export const relu: Experiment = defineExperiment({
  id: "relu",
  row: "1.6",
  title: say("ReLU 関数", "The rectified linear unit"),
  question: say(
    "ReLU に替えれば、勾配はどのユニットにも届くようになるでしょうか？",
    "With ReLU, does the gradient reach every unit?",
  ),
  params: {
    activation: {
      kind: "choice",
      options: ["sigmoid", "relu", "leaky"],
      default: "relu",
      label: say("活性化関数", "activation"),
      names: hingeNames,
    },
    shift: {
      kind: "number",
      min: -3,
      max: 3,
      default: 0,
      label: say("バイアスの初期値に足す量", "added to the first biases"),
    },
    width: { kind: "integer", min: 1, max: 32, default: 8, label: say("各層のユニット数", "units in each layer") },
    depth: { kind: "integer", min: 1, max: 6, default: 2, label: say("隠れ層の数", "hidden layers") },
    turns: { kind: "number", min: 0.25, max: 2, default: 0.75, label: say("渦の巻き数", "turns of the spirals") },
    lr: rateParam(0.02),
    steps: stepsParam(600, 5000),
  },
  probes: {
    accuracy: scalar("probability", say("正解率", "accuracy")),
    gradient: {
      form: "bars",
      kind: "magnitude",
      label: say("重みの勾配の平均絶対値", "mean absolute gradient of the weights"),
    },
    asleep: scalar(
      "count",
      say("どの点でも総入力が 0 以下のユニット", "units whose input is at most 0 at every point"),
    ),
    revived: scalar("count", say("そこから目覚めたユニット（のべ）", "times that such a unit came back")),
    zeros: {
      form: "bars",
      kind: "probability",
      label: say("総入力が 0 以下の割合", "part of inputs that are at most 0"),
    },
    regions: { form: "map", kind: "count", label: say("折り目で分かれた領域", "regions between the folds") },
    pieces: scalar("count", say("領域の数", "regions")),
    output: { form: "map", kind: "probability", label: say("クラス 1 の確率", "probability of class 1") },
    loss: scalar("magnitude", say("損失", "loss")),
  },
  lanes: {
    sigmoid: { label: say("シグモイド", "sigmoid"), values: { activation: "sigmoid", shift: 0 } },
    relu: { label: say("ReLU", "ReLU"), values: { activation: "relu", shift: 0 } },
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
    works: {
      label: say("16 ユニットずつ", "16 units in each layer"),
      why: say(
        "ReLU のままでも、渦をほぼ完全に分けられます。",
        "The ReLU network separates the spirals almost perfectly.",
      ),
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
    const sample = spirals({ turns }, seed);
    const points = Array.from(sample.y, (label, i) => ({ x: sample.x[2 * i], y: sample.x[2 * i + 1], label }));
    const examples = { x: tensor(sample.x, [sample.count, 2]), y: tensor(sample.y) };
    const hidden = Array.from({ length: depth }, () => width);
    const model = new MLP([2, ...hidden, 2], { activation: hinges[activation] });
    const layers = [...model.modules().values()].filter((module) => module instanceof Linear);
    for (const { bias } of layers.slice(0, -1)) bias?.assign(bias.add(shift));
    const plane = square(-1.2, 1.2, 60);
    const optimizer = new Adam(model.parameters(), { lr });
    const learn = learner(model, optimizer, { probe: () => layers.map(({ weight }) => meanGradient(weight)) });
    const highest = jit(() => cat(hiddenInputs(model, examples.x).map((u) => u.amax(0))));
    const sleepers = async (): Promise<boolean[]> => Array.from(await (await highest()).data(), (u) => u <= 0);
    let [before, revived] = [await sleepers(), 0];
    const names = layers.map((_, i) => say(`第 ${i + 1} 層`, `layer ${i + 1}`));
    return {
      steps,
      model,
      async step({ lr }) {
        optimizer.lr = lr;
        const { loss, probed } = await learn(examples);
        const now = await sleepers();
        revived += now.filter((asleep, i) => before[i] && !asleep).length;
        before = now;
        return { loss, gradient: { names, values: probed }, asleep: now.filter(Boolean).length, revived };
      },
      async look() {
        const { numbers, count } = await regionsOf(model, plane.places);
        const zeros = await cat(hiddenInputs(model, examples.x).map((u) => u.le(0).float().mean().reshape([1]))).data();
        const output = await model.forward(plane.places).softmax(1).select(1, 1).data();
        return {
          accuracy: await accuracyOf(model, examples),
          asleep: before.filter(Boolean).length,
          zeros: { names: names.slice(0, -1), values: zeros },
          regions: mapOf(plane, numbers),
          pieces: count,
          output: { ...mapOf(plane, output), points },
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
      verdict({ lanes }) {
        const ratios = lanes.map((lane) => {
          const [first, last] = lane.has("gradient")
            ? [0, -1].map((i) => Array.from(lane.first("gradient").values).at(i))
            : [];
          return { kind: lane.values.activation, shift: lane.values.shift, part: first && last ? first / last : 0 };
        });
        const of = (kind: string): number => ratios.find((r) => r.kind === kind && r.shift === 0)?.part ?? 0;
        const [s, r] = [of("sigmoid"), of("relu")];
        const units = lanes.filter(({ values }) => values.activation === "relu");
        const asleep = units.map((lane) => lane.last("asleep"));
        const awoken = lanes
          .filter((lane) => lane.values.shift < 0)
          .map((lane) => `${hingeNames[lane.values.activation].en} ${lane.has("revived") ? lane.last("revived") : 0}`)
          .join(", ");
        if (s === 0 || r === 0)
          return {
            outcome: "undecided",
            because: say("シグモイドと ReLU の両方の勾配が必要です。", "It takes gradients of both sigmoid and ReLU."),
          };
        const prediction = r < 3 * s ? 2 : asleep.some((n) => n > 0) ? 1 : 0;
        return {
          outcome: (["holds", "depends", "fails"] as const)[prediction],
          prediction,
          because: say(
            `最初のステップで、第 1 層の勾配は出力層に対してシグモイド ${show(s)} 倍、ReLU ${show(r)} 倍。ただし ReLU のレーンでは最後に ${asleep.join("、")} 個のユニットが、どの点でも総入力 0 以下で、勾配を受け取りません。バイアスを下げたあとに目覚めたのはのべ ${awoken}。`,
            `In the first step, layer 1 had ${show(s)} of the output layer's gradient with sigmoids and ${show(r)} with ReLU. But ${asleep.join(" and ")} units of the ReLU lanes ended with inputs of at most 0 at every point, where no gradient comes. After biases were lowered, units came back this often: ${awoken}.`,
          ),
        };
      },
    },
  },
  expect: {
    bands: {
      "sigmoid.gradient.0@0": [1e-5, 3e-3],
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
