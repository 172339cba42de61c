/** 1.14 Minibatches: noise falls with the root of their size, workers can share them, and each may be learnt from once. */
import { SGD } from "../../optim/index.ts";
import { defineExperiment, type Experiment } from "../experiment.ts";
import { rateParam, untrained } from "../parts/common.ts";
import { cores, DataParallel, sharingProbes, workersParam } from "../parts/data-parallel.ts";
import { digitsTask, firstEpoch } from "../parts/digits-task.ts";
import { BatchGradients, noiseProbes } from "../parts/gradient-noise.ts";
import { choiceParam, integerParam } from "../parts/params.ts";
import { curves, scalar } from "../parts/probes.ts";
import { accuracyOf } from "../parts/supervised.ts";
import { graded, undecided } from "../parts/verdicts.ts";
import { say, show } from "../text.ts";

export const minibatch: Experiment = defineExperiment({
  id: "minibatch",
  row: "1.14",
  title: say("ミニバッチ勾配降下法と並列", "Minibatches, and learning in parallel"),
  question: say("一度に使う枚数を増やすと、何が変わるでしょうか？", "What do larger batches change?"),
  params: {
    batch: integerParam(64, say("ミニバッチの枚数", "digits in a batch"), { min: 1, max: 512 }),
    examples: integerParam(12_800, say("使う画像の延べ枚数", "digits seen in all"), { max: 64_000 }),
    workers: workersParam,
    lr: rateParam(0.1, 10),
    scaling: choiceParam("fixed", say("学習率の決め方", "how the rate is set"), {
      fixed: say("そのまま", "as it is"),
      linear: say("枚数に比例（64 枚が基準）", "by the batch size (64 is the base)"),
    }),
  },
  probes: {
    ...noiseProbes,
    bySeconds: curves("magnitude", say("損失と実際の時間", "loss by seconds"), {
      timed: true,
      axes: [say("秒", "seconds"), say("損失", "loss")],
    }),
    loss: scalar("magnitude", say("損失", "loss")),
    accuracy: scalar("probability", say("テスト正解率", "test accuracy")),
    speed: scalar("magnitude", say("1 秒あたりの枚数（このマシンで）", "digits per second, here"), { timed: true }),
    ...sharingProbes,
  },
  lanes: {
    small: { label: say("8 枚ずつ", "batches of 8"), values: { batch: 8 } },
    large: { label: say("256 枚ずつ", "batches of 256"), values: { batch: 256 } },
  },
  presets: {
    works: {
      label: say("学習率を枚数に合わせる", "The rate goes with the batch"),
      why: say("学習率が枚数に比例すれば、大きくても同じだけ進みます。", "In proportion, large batches come as far."),
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
    const gradients = new BatchGradients(parallel.model, digits.train, 1024);
    const curve: { x: number[]; y: number[] } = { x: [], y: [] };
    let seconds = 0;
    return {
      steps: Math.ceil(examples / batch),
      model: parallel.model,
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
          accuracy: await accuracyOf(parallel.model, digits.test.all()),
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
        const [of1, ofAll] = [speeds[0], speeds[speeds.length - 1]];
        const [noise8, , noise128] = Array.from(lane.last("noise").values);
        const trained = run.lanes.map((l) => (l.has("speed") ? show(Math.round(l.last("speed"))) : "–"));
        return {
          ...graded(isSame && ofAll > of1, isSame),
          because: say(
            `部分の平均と全体の勾配の差は、全体の長さの ${show(gap)} 倍。ワーカーの数で変わった値は ${differing} 個です。512 枚の勾配は、ワーカー 1 つで毎秒 ${show(of1)} 枚、${speeds.length} つで ${show(ofAll)} 枚（このマシンの論理コアは ${cores}）。枚数を 16 倍にすると、ばらつきは 1/${show(noise8 / noise128)}（√16 = 4）。学習は毎秒 ${trained.join(" と ")} 枚でした。`,
            `The mean of the parts differs from the whole by ${show(gap)} of its length; ${differing} numbers change with the workers. Gradients of 512 digits: ${show(of1)} digits per second with 1 worker, ${show(ofAll)} with ${speeds.length}; this machine has ${cores} logical cores. With 16 times as many digits noise fell to 1/${show(noise8 / noise128)}; √16 is 4. Training saw ${trained.join(" and ")} digits per second.`,
          ),
        };
      },
    },
    online: {
      sentence: say(
        "ミニバッチ勾配降下法：ランダムに分割したミニバッチ オンライン学習が可",
        "Minibatch gradient descent: batches at random; it can learn online.",
      ),
      predictions: [
        say("どの画像も 1 度しか使わなくても、損失は下がる", "the loss falls though each digit is used once"),
        say("大小どちらかのミニバッチでだけ下がる", "it falls in batches of one size only"),
        say("同じ画像を何度も使わないと下がらない", "it falls only where digits are used again"),
      ],
      verdict({ lanes }) {
        if (lanes.some((lane) => !lane.has("loss"))) return untrained;
        const ends = lanes.map((lane) => firstEpoch(lane.series("loss").values, lane.values.batch));
        const fell = ends.map(([first, last]) => last < 0.8 * first);
        const told = ends.map((pair) => pair.map(show).join(" → "));
        return {
          ...graded(fell.every(Boolean), fell.some(Boolean)),
          because: say(
            `1 周目の新しいミニバッチだけで見ると、学ぶ前に測った損失は ${told.join("、")} になりました。`,
            `In the first epoch, where all minibatches are new, their loss before they were learnt from went ${told.join(", ")}.`,
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
      "small.noise.0@0": [2, 5],
      "small.noise.2@0": [0.5, 1.3], // of 128 digits; noise.0 of 8
    },
    verdicts: { parallel: ["holds", "depends"], online: "holds" }, // a busy machine may save no time
  },
});
