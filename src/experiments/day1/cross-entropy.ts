/** 1.11 Cross-entropy teaches most where the mean squared error teaches nothing: when the answer is surely wrong. */
import { blobs } from "../../data/index.ts";
import {
  binaryCrossEntropyWithLogits,
  mseLoss,
  normal,
  Parameter,
  softplus,
  type Tensor,
  tensor,
} from "../../index.ts";
import { Linear } from "../../nn/index.ts";
import { SGD } from "../../optim/index.ts";
import { binaryAccuracy } from "../../train/index.ts";
import { defineExperiment, type Experiment } from "../experiment.ts";
import { rateParam, scalar, stepsParam } from "../parts/common.ts";
import { spaced } from "../parts/plane.ts";
import { learner, meanGradient } from "../parts/supervised.ts";
import { say, show } from "../text.ts";

const count = 200;
const losses = {
  mse: (z: Tensor, y: Tensor): Tensor => mseLoss(z.sigmoid(), y),
  ce: binaryCrossEntropyWithLogits,
};

export const crossEntropyLoss: Experiment = defineExperiment({
  id: "cross-entropy",
  row: "1.11",
  title: say("交差エントロピー", "Cross-entropy"),
  question: say(
    "自信満々に間違えているとき、どちらの誤差関数が早く立ち直れるでしょうか？",
    "From a confidently wrong start, which loss recovers sooner?",
  ),
  params: {
    loss: {
      kind: "choice",
      options: ["mse", "ce"],
      default: "ce",
      label: say("誤差関数", "loss"),
      names: { mse: say("平均二乗誤差", "mean squared error"), ce: say("交差エントロピー", "cross-entropy") },
    },
    bias: {
      kind: "number",
      min: -8,
      max: 8,
      default: 6,
      label: say("最初のバイアス（確信の強さ）", "first bias: how sure it is"),
    },
    lr: rateParam(0.5),
    steps: stepsParam(150, 3000),
  },
  probes: {
    shapes: {
      form: "curves",
      kind: "signed",
      label: say("正解が 0 のときの誤差と傾き", "loss and slope where the truth is 0"),
      axes: [say("ロジット", "logit"), say("値", "value")],
    },
    loss: scalar("magnitude", say("損失", "loss")),
    gradient: scalar("magnitude", say("重みの勾配の平均絶対値", "mean absolute gradient of the weights")),
    accuracy: scalar("probability", say("正解率", "accuracy")),
    recovered: scalar(
      "count",
      say("正解率 90 % までのステップ数（まだなら全ステップ）", "steps to 90 % accuracy (all, if never)"),
    ),
  },
  lanes: {
    mse: { label: say("平均二乗誤差", "mean squared error"), values: { loss: "mse" } },
    ce: { label: say("交差エントロピー", "cross-entropy"), values: { loss: "ce" } },
  },
  presets: {
    works: {
      label: say("確信のない初期値", "A start without conviction"),
      why: say("バイアス 0 なら、どちらも学べます。", "From a bias of 0 both learn."),
      values: { bias: 0 },
    },
    breaks: {
      label: say("とても強い確信", "Very sure"),
      why: say(
        "バイアス 8 では、二乗誤差の勾配がほぼ消えます。",
        "At a bias of 8 the squared error has next to no gradient.",
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
      probe: (z, target) => [meanGradient(model.weight), binaryAccuracy(z, target)],
    });
    const z = spaced(-8, 8, 81);
    let recovered = steps;
    return {
      steps,
      model,
      async step({ lr }, step) {
        optimizer.lr = lr;
        const { loss, probed } = await learn({ x, y });
        const [gradient, accuracy] = probed;
        if (accuracy >= 0.9) recovered = Math.min(recovered, step);
        return { loss, gradient, accuracy, recovered };
      },
      async look() {
        const logits = new Parameter(tensor(z, [z.length, 1]), { label: "z" });
        const each = losses[kind](logits, tensor(new Float32Array(z.length), [z.length, 1])).mul(z.length);
        each.backward();
        const slope = (await logits.grad?.data()) as Float32Array;
        const p = (await logits.sigmoid().reshape([-1]).data()) as Float32Array;
        const height =
          kind === "mse" ? p.map((v) => v * v) : ((await softplus(logits).reshape([-1]).data()) as Float32Array);
        return {
          accuracy: await binaryAccuracy(model.forward(x), y).item(),
          shapes: [
            { name: say("誤差", "loss"), x: z, y: height },
            { name: say("傾き（勾配）", "slope"), x: z, y: slope },
          ],
        };
      },
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
        const [mse, ce] = [run.lane("mse"), run.lane("ce")];
        if (ce.step === 0)
          return { outcome: "undecided", because: say("まだ学習していません。", "Nothing was learnt yet.") };
        const [a, b] = [mse.last("recovered"), ce.last("recovered")];
        const [g, h] = [mse.first("gradient"), ce.first("gradient")];
        return {
          outcome: b < 0.7 * a ? "holds" : "depends",
          prediction: b < 0.7 * a ? 1 : a < 0.7 * b ? 2 : 0,
          because: say(
            `正解率 90 % まで、二乗誤差は ${show(a)}、交差エントロピーは ${show(b)} ステップ。最初の勾配は ${show(g)} と ${show(h)} でした。`,
            `To 90 % accuracy the squared error took ${show(a)} steps, cross-entropy ${show(b)}. The first gradients were ${show(g)} and ${show(h)}.`,
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
