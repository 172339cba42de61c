/**
 * 1.11 Cross-entropy against the mean squared error, both of a sigmoid, from a start that is sure and wrong: there the first
 * has its greatest gradient, y − d, and the second next to none, because the sigmoid is flat. The claim is that it is for
 * classification; judged by the steps that either lane takes to 90 % accuracy.
 */
import { blobs } from "../../data/index.ts";
import { normal, tensor } from "../../index.ts";
import { Linear } from "../../nn/index.ts";
import { SGD } from "../../optim/index.ts";
import { binaryAccuracy } from "../../train/index.ts";
import { defineExperiment, type Experiment } from "../experiment.ts";
import { rateParam, stepsParam, untested } from "../parts/common.ts";
import { losses, lossNames, meanLogit0, shapesOf } from "../parts/logit-losses.ts";
import { choiceParam, lanesBy, numberParam } from "../parts/params.ts";
import { curves, scalar } from "../parts/probes.ts";
import { learner, meanGradient } from "../parts/supervised.ts";
import { stepsText, undecided } from "../parts/verdicts.ts";
import { say, show } from "../text.ts";

/** Points of two classes. */
const count = 200;
/** A loss recovers sooner than the other if it takes less than this part of its steps. */
const farSooner = 0.7;

export const crossEntropyLoss: Experiment = defineExperiment({
  id: "cross-entropy",
  row: "1.11",
  title: say("交差エントロピー", "Cross-entropy"),
  question: say(
    "自信満々に間違えているとき、どちらの誤差関数が早く立ち直れるでしょうか？",
    "From a confidently wrong start, which loss recovers sooner?",
  ),
  params: {
    loss: choiceParam("ce", say("誤差関数", "loss"), lossNames),
    bias: numberParam(6, say("最初のバイアス（確信の強さ）", "first bias: how sure it is"), { min: -8, max: 8 }),
    lr: rateParam(0.5),
    steps: stepsParam(300, 3000),
  },
  probes: {
    shapes: curves("signed", say("正解が 0 のときの誤差と傾き", "loss and slope where the truth is 0"), {
      axes: [say("ロジット", "logit"), say("値", "value")],
    }),
    loss: scalar("magnitude", say("損失（レーンごとに別の誤差関数）", "loss (another function in each lane)"), {
      apart: true,
    }),
    gradient: scalar("magnitude", say("重みの勾配の平均絶対値", "mean absolute gradient of the weights")),
    logit: scalar("signed", say("正解が 0 の点のロジット（平均）", "mean logit where the truth is 0")),
    accuracy: scalar("probability", say("正解率", "accuracy")),
    recovered: scalar("count", say("正解率 90 % までのステップ数", "steps to 90 % accuracy")),
  },
  lanes: lanesBy("loss", lossNames),
  presets: {
    course: {
      label: say("講座の [try]：誤差関数を MSE に替える", "The course's [try]: MSE for cross-entropy"),
      why: say(
        "自信のない初期値（バイアス 0）からなら、MSE に替えても学べます。",
        "From a start without conviction, a bias of 0, it learns with MSE in its place too.",
      ),
      values: { bias: 0 },
    },
    works: {
      label: say("弱い確信", "A little sure"),
      why: say(
        "バイアス 2 なら、どちらも 20 ステップ以内に立ち直ります。",
        "From a bias of 2 both recover within 20 steps.",
      ),
      values: { bias: 2 },
    },
    breaks: {
      label: say("とても強い確信", "Very sure"),
      why: say(
        "バイアス 8 では二乗誤差の勾配がほぼ消え、300 ステップでは立ち直りません。",
        "At a bias of 8 the squared error has next to no gradient, and does not recover in 300 steps.",
      ),
      values: { bias: 8 },
    },
  },
  setup({ loss: kind, bias, lr, steps }, { seed }) {
    const world = blobs({ count, classes: 2, spread: 0.8 }, seed);
    const x = tensor(world.x, [count, 2]);
    const y = tensor(Float32Array.from(world.y), [count, 1]);
    const model = new Linear(2, 1);
    // Surely wrong: next to no weights, and a bias that calls every point class 1.
    model.weight.assign(normal([1, 2], 0, 0.01));
    model.bias?.assign(tensor([bias]));
    const optimizer = new SGD(model.parameters(), { lr });
    const learn = learner(model, optimizer, {
      loss: losses[kind],
      probe: (z, target) => [meanGradient(model.weight), binaryAccuracy(z, target), meanLogit0(z, target)],
    });
    let hasRecovered = false;
    return {
      steps,
      model,
      async step({ lr }, step) {
        optimizer.lr = lr;
        const { loss, probed } = await learn({ x, y });
        const [gradient, accuracy, logit] = probed;
        const isFirst = accuracy >= 0.9 && !hasRecovered;
        hasRecovered ||= isFirst;
        return { loss, gradient, accuracy, logit, ...(isFirst ? { recovered: step } : {}) };
      },
      look: async () => ({
        accuracy: await binaryAccuracy(model.forward(x), y).item(),
        logit: await meanLogit0(model.forward(x), y).item(),
        shapes: await shapesOf(kind),
      }),
    };
  },
  claims: {
    classification: {
      sentence: say("クロス（交差）エントロピー誤差：分類問題", "Cross-entropy is for classification."),
      predictions: [
        say("どちらも同じくらいで立ち直る", "both recover alike"),
        say("交差エントロピーのほうがずっと早い", "cross-entropy is far sooner"),
        say("二乗誤差のほうが早い", "the squared error is sooner"),
      ],
      verdict(run) {
        const unfit = untested(crossEntropyLoss, run.lanes);
        if (unfit) return unfit;
        const lanes = [run.lane("mse"), run.lane("ce")];
        const [mse, ce] = lanes.map((lane) => (lane.has("recovered") ? lane.last("recovered") : Infinity));
        if (mse === Infinity && ce === Infinity)
          return undecided("どちらもまだ立ち直っていません。", "Neither has recovered yet.");
        const prediction = ce < farSooner * mse ? 1 : mse < farSooner * ce ? 2 : 0;
        const [g, h] = lanes.map((lane) => show(lane.first("gradient")));
        const [a, b] = [stepsText(mse), stepsText(ce)];
        return {
          outcome: (["depends", "holds", "fails"] as const)[prediction],
          prediction,
          because: say(
            `正解率 90 % まで：二乗誤差 ${a.ja}、交差エントロピー ${b.ja}。最初の勾配は ${g} と ${h} でした。`,
            `To 90 % accuracy: squared error ${a.en}, cross-entropy ${b.en}. The first gradients were ${g} and ${h}.`,
          ),
        };
      },
    },
  },
  expect: {
    bands: {
      "ce.accuracy": [0.93, 1],
      "ce.recovered": [5, 40],
      "mse.recovered": [100, 290],
      "ce.gradient@0": [0.3, 1],
      "mse.gradient@0": [0, 0.01],
    },
    verdicts: { classification: "holds" },
  },
});
