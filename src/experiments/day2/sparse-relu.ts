/**
 * 2.2 ReLU in place of sigmoids, in eight layers: its slope of 1 lets gradients through, and half of its units are at 0.
 * Claims: it avoids vanishing gradients, judged by what arrives at layer 1 in the first step, from three kinds of weights; and
 * it makes networks sparse, judged by the part of hidden outputs that are exactly 0.
 */
import { defineExperiment, type Experiment } from "../experiment.ts";
import { changed } from "../parts/common.ts";
import { digitNetwork, equalWidths } from "../parts/digit-network.ts";
import { digitTraining } from "../parts/digit-training.ts";
import { activationAt, activationsParam, isAll, only } from "../parts/layer-lists.ts";
import { networkParams, networkProbes, weightsText, widthsOf } from "../parts/network-settings.ts";
import { integerParam } from "../parts/params.ts";
import { sparsityOf, sparsityProbes } from "../parts/sparsity.ts";
import { graded, joined, labelled, meanOf, undecided } from "../parts/verdicts.ts";
import { percent, say, show } from "../text.ts";

const sigmoid = { activations: only("sigmoid") };
const relu = { activations: only("relu") };
const vanished = 1 / 1000; // of what the output layer of sigmoids gets: from small weights, that of ReLU gets next to none

