/**
 * 2.3 Xavier's initial weights (Glorot & Bengio 2010; `init.xavierNormal`): a deviation of about √(1/n) for n inputs, so that
 * what a layer gives varies as much as what it gets. The claim is that they suit S-shaped activations. It is judged before
 * training, by how much of the difference between digits is left after the last hidden layer: of tanh, and of sigmoids.
 */
import { defineExperiment, type Experiment } from "../experiment.ts";
import { activationNames } from "../parts/activations.ts";
import { changed } from "../parts/common.ts";
import { equalWidths } from "../parts/digit-network.ts";
import { keptBy, signalParams, signalProbes, signalSession } from "../parts/signal.ts";
import { graded, undecided } from "../parts/verdicts.ts";
import { percent, say, show } from "../text.ts";

/** What part of the first layer's signal has to be left in the last. By default 0.7 is with tanh, 0.003 with sigmoids. */
const enough = 0.2;

export const xavier: Experiment = defineExperiment({
  id: "xavier",
  row: "2.3",
  title: say("Xavier の初期値", "Xavier's initial weights"),
  question: say(
    "重みの標準偏差をいくつにすれば、出力のばらつきがどの層でも同じになるでしょうか？",
    "Which standard deviation of the weights makes the outputs of all layers vary alike?",
  ),
  params: signalParams({ hidden: equalWidths(5, 100), activation: "tanh", lr: 0.1, steps: 300 }),
  probes: signalProbes("√(1/n)"),
  lanes: {
    small: { label: say("小さな初期値", "small weights"), values: { weights: "gaussian", std: 0.01 } },
    xavier: { label: say("Xavier", "Xavier's"), values: { weights: "xavier" } },
    sigmoid: {
      label: say("シグモイドと Xavier", "Xavier's, sigmoids"),
      values: { activation: "sigmoid", weights: "xavier" },
    },
    large: { label: say("大きな初期値", "large weights"), values: { weights: "gaussian", std: 1 } },
  },
  presets: {
    course: {
      label: say("講座の設定", "The course's setting"),
      why: say(
        "784-40-20-10、シグモイド、2000 ステップ。2 層なら Xavier のシグモイドも学習しますが、小さな初期値では学習しません。",
        "784-40-20-10 with sigmoids for 2,000 steps: they learn from Xavier's weights, and not from small ones.",
      ),
      values: { hidden: [40, 20], activation: "sigmoid", steps: 2000 },
    },
    "course-mnist": {
      label: say("講座の MNIST サンプル", "The course's MNIST sample"),
      why: say(
        "784-40-10 の ReLU を 1000 ステップ。隠れ層が 1 つなら、小さな初期値でも Xavier に近い正解率になります。",
        "784-40-10 with ReLU for 1,000 steps: with one hidden layer small weights come close to Xavier's accuracy.",
      ),
      values: { hidden: [40], activation: "relu", steps: 1000 },
    },
    "course-swapped": {
      label: say("講座の [try]：ReLU に Xavier", "The course's [try]: ReLU with Xavier's"),
      why: say(
        "784-40-20-10 の ReLU に Xavier。2 層なら He と同じくらい（約 93 %）学習します。",
        "784-40-20-10, ReLU with Xavier's weights: in two layers it learns as well as with He's, about 93 %.",
      ),
      values: { hidden: [40, 20], activation: "relu", steps: 2000 },
    },
    works: {
      label: say("深い tanh", "Deep, with tanh"),
      why: say(
        "10 層でも、Xavier の tanh は信号を最後の層まで伝えて学習します。",
        "With ten layers of tanh and Xavier's weights the signal still comes through, and they learn.",
      ),
      values: { hidden: equalWidths(10, 100) },
    },
    breaks: {
      label: say("ReLU に使う", "With ReLU"),
      why: say(
        "ReLU に Xavier を使うと、学習前の信号は層を通るたびに小さくなっていきます。",
        "Before training, the signal from Xavier's weights gets smaller at every layer of ReLU.",
      ),
      values: { hidden: equalWidths(10, 100), activation: "relu" },
    },
  },
  setup: (values, context) => signalSession("xavier", values, { context, advised: (inputs) => Math.sqrt(1 / inputs) }),
  claims: {
    curve: {
      sentence: say(
        "例１　Xavier（ザビエル）：S字カーブの活性化関数に使う",
        "Example 1: Xavier's, for S-shaped activations.",
      ),
      predictions: [
        say("tanh でもシグモイドでも信号が保たれる", "the signal comes through tanh and sigmoids alike"),
        say("どちらか一方でだけ保たれる", "it comes through one of them only"),
        say("どちらでも保たれない", "it comes through neither"),
      ],
      verdict(run) {
        const lanes = [run.lane("xavier"), run.lane("sigmoid")];
        const other = changed(xavier, [...lanes, run.lane("small")]);
        if (other) return other;
        if (lanes.some(({ values }) => values.activation === "relu" || values.hidden.length < 3)) {
          return undecided(
            "S 字カーブで 3 層以上あると判定できます。",
            "It takes S-shaped activations, and three layers.",
          );
        }
        const kept = lanes.map((lane) => keptBy(lane, "signal"));
        const isKept = kept.map((part) => part > enough);
        const [first, second] = lanes.map((lane, i) => {
          const { ja, en } = activationNames[lane.values.activation];
          const accuracy = percent(lane.last("accuracy"));
          return say(
            `${ja} で ${show(kept[i])} 倍（学習後の正解率 ${accuracy}）`,
            `${show(kept[i])} with ${en} (accuracy after it ${accuracy})`,
          );
        });
        const small = show(keptBy(run.lane("small"), "signal"));
        return {
          ...graded(isKept.every(Boolean), isKept.some(Boolean)),
          because: say(
            `学習前、第 1 層の信号のうち最後の隠れ層に残ったのは、${first.ja}、${second.ja}でした。小さな初期値では ${small} 倍です。`,
            `Before training, of the signal in layer 1 the last hidden layer had ${first.en} and ${second.en}; from small weights ${small}.`,
          ),
        };
      },
    },
  },
  expect: {
    bands: {
      "small.signal.-1@0": [1e-6, 5e-5],
      "xavier.signal.-1@0": [0.12, 0.3],
      "xavier.spread.-1@0": [0.2, 0.35],
      "sigmoid.spread.-1@0": [0.08, 0.14],
      "sigmoid.signal.-1@0": [1e-4, 6e-4],
      "large.spread.-1@0": [0.9, 1],
      "small.accuracy": [0.08, 0.15],
      "sigmoid.accuracy": [0.08, 0.2],
      "xavier.accuracy": [0.86, 0.93],
    },
    verdicts: { curve: "depends" },
  },
});
