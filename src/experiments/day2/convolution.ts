/**
 * 2.17 The convolution (`Conv2d`): a kernel over a drawing, beside the same as one matrix product (im2col, `unfold`); and a
 * small network on the digits, whose filters learn in one lane and stay random in the other. The claim is that one learns with
 * convolutions; it is judged by whether filters that learn read more digits than random ones.
 */
import type { Tensor } from "../../index.ts";
import { MLP } from "../../models/index.ts";
import { Conv2d, Flatten, MaxPool2d, ReLU, Sequential } from "../../nn/index.ts";
import { Adam } from "../../optim/index.ts";
import { defineExperiment, type Experiment } from "../experiment.ts";
import { changed, rateParam, stepsParam } from "../parts/common.ts";
import { side } from "../parts/digit-images.ts";
import { digitsTask } from "../parts/digits-task.ts";
import { imagesOf } from "../parts/images.ts";
import { kernelPicture } from "../parts/kernel-picture.ts";
import { edges, kernelParams, kernelProbes } from "../parts/kernel-settings.ts";
import { choiceParam, integerParam } from "../parts/params.ts";
import { images, scalar } from "../parts/probes.ts";
import { accuracyOf, learner } from "../parts/supervised.ts";
import { undecided } from "../parts/verdicts.ts";
import { percent, say, show } from "../text.ts";

export const convolution: Experiment = defineExperiment({
  id: "convolution",
  row: "2.17",
  title: say("畳み込み演算", "The convolution"),
  question: say(
    "窓をずらしながら掛けて足す計算は、何をしているのでしょうか？",
    "What does multiplying and adding under a sliding window do?",
  ),
  params: {
    ...kernelParams,
    filters: integerParam(8, say("学習するフィルターの数", "filters that learn"), { min: 1, max: 32 }),
    hidden: integerParam(0, say("隠れ層のユニット（0：なし）", "hidden units; 0 for no hidden layer"), { max: 200 }),
    count: integerParam(8000, say("学習画像の数", "digits to learn from"), { min: 100, max: 8000 }),
    batch: integerParam(50, say("ミニバッチの大きさ", "size of a minibatch"), { min: 1, max: 100 }),
    trained: choiceParam("learnt", say("フィルター", "filters"), {
      learnt: say("学習する", "they learn"),
      frozen: say("乱数のまま", "they stay random"),
    }),
    lr: rateParam(0.003, 1),
    steps: stepsParam(200, 2000),
  },
  probes: {
    ...kernelProbes,
    filters: images("signed", say("学習するフィルター", "the filters that learn")),
    loss: scalar("magnitude", say("損失", "loss")),
    accuracy: scalar("probability", say("テスト正解率", "test accuracy")),
  },
  lanes: {
    learnt: { label: say("フィルターを学習", "filters learn"), values: { trained: "learnt" } },
    frozen: { label: say("乱数のまま", "filters stay random"), values: { trained: "frozen" } },
  },
  presets: {
    course: {
      label: say("講座の設定", "The course's setting"),
      why: say(
        "30 個のフィルターと 100 ユニットの隠れ層。1000 ステップで、新しい数字の約 96 % を読みます。",
        "30 filters and 100 hidden units: after 1,000 steps they read about 96 % of new digits.",
      ),
      values: { filters: 30, hidden: 100, count: 5000, batch: 100, lr: 0.001, steps: 1000 },
    },
    "course-col2im": {
      label: say("講座の [try]：im2col と col2im", "The course's [try]: im2col and col2im"),
      why: say(
        "ストライド 3 では窓が重ならず、col2im でもとの画像に戻ります。ストライド 1 では、最大 9 回足されます。",
        "At a stride of 3 windows do not overlap: col2im gives the image back. At 1 it adds pixels up to 9 times.",
      ),
      values: { stride: 3, steps: 0 },
    },
    colours: {
      label: say("3 チャンネル", "Three channels"),
      why: say("赤の縦の輪郭から、青の縦の輪郭を引きます。", "Vertical edges in red, minus those in blue."),
      values: { channels: 3, kernel: [...edges, ...edges.map(() => 0), ...edges.map((v) => -v)] },
    },
    works: {
      label: say("横の輪郭", "Horizontal edges"),
      why: say("上下の明るさの差が出ます。", "It shows differences from top to bottom."),
      values: { kernel: [-1, -2, -1, 0, 0, 0, 1, 2, 1] },
    },
    breaks: {
      label: say("すべて 0", "All 0"),
      why: say("何も出てきません。", "Nothing comes out."),
      values: { kernel: edges.map(() => 0) },
    },
  },
  async setup({ filters, hidden, trained, count, batch, lr, steps }, context) {
    const digits = await digitsTask(context, { batchSize: batch, shape: [1, side, side], count, testCount: 500 });
    const layer = new Conv2d(1, filters, 5); // 28 → 24, and 12 after pooling
    const reader = new MLP([filters * 12 * 12, ...(hidden > 0 ? [hidden] : []), 10]);
    const model = new Sequential(layer, new ReLU(), new MaxPool2d(2), new Flatten(), reader);
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
      async look({ kernel, drawing, ...values }) {
        const shown = drawing.length > 0 ? drawing : digits.test.images.subarray(0, side * side);
        return {
          ...(await kernelPicture(shown, kernel, values)),
          filters: imagesOf((await layer.weight.data()) as Float32Array, filters, [5, 5]),
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
        if (learnt.step === 0 || changed(convolution, run.lanes)) {
          return undecided("どちらのレーンも学習すると判定できます。", "It takes both lanes, and steps.");
        }
        const [learntAccuracy, frozenAccuracy] = [learnt.last("accuracy"), frozen.last("accuracy")];
        const gain = learntAccuracy - frozenAccuracy;
        const difference = show(learnt.last("difference"));
        return {
          outcome: gain > 0.01 ? "holds" : gain > -0.01 ? "depends" : "fails",
          prediction: gain > 0.01 ? 1 : 0,
          because: say(
            `正解率は、学習したフィルターで ${percent(learntAccuracy)}、乱数のままで ${percent(frozenAccuracy)}。畳み込みと行列積の差は、最大で ${difference} です。`,
            `Accuracy: ${percent(learntAccuracy)} with filters that learnt, ${percent(frozenAccuracy)} with random ones. The convolution and the matrix product differ by ${difference} at most.`,
          ),
        };
      },
    },
  },
  expect: {
    bands: {
      "learnt.difference": [0, 1e-5],
      "learnt.overlap": [9, 9],
      "learnt.accuracy": [0.88, 0.96],
      "frozen.accuracy": [0.83, 0.92],
    },
    verdicts: { learns: "holds" },
  },
});
