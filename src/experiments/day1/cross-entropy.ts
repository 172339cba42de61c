/** 1.11 Cross-entropy teaches most where the mean squared error teaches nothing: when the answer is surely wrong. */
import { blobs } from "../../data/index.ts";
import { normal, tensor } from "../../index.ts";
import { Linear } from "../../nn/index.ts";
import { SGD } from "../../optim/index.ts";
import { binaryAccuracy } from "../../train/index.ts";
import { defineExperiment, type Experiment } from "../experiment.ts";
import { rateParam, stepsParam, untested } from "../parts/common.ts";
import { logitOf, losses, lossNames, shapesOf } from "../parts/logit-losses.ts";
import { choiceParam, lanesBy, numberParam } from "../parts/params.ts";
import { curves, scalar } from "../parts/probes.ts";
import { learner, meanGradient } from "../parts/supervised.ts";
import { stepsText, undecided } from "../parts/verdicts.ts";
import { say, show } from "../text.ts";

const lanes = lanesBy("loss", lossNames);
const count = 200;

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
    steps: stepsParam(150, 3000),
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
  lanes,
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
        "バイアス 2 なら、どちらも 150 ステップ以内に立ち直ります。",
        "From a bias of 2 both recover within 150 steps.",
      ),
      values: { bias: 2 },
    },
    breaks: {
      label: say("とても強い確信", "Very sure"),
      why: say(
        "バイアス 8 では二乗誤差の勾配がほぼ消え、150 ステップでは立ち直りません。",
        "At a bias of 8 the squared error has next to no gradient, and does not recover in 150 steps.",
      ),
      values: { bias: 8 },
    },
  },
  setup({ loss: kind, bias, lr, steps }, { seed }) {
    const world = blobs({ count, classes: 2, spread: 0.8 }, seed);
    const x = tensor(world.x, [count, 2]);
    const y = tensor(Float32Array.from(world.y), [count, 1]);
    const model = new Linear(2, 1);
    // Surely wrong: weights point the wrong way, and the bias says so loudly.
    model.weight.assign(normal([1, 2], 0, 0.01).add(tensor([[bias / 4, 0]])));
    model.bias?.assign(tensor([bias]));
    const optimizer = new SGD(model.parameters(), { lr });
    const learn = learner(model, optimizer, {
      loss: losses[kind],
      probe: (z, target) => [meanGradient(model.weight), binaryAccuracy(z, target), logitOf(z, target)],
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
        logit: await logitOf(model.forward(x), y).item(),
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
        const [a, b] = run.lanes.map((lane) => (lane.has("recovered") ? lane.last("recovered") : Infinity));
        if (a === Infinity && b === Infinity)
          return undecided("どちらもまだ立ち直っていません。", "Neither has recovered yet.");
        const prediction = b < 0.7 * a ? 1 : a < 0.7 * b ? 2 : 0;
        const [g, h] = run.lanes.map((lane) => show(lane.first("gradient")));
        const [mse, ce] = [a, b].map(stepsText);
        return {
          outcome: (["depends", "holds", "fails"] as const)[prediction],
          prediction,
          because: say(
            `正解率 90 % まで：二乗誤差 ${mse.ja}、交差エントロピー ${ce.ja}。最初の勾配は ${g} と ${h} でした。`,
            `To 90 % accuracy: squared error ${mse.en}, cross-entropy ${ce.en}. The first gradients were ${g} and ${h}.`,
          ),
        };
      },
    },
  },
  expect: {
    bands: { "ce.accuracy": [0.93, 1], "ce.recovered": [1, 80], "mse.gradient@0": [0, 0.3] },
    verdicts: { classification: "holds" },
  },
});
