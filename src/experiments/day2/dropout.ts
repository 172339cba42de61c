/** 2.15 Dropout: one network is many, and their mean misses the truth by less. */
import { defineExperiment, type Experiment } from "../experiment.ts";
import { rateParam, scalar, stepsParam } from "../parts/common.ts";
import { fan } from "../parts/dropout-fan.ts";
import { sineLearner, sineNet, sineTest, sineWorld } from "../parts/sine-world.ts";
import type { Line } from "../probe.ts";
import { say, show } from "../text.ts";

const pause = 20;

export const dropout: Experiment = defineExperiment({
  id: "dropout",
  row: "2.15",
  title: say("ドロップアウト", "Dropout"),
  question: say(
    "学習中にノードをランダムに消すと、なぜ過学習が減るのでしょうか？",
    "Why does it help to remove nodes at random while training?",
  ),
  params: {
    p: { kind: "number", min: 0, max: 0.9, default: 0.2, label: say("消す確率 p", "probability p of removal") },
    width: { kind: "integer", min: 1, max: 128, default: 64, label: say("各層のユニット数", "units in each layer") },
    samples: {
      kind: "integer",
      min: 2,
      max: 60,
      default: 30,
      label: say("部分ネットワークの数", "sub-networks drawn"),
    },
    points: { kind: "integer", min: 3, max: 300, default: 15, label: say("学習データの点", "points to learn from") },
    lr: rateParam(0.005),
    steps: stepsParam(4000),
  },
  probes: {
    curve: {
      form: "curves",
      kind: "signed",
      label: say("学んだ曲線（全ノード）", "the curve that was learnt, all nodes in"),
    },
    fan: {
      form: "curves",
      kind: "signed",
      label: say("部分ネットワークの曲線と平均", "curves of sub-networks, and their mean"),
      help: say(
        "ノードを消したまま推論すると、部分ネットワークが 1 つ選ばれます。平均は、全ノードを使った出力に近くなります。",
        "With nodes removed, one of the sub-networks answers. Their mean is near what all nodes together give.",
      ),
    },
    masks: {
      form: "matrix",
      kind: "count",
      label: say("部分ネットワークごとの、残ったユニット", "units that each sub-network has"),
    },
    trainError: scalar("magnitude", say("学習データの誤差（MSE）", "error on its points (MSE)")),
    testError: scalar("magnitude", say("真の曲線との誤差（MSE）", "error against the truth (MSE)")),
    single: scalar("magnitude", say("部分ネットワーク 1 つの誤差（平均）", "error of a sub-network, on average")),
    averaging: scalar(
      "magnitude",
      say("全ノードの出力と平均との差", "all nodes together, from the mean of sub-networks"),
    ),
  },
  lanes: {
    without: { label: say("ドロップアウトなし", "without dropout"), values: { p: 0 } },
    with: { label: say("p = 0.2", "p = 0.2"), values: { p: 0.2 } },
  },
  presets: {
    works: {
      label: say("p = 0.1", "p = 0.1"),
      why: say("少し消すだけでも、真の曲線に近づきます。", "Removing a few already brings it closer to the truth."),
      values: { p: 0.1 },
    },
    breaks: {
      label: say("小さなネットワークに p = 0.9", "p = 0.9 in a small network"),
      why: say("ほとんど消すと、何も学べません。", "With nearly all removed it learns next to nothing."),
      values: { p: 0.9, width: 8 },
    },
  },
  setup({ p, width, samples, points, lr, steps }, { seed }) {
    const world = sineWorld(seed, { count: points });
    const model = sineNet({ width, depth: 2, dropout: p });
    const { learn, set } = sineLearner(model, lr);
    return {
      steps,
      model,
      async step({ lr }, step) {
        set(lr, 0);
        const trainError = (await learn(world.train)).probed[0];
        return step % pause === 0 ? { trainError, testError: (await sineTest(model, world)).error } : { trainError };
      },
      async look() {
        const whole = await sineTest(model, world);
        const { curves, mean, single, masks } = await fan(model, world, samples);
        const thin = curves.map((y, i): Line => world.line(`#${i + 1}`, y));
        const distance = mean.reduce((sum, v, i) => sum + (v - whole.curve[i]) ** 2, 0) / mean.length;
        return {
          curve: [...world.lines, world.line(say("全ノード", "all nodes"), whole.curve)],
          fan: [...thin, world.line(say("平均", "mean"), mean)],
          ...(masks ? { masks } : {}),
          testError: whole.error,
          single,
          averaging: distance,
        };
      },
    };
  },
  claims: {
    helps: {
      sentence: say("ドロップアウト：ランダムにノードを削除する", "Dropout: removes nodes at random."),
      predictions: [
        say("学習データにも真の曲線にも近づく", "it fits both its points and the truth better"),
        say("学習データからは離れ、真の曲線に近づく", "it fits its points worse and the truth better"),
        say("どちらからも離れる", "it fits both worse"),
      ],
      verdict(run) {
        const [a, b] = [run.lane("without"), run.lane("with")];
        if (!a.has("trainError") || !b.has("trainError")) {
          return { outcome: "undecided", because: say("まだ学習していません。", "Nothing was learnt yet.") };
        }
        const [train, test] = [a, b]
          .map((lane) => [lane.last("trainError"), lane.last("testError")])
          .reduce(
            (pairs, [t, e]) => [
              [...pairs[0], t],
              [...pairs[1], e],
            ],
            [[], []] as [number[], number[]],
          );
        const isBetter = test[1] < test[0];
        return {
          outcome: isBetter ? "holds" : "fails",
          prediction: !isBetter ? 2 : train[1] < train[0] ? 0 : 1,
          because: say(
            `真の曲線との誤差は、なしで ${show(test[0])}、ありで ${show(test[1])}。全ノードの出力は、部分ネットワークの平均と ${show(b.last("averaging"))} しか違いません。`,
            `Error against the truth: ${show(test[0])} without, ${show(test[1])} with. All nodes together differ from the mean of sub-networks by ${show(b.last("averaging"))} only.`,
          ),
        };
      },
    },
  },
  expect: {
    bands: { "without.testError": [0.2, 1.2], "with.testError": [0.03, 0.35], "with.averaging": [0, 0.03] },
    verdicts: { helps: "holds" },
  },
});