export const sparseRelu: Experiment = defineExperiment({
  id: "sparse-relu",
  row: "2.2",
  title: say("ReLU とスパース化", "ReLU and sparsity"),
  question: say(
    "シグモイドを ReLU に替えると、勾配は入力側まで届くでしょうか？ ユニットはどれだけ 0 になるでしょうか？",
    "With ReLU in place of sigmoids, does the gradient arrive at the input, and how many units are at 0?",
  ),
  params: {
    ...networkParams({ hidden: equalWidths(8, 32), lr: 0.1, steps: 400 }),
    activations: activationsParam,
    layer: integerParam(1, say("ユニットを見る層", "layer to look at"), { min: 1, max: 10, hot: true }),
  },
  probes: { ...networkProbes, ...sparsityProbes },
  lanes: {
    sigmoid: { label: say("シグモイド", "sigmoid"), values: { ...sigmoid, weights: "gaussian" } },
    he: { label: say("ReLU、He の初期値", "ReLU, He's weights"), values: { ...relu, weights: "he" } },
    xavier: { label: say("ReLU、Xavier の初期値", "ReLU, Xavier's weights"), values: { ...relu, weights: "xavier" } },
    small: { label: say("ReLU、小さな初期値", "ReLU, small weights"), values: { ...relu, weights: "gaussian" } },
  },
  presets: {
    course: {
      label: say("講座の設定（784-40-20-10）", "The course's: 784-40-20-10"),
      why: say("2 層なら、小さな初期値の ReLU も学習します。", "Two layers of ReLU learn even from small weights."),
      values: { hidden: [40, 20], steps: 2000 },
    },
    "course-narrow": {
      label: say("講座の [try]：狭く（784-10-5-10）", "The course's [try]: 784-10-5-10"),
      why: say("ReLU の正解率が下がります。", "ReLU loses accuracy in all lanes."),
      values: { hidden: [10, 5], steps: 2000 },
    },
    "course-wide": {
      label: say("講座の [try]：広く（784-1000-500-10）", "The course's [try]: 784-1000-500-10"),
      why: say("ReLU はどの初期値でも 90 % を超えます。", "ReLU passes 90 % from all of these weights."),
      values: { hidden: [1000, 500], steps: 2000 },
    },
    works: {
      label: say("浅いネットワーク", "A shallow network"),
      why: say("隠れ層が 1 つなら、どのレーンも学習します。", "With a single hidden layer every lane learns."),
      values: { hidden: [64] },
    },
    breaks: {
      label: say("大きすぎる学習率", "Too large a rate"),
      why: say("学習率 10 では、どのレーンも学習できません。", "At a rate of 10 no lane learns."),
      values: { lr: 10 },
    },
  },
  async setup({ hidden, activations, weights, std, steps }, context) {
    const activation = (layer: number) => activationAt(activations, layer);
    const network = digitNetwork({ hidden: widthsOf("sparse-relu", hidden), activation, weights, std });
    const training = await digitTraining(network, context);
    const { x } = training.digits.test.all(200);
    return {
      steps,
      model: network.model,
      step: ({ lr }, step) => training.step(step, lr),
      look: async ({ layer }) => ({ ...(await sparsityOf(network, x, layer)), accuracy: await training.test() }),
    };
  },
  claims: {
    avoids: {
      sentence: say("ReLU関数：勾配消失問題を回避", "ReLU: it avoids the vanishing of gradients."),
      predictions: [
        say("どの初期値でも回避できる", "from any of these weights"),
        say("初期値による", "it depends on the initial weights"),
        say("どの初期値でも回避できない", "from none of them"),
      ],
      verdict(run) {
        const sigmoid = run.lane("sigmoid");
        const relus = run.lanes.filter(({ values }) => isAll(values.activations, "relu"));
        const isTrained = [sigmoid, ...relus].every((lane) => lane.has("gradient"));
        if (changed(sparseRelu, [sigmoid]) || sigmoid.values.hidden.length < 3 || relus.length === 0 || !isTrained) {
          return undecided("隠れ層 3 つ以上と 1 ステップが必要です。", "It takes three hidden layers, and a step.");
        }
        const gradients = sigmoid.first("gradient").values;
        const firsts = relus.map((lane) => lane.first("gradient").values[0]);
        const arrives = (first: number): boolean => first > vanished * gradients[gradients.length - 1];
        const { ja, en } = joined(relus.map(({ values }, i) => labelled(weightsText(values), show(firsts[i]))));
        return {
          ...graded(firsts.every(arrives), firsts.some(arrives)),
          because: say(
            `最初のステップの第 1 層の勾配は、シグモイドでは ${show(gradients[0])}、ReLU では初期値ごとに ${ja} でした。`,
            `In the first step the gradient at layer 1 was ${show(gradients[0])} with sigmoids, and with ReLU, by its weights: ${en}.`,
          ),
        };
      },
    },
    sparse: {
      sentence: say(
        "シグモイド関数ではなくReLU関数を使う。スパース化されるメリットがある。",
        "Use ReLU, not the sigmoid: it has the merit of sparsity.",
      ),
      predictions: [
        say("0 になるのは 1 割以下", "a tenth of the units is at 0, or less"),
        say("半分くらいが 0 になる", "about half of them"),
        say("8 割以上が 0 になる", "four fifths or more"),
      ],
      verdict(run) {
        const lanes = [run.lane("sigmoid"), run.lane("he")];
        const other = changed(sparseRelu, lanes);
        if (other) return other;
        const [bySigmoid, byRelu] = lanes.map((lane) => meanOf(lane.last("zeros")));
        const accuracy = run.lane("he").last("accuracy");
        const isSparse = byRelu > 0.1 && byRelu > bySigmoid;
        return {
          outcome: !isSparse ? "fails" : accuracy > 0.5 ? "holds" : "depends", // a network that learnt nothing has no merit
          prediction: byRelu <= 0.1 ? 0 : byRelu < 0.8 ? 1 : 2,
          because: say(
            `隠れユニットの出力のうち 0 だったのは、ReLU ${percent(byRelu)}、シグモイド ${percent(bySigmoid)}。ReLU のテスト正解率は ${percent(accuracy)} です。`,
            `Of the hidden outputs ${percent(byRelu)} were 0 with ReLU and ${percent(bySigmoid)} with sigmoids; ReLU's test accuracy is ${percent(accuracy)}.`,
          ),
        };
      },
    },
  },
  expect: {
    bands: {
      "sigmoid.gradient.0@0": [1e-18, 1e-16],
      "small.gradient.0@0": [1e-15, 5e-13],
      "xavier.gradient.0@0": [5e-5, 1e-3],
      "he.gradient.0@0": [8e-4, 4e-2],
      "sigmoid.accuracy": [0.08, 0.15],
      "small.accuracy": [0.08, 0.15],
      "xavier.accuracy": [0.75, 0.92],
      "he.accuracy": [0.87, 0.96],
      "he.zeros.0": [0.4, 0.75],
    },
    verdicts: { avoids: "depends", sparse: "holds" },
  },
});
