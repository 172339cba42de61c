/** 2.17 A convolution is one matrix product in disguise; and its kernels can be learnt. */
import type { Tensor } from "../../index.ts";
import { Conv2d, Flatten, Linear, MaxPool2d, ReLU, Sequential } from "../../nn/index.ts";
import { Adam } from "../../optim/index.ts";
import { defineExperiment, type Experiment } from "../experiment.ts";
import { rateParam, scalar, stepsParam } from "../parts/common.ts";
import { side } from "../parts/digit-images.ts";
import { digitsTask } from "../parts/digits-task.ts";
import { kernelPicture } from "../parts/kernel-picture.ts";
import { accuracyOf, learner } from "../parts/supervised.ts";
import { percent, say, show } from "../text.ts";

const edges = [-1, 0, 1, -2, 0, 2, -1, 0, 1];
const pixels = say("描いた画像（28×28、空ならテスト画像）", "the drawing (28 by 28; empty: a test digit)");

export const convolution: Experiment = defineExperiment({
  id: "convolution",
  row: "2.17",
  title: say("畳み込み演算", "The convolution"),
  question: say(
    "窓をずらしながら掛けて足す計算は、何をしているのでしょうか？",
    "What does it do to multiply and add under a sliding window?",
  ),
  params: {
    kernel: {
      kind: "list",
      min: -9,
      max: 9,
      default: edges,
      hot: true,
      label: say("3×3 のカーネル", "the 3 by 3 kernel"),
    },
    stride: { kind: "integer", min: 1, max: 4, default: 1, hot: true, label: say("ストライド", "stride") },
    padding: { kind: "integer", min: 0, max: 3, default: 1, hot: true, label: say("パディング", "padding") },
    drawing: { kind: "list", min: 0, max: 1, default: [], hot: true, label: pixels },
    filters: {
      kind: "integer",
      min: 1,
      max: 16,
      default: 8,
      label: say("学習するフィルターの数", "filters that learn"),
    },
    trained: {
      kind: "choice",
      options: ["learnt", "frozen"],
      default: "learnt",
      names: { learnt: say("学習する", "they learn"), frozen: say("乱数のまま", "they stay random") },
      label: say("フィルター", "filters"),
    },
    lr: rateParam(0.003, 1),
    steps: stepsParam(200, 2000),
  },
  probes: {
    input: { form: "images", kind: "probability", label: say("入力", "input") },
    output: { form: "images", kind: "signed", label: say("カーネルを畳み込んだ結果", "what the kernel makes of it") },
    columns: {
      form: "matrix",
      kind: "signed",
      label: say("im2col：窓 1 つが 1 列", "im2col: a column for each window"),
    },
    difference: scalar(
      "magnitude",
      say("畳み込みと行列積の差（最大）", "convolution against matrix product: largest difference"),
    ),
    filters: { form: "images", kind: "signed", label: say("学習するフィルター", "the filters that learn") },
    loss: scalar("magnitude", say("損失", "loss")),
    accuracy: scalar("probability", say("テスト正解率", "test accuracy")),
  },
  lanes: {
    learnt: { label: say("フィルターを学習", "filters learn"), values: { trained: "learnt" } },
    frozen: { label: say("乱数のまま", "filters stay random"), values: { trained: "frozen" } },
  },
  presets: {
    works: {
      label: say("縦の輪郭", "Vertical edges"),
      why: say("左右の明るさの差が出ます。", "It shows differences from left to right."),
      values: { kernel: edges },
    },
    breaks: {
      label: say("すべて 0", "All 0"),
      why: say("何も出てきません。", "Nothing comes out."),
      values: { kernel: edges.map(() => 0) },
    },
    course: {
      label: say("講座の設定（30 個）に近い条件", "Near the course's 30 filters"),
      why: say("フィルターを 16 個に増やすと、正解率が上がります。", "With 16 filters the accuracy rises."),
      values: { filters: 16, steps: 400 },
    },
  },
  async setup({ filters, trained, lr, steps }, context) {
    const digits = await digitsTask(context, { batchSize: 50, shape: [1, side, side], testCount: 500 });
    const layer = new Conv2d(1, filters, 5);
    const model = new Sequential(layer, new ReLU(), new MaxPool2d(2), new Flatten(), new Linear(filters * 144, 10));
    const frozen = new Set<Tensor>(trained === "frozen" ? layer.parameters() : []);
    const optimizer = new Adam(
      model.parameters().filter((p) => !frozen.has(p)),
      { lr },
    );
    const learn = learner(model, optimizer);
    return {
      steps,
      model,
      async step({ lr }, step) {
        optimizer.lr = lr;
        return { loss: (await learn(digits.batch(step))).loss };
      },
      async look({ kernel, stride, padding, drawing }) {
        const shown = drawing.length > 0 ? drawing : digits.test.images.subarray(0, side * side);
        const image = Float32Array.from({ length: side * side }, (_, i) => shown[i] ?? 0);
        const all = (await layer.weight.data()) as Float32Array;
        const learnt = Array.from({ length: filters }, (_, i) => ({ pixels: all.slice(i * 25, i * 25 + 25) }));
        return {
          input: { rows: side, cols: side, images: [{ pixels: image }] },
          ...(await kernelPicture(image, kernel, { stride, padding })),
          filters: { rows: 5, cols: 5, images: learnt },
          accuracy: await accuracyOf(model, digits.test.all()),
        };
      },
    };
  },
  claims: {
    learns: {
      sentence: say("その為に、畳み込み演算を使って学習する。", "Therefore one learns with convolutions."),
      predictions: [
        say("学習しなくても、乱数のフィルターで十分", "random filters do as well"),
        say("学習したフィルターのほうがよい", "filters that learn do better"),
      ],
      verdict(run) {
        const [learnt, frozen] = [run.lane("learnt"), run.lane("frozen")];
        if (learnt.step === 0)
          return { outcome: "undecided", because: say("まだ学習していません。", "Nothing was learnt yet.") };
        const [a, b] = [learnt.last("accuracy"), frozen.last("accuracy")];
        const gap = learnt.last("difference");
        return {
          outcome: a > b ? "holds" : "depends",
          prediction: a > b + 0.01 ? 1 : 0,
          because: say(
            `正解率は、学習したフィルターで ${percent(a)}、乱数のままで ${percent(b)}。畳み込みは行列積と ${show(gap)} しか違いません。`,
            `Accuracy: ${percent(a)} with filters that learnt, ${percent(b)} with random ones. The convolution differs from the matrix product by ${show(gap)} only.`,
          ),
        };
      },
    },
  },
  expect: {
    bands: { "learnt.difference": [0, 1e-5], "learnt.accuracy": [0.9, 1], "frozen.accuracy": [0.8, 1] },
    verdicts: { learns: ["holds", "depends"] },
  },
});
