/** 1.7 Softmax: probabilities of which only differences of logits tell, judged by adding 7 to all; a temperature levels them. */
import { crossEntropy, nllLoss, type Tensor, tensor } from "../../index.ts";
import { Adam } from "../../optim/index.ts";
import { defineExperiment, type Experiment } from "../experiment.ts";
import { rateParam, stepsParam } from "../parts/common.ts";
import { choiceParam, integerParam, listParam, numberParam } from "../parts/params.ts";
import { axes, bars, curves, map, scalar } from "../parts/probes.ts";
import { formulaNames, formulas, inTriangle, meltingOf, temperatures } from "../parts/softmax-picture.ts";
import { dataNames, softmaxTask } from "../parts/softmax-task.ts";
import { accuracyOf, learner } from "../parts/supervised.ts";
import { undecided } from "../parts/verdicts.ts";
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
    logits: listParam([2, 1, 0, 0, 0], say("ロジット", "logits"), { min: -10, max: 10, hot: true }),
    classes: integerParam(3, say("クラス数（平面の点）", "classes, of points"), { min: 3, max: 5 }),
    shift: numberParam(0, say("全ロジットに足す定数", "added to every logit"), { min: -1000, max: 1000 }),
    temperature: numberParam(1, say("温度", "temperature"), { min: 0.05, max: 20, scale: "log", hot: true }),
    formula: choiceParam("stable", say("計算式", "formula"), formulaNames),
    data: choiceParam("points", say("学習するデータ", "what is learnt"), dataNames),
    units: integerParam(8, say("隠れユニット数", "hidden units"), { min: 1, max: 100 }),
    lr: rateParam(0.05),
    steps: stepsParam(200, 2000),
  },
  probes: {
    probabilities: bars("probability", say("ロジットの確率", "probabilities of the logits")),
    sum: scalar("probability", say("確率の合計", "their sum")),
    melting: curves("probability", say("温度と確率", "probabilities by temperature"), {
      axes: [say("温度", "temperature"), say("確率", "probability")],
    }),
    simplex: curves("probability", say("確率の三角形（先頭の 3 クラス）", "triangle of the first three")),
    territory: map("count", say("各クラスの決定領域", "decision regions of the classes"), { axes: axes.plane }),
    confidence: map("probability", say("最大の確率", "greatest probability"), { axes: axes.plane }),
    accuracy: scalar("probability", say("正解率", "accuracy")),
    loss: scalar("magnitude", say("損失", "loss")),
  },
  lanes: {
    plain: { label: say("そのまま", "as they are"), values: { shift: 0 } },
    shifted: { label: say("全部に 7 を足す", "7 added to all"), values: { shift: 7 } },
  },
  presets: {
    course: {
      label: say("講座の 784-40-10", "The course's 784-40-10"),
      why: say(
        "手書き数字でも同じ出力層です。200 ステップで、見たことのない数字の 9 割前後を当てます。",
        "Digits have the same output layer: 200 steps, and about 90 % of digits that it has not seen are right.",
      ),
      values: { data: "digits", units: 40, lr: 0.005 },
    },
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
  async setup({ data, classes, units, shift, formula, lr, steps }, context) {
    const { model, names, batch, test, territories } = await softmaxTask({ data, classes, units }, context);
    const optimizer = new Adam(model.parameters(), { lr });
    const loss = (z: Tensor, y: Tensor): Tensor =>
      formula === "stable" ? crossEntropy(z.add(shift), y) : nllLoss(formulas.naive(z.add(shift)).log(), y);
    const learn = learner(model, optimizer, { loss });
    return {
      steps,
      model,
      async step({ lr }, step) {
        optimizer.lr = lr;
        return { loss: (await learn(batch(step))).loss };
      },
      async look({ logits, temperature }) {
        const own = tensor(names.map((_, i) => logits[i] ?? 0)).add(shift);
        const of = (z: Tensor): Tensor => formulas[formula](z.div(temperature));
        const values = await of(own).data();
        const path = await formulas[formula](own.div(tensor(temperatures).unsqueeze(1))).data();
        const seen = await of(model.forward(test.x).add(shift)).data();
        return {
          probabilities: { names, values },
          sum: Array.from(values).reduce((sum, p) => sum + p, 0),
          melting: meltingOf(path, names),
          simplex: [
            inTriangle(say("データの各点", "points of the data"), seen, names.length, true),
            inTriangle(say("温度による道", "way of the temperature"), path, names.length, false),
            inTriangle(say("今のロジット", "logits now"), values, names.length, true),
          ],
          ...(await territories((z) => of(z.add(shift)))),
          accuracy: await accuracyOf(model, test),
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
          const because = say("exp が無限大か 0 で、確率がありません。", "exp was infinite or 0: no probabilities.");
          return { outcome: "depends", because };
        }
        const [p, q] = [plain, shifted].map((lane) => Array.from(lane.last("probabilities").values));
        const gap = Math.max(...p.map((x, i) => Math.abs(x - (q[i] ?? 0))));
        const sums = [plain.last("sum"), shifted.last("sum")];
        const isAlike = (["data", "classes", "temperature", "logits"] as const).every(
          (name) => String(plain.values[name]) === String(shifted.values[name]),
        );
        if (added === 0 || !isAlike)
          return undecided("足す定数だけが違うと判定できます。", "It takes lanes that differ in the shift only.");
        const isSame = gap < 1e-5 && sums.every((sum) => Math.abs(sum - 1) < 1e-5);
        return {
          outcome: isSame ? "holds" : "fails",
          prediction: isSame ? 0 : q.every((x, i) => x > p[i]) ? 1 : 2,
          because: say(
            `全ロジットに ${show(added)} を足しても確率の差は最大 ${show(gap)}、合計は ${sums.map(show).join(" と ")} でした。`,
            `With ${show(added)} added to all logits, probabilities differed by ${show(gap)} at most, and added up to ${sums.map(show).join(" and ")}.`,
          ),
        };
      },
    },
  },
  expect: {
    // e² / (e² + e + 1) = 0.66524
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
