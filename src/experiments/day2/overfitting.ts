/** 2.10 A network with far more freedom than data goes through every point, and misses the truth between them. */
import { defineExperiment, type Experiment } from "../experiment.ts";
import { changed } from "../parts/common.ts";
import { EarlyStop, earlyStopParam } from "../parts/early-stop.ts";
import {
  gapProbe,
  overfitParams,
  overfitProbes,
  recipes,
  shrunk,
  sizeNames,
  sizeParam,
} from "../parts/overfit-settings.ts";
import { overfitTask } from "../parts/overfit-task.ts";
import { lanesBy } from "../parts/params.ts";
import { scalar } from "../parts/probes.ts";
import { undecided } from "../parts/verdicts.ts";
import { say, show } from "../text.ts";

export const overfitting: Experiment = defineExperiment({
  id: "overfitting",
  row: "2.10",
  title: say("過学習と自由度", "Overfitting and freedom"),
  question: say(
    "15 個の点しかないとき、大きなネットワークは本当の曲線を学べるでしょうか？",
    "With 15 points only, does a large network learn the curve behind them?",
  ),
  params: {
    ...overfitParams({ steps: 3000 }),
    size: sizeParam,
    earlyStop: earlyStopParam,
  },
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
        say("大きいほうが、新しいデータの誤差も小さい", "the large one's error on what is new is less too"),
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
        const gaps = [small.last("gap"), large.last("gap")];
        const errors = [large.last("trainError"), large.last("testError")];
        const isWorse = gaps[1] > 1.3 * gaps[0] && gaps[1] > 0.05;
        return {
          outcome: isWorse ? "holds" : Math.abs(gaps[1] - gaps[0]) < 0.05 ? "depends" : "fails",
          prediction: isWorse ? 1 : gaps[1] < gaps[0] - 0.05 ? 0 : 2,
          because: say(
            `大きいほうの誤差は、学習データで ${show(errors[0])}、新しいデータで ${show(errors[1])}。差は ${show(gaps[1])} で、小さいほうは ${show(gaps[0])} でした。`,
            `The large one's error is ${show(errors[0])} on its data and ${show(errors[1])} on what is new: a gap of ${show(gaps[1])}, where the small one's is ${show(gaps[0])}.`,
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
