/**
 * 1.4 A unit with a step learns AND by the perceptron's rule (Rosenblatt 1958), but never XOR, which no line separates
 * (Minsky & Papert 1969). Backpropagation cannot teach it anything: the derivative of a step is 0. The
 * claim is judged by the cases that are still wrong after the perceptron's rule: none of AND, and some of XOR.
 */
import { tensor } from "../../index.ts";
import { Linear } from "../../nn/index.ts";
import { SGD } from "../../optim/index.ts";
import { defineExperiment, type Experiment } from "../experiment.ts";
import { activationOf } from "../parts/activations.ts";
import { rateParam, stepsParam, untrained } from "../parts/common.ts";
import { answersOf, caseAt, cases, gateNames, isSeparable, losses, orderNames, ruleNames } from "../parts/gate-task.ts";
import { pictureOf, stateOf } from "../parts/gate-unit.ts";
import { choiceParam, listParam } from "../parts/params.ts";
import { axes, bars, curves, map, scalar } from "../parts/probes.ts";
import { learner, meanGradient } from "../parts/supervised.ts";
import { undecided } from "../parts/verdicts.ts";
import { type Language, say, show } from "../text.ts";

export const stepFunction: Experiment = defineExperiment({
  id: "step-function",
  row: "1.4",
  title: say("ステップ関数", "The step function"),
  question: say(
    "ステップ関数のユニット 1 つは、AND や XOR を学習できるでしょうか？ 誤差逆伝播ではどうでしょうか？",
    "Can one unit with a step learn AND, or XOR? And by backpropagation?",
  ),
  params: {
    gate: choiceParam("and", say("真理値表", "truth table"), gateNames),
    truth: listParam([1, 0, 0, 0], say("自分で決める答え（00, 01, 10, 11）", "your own answers to 00, 01, 10, 11"), {
      min: 0,
      max: 1,
    }),
    rule: choiceParam("gradient", say("学習則", "rule"), ruleNames),
    order: choiceParam("fixed", say("見せる順番", "order of cases"), orderNames),
    lr: rateParam(0.5),
    steps: stepsParam(120, 2000),
  },
  probes: {
    wrong: scalar("count", say("間違えた場合の数（4 通り中）", "cases that are wrong, of 4")),
    changes: scalar("count", say("直近 4 ステップの重みの変更", "changes of weights in the last 4 steps")),
    gradient: scalar("magnitude", say("重みの勾配の平均絶対値", "mean absolute gradient of the weights")),
    weights: bars("signed", say("重みとバイアス", "weights and bias")),
    output: map("probability", say("出力と境界線", "output, and its border"), { axes: axes.plane }),
    activation: curves("signed", say("活性化関数とその微分", "the activation and its derivative"), { axes: axes.unit }),
  },
  lanes: {
    and: { label: say("AND・パーセプトロン", "AND, perceptron"), values: { gate: "and", rule: "perceptron" } },
    xor: { label: say("XOR・パーセプトロン", "XOR, perceptron"), values: { gate: "xor", rule: "perceptron" } },
    gradient: { label: ruleNames.gradient, values: {} },
  },
  presets: {
    course: {
      label: say("講座のステップ関数", "The course's step function"),
      why: say(
        "微分はどこでも 0 なので、誤差逆伝播の勾配も 0 のままです。",
        "Its derivative is 0 everywhere, and so is the gradient of backpropagation.",
      ),
      values: {},
    },
    works: {
      label: say("シグモイドに替える", "A sigmoid instead"),
      why: say("同じユニットが、誤差逆伝播で AND を学習できます。", "The same unit learns AND by backpropagation."),
      values: { rule: "sigmoid" },
    },
    breaks: {
      label: say("シグモイドで XOR", "XOR with a sigmoid"),
      why: say(
        "滑らかにしても、XOR は 1 つのユニットでは分けられません。",
        "However smooth, one unit cannot separate XOR.",
      ),
      values: { rule: "sigmoid", gate: "xor" },
    },
  },
  async setup({ gate, truth, rule, order, lr, steps }, { seed }) {
    const answers = answersOf({ gate, truth });
    const unit = new Linear(2, 1);
    const optimizer = new SGD(unit.parameters(), { lr });
    const learn = learner(unit, optimizer, { loss: losses[rule], probe: () => [meanGradient(unit.weight)] });
    const examples = cases.map((x, i) => ({ x: tensor([x]), y: tensor([[answers[i]]]) }));
    const bend = activationOf[rule === "sigmoid" ? "sigmoid" : "step"];
    const recent: boolean[] = [];
    let before = (await stateOf(unit, answers)).weights.values;
    return {
      steps,
      model: unit,
      async step({ lr }, step) {
        optimizer.lr = lr;
        const { probed } = await learn(examples[caseAt(step, order, seed)]);
        const { wrong, weights } = await stateOf(unit, answers);
        recent.push(weights.values.some((w, i) => w !== before[i]));
        before = weights.values;
        return { wrong, weights, gradient: probed[0], changes: recent.slice(-cases.length).filter(Boolean).length };
      },
      look: () => pictureOf(unit, bend, answers),
    };
  },
  claims: {
    separableOnly: {
      sentence: say(
        "ステップ関数：線形分離可能なもののみ学習可",
        "The step function: only what is linearly separable can be learnt.",
      ),
      predictions: [
        say("AND は学習でき、XOR は終わらない", "AND is learnt, XOR never ends"),
        say("どちらも学習できる", "both are learnt"),
        say("どちらも学習できない", "neither is learnt"),
      ],
      verdict({ lanes }) {
        if (lanes.every(({ step }) => step === 0)) return untrained;
        const taught = lanes.filter(({ values }) => values.rule === "perceptron");
        const separable = taught.filter(({ values }) => isSeparable(answersOf(values)));
        const others = taught.filter((lane) => !separable.includes(lane));
        if (separable.length === 0 || others.length === 0)
          return undecided(
            "線形分離可能な表とそうでない表を、パーセプトロンの学習則で 1 つずつ学習すると判定できます。",
            "It takes the perceptron's rule on a table that is linearly separable, and on one that is not.",
          );
        const isLearnt = (lane: (typeof lanes)[number]): boolean => lane.last("wrong") === 0;
        const hasFailed = others.some(isLearnt);
        const isTested = hasFailed || separable.every(isLearnt);
        const mistakes = (language: Language): string =>
          taught
            .map((lane) => `${gateNames[lane.values.gate][language]} ${lane.last("wrong")}`)
            .join(language === "ja" ? "、" : ", ");
        const descent = lanes.find(({ values }) => values.rule === "gradient");
        const flow = descent && show(Math.max(...descent.series("gradient").values));
        return {
          outcome: hasFailed ? "fails" : isTested ? "holds" : "undecided",
          ...(isTested && { prediction: hasFailed ? 1 : 0 }),
          because: say(
            `パーセプトロンの学習則のあとの間違い：${mistakes("ja")}（4 通り中）。${flow ? `誤差逆伝播の勾配は最大でも ${flow}。` : ""}`,
            `Wrong after the perceptron's rule: ${mistakes("en")}, of 4.${flow ? ` Backpropagation's gradient was ${flow} at most.` : ""}`,
          ),
        };
      },
    },
  },
  expect: {
    bands: {
      "and.wrong": [0, 0],
      "and.changes": [0, 0],
      "xor.wrong": [1, 4],
      "xor.changes": [1, 4],
      "gradient.gradient": [0, 0],
      "gradient.changes": [0, 0],
    },
    verdicts: { separableOnly: "holds" },
  },
});
