/** 1.14 Minibatches: noise falls with the root of their size, and their parts can be computed at the same time. */
import { MLP } from "../../models/index.ts";
import { SGD } from "../../optim/index.ts";
import { defineExperiment, type Experiment } from "../experiment.ts";
import { rateParam, scalar } from "../parts/common.ts";
import { digitsTask } from "../parts/digits-task.ts";
import { noiseOf, shardDifference } from "../parts/gradient-noise.ts";
import { integerParam } from "../parts/params.ts";
import { accuracyOf, learner } from "../parts/supervised.ts";
import { say, show } from "../text.ts";

const sizes = [8, 32, 128, 512];

export const minibatch: Experiment = defineExperiment({
  id: "minibatch",
  row: "1.14",
  title: say("ミニバッチ勾配降下法と並列", "Minibatches, and learning in parallel"),
  question: say(
    "一度に使う枚数を増やすと、勾配と速さはどう変わるでしょうか？",
    "What do larger batches do to the gradient, and to the speed?",
  ),
  params: {
    batch: { kind: "integer", min: 1, max: 512, default: 64, label: say("ミニバッチの枚数", "digits in a batch") },
    examples: integerParam(12_800, say("使う画像の延べ枚数", "digits seen in all"), { min: 512, max: 64_000 }),
    shards: {
      ...{ kind: "choice", options: ["1", "2", "4"], default: "4" },
      label: say("バッチを分ける数", "parts of a batch"),
    },
    lr: rateParam(0.1, 10),
    scaling: {
      ...{ kind: "choice", options: ["fixed", "linear"], default: "fixed", label: say("学習率", "the rate") },
      names: {
        fixed: say("そのまま", "as it is"),
        linear: say("枚数に比例（64 枚が基準）", "by the batch size (64 is the base)"),
      },
    },
  },
  probes: {
    noise: {
      ...{ form: "bars", kind: "magnitude" },
      label: say("枚数ごとの勾配のばらつき", "noise of the gradient by batch size"),
    },
    cloud: {
      ...{ form: "curves", kind: "signed", label: say("ミニバッチの勾配", "gradients of minibatches") },
      axes: [say("全体の勾配の向き", "along the gradient of all"), say("それと直角の向き", "across it")],
    },
    bySeconds: {
      ...{ form: "curves", kind: "magnitude", timed: true },
      label: say("損失と実際の時間", "loss by seconds"),
      axes: [say("秒", "seconds"), say("損失", "loss")],
    },
    loss: scalar("magnitude", say("損失", "loss")),
    accuracy: scalar("probability", say("テスト正解率", "test accuracy")),
    speed: { ...scalar("magnitude", say("1 秒あたりの枚数（このマシンで）", "digits per second, here")), timed: true },
    shardGap: scalar(
      "magnitude",
      say("分けて計算した勾配の平均との差", "mean gradient of the parts against that of the whole"),
    ),
  },
  lanes: {
    small: { label: say("8 枚ずつ", "batches of 8"), values: { batch: 8 } },
    large: { label: say("256 枚ずつ", "batches of 256"), values: { batch: 256 } },
  },
  presets: {
    works: {
      label: say("学習率を枚数に合わせる", "The rate goes with the batch"),
      why: say(
        "学習率を枚数に比例させると、大きなバッチも同じだけ進みます。",
        "With a rate in proportion, large batches come as far.",
      ),
      values: { scaling: "linear", lr: 0.05 },
    },
    breaks: {
      label: say("高すぎる学習率", "A rate that is too high"),
      why: say("8 枚ずつでは、学習率 2 で損失が暴れます。", "In batches of 8 a rate of 2 makes the loss jump."),
      values: { lr: 2 },
    },
  },
  async setup({ batch, examples, shards, lr, scaling }, context) {
    const digits = await digitsTask(context, { batchSize: batch, testCount: 1000 });
    const model = new MLP([784, 64, 10]);
    const optimizer = new SGD(model.parameters(), { lr });
    const learn = learner(model, optimizer);
    const all = digits.train.all(2048);
    const curve: { x: number[]; y: number[] } = { x: [], y: [] };
    let seconds = 0;
    const steps = Math.ceil(examples / batch);
    return {
      steps,
      model,
      async step({ lr }, step) {
        optimizer.lr = scaling === "linear" ? (lr * batch) / 64 : lr;
        const start = performance.now();
        const { loss } = await learn(digits.batch(step));
        if (step > 1) seconds += (performance.now() - start) / 1000; // the first step compiles
        curve.x.push(seconds);
        curve.y.push(loss);
        return step > 1 ? { loss, speed: ((step - 1) * batch) / Math.max(seconds, 1e-6) } : { loss };
      },
      async look() {
        const name = say(`${batch} 枚ずつ`, `batches of ${batch}`);
        const noise = await noiseOf(model, all, sizes);
        return {
          noise: { names: sizes.map((size) => say(`${size} 枚`, `${size} digits`)), values: noise.sizes },
          cloud: noise.cloud,
          bySeconds: [{ name, x: [...curve.x], y: [...curve.y] }],
          accuracy: await accuracyOf(model, digits.test.all()),
          shardGap: await shardDifference(model, digits.train.all(64), Number(shards)),
        };
      },
    };
  },
  claims: {
    parallel: {
      sentence: say(
        "ミニバッチ勾配降下法：ランダムに分割したミニバッチ バッチを同時並行で学習可",
        "Minibatch gradient descent: batches at random, which can be learnt at the same time.",
      ),
      predictions: [
        say("分けて計算した勾配の平均は、全体の勾配と同じ", "the mean of the parts is the gradient of the whole"),
        say("分けると、少し違う方向になる", "in parts it goes another way"),
      ],
      verdict(run) {
        const lane = run.lanes[0];
        const gap = lane.last("shardGap");
        const noise = Array.from(lane.last("noise").values);
        const fall = noise[0] / noise[2]; // 16 times as many: a root of 4
        return {
          outcome: gap < 1e-4 ? "holds" : "fails",
          prediction: gap < 1e-4 ? 0 : 1,
          because: say(
            `分けた勾配の平均との差は ${show(gap)}（丸め誤差）。枚数を 16 倍にすると、ばらつきは 1/${show(fall)} になりました（√16 = 4）。`,
            `The mean of the parts differs by ${show(gap)}, which is rounding. With 16 times as many digits the noise fell to 1/${show(fall)}; √16 is 4.`,
          ),
        };
      },
    },
  },
  expect: {
    bands: {
      "small.shardGap": [0, 1e-4],
      "small.accuracy": [0.87, 0.98],
      "large.accuracy": [0.7, 0.95],
      "small.noise.0@0": [0.1, 5],
    },
    verdicts: { parallel: "holds" },
  },
});
