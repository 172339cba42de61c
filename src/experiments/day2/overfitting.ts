/** 2.10 A network with far more freedom than data goes through every point, and misses the truth between them. */
import { defineExperiment, type Experiment } from "../experiment.ts";
import { rateParam, scalar, stepsParam } from "../parts/common.ts";
import { sineLearner, sineNet, sineTest, sineWorld } from "../parts/sine-world.ts";
import { say, show } from "../text.ts";

/** Steps between two measurements on the truth. */
const pause = 20;

export const overfitting: Experiment = defineExperiment({
  id: "overfitting",
  row: "2.10",
  title: say("過学習と自由度", "Overfitting and freedom"),
  question: say(
    "15 個の点しかないとき、大きなネットワークは本当の曲線を学べるでしょうか？",
    "With 15 points only, does a large network learn the curve behind them?",
  ),
  params: {
    width: { kind: "integer", min: 1, max: 128, default: 64, label: say("各層のユニット数", "units in each layer") },
    depth: { kind: "integer", min: 0, max: 4, default: 2, label: say("隠れ層の数", "hidden layers") },
    points: { kind: "integer", min: 3, max: 300, default: 15, label: say("学習データの点", "points to learn from") },
    noise: { kind: "number", min: 0, max: 1, default: 0.3, label: say("点のノイズ", "noise of the points") },
    lr: rateParam(0.005),
    steps: stepsParam(3000),
  },
  probes: {
    curve: { form: "curves", kind: "signed", label: say("学んだ曲線", "the curve that was learnt") },
    trainError: scalar("magnitude", say("学習データの誤差（MSE）", "error on its points (MSE)")),
    testError: scalar("magnitude", say("真の曲線との誤差（MSE）", "error against the truth (MSE)")),
    gap: {
      form: "scalar",
      kind: "signed",
      label: say("差（真の曲線 − 学習データ）", "the gap: truth minus its points"),
      help: say("過学習とは、この差が開くことです。", "Overfitting is that this gap opens."),
    },
    best: scalar("magnitude", say("早期終了なら（これまでの最小誤差）", "with early stopping: the least error so far")),
  },
  lanes: {
    small: { label: say("小さい（4 ユニット 1 層）", "small: 4 units, one layer"), values: { width: 4, depth: 1 } },
    large: { label: say("大きい（64 ユニット 2 層）", "large: 64 units, two layers"), values: { width: 64, depth: 2 } },
  },
  presets: {
    works: {
      label: say("データを増やす", "More data"),
      why: say(
        "点が 300 個あれば、大きなネットワークも過学習しません。",
        "With 300 points the large network does not overfit.",
      ),
      values: { points: 300 },
    },
    breaks: {
      label: say("点を減らす", "Fewer points"),
      why: say("点が 6 個では、間の曲線はでたらめになります。", "With 6 points what lies between them is arbitrary."),
      values: { points: 6 },
    },
    deep: {
      label: say("さらに深く", "Deeper still"),
      why: say("層を増やしても、点への当てはまりがよくなるだけです。", "More layers only fit the points better."),
      values: { depth: 4 },
    },
  },
  setup({ width, depth, points, noise, lr, steps }, { seed }) {
    const world = sineWorld(seed, { count: points, noise });
    const model = sineNet({ width, depth });
    const { learn, set } = sineLearner(model, lr);
    let [best, trainError] = [Number.POSITIVE_INFINITY, Number.NaN];
    const name = say("ネットワーク", "network");
    return {
      steps,
      model,
      async step({ lr }, step) {
        set(lr, 0);
        trainError = (await learn(world.train)).probed[0];
        if (step % pause !== 0) return { trainError };
        const { error } = await sineTest(model, world);
        best = Math.min(best, error);
        return { trainError, testError: error, gap: error - trainError, best };
      },
      async look() {
        const { curve } = await sineTest(model, world);
        return { curve: [...world.lines, world.line(name, curve)] };
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
        say("大きいほうが、真の曲線にも近い", "the large one is closer to the truth too"),
        say("大きいほうは、点には合うが真の曲線から離れる", "the large one fits its points and misses the truth"),
        say("どちらも同じ", "both do the same"),
      ],
      verdict(run) {
        const [small, large] = [run.lane("small"), run.lane("large")];
        if (!small.has("gap") || !large.has("gap")) return undecided;
        const gaps = [small.last("gap"), large.last("gap")];
        const errors = [large.last("trainError"), large.last("testError")];
        const isWorse = gaps[1] > 1.3 * gaps[0] && gaps[1] > 0.05;
        return {
          outcome: isWorse ? "holds" : Math.abs(gaps[1] - gaps[0]) < 0.05 ? "depends" : "fails",
          prediction: isWorse ? 1 : gaps[1] < gaps[0] - 0.05 ? 0 : 2,
          because: say(
            `大きいほうの誤差は、点では ${show(errors[0])}、真の曲線では ${show(errors[1])}。差は ${show(gaps[1])} で、小さいほうは ${show(gaps[0])} でした。`,
            `The large one's error is ${show(errors[0])} on its points and ${show(errors[1])} against the truth: a gap of ${show(gaps[1])}, where the small one's is ${show(gaps[0])}.`,
          ),
        };
      },
    },
  },
  expect: {
    bands: {
      "large.trainError": [0, 0.06],
      "large.testError": [0.1, 1.2],
      "large.best": [0.01, 0.2],
      "small.gap": [-0.1, 0.35],
    },
    verdicts: { freedom: ["holds", "depends"] },
  },
});

const undecided = {
  outcome: "undecided",
  because: say("まだ測っていません。", "Nothing was measured yet."),
} as const;
