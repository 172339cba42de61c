/**
 * 1.8 What an output layer can say at all: the identity any number, which regression needs; a sigmoid what lies between 0
 * and 1; a softmax of one output always 1, so that it cannot learn. Judged is what the identity is for: on a target that
 * goes beyond 1, its error against the true curve, and the sigmoid's.
 */
import { curve } from "../../data/index.ts";
import { mseLoss } from "../../index.ts";
import { MLP } from "../../models/index.ts";
import { Tanh } from "../../nn/index.ts";
import { Adam } from "../../optim/index.ts";
import { defineExperiment, type Experiment } from "../experiment.ts";
import { rateParam, stepsParam, untested } from "../parts/common.ts";
import { comparison, outputNames, outputs, shapeNames, targetShapes } from "../parts/output-task.ts";
import { choiceParam, integerParam, numberParam } from "../parts/params.ts";
import { column } from "../parts/plane.ts";
import { axes, bars, curves, scalar } from "../parts/probes.ts";
import { learner, meanGradient } from "../parts/supervised.ts";
import { undecided } from "../parts/verdicts.ts";
import { say, show } from "../text.ts";

/** Errors below this part of what the target spans count as having got there. */
const near = 0.1;

export const identityOutput: Experiment = defineExperiment({
  id: "identity-output",
  row: "1.8",
  title: say("恒等写像", "The identity as an output"),
  question: say(
    "1.7 まで上がる目標を、シグモイドの出力で学習できるでしょうか？",
    "Can a network whose output is a sigmoid learn a target that goes up to 1.7?",
  ),
  params: {
    output: choiceParam("identity", say("出力層の関数", "output function"), outputNames),
    shape: choiceParam("sine", say("目標の形", "shape of the target"), shapeNames),
    bottom: numberParam(-0.5, say("目標の最小値", "least target"), { min: -3, max: 3 }),
    top: numberParam(1.7, say("目標の最大値", "greatest target"), { min: -3, max: 3 }),
    noise: numberParam(0.05, say("ノイズの標準偏差", "standard deviation of noise"), { max: 1 }),
    units: integerParam(16, say("隠れユニット数", "hidden units"), { min: 1, max: 64 }),
    lr: rateParam(0.02),
    steps: stepsParam(500, 5000),
  },
  probes: {
    error: scalar("magnitude", say("真の曲線との誤差（RMS）", "root mean square error against the truth")),
    reach: bars("signed", say("予測と目標の範囲", "range of predictions and of the target")),
    fit: curves("signed", say("目標と予測", "target and prediction"), { axes: axes.xy }),
    scatter: curves("signed", say("真の値と予測値", "predicted over true"), {
      axes: [say("真の値", "true"), say("予測値", "predicted")],
    }),
    gradient: scalar("magnitude", say("出力層の重みの勾配", "gradient of the output layer's weights")),
    loss: scalar("magnitude", say("平均二乗誤差", "mean squared error")),
  },
  lanes: {
    identity: { label: outputNames.identity, values: { output: "identity" } },
    sigmoid: { label: outputNames.sigmoid, values: { output: "sigmoid" } },
    softmax: { label: outputNames.softmax, values: { output: "softmax" } },
  },
  presets: {
    course: {
      label: say("講座の回帰：隠れユニット 3 個", "The course's regression: 3 hidden units"),
      why: say(
        "隠れ層を小さくしても同じです。恒等写像は届き、シグモイドに替えると届きません。",
        "Small hidden layers are no different: the identity gets there, and a sigmoid in its place does not.",
      ),
      values: { units: 3 },
    },
    works: {
      label: say("0.1 から 0.9 の目標", "A target from 0.1 to 0.9"),
      why: say(
        "目標が 0〜1 に収まれば、シグモイドでも学習できます。",
        "Where the target stays within 0 and 1, a sigmoid does it too.",
      ),
      values: { bottom: 0.1, top: 0.9 },
    },
    breaks: {
      label: say("負の目標", "A negative target"),
      why: say(
        "シグモイドの予測は 0 に貼り付き、ひとつも当たりません。",
        "The sigmoid sticks to 0, and no prediction is right.",
      ),
      values: { bottom: -3, top: -1 },
    },
  },
  setup({ output, shape, bottom, top, noise, units, lr, steps }, { seed }) {
    const target = (x: number): number => bottom + (top - bottom) * targetShapes[shape](x);
    const sample = curve(target, { count: 100, from: -1, to: 1, noise }, seed);
    const examples = { x: column(sample.x), y: column(sample.y) };
    const model = new MLP([1, units, 1], { activation: () => new Tanh() });
    const optimizer = new Adam(model.parameters(), { lr });
    const { of, limits } = outputs[output];
    const [, , weight] = model.parameters(); // of the output layer: those of the hidden layer come first
    const learn = learner(model, optimizer, {
      loss: (u, y) => mseLoss(of(u), y),
      probe: () => [meanGradient(weight)],
    });
    return {
      steps,
      model,
      async step({ lr }) {
        optimizer.lr = lr;
        const { loss, probed } = await learn(examples);
        return { loss, gradient: probed[0] };
      },
      look: () => comparison((x) => of(model.forward(x)), { sample, target, limits }),
    };
  },
  claims: {
    reaches: {
      sentence: say("恒等写像", "The identity, a function for output layers."),
      predictions: [
        say("恒等写像だけが届く", "only the identity gets there"),
        say("シグモイドでも届く", "a sigmoid gets there too"),
        say("どちらも届かない", "neither does"),
      ],
      verdict(run) {
        const unfit = untested(identityOutput, run.lanes);
        if (unfit) return unfit;
        const [identity, sigmoid] = [run.lane("identity"), run.lane("sigmoid")];
        const [a, b] = [identity.last("error"), sigmoid.last("error")];
        const [low, high, least, most] = Array.from(sigmoid.last("reach").values);
        const allowed = near * Math.max(most - least, 1e-3);
        if (a > allowed)
          return undecided(
            `恒等写像がまだ届いていません（誤差 ${show(a)}）。`,
            `The identity has not got there yet: it is off by ${show(a)}.`,
          );
        const isAlone = b > allowed;
        return {
          outcome: isAlone ? "holds" : "depends",
          prediction: isAlone ? 0 : 1,
          because: say(
            `目標は ${show(least)} から ${show(most)}。シグモイドの予測は ${show(low)} から ${show(high)} で誤差 ${show(b)}、恒等写像の誤差は ${show(a)} でした。`,
            `The target goes from ${show(least)} to ${show(most)}. The sigmoid predicted ${show(low)} to ${show(high)}, off by ${show(b)}; the identity was off by ${show(a)}.`,
          ),
        };
      },
    },
  },
  expect: {
    bands: {
      "identity.error": [0, 0.06],
      "sigmoid.error": [0.25, 0.5],
      "sigmoid.reach.1": [0.9, 1],
      "softmax.reach.0": [1, 1],
      "softmax.gradient": [0, 0],
    },
    verdicts: { reaches: "holds" },
  },
});
