/**
 * 2.4 He's initial weights (He et al. 2015; `init.kaimingNormal`): ReLU turns half of a signal off, and twice the variance,
 * 2/n for n inputs, makes up for it. The report only names them, as an example of random weights; the claim that is judged is
 * what they are for: before training, the last hidden layer's outputs vary as much as the first's, and not with Xavier's.
 */
import { defineExperiment, type Experiment } from "../experiment.ts";
import { changed } from "../parts/common.ts";
import { equalWidths } from "../parts/digit-network.ts";
import { keptBy, signalParams, signalProbes, signalSession } from "../parts/signal.ts";
import { graded, undecided } from "../parts/verdicts.ts";
import { percent, say, show } from "../text.ts";

/** Between which multiples of the first layer's deviation the last one's has to be: by default He's is near 1, Xavier's 0.08. */
const [least, most] = [1 / 3, 3];

export const he: Experiment = defineExperiment({
  id: "he",
  row: "2.4",
  title: say("He の初期値", "He's initial weights"),
  question: say(
    "ReLU は信号の半分を 0 にします。重みの分散をどれだけ増やせば釣り合うでしょうか？",
    "ReLU cuts half of a signal away. How much more variance do the weights need to make up for it?",
  ),
  params: signalParams({ hidden: equalWidths(8, 100), activation: "relu", lr: 0.1, steps: 300 }),
  probes: signalProbes("√(2/n)"),
  lanes: {
    xavier: { label: say("Xavier", "Xavier's"), values: { weights: "xavier" } },
    he: { label: say("He", "He's"), values: { weights: "he" } },
    own: { label: say("自分で決めた標準偏差", "your own deviation"), values: { weights: "gaussian", std: 0.01 } },
  },
  presets: {
    course: {
      label: say("講座の設定", "The course's setting"),
      why: say(
        "784-40-20-10 を 2000 ステップ。隠れ層が 2 つでは、He と Xavier の正解率はほとんど変わりません。",
        "784-40-20-10 for 2,000 steps: with two hidden layers He's weights and Xavier's hardly differ in accuracy.",
      ),
      values: { hidden: [40, 20], steps: 2000 },
    },
    "course-mnist": {
      label: say("講座の MNIST サンプル", "The course's MNIST sample"),
      why: say(
        "784-40-10 を 1000 ステップ。隠れ層が 1 つなら、どの初期値でも約 9 割になります。",
        "784-40-10 for 1,000 steps: with one hidden layer all of these weights come to about 90 %.",
      ),
      values: { hidden: [40], steps: 1000 },
    },
    "course-swapped": {
      label: say("講座の [try]：シグモイドに He", "The course's [try]: sigmoids with He's"),
      why: say(
        "784-40-20-10 のシグモイドに He。2 層なら Xavier と変わらず（約 88 %）、小さな初期値では学習しません。",
        "784-40-20-10, sigmoids with He's weights: in two layers about 88 %, as with Xavier's; from small weights nothing.",
      ),
      values: { hidden: [40, 20], activation: "sigmoid", steps: 2000 },
    },
    works: {
      label: say("10 層", "Ten layers"),
      why: say(
        "10 層でも、He なら出力のばらつきは小さくなりません。",
        "Even after ten layers the outputs vary as much with He's weights.",
      ),
      values: { hidden: equalWidths(10, 100) },
    },
    breaks: {
      label: say("シグモイドに使う", "With sigmoids"),
      why: say(
        "シグモイドに使うと信号は層ごとに小さくなり、学習しません。",
        "With sigmoids the signal gets smaller at every layer, and nothing is learnt.",
      ),
      values: { activation: "sigmoid" },
    },
  },
  setup: (values, context) => signalSession("he", values, { context, advised: (inputs) => Math.sqrt(2 / inputs) }),
  claims: {
    relu: {
      sentence: say("乱数を使って初期化する。例２　He", "Weights are initialized at random. Example 2: He's."),
      predictions: [
        say("He はばらつきを保ち、Xavier は保たない", "He's keep the deviation, and Xavier's do not"),
        say("どちらも保つ", "both keep it"),
        say("He も保たない", "He's do not keep it either"),
      ],
      verdict(run) {
        const lanes = [run.lane("xavier"), run.lane("he")];
        const other = changed(he, lanes);
        if (other) return other;
        const { activation, hidden } = lanes[1].values;
        if (activation !== "relu" || hidden.length < 4) {
          return undecided("ReLU を 4 層以上で使うと判定できます。", "It takes ReLU, and four hidden layers.");
        }
        const [byXavier, byHe] = lanes.map((lane) => keptBy(lane, "spread"));
        const isKept = (part: number): boolean => least < part && part < most;
        const [accuracyXavier, accuracyHe] = lanes.map((lane) => percent(lane.last("accuracy")));
        return {
          ...graded(isKept(byHe) && !isKept(byXavier), isKept(byHe)),
          because: say(
            `学習前、最後の隠れ層の出力のばらつきは、第 1 層に比べて He で ${show(byHe)} 倍（学習後の正解率 ${accuracyHe}）、Xavier で ${show(byXavier)} 倍（${accuracyXavier}）でした。`,
            `Before training, the last hidden layer's outputs varied ${show(byHe)} times as much as the first's with He's weights (accuracy after it ${accuracyHe}), ${show(byXavier)} times with Xavier's (${accuracyXavier}).`,
          ),
        };
      },
    },
  },
  expect: {
    bands: {
      "he.spread.-1@0": [0.12, 0.6],
      "xavier.spread.-1@0": [0.008, 0.05],
      "own.spread.-1@0": [1e-10, 3e-9],
      "he.gradient.0@0": [5e-4, 8e-3],
      "xavier.gradient.0@0": [5e-5, 4e-4],
      "he.accuracy": [0.85, 0.94],
      "xavier.accuracy": [0.7, 0.93], // still rising at step 300, and swinging
      "own.accuracy": [0.08, 0.15],
    },
    verdicts: { relu: "holds" },
  },
});
