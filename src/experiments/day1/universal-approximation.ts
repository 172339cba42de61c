/**
 * 1.1 A curve as the sum of what hidden units add, each a step or a hinge (Cybenko 1989): how close so many of them come,
 * with weights that are chosen by hand, and with those that training finds: the lanes. The claim is that any function can be
 * approximated; it is judged by the greatest error of 64 units that are built, against a tenth of what the target spans.
 */
import { mseLoss } from "../../index.ts";
import { Adam } from "../../optim/index.ts";
import { defineExperiment, type Experiment } from "../experiment.ts";
import { namesOf } from "../parts/activations.ts";
import { Approximation, widest } from "../parts/approximation.ts";
import { rateParam, stepsParam, untested } from "../parts/common.ts";
import { curveOf, curveTexts } from "../parts/curve-task.ts";
import { choiceParam, integerParam, lanesBy, listParam, numberParam } from "../parts/params.ts";
import { axes, bars, curves, scalar } from "../parts/probes.ts";
import { learner } from "../parts/supervised.ts";
import { say, show } from "../text.ts";

/** The drawn curve, until another is drawn. */
const wave = [-0.5, 0.2, 0.9, 0.4, -0.3, -0.8, -0.2, 0.7, 0.3];
const ways = { built: say("手作り", "built by hand"), trained: say("学習", "trained") };
const lanes = lanesBy("way", ways);

export const universalApproximation: Experiment = defineExperiment({
  id: "universal-approximation",
  row: "1.1",
  title: say("万能近似定理", "The universal approximation theorem"),
  question: say(
    "隠れ層のユニットを増やすと、描いた曲線との誤差はどこまで小さくなるでしょうか？",
    "As the hidden layer gets more units, how close does it come to a curve that you draw?",
  ),
  params: {
    target: choiceParam("sine", say("目標の曲線", "target"), curveTexts),
    curve: listParam(wave, say("描いた曲線の点", "points of the drawn curve"), { min: -2, max: 2 }),
    way: choiceParam("trained", say("作り方", "made how"), ways),
    units: integerParam(8, say("ユニット数", "units"), { min: 1, max: 64 }),
    activation: choiceParam("sigmoid", say("活性化関数", "activation"), namesOf("sigmoid", "tanh", "relu")),
    depth: integerParam(1, say("学習する隠れ層の数", "hidden layers to train"), { min: 1, max: 3 }),
    levels: listParam([], say("手作りの段の高さ（空なら目標の高さ）", "levels to build; if empty, the target's"), {
      min: -2,
      max: 2,
    }),
    steepness: numberParam(10, say("手作りの段の急さ", "steepness of steps"), { min: 1, max: 100 }),
    lr: rateParam(0.02),
    steps: stepsParam(500, 5000),
  },
  probes: {
    fit: curves("signed", say("目標とネットワークの出力", "target and output"), { axes: axes.xy }),
    parts: curves("signed", say("各ユニットの寄与", "what each unit adds"), { axes: axes.xy }),
    errors: bars("magnitude", say("ユニット数と平均誤差", "RMS error by units"), {
      help: say(
        "「選択」は、上の図に描いたもう 1 つのネットワークです。学習では、ユニット数が同じでも初期値が違うので、誤差も違います。",
        "“Chosen” is a network of its own, the one drawn above. When trained, it ends elsewhere than another of as many units, for it begins with other weights.",
      ),
    }),
    greatest: bars("magnitude", say("ユニット数と最大誤差", "greatest error by units")),
    error: scalar("magnitude", say("平均誤差（RMS）", "root mean square error")),
    loss: scalar("magnitude", say("損失（全幅の合計）", "loss, over all widths")),
  },
  lanes,
  presets: {
    works: {
      label: say("折れ線と ReLU", "|x| and ReLU"),
      why: say("手作りなら、|x| は ReLU 2 個でぴったり作れます。", "Built by hand, two ReLU units make |x| exactly."),
      values: { target: "abs", activation: "relu", units: 2 },
    },
    breaks: {
      label: say("段差", "A jump"),
      why: say(
        "不連続な段差では、手作りでユニットを増やしても最大誤差が残ります。",
        "At a jump the greatest error of what is built stays, however many units there are.",
      ),
      values: { target: "jump", steepness: 4, units: 32 },
    },
    noise: {
      label: say("ノイズ", "Noise"),
      why: say(
        "でたらめに上下する曲線には、64 ユニットでもほとんど近づけません。",
        "64 units hardly come any closer to a curve that goes up and down at random.",
      ),
      values: { target: "noise", units: 64 },
    },
  },
  setup({ target, curve: points, way, lr, steps, ...plan }, { seed }) {
    const isBuilt = way === "built";
    const task = new Approximation(curveOf(target, points, seed), { ...plan, isBuilt });
    const { model, examples, count } = task;
    const optimizer = new Adam(model.parameters(), { lr });
    // The mean over all widths, times how many there are: so each learns as it would alone.
    const learn = learner(model, optimizer, { loss: (guess, y) => mseLoss(guess, y).mul(count) });
    return {
      steps: isBuilt ? 0 : steps,
      model,
      async step({ lr }) {
        optimizer.lr = lr;
        return { loss: (await learn(examples)).loss };
      },
      look: () => task.look(),
    };
  },
  claims: {
    anyFunction: {
      sentence: say(
        "万能近似定理：「深層ニューラルネットワークが、どんな関数でも近似できる」",
        "Universal approximation: a deep neural network can approximate any function.",
      ),
      predictions: [
        say("最大誤差もどこまでも小さくなる", "even the greatest error keeps falling"),
        say("平均は小さくなるが、最大誤差は残る", "it falls on average, but the greatest error stays"),
        say("平均の誤差も残る", "it does not fall even on average"),
      ],
      verdict(run) {
        const unfit = untested(universalApproximation, run.lanes);
        if (unfit) return unfit;
        const [built, trained] = [run.lane("built"), run.lane("trained")];
        const mean = built.last("errors").values[widest];
        const greatest = built.last("greatest").values[widest];
        const learnt = trained.last("errors").values[widest];
        const [{ y: target }] = built.last("fit");
        const span = Math.max(...Array.from(target)) - Math.min(...Array.from(target));
        const close = 0.1 * (span || 1); // a tenth of what the target spans
        const prediction = greatest < close ? 0 : mean < close ? 1 : 2;
        return {
          outcome: prediction === 0 ? "holds" : "depends", // more units than 64 might do it
          prediction,
          because: say(
            `手作りの 64 ユニットの誤差は平均 ${show(mean)}、最大 ${show(greatest)}（目標の幅 ${show(span)}）。学習で見つかったものは平均 ${show(learnt)} でした。`,
            `Built by hand, 64 units were off by ${show(mean)} on average and ${show(greatest)} at most (the target spans ${show(span)}); what training found, by ${show(learnt)} on average.`,
          ),
        };
      },
    },
  },
  expect: {
    // errors.0 … errors.6 are those of 1, 2, 4, … 64 units.
    bands: {
      "built.errors.0": [0.3, 0.4],
      "built.errors.6": [0.008, 0.012],
      "built.greatest.6": [0.03, 0.06],
      "trained.errors.0": [0.2, 0.5],
      "trained.errors.3": [0.005, 0.2],
      "trained.errors.6": [0.005, 0.1],
    },
    verdicts: { anyFunction: "holds" },
  },
});
