/** 2.13 L2 (ridge): all weights shrink together; some of it helps, too much of it harms. */
import { stack } from "../../index.ts";
import { Linear } from "../../nn/index.ts";
import { defineExperiment, type Experiment } from "../experiment.ts";
import { rateParam, scalar, stepsParam } from "../parts/common.ts";
import { sineLearner, sineNet, sineTest, sineWorld } from "../parts/sine-world.ts";
import { say, show } from "../text.ts";

const pause = 50;

export const ridge: Experiment = defineExperiment({
  id: "ridge",
  row: "2.13",
  title: say("L2 正則化（リッジ）", "L2 regularization (ridge)"),
  question: say(
    "重みの 2 乗に罰を与えると、真の曲線に近づくでしょうか？強くするほどよいのでしょうか？",
    "Does a penalty on the squares of weights bring the curve closer to the truth? The more, the better?",
  ),
  params: {
    l2: {
      ...{ kind: "number", min: 0, max: 1, default: 0.01, scale: "log", hot: true },
      label: say("罰の強さ λ", "strength λ of the penalty"),
    },
    width: { kind: "integer", min: 1, max: 128, default: 64, label: say("各層のユニット数", "units in each layer") },
    points: { kind: "integer", min: 3, max: 300, default: 15, label: say("学習データの点", "points to learn from") },
    lr: rateParam(0.005),
    steps: stepsParam(4000),
  },
  probes: {
    curve: { form: "curves", kind: "signed", label: say("学んだ曲線", "the curve that was learnt") },
    trainError: scalar("magnitude", say("学習データの誤差（MSE）", "error on its points (MSE)")),
    testError: scalar("magnitude", say("真の曲線との誤差（MSE）", "error against the truth (MSE)")),
    weights: {
      form: "bars",
      kind: "magnitude",
      label: say("各層の重みの平均絶対値", "mean absolute weight of each layer"),
    },
    zeros: scalar("count", say("ちょうど 0 の重み", "weights that are exactly 0")),
  },
  lanes: {
    none: { label: say("λ = 0", "λ = 0"), values: { l2: 0 } },
    weak: { label: say("λ = 0.003", "λ = 0.003"), values: { l2: 0.003 } },
    strong: { label: say("λ = 0.1", "λ = 0.1"), values: { l2: 0.1 } },
  },
  presets: {
    works: {
      label: say("弱い罰", "A weak penalty"),
      why: say(
        "この強さなら、罰なしより真の曲線に近づきます。",
        "At this strength it is closer to the truth than without.",
      ),
      values: {},
    },
    breaks: {
      label: say("データが多いとき", "With many points"),
      why: say(
        "点が 300 個あれば過学習がないので、強い罰は邪魔なだけです。",
        "With 300 points nothing is overfitted, and a strong penalty only harms.",
      ),
      values: { points: 300 },
    },
  },
  setup({ width, points, lr, steps }, { seed }) {
    const world = sineWorld(seed, { count: points });
    const model = sineNet({ width, depth: 2 });
    const linears = [...model.modules().values()].filter((module) => module instanceof Linear);
    const { learn, set } = sineLearner(model, lr);
    return {
      steps,
      model,
      async step({ lr, l2 }, step) {
        set(lr, l2);
        const trainError = (await learn(world.train)).probed[0];
        return step % pause === 0 ? { trainError, testError: (await sineTest(model, world)).error } : { trainError };
      },
      async look() {
        const { curve, error } = await sineTest(model, world);
        const sizes = await stack(linears.map(({ weight }) => weight.abs().mean())).data();
        const exact = stack(linears.map(({ weight }) => weight.eq(0).int().sum())).sum();
        return {
          curve: [...world.lines, world.line(say("ネットワーク", "network"), curve)],
          testError: error,
          weights: {
            names: linears.map((_, i) => say(`第 ${i + 1} 層`, `layer ${i + 1}`)),
            values: sizes as Float32Array,
          },
          zeros: await exact.item(),
        };
      },
    };
  },
  claims: {
    restrains: {
      sentence: say(
        "誤差に正則化項を加算することで重みを抑制する",
        "A term added to the error keeps weights in check.",
      ),
      predictions: [
        say("強くするほど、真の曲線に近づく", "the stronger, the closer to the truth"),
        say("弱い罰はよく、強すぎると悪くなる（U 字）", "a weak one helps, a strong one harms: a U"),
        say("どの強さでも悪くなる", "it harms at any strength"),
      ],
      verdict(run) {
        const lanes = ["none", "weak", "strong"].map((id) => run.lane(id));
        if (lanes.some((lane) => lane.step === 0)) {
          return { outcome: "undecided", because: say("まだ学習していません。", "Nothing was learnt yet.") };
        }
        const [none, weak, strong] = lanes.map((lane) => lane.last("testError"));
        const sizes = [lanes[0], lanes[2]].map((lane) => Array.from(lane.last("weights").values)[1]);
        return {
          outcome: sizes[1] >= sizes[0] ? "fails" : weak < none && weak < strong ? "holds" : "depends",
          prediction: weak < none ? (strong < weak ? 0 : 1) : 2,
          because: say(
            `真の曲線との誤差は、λ の小さい順に ${show(none)}、${show(weak)}、${show(strong)}。第 2 層の重みは ${show(sizes[0])} から ${show(sizes[1])} に縮みました。`,
            `Error against the truth, from no λ to the strongest: ${show(none)}, ${show(weak)}, ${show(strong)}. The second layer's weights shrank from ${show(sizes[0])} to ${show(sizes[1])}.`,
          ),
        };
      },
    },
  },
  expect: {
    bands: {
      "none.testError": [0.2, 1],
      "weak.testError": [0.02, 0.3],
      "strong.testError": [0.2, 0.9],
      "strong.zeros": [0, 3],
    },
    verdicts: { restrains: "holds" },
  },
});
