/** 1.14 Minibatches: noise falls with the root of their size, and their parts can be computed at the same time. */
import { SGD } from "../../optim/index.ts";
import { defineExperiment, type Experiment } from "../experiment.ts";
import { rateParam } from "../parts/common.ts";
import { cores, DataParallel, speedsHelp, workersHelp } from "../parts/data-parallel.ts";
import { digitsTask } from "../parts/digits-task.ts";
import { BatchGradients } from "../parts/gradient-noise.ts";
import { choiceParam, integerParam } from "../parts/params.ts";
import { bars, curves, scalar } from "../parts/probes.ts";
import { accuracyOf } from "../parts/supervised.ts";
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
    workers: integerParam(2, say("ワーカーの数", "workers"), { min: 1, max: 4, hot: true, help: workersHelp }),
    lr: rateParam(0.1, 10),
    scaling: choiceParam("fixed", say("学習率の決め方", "how the rate is set"), {
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
    workerSpeeds: bars("magnitude", say("512 枚を分け合う速さ（枚/秒）", "512 digits shared: digits per second"), {
      timed: true,
      help: speedsHelp,
    }),
    partGap: scalar("magnitude", say("部分の勾配の平均と全体との差", "mean gradient of the parts against the whole")),
    differing: scalar(
      "count",
      say("ワーカーの数で変わった勾配の値", "gradients that another count of workers changes"),
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
  async setup({ batch, examples, lr, scaling }, context) {
    const digits = await digitsTask(context, { batchSize: batch, testCount: 1000 });
    const factor = scaling === "linear" ? batch / 64 : 1;
    const parallel = new DataParallel([784, 64, 10], (model) => new SGD(model.parameters(), { lr }));
    const { model } = parallel;
    const gradients = new BatchGradients(model, digits.train, 1024);
    const curve: { x: number[]; y: number[] } = { x: [], y: [] };
    let seconds = 0;
    return {
      steps: Math.ceil(examples / batch),
      model,
      async step({ lr, workers }, step) {
        const start = performance.now();
        const loss = await parallel.learn(digits.batch(step), { lr: lr * factor, workers });
        if (step > 1) seconds += (performance.now() - start) / 1000; // the first step compiles
        curve.x.push(seconds);
        curve.y.push(loss);
        return step > 1 ? { loss, speed: ((step - 1) * batch) / Math.max(seconds, 1e-6) } : { loss };
      },
      async look({ workers }) {
        return {
          ...(await gradients.noise(context.seed)),
          bySeconds: [{ name: say(`${batch} 枚ずつ`, `batches of ${batch}`), x: [...curve.x], y: [...curve.y] }],
          accuracy: await accuracyOf(model, digits.test.all()),
          throughput: await gradients.throughput(),
          ...(await parallel.share(digits.train.all(512), workers)),
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
        say("平均は全体の勾配と同じで、分け合うと速い", "the mean of the parts is the same, and sharing is faster"),
        say("平均は同じだが、速くはならない", "the mean is the same, but no time is saved"),
        say("分けると、少し違う方向になる", "in parts it goes another way"),
      ],
      verdict(run) {
        const [lane] = run.lanes;
        const speeds = Array.from(lane.last("workerSpeeds").values, Math.round);
        if (speeds.length < 2) return undecided("ワーカーが 2 つ以上で判定できます。", "It takes two workers or more.");
        const [gap, differing] = [lane.last("partGap"), lane.last("differing")];
        const isSame = gap < 1e-4 && differing === 0;
        const [few, , many] = Array.from(lane.last("noise").values);
        const trained = run.lanes.map((l) => (l.has("speed") ? show(Math.round(l.last("speed"))) : "–"));
        const [one, all, n] = [show(speeds[0]), show(speeds[speeds.length - 1]), speeds.length];
        return {
          ...graded(isSame && speeds[n - 1] > speeds[0], isSame),
          because: say(
            `部分の平均と全体の勾配の差は ${show(gap)}（丸め誤差）。ワーカーの数で変わった値は ${differing} 個です。512 枚の勾配は、ワーカー 1 つで毎秒 ${one} 枚、${n} つで ${all} 枚（このマシンの論理コアは ${cores}）。枚数を 16 倍にすると、ばらつきは 1/${show(few / many)}（√16 = 4）。学習は毎秒 ${trained.join(" と ")} 枚でした。`,
            `The mean of the parts differs by ${show(gap)} from the whole, which is rounding; ${differing} numbers change with the workers. Gradients of 512 digits: ${one} digits per second with 1 worker, ${all} with ${n}; this machine has ${cores} logical cores. With 16 times as many digits noise fell to 1/${show(few / many)}; √16 is 4. Training saw ${trained.join(" and ")} digits per second.`,
          ),
        };
      },
    },
  },
  expect: {
    bands: {
      "small.partGap": [0, 1e-4],
      "small.differing": [0, 0],
      "small.accuracy": [0.87, 0.98],
      "large.accuracy": [0.7, 0.95],
      "small.noise.0@0": [0.5, 5],
      "small.noise.2@0": [0.12, 1.3],
    },
    verdicts: { parallel: ["holds", "depends"] }, // a busy machine may save no time
  },
});
