/** 1.4 What a unit with a step can learn (Rosenblatt 1958; Minsky & Papert 1969), and why backpropagation cannot teach it. */
import { permutation } from "../../data/index.ts";
import { grad, step as stepOf, type Tensor, tensor } from "../../index.ts";
import { Linear } from "../../nn/index.ts";
import { SGD } from "../../optim/index.ts";
import { defineExperiment, type Experiment } from "../experiment.ts";
import { rateParam, scalar } from "../parts/common.ts";
import { answersOf, border, cases, gateNames, isSeparable, losses, rules, stateOf } from "../parts/gate-task.ts";
import { mapOf, spaced, square } from "../parts/plane.ts";
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
    gate: {
      kind: "choice",
      options: gateNames,
      default: "and",
      label: say("真理値表", "truth table"),
      names: { custom: say("自分で決める", "your own") },
    },
    truth: {
      kind: "list",
      min: 0,
      max: 1,
      default: [1, 0, 0, 0],
      label: say("自分で決める答え（00, 01, 10, 11）", "your own answers to 00, 01, 10, 11"),
    },
    rule: {
      kind: "choice",
      options: ["perceptron", "gradient", "sigmoid"],
      default: "gradient",
      label: say("学習則", "rule"),
      names: rules,
    },
    order: {
      kind: "choice",
      options: ["fixed", "shuffled"],
      default: "fixed",
      label: say("見せる順番", "order of cases"),
      names: { fixed: say("いつも同じ", "always the same"), shuffled: say("毎回並べ替え", "shuffled") },
    },
    lr: rateParam(0.5),
    steps: {
      kind: "integer",
      min: 0,
      max: 2000,
      default: 120,
      label: say("ステップ数（1 例ずつ）", "steps, one case each"),
    },
  },
  probes: {
    wrong: scalar("count", say("間違えた場合の数（4 通り中）", "cases that are wrong, of 4")),
    changes: scalar("count", say("直近 4 ステップの重みの変更", "changes of weights in the last 4 steps")),
    gradient: scalar("magnitude", say("重みの勾配の平均絶対値", "mean absolute gradient of the weights")),
    weights: { form: "bars", kind: "signed", label: say("重みとバイアス", "weights and bias") },
    output: { form: "map", kind: "probability", label: say("出力と境界線", "output, and its border") },
    activation: {
      form: "curves",
      kind: "signed",
      label: say("活性化関数とその微分", "the activation and its derivative"),
    },
  },
  lanes: {
    and: { label: say("AND・パーセプトロン", "AND, perceptron"), values: { gate: "and", rule: "perceptron" } },
    xor: { label: say("XOR・パーセプトロン", "XOR, perceptron"), values: { gate: "xor", rule: "perceptron" } },
    gradient: { label: rules.gradient, values: {} },
  },
  presets: {
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
    const gradient = (): Tensor => meanGradient(unit.weight);
    const learn = learner(unit, optimizer, { loss: losses[rule], probe: () => [gradient()] });
    const examples = cases.map((x, i) => ({ x: tensor([x]), y: tensor([[answers[i]]]) }));
    const plane = square(-0.5, 1.5, 40);
    const points = cases.map(([x, y], i) => ({ x, y, label: answers[i] }));
    const bend = rule === "sigmoid" ? (u: Tensor): Tensor => u.sigmoid() : (u: Tensor): Tensor => stepOf(u);
    const recent: boolean[] = [];
    let before = (await stateOf(unit, answers)).weights.values;
    return {
      steps,
      model: unit,
      async step({ lr }, step) {
        optimizer.lr = lr;
        const at = (step - 1) % 4;
        const epoch = Math.floor((step - 1) / 4);
        const { probed } = await learn(examples[order === "fixed" ? at : permutation(4, seed, epoch)[at]]);
        const { wrong, weights } = await stateOf(unit, answers);
        recent.push(weights.values.some((w, i) => w !== before[i]));
        before = weights.values;
        return { wrong, weights, gradient: probed[0], changes: recent.slice(-4).filter(Boolean).length };
      },
      async look() {
        const { w1, w2, b, wrong, weights } = await stateOf(unit, answers);
        const u = tensor(spaced(-4, 4, 161));
        const [f, slope] = [await bend(u).data(), await grad((x) => bend(x).sum())(u)[0].data()];
        return {
          wrong,
          weights,
          output: { ...mapOf(plane, await bend(unit.forward(plane.places)).data()), points, paths: border(w1, w2, b) },
          activation: [
            { name: "f(u)", x: await u.data(), y: f },
            { name: "f′(u)", x: await u.data(), y: slope },
          ],
        };
      },
    };
  },
  claims: {
    separableOnly: {
      sentence: say(
        "ステップ関数：線形分離可能なもののみ学習可",
        "The step function: only what is linearly separable can be learned.",
      ),
      predictions: [
        say("AND は学習でき、XOR は終わらない", "AND is learned, XOR never ends"),
        say("どちらも学習できる", "both are learned"),
        say("どちらも学習できない", "neither is learned"),
      ],
      verdict({ lanes }) {
        const taught = lanes
          .filter(({ values }) => values.rule === "perceptron")
          .map((lane) => ({ lane, canBe: isSeparable(answersOf(lane.values)), is: lane.last("wrong") === 0 }));
        const [can, cannot] = [true, false].map((of) => taught.filter(({ canBe }) => canBe === of));
        const isTested = can.length > 0 && cannot.length > 0 && can.every(({ is }) => is);
        const hasFailed = cannot.some(({ is }) => is);
        const through = lanes.find(({ values }) => values.rule === "gradient");
        const flow = through?.has("gradient") ? Math.max(...through.series("gradient").values) : null;
        const told = taught.map(({ lane }) => `${lane.values.gate} ${lane.last("wrong")}`).join(", ");
        const [ja, en] =
          flow === null
            ? ["", ""]
            : [`誤差逆伝播の勾配は最大でも ${show(flow)}。`, ` Backpropagation's gradient was ${show(flow)} at most.`];
        return {
          outcome: hasFailed ? "fails" : isTested ? "holds" : "undecided",
          ...(hasFailed || isTested ? { prediction: hasFailed ? 1 : 0 } : {}),
          because: say(
            `パーセプトロンの学習則のあとの間違い: ${told}（4 通り中）。${ja}`,
            `Wrong after the perceptron's rule: ${told}, of 4.${en}`,
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
