/**
 * 1.2 Four ways to learn, in each of the 256 worlds that three yes-or-no questions make: on cases that were not seen, none
 * is better than the others over all worlds (Wolpert 1996); over some of them, one is. A lane is a learner. The claim is judged
 * by whether their mean accuracies over all worlds are equal, and whether another one is best if worlds are of another kind.
 */
import { permutation } from "../../data/index.ts";
import { defineExperiment, type Experiment } from "../experiment.ts";
import { booleanLearners, learnerNames } from "../parts/boolean-learners.ts";
import { byFlips, cube, kindNames, ofKinds, scoreOf, truths, worldKinds } from "../parts/boolean-score.ts";
import { rateParam, stepsParam, untrained } from "../parts/common.ts";
import { choiceParam, integerParam, lanesBy } from "../parts/params.ts";
import { bars, histograms, matrix, scalar } from "../parts/probes.ts";
import { say, show } from "../text.ts";

const kinds = Object.values(worldKinds);

export const noFreeLunch: Experiment = defineExperiment({
  id: "no-free-lunch",
  row: "1.2",
  title: say("ノーフリーランチ定理", "The no free lunch theorem"),
  question: say(
    "3 つの Yes/No から答えが決まる世界は 256 通り。全部の世界で学習させたとき、見ていない場合の正解率が最も高いのは？",
    "Three yes-or-no questions make 256 worlds. Over all of them, who answers unseen cases best?",
  ),
  params: {
    learner: choiceParam("mlp", say("学習器", "learner"), learnerNames),
    corners: integerParam(6, say("訓練に使う頂点の数", "corners learnt from"), { min: 1, max: 7 }),
    worlds: choiceParam("all", say("住んでいる世界", "the worlds we may live in"), kindNames, { hot: true }),
    hidden: integerParam(8, say("隠れユニット数", "hidden units"), { min: 1, max: 32 }),
    lr: rateParam(0.1),
    steps: stepsParam(200, 2000),
  },
  probes: {
    accuracy: scalar(
      "probability",
      say("未知の頂点の正解率（選んだ世界）", "accuracy on unseen corners, chosen worlds"),
    ),
    seenAccuracy: scalar("probability", say("訓練した頂点の正解率", "accuracy on seen corners")),
    kinds: bars("probability", say("世界の種類ごとの正解率", "accuracy by kind of world")),
    byFlips: bars("probability", say("答えが変わる辺の数ごとの正解率", "accuracy by the number of edges with a flip")),
    mosaic: matrix("probability", say("256 の世界", "256 worlds")),
    spread: histograms("count", say("正解率の分布", "how accuracies are distributed")),
    loss: scalar("magnitude", say("損失（256 個の平均）", "loss, over 256 networks")),
  },
  lanes: lanesBy("learner", learnerNames),
  presets: {
    works: {
      label: say("MLP が得意な世界", "Where the MLP wins"),
      why: say(
        "線形分離可能な 104 の世界に限れば、MLP は 5 割を大きく超えます。",
        "In the 104 linearly separable worlds, the MLP is far above one half.",
      ),
      values: { worlds: "separable" },
    },
    breaks: {
      label: say("MLP が苦手な世界", "Where it loses"),
      why: say(
        "パリティに近い世界では、MLP の逆を答えるほうが当たります。",
        "In parity-like worlds, the opposite of what the MLP says is the better answer.",
      ),
      values: { worlds: "parity" },
    },
  },
  setup({ learner, corners: count, hidden, steps }, { seed }) {
    const seen = Array.from(permutation(8, seed).subarray(0, count));
    const unseen = cube.flatMap((_, i) => (seen.includes(i) ? [] : [i]));
    const { learn, answer } = booleanLearners[learner]({ cases: cube, truths, seen, hidden });
    return {
      steps: learn ? steps : 0,
      step: async ({ lr }) => ({ loss: (await learn?.(lr)) ?? 0 }),
      async look({ worlds }) {
        const says = await answer();
        const score = scoreOf(says, unseen);
        const { name, has } = worldKinds[worlds];
        const half = 0.5 / unseen.length; // of a bin: 0, 1, … of the unseen cases can be right
        return {
          accuracy: score.mean(has),
          seenAccuracy: scoreOf(says, seen).mean(worldKinds.all.has),
          kinds: { names: kinds.map((kind) => kind.name), values: kinds.map((kind) => score.mean(kind.has)) },
          byFlips: byFlips(score),
          mosaic: { rows: 16, cols: 16, values: score.perWorld },
          spread: [{ name, from: -half, to: 1 + half, counts: score.counts(has) }],
        };
      },
    };
  },
  claims: {
    noFreeLunch: {
      sentence: say(
        "ノーフリーランチ定理：「あらゆる問題に対して性能の良い汎用最適化戦略は存在しない」",
        "No free lunch: no general strategy does well on all problems.",
      ),
      predictions: [
        say("MLP が平均でいちばん良い", "the MLP is best on average"),
        say("平均はどれもまったく同じ", "all averages are exactly the same"),
        say("「あまのじゃく」が平均でいちばん悪い", "the anti-MLP is worst on average"),
      ],
      verdict({ lanes }) {
        if (lanes.every(({ step }) => step === 0)) return untrained;
        const means = lanes.map((lane) => ofKinds(lane.last("kinds").values));
        const all = means.map((mean) => mean.all);
        const separable = means.map((mean) => mean.separable);
        const parity = means.map((mean) => mean.parity);
        const isEqual = all.every((mean) => mean === all[0]);
        const best = (of: readonly number[]): number => of.indexOf(Math.max(...of));
        const [s, p] = [best(separable), best(parity)];
        // Each is the best in worlds where the other is not.
        const isTurned = separable[p] < separable[s] && parity[s] < parity[p];
        const [one, other] = [s, p].map((lane) => learnerNames[lanes[lane].values.learner]);
        return {
          outcome: !isEqual ? "fails" : isTurned ? "holds" : "undecided",
          ...(isEqual && !isTurned ? {} : { prediction: isEqual ? 1 : best(all) === 0 ? 0 : 2 }),
          because: say(
            `全 256 世界の平均は ${all.join("、")}。最も良いのは、線形分離可能な世界では${one.ja} ${show(separable[s])}、パリティに近い世界では${other.ja} ${show(parity[p])} でした。`,
            `Over all 256 worlds the means were ${all.join(", ")}. Best in separable worlds: ${one.en}, ${show(separable[s])}; in parity-like ones: ${other.en}, ${show(parity[p])}.`,
          ),
        };
      },
    },
  },
  expect: {
    // kinds.0: all worlds, kinds.1: those that are linearly separable, kinds.3: those like parity.
    bands: {
      "mlp.seenAccuracy": [1, 1],
      "mlp.kinds.0": [0.5, 0.5],
      "nearest.kinds.0": [0.5, 0.5],
      "majority.kinds.0": [0.5, 0.5],
      "anti.kinds.0": [0.5, 0.5],
      "mlp.kinds.1": [0.68, 0.7],
      "anti.kinds.1": [0.3, 0.32],
      "anti.kinds.3": [0.6, 0.75],
    },
    verdicts: { noFreeLunch: "holds" },
  },
});
