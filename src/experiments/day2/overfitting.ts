/**
 * 2.10 Overfitting: on 15 noisy points of a sine, a network of 64 units in two layers goes through every point and misses the
 * truth between them; one of 4 units cannot. The claim is that too much freedom is the cause. It is judged by the gap between
 * the error on new data and that on what was learnt from: the large network's against the small one's.
 */
import { defineExperiment, type Experiment } from "../experiment.ts";
import { changed } from "../parts/common.ts";
import { EarlyStop, earlyStopParam } from "../parts/early-stop.ts";
import { gapProbe, overfitParams, overfitProbes, recipes } from "../parts/overfit-settings.ts";
import { overfitTask } from "../parts/overfit-task.ts";
import { lanesBy } from "../parts/params.ts";
import { scalar } from "../parts/probes.ts";
import { shrunk, sizeNames, sizeParam } from "../parts/two-sizes.ts";
import { undecided } from "../parts/verdicts.ts";
import { say, show } from "../text.ts";

const chance = 0.05; // what may lie between errors without meaning anything
const clearly = 1.3; // how many times the small network's gap the large one's has to be

export const overfitting: Experiment = defineExperiment({
  id: "overfitting",
  row: "2.10",
  title: say("過学習と自由度", "Overfitting and freedom"),
  question: say(
    "15 個の点しかないとき、大きなネットワークは本当の曲線を学べるでしょうか？",
    "With 15 points only, does a large network learn the curve behind them?",
  ),
  params: { ...overfitParams({ steps: 3000 }), size: sizeParam, earlyStop: earlyStopParam },
  probes: {
    ...overfitProbes,
    gap: gapProbe,
    best: scalar("magnitude", say("早期終了なら（これまでの最小誤差）", "with early stopping: the least error so far")),
  },
  lanes: lanesBy("size", sizeNames),
  presets: {
    course: {
      label: say("講座の演習（数字 300 枚）", "The course's exercise: 300 digits"),
      why: say(
        "784-100×6-10 は 300 枚をすべて覚えますが、新しい数字の約 2 割を読み間違えます。",
        "784-100×6-10 learns all 300 digits by heart, and misreads about a fifth of new ones.",
      ),
      values: recipes.digits,
    },
    "course-adam": {
      label: say("講座の [try]：最適化手法を Adam に", "The course's [try]: Adam"),
      why: say(
        "手法を替えても 300 枚をすべて覚え、新しい数字との差は残ります。",
        "With another optimizer it knows all 300 by heart too, and the gap stays.",
      ),
      values: { ...recipes.digits, optimizer: "adam", lr: 0.001 },
    },
    works: {
      label: say("データを増やす", "More data"),
      why: say(
        "点が 300 個あれば、大きなネットワークも過学習しません。",
        "With 300 points the large network does not overfit.",
      ),
      values: { points: 300 },
    },
    stopped: {
      label: say("早期終了", "Early stopping"),
      why: say(
        "止め時を選べば、大きなネットワークでも真の曲線の近くで止まります。",
        "Stopped in time, the large network stays near the truth.",
      ),
      values: { earlyStop: "on" },
    },
    breaks: {
      label: say("点を減らす", "Fewer points"),
      why: say(
        "6 個の点には合いますが、その間では真の曲線から外れます。",
        "It fits 6 points, and misses the truth between them.",
      ),
      values: { points: 6 },
    },
  },
  async setup(values, context) {
    const task = await overfitTask(values.size === "small" ? shrunk(values) : values, context);
    const stop = new EarlyStop<Measured>(task.model.parameters());
    return {
      steps: values.steps,
      model: task.model,
      async step({ lr, earlyStop }, step) {
        if (earlyStop === "on" && stop.best && stop.isOver) {
          stop.restore();
          return stop.best;
        }
        const { trainError, testError } = await task.step(step, { lr });
        if (testError === undefined) return { trainError };
        const best = Math.min(testError, stop.best?.testError ?? testError);
        const readings = { trainError, testError, gap: testError - trainError, best };
        await stop.note(testError, readings);
        return readings;
      },
      async look() {
        const { error, output } = await task.measure();
        return { testError: error, ...(await task.picture(output)) };
      },
    };
  },
  claims: {
    freedom: {
      sentence: say(
        "ネットワークの自由度(層数、ノード数、パラメータの値)が高すぎる、つまりNNが複雑すぎることが原因。",
        "The cause is that the network has too much freedom: layers, units, sizes of parameters; it is too complex.",
      ),
      predictions: [
        say("大きいほうが、新しいデータの誤差も小さい", "the large one's error on new data is less too"),
        say("大きいほうは、学習データにだけ合う", "the large one fits its data only"),
        say("どちらも同じ", "both do the same"),
      ],
      verdict(run) {
        const [small, large] = [run.lane("small"), run.lane("large")];
        const isFree = large.values.earlyStop === "off" && run.lanes.every((lane) => lane.has("gap"));
        if (!isFree || changed(overfitting, run.lanes)) {
          return undecided(
            "早期終了なしで大小を比べると判定できます。",
            "It takes both sizes, without early stopping.",
          );
        }
        const [smallGap, gap] = [small.last("gap"), large.last("gap")];
        const [onOwn, onNew] = [large.last("trainError"), large.last("testError")];
        const isWorse = gap > clearly * smallGap && gap > chance;
        const isBetter = onNew < small.last("testError") - chance;
        return {
          outcome: isWorse ? "holds" : Math.abs(gap - smallGap) < chance ? "depends" : "fails",
          prediction: isWorse ? 1 : isBetter ? 0 : 2,
          because: say(
            `大きいほうの誤差は、学習データで ${show(onOwn)}、新しいデータで ${show(onNew)}。差は ${show(gap)} で、小さいほうは ${show(smallGap)} でした。`,
            `The large one's error is ${show(onOwn)} on its data and ${show(onNew)} on new data: a gap of ${show(gap)}, where the small one's is ${show(smallGap)}.`,
          ),
        };
      },
    },
  },
  expect: {
    bands: {
      "large.trainError": [0, 0.02],
      "large.testError": [0.1, 0.7],
      "large.best": [0.01, 0.13],
      "small.gap": [-0.1, 0.3],
    },
    verdicts: { freedom: "holds" },
  },
});

type Measured = Readonly<Record<"trainError" | "testError" | "gap" | "best", number>>;
