/** 1.14 Minibatches: noise falls with the root of their size, and their parts can be computed at the same time. */
import { MLP } from "../../models/index.ts";
import { SGD } from "../../optim/index.ts";
import { defineExperiment, type Experiment } from "../experiment.ts";
import { rateParam } from "../parts/common.ts";
import { digitsTask } from "../parts/digits-task.ts";
import { BatchGradients } from "../parts/gradient-noise.ts";
import { choiceParam, integerParam } from "../parts/params.ts";
import { bars, curves, scalar } from "../parts/probes.ts";
import { accuracyOf, learner } from "../parts/supervised.ts";
import { graded, undecided } from "../parts/verdicts.ts";
import { say, show } from "../text.ts";

export const minibatch: Experiment = defineExperiment({
  id: "minibatch",
  row: "1.14",
  title: say("ミニバッチ勾配降下法と並列", "Minibatches, and learning in parallel"),
  question: say(
    "一度に使う枚数を増やすと、勾配と速さはどう変わるでしょうか？",
    "What do larger batches do to the gradient, and to the speed?",
  ),
  params: {
    batch: integerParam(64, say("ミニバッチの枚数", "digits in a batch"), { min: 1, max: 512 }),
    examples: integerParam(12_800, say("使う画像の延べ枚数", "digits seen in all"), { max: 64_000 }),
    shards: integerParam(4, say("バッチを分ける数", "parts of a batch"), { min: 1, max: 4 }),
    lr: rateParam(0.1, 10),
    scaling: choiceParam("fixed", say("学習率", "the rate"), {
      fixed: say("そのまま", "as it is"),
      linear: say("枚数に比例（64 枚が基準）", "by the batch size (64 is the base)"),
    }),
  },
  probes: {
    noise: bars("magnitude", say("枚数ごとの勾配のばらつき", "noise of the gradient by batch size"), {
      help: say(
        "全体の勾配からのずれ（RMS）を、全体の勾配の長さで割ったものです。",
        "How far off the gradient of all it is, root mean square, as a part of that one's length.",
      ),
    }),
    cloud: curves("signed", say("ミニバッチの勾配の散らばり", "how gradients of minibatches scatter"), {
      axes: [say("全体の勾配の向き", "along the gradient of all"), say("直交する向き", "across it")],
    }),
    bySeconds: curves("magnitude", say("損失と実際の時間", "loss by seconds"), {
      ...{ timed: true, axes: [say("秒", "seconds"), say("損失", "loss")] },
    }),
    loss: scalar("magnitude", say("損失", "loss")),
    accuracy: scalar("probability", say("テスト正解率", "test accuracy")),
    speed: scalar("magnitude", say("1 秒あたりの枚数（このマシンで）", "digits per second, here"), { timed: true }),
    throughput: bars("magnitude", say("枚数ごとの 1 秒あたりの枚数", "digits per second by batch size"), {
      timed: true,
    }),
    shardGap: scalar("magnitude", say("分けた勾配の平均と全体との差", "mean gradient of the parts against the whole")),
    shardSeconds: bars("magnitude", say("512 枚と、分けた各部分の秒数", "seconds of 512 digits, and of each part"), {
      timed: true,
    }),
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
    const gradients = new BatchGradients(model, digits.train, 1024);
    const curve: { x: number[]; y: number[] } = { x: [], y: [] };
    let seconds = 0;
    return {
      steps: Math.ceil(examples / batch),
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
        const parts = await gradients.parts(512, shards);
        return {
          ...(await gradients.noise(context.seed)),
          bySeconds: [{ name: say(`${batch} 枚ずつ`, `batches of ${batch}`), x: [...curve.x], y: [...curve.y] }],
          accuracy: await accuracyOf(model, digits.test.all()),
          throughput: await gradients.throughput(),
          ...{ shardGap: parts.gap, shardSeconds: parts.seconds },
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
        say("平均は全体の勾配と同じで、1 つ分の時間は短い", "their mean is the same, and each takes less time"),
        say("平均は同じだが、時間は変わらない", "their mean is the same, but no time is saved"),
        say("分けると、少し違う方向になる", "in parts it goes another way"),
      ],
      verdict(run) {
        const [lane] = run.lanes;
        if (lane.values.shards < 2) return undecided("2 つ以上に分けると判定できます。", "It takes two parts or more.");
        const gap = lane.last("shardGap");
        const [whole, ...parts] = Array.from(lane.last("shardSeconds").values, (s) => 1000 * s);
        const slowest = Math.max(...parts);
        const [few, , many] = Array.from(lane.last("noise").values);
        const speeds = run.lanes.map((l) => (l.has("speed") ? show(Math.round(l.last("speed"))) : "–"));
        return {
          ...graded(gap < 1e-4 && slowest < whole, gap < 1e-4),
          because: say(
            `分けた勾配の平均との差は ${show(gap)}（丸め誤差）。全体は ${show(whole)} ms、いちばん遅い部分は ${show(slowest)} ms。枚数を 16 倍にすると、ばらつきは 1/${show(few / many)}（√16 = 4）。学習は毎秒 ${speeds.join(" と ")} 枚でした。`,
            `The mean of the parts differs by ${show(gap)}, which is rounding. The whole took ${show(whole)} ms, the slowest part ${show(slowest)} ms. With 16 times as many digits noise fell to 1/${show(few / many)}; √16 is 4. Training saw ${speeds.join(" and ")} digits per second.`,
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
      "small.noise.0@0": [0.5, 5],
      "small.noise.2@0": [0.12, 1.3],
    },
    verdicts: { parallel: ["holds", "depends"] }, // a busy machine may save no time
  },
});
