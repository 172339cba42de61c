/** 1.4 What a unit with a step can learn (Rosenblatt 1958; Minsky & Papert 1969), and why backpropagation cannot teach it. */
import { tensor } from "../../index.ts";
import { Linear } from "../../nn/index.ts";
import { SGD } from "../../optim/index.ts";
import { defineExperiment, type Experiment } from "../experiment.ts";
import { activationOf } from "../parts/activations.ts";
import { rateParam, stepsParam, untrained } from "../parts/common.ts";
import { answersOf, caseAt, cases, gateNames, isSeparable, losses, orderNames, rules } from "../parts/gate-task.ts";
import { stateOf, territoryOf } from "../parts/gate-unit.ts";
import { choiceParam, listParam } from "../parts/params.ts";
import { bars, curves, map, scalar } from "../parts/probes.ts";
import { graphOf, linesOf } from "../parts/slopes.ts";
import { learner, meanGradient } from "../parts/supervised.ts";
import { say, show } from "../text.ts";

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
      ...{ min: 0, max: 1 },
    }),
    rule: choiceParam("gradient", say("学習則", "rule"), rules),
    order: choiceParam("fixed", say("見せる順番", "order of cases"), orderNames),
    lr: rateParam(0.5),
    steps: stepsParam(120, 2000),
  },
  probes: {
    wrong: scalar("count", say("間違えた場合の数（4 通り中）", "cases that are wrong, of 4")),
    changes: scalar("count", say("直近 4 ステップの重みの変更", "changes of weights in the last 4 steps")),
    gradient: scalar("magnitude", say("重みの勾配の平均絶対値", "mean absolute gradient of the weights")),
    weights: bars("signed", say("重みとバイアス", "weights and bias")),
    output: map("probability", say("出力と境界線", "output, and its border")),
    activation: curves("signed", say("活性化関数とその微分", "the activation and its derivative")),
  },
  lanes: {
    and: { label: say("AND・パーセプトロン", "AND, perceptron"), values: { gate: "and", rule: "perceptron" } },
    xor: { label: say("XOR・パーセプトロン", "XOR, perceptron"), values: { gate: "xor", rule: "perceptron" } },
    gradient: { label: rules.gradient, values: {} },
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
        return { wrong, weights, gradient: probed[0], changes: recent.slice(-4).filter(Boolean).length };
      },
      async look() {
        const { wrong, weights } = await stateOf(unit, answers);
        return {
          ...{ wrong, weights, output: await territoryOf(unit, bend, { answers, weights }) },
          activation: linesOf(await graphOf(bend, 4, 161)),
        };
      },
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
        const taught = lanes
          .filter(({ values }) => values.rule === "perceptron")
          .map((lane) => ({ lane, canBe: isSeparable(answersOf(lane.values)), is: lane.last("wrong") === 0 }));
        const [can, cannot] = [true, false].map((of) => taught.filter(({ canBe }) => canBe === of));
        const isTested = can.length > 0 && cannot.length > 0 && can.every(({ is }) => is);
        const hasFailed = cannot.some(({ is }) => is);
        const through = lanes.find(({ values }) => values.rule === "gradient");
        const flow = through ? show(Math.max(...through.series("gradient").values)) : "";
        const told = taught.map(({ lane }) => `${gateNames[lane.values.gate].en} ${lane.last("wrong")}`).join(", ");
        return {
          outcome: hasFailed ? "fails" : isTested ? "holds" : "undecided",
          ...(hasFailed || isTested ? { prediction: hasFailed ? 1 : 0 } : {}),
          because: say(
            `パーセプトロンの学習則のあとの間違い: ${told}（4 通り中）。${flow && `誤差逆伝播の勾配は最大でも ${flow}。`}`,
            `Wrong after the perceptron's rule: ${told}, of 4.${flow && ` Backpropagation's gradient was ${flow} at most.`}`,
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
