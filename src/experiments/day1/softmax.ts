/** 1.7 Softmax: probabilities from logits, of which only differences count. */
import { blobs } from "../../data/index.ts";
import { crossEntropy, nllLoss, type Tensor, tensor } from "../../index.ts";
import { MLP } from "../../models/index.ts";
import { Tanh } from "../../nn/index.ts";
import { Adam } from "../../optim/index.ts";
import { defineExperiment, type Experiment } from "../experiment.ts";
import { rateParam, scalar, stepsParam } from "../parts/common.ts";
import { mapOf, square } from "../parts/plane.ts";
import { degrees, formulas, inTriangle } from "../parts/softmax-picture.ts";
import { accuracyOf, learner } from "../parts/supervised.ts";
import { say, show } from "../text.ts";

export const softmax: Experiment = defineExperiment({
  id: "softmax",
  row: "1.7",
  title: say("ソフトマックス関数", "The softmax function"),
  question: say(
    "すべてのロジットに 7 を足すと、ソフトマックスの確率はどう変わるでしょうか？",
    "What becomes of softmax's probabilities when 7 is added to every logit?",
  ),
  params: {
    logits: { kind: "list", min: -10, max: 10, default: [2, 1, 0, 0, 0], hot: true, label: say("ロジット", "logits") },
    classes: { kind: "integer", min: 3, max: 5, default: 3, label: say("クラス数", "classes") },
    shift: {
      kind: "number",
      min: -1000,
      max: 1000,
      default: 0,
      label: say("全ロジットに足す定数", "added to every logit"),
    },
    temperature: {
      kind: "number",
      min: 0.05,
      max: 20,
      default: 1,
      scale: "log",
      hot: true,
      label: say("温度", "temperature"),
    },
    formula: {
      kind: "choice",
      options: ["stable", "naive"],
      default: "stable",
      label: say("計算式", "formula"),
      names: {
        stable: say("最大値を引いてから exp", "exp after taking the greatest away"),
        naive: say("そのまま exp", "exp as it is"),
      },
    },
    lr: rateParam(0.05),
    steps: stepsParam(200, 2000),
  },
  probes: {
    probabilities: { form: "bars", kind: "probability", label: say("ロジットの確率", "probabilities of the logits") },
    sum: scalar("probability", say("確率の合計", "their sum")),
    melting: {
      form: "curves",
      kind: "probability",
      label: say("温度と確率", "probabilities by temperature"),
      axes: [say("温度", "temperature"), say("確率", "probability")],
    },
    simplex: {
      form: "curves",
      kind: "probability",
      label: say("確率の三角形（先頭の 3 クラス）", "triangle of probabilities, first three classes"),
    },
    territory: { form: "map", kind: "count", label: say("各クラスの領土", "territories of the classes") },
    confidence: { form: "map", kind: "probability", label: say("最大の確率", "greatest probability") },
    accuracy: scalar("probability", say("正解率", "accuracy")),
    loss: scalar("magnitude", say("損失", "loss")),
  },
  lanes: {
    plain: { label: say("そのまま", "as they are"), values: { shift: 0 } },
    shifted: { label: say("全部に 7 を足す", "7 added to all"), values: { shift: 7 } },
  },
  presets: {
    works: {
      label: say("温度 5", "A temperature of 5"),
      why: say("順位は変わらず、確率が平らになります。", "The order stays, and the probabilities level out."),
      values: { temperature: 5 },
    },
    breaks: {
      label: say("そのまま exp、低い温度", "exp as it is, at a low temperature"),
      why: say("7 を足したほうは、exp があふれて NaN になります。", "With 7 added, exp overflows, and all is NaN."),
      values: { formula: "naive", temperature: 0.05 },
    },
  },
  setup({ classes, shift, formula, lr, steps }, { seed }) {
    const sample = blobs({ classes }, seed);
    const points = Array.from(sample.y, (label, i) => ({ x: sample.x[2 * i], y: sample.x[2 * i + 1], label }));
    const examples = { x: tensor(sample.x, [sample.count, 2]), y: tensor(sample.y) };
    const plane = square(-3.5, 3.5, 50);
    const model = new MLP([2, 8, classes], { activation: () => new Tanh() });
    const optimizer = new Adam(model.parameters(), { lr });
    const loss = (z: Tensor, y: Tensor): Tensor =>
      formula === "stable" ? crossEntropy(z.add(shift), y) : nllLoss(formulas.naive(z.add(shift)).log(), y);
    const learn = learner(model, optimizer, { loss });
    const names = Array.from({ length: classes }, (_, i) => say(`クラス ${i}`, `class ${i}`));
    return {
      steps,
      model,
      async step({ lr }) {
        optimizer.lr = lr;
        return { loss: (await learn(examples)).loss };
      },
      async look({ logits, temperature }) {
        const own = tensor(Array.from({ length: classes }, (_, i) => logits[i] ?? 0)).add(shift);
        const of = (z: Tensor): Tensor => formulas[formula](z.div(temperature));
        const values = await of(own).data();
        const path = await formulas[formula](own.div(tensor(degrees).unsqueeze(1))).data();
        const [all, seen] = [
          of(model.forward(plane.places).add(shift)),
          await of(model.forward(examples.x).add(shift)).data(),
        ];
        return {
          probabilities: { names, values },
          sum: Array.from(values).reduce((sum, p) => sum + p, 0),
          melting: names.map((name, k) => ({
            name,
            x: degrees,
            y: Array.from(degrees, (_, i) => path[i * classes + k]),
          })),
          simplex: [
            inTriangle(say("データの各点", "points of the data"), seen, classes, true),
            inTriangle(say("温度による道", "way of the temperature"), path, classes, false),
            inTriangle(say("今のロジット", "logits now"), values, classes, true),
          ],
          territory: { ...mapOf(plane, await all.argmax(1).data()), points },
          confidence: mapOf(plane, await all.amax(1).data()),
          accuracy: await accuracyOf(model, examples),
        };
      },
    };
  },
  claims: {
    differencesOnly: {
      sentence: say("ソフトマックス関数", "Softmax, a function for output layers."),
      predictions: [
        say("確率はまったく変わらない", "the probabilities do not change"),
        say("どの確率も大きくなる", "all become greater"),
        say("大きいものほど大きくなる", "the greatest gains most"),
      ],
      verdict(run) {
        const [plain, shifted] = [run.lane("plain"), run.lane("shifted")];
        const added = shifted.values.shift - plain.values.shift;
        if (!plain.has("probabilities") || !shifted.has("probabilities")) {
          const because = say(
            "exp が無限大か 0 になり、確率を計算できませんでした。",
            "exp was infinite or 0, and there were no probabilities.",
          );
          return { outcome: "depends", because };
        }
        const [p, q] = [plain, shifted].map((lane) => Array.from(lane.last("probabilities").values));
        const [gap, sums] = [
          Math.max(...p.map((x, i) => Math.abs(x - (q[i] ?? 0)))),
          [plain.last("sum"), shifted.last("sum")],
        ];
        const isTested =
          added !== 0 &&
          ["classes", "temperature", "logits"].every(
            (name) => String(plain.values[name as "classes"]) === String(shifted.values[name as "classes"]),
          );
        const isSame = gap < 1e-5 && sums.every((sum) => Math.abs(sum - 1) < 1e-5);
        return {
          outcome: !isTested ? "undecided" : isSame ? "holds" : "fails",
          ...(isTested && { prediction: isSame ? 0 : q.every((x, i) => x > p[i]) ? 1 : 2 }),
          because: say(
            `全ロジットに ${show(added)} を足しても確率の差は最大 ${show(gap)}、合計は ${sums.map(show).join(" と ")} でした。`,
            `With ${show(added)} added to all logits, probabilities differed by ${show(gap)} at most, and added up to ${sums.map(show).join(" and ")}.`,
          ),
        };
      },
    },
  },
  expect: {
    bands: {
      "plain.probabilities.0": [0.6652, 0.6653],
      "shifted.probabilities.0": [0.6652, 0.6653],
      "plain.accuracy": [0.95, 1],
      "shifted.accuracy": [0.95, 1],
      "shifted.sum": [0.99999, 1.00001],
    },
    verdicts: { differencesOnly: "holds" },
  },
});
