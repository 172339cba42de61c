/**
 * 2.18 Pooling (`MaxPool2d`, `AvgPool2d`): a digit made smaller, by the maximum or by the mean of each window; the same digit
 * moved by a pixel; and where the gradient of the outputs' sum arrives. Nothing is trained. The claim is that pooling has no
 * weights; judged by counting them. Maxima send their gradient to one winner of each window, means to all of its pixels.
 */
import { Parameter, tensor } from "../../index.ts";
import { AvgPool2d, MaxPool2d } from "../../nn/index.ts";
import { defineExperiment, type Experiment } from "../experiment.ts";
import { changed } from "../parts/common.ts";
import { shifted, side } from "../parts/digit-images.ts";
import { digitsTask } from "../parts/digits-task.ts";
import { choiceParam, integerParam } from "../parts/params.ts";
import { images, matrix, scalar } from "../parts/probes.ts";
import { undecided } from "../parts/verdicts.ts";
import { say, show } from "../text.ts";

export const pooling: Experiment = defineExperiment({
  id: "pooling",
  row: "2.18",
  title: say("プーリング（最大・平均）", "Pooling: maximum and mean"),
  question: say(
    "画像を縮めるとき、最大値と平均値では何が残り、勾配はどこへ行くでしょうか？",
    "When an image is made smaller by maxima or by means, what is left, and where does the gradient go?",
  ),
  params: {
    kind: choiceParam("max", say("プーリングの種類", "kind of pooling"), {
      max: say("最大", "maximum"),
      average: say("平均", "mean"),
    }),
    window: integerParam(2, say("窓の大きさ", "size of the window"), { min: 2, max: 7 }),
    stride: integerParam(2, say("ストライド", "stride"), { min: 1, max: 7 }),
    digit: integerParam(0, say("テスト画像の番号", "number of the test digit"), { max: 99, hot: true }),
    shift: integerParam(1, say("右にずらす画素数", "pixels to move it right"), { max: 4, hot: true }),
  },
  probes: {
    input: images("probability", say("入力と、ずらした入力", "the input, and moved")),
    output: images("probability", say("プーリングの出力", "what pooling gives of both")),
    gradient: matrix(
      "magnitude",
      say("出力の和の勾配が入力のどこに届くか", "where in the input the gradient of the sum arrives"),
    ),
    reached: scalar("probability", say("勾配が届く画素", "pixels that get a gradient")),
    change: scalar("probability", say("ずらしたときの出力の変化", "change of the output when the digit is moved"), {
      help: say("もとの画像の変化を 100 % とした割合。", "As a part of the change of the image itself."),
    }),
    parameters: scalar("count", say("重みの数", "weights")),
  },
  lanes: {
    max: { label: say("最大プーリング", "max pooling"), values: { kind: "max" } },
    average: { label: say("平均プーリング", "average pooling"), values: { kind: "average" } },
  },
  presets: {
    works: {
      label: say("4×4 の窓", "Windows of 4 by 4"),
      why: say(
        "窓を大きくすると、1 画素ずらしたときの出力の変化が、2×2 のときより小さくなります。",
        "With larger windows a shift by one pixel changes the output less than with windows of 2 by 2.",
      ),
      values: { window: 4, stride: 4 },
    },
    overlapping: {
      label: say("重なる窓（AlexNet）", "Windows that overlap, as in AlexNet"),
      why: say(
        "3×3 の窓を 2 画素ずつ動かします。最大の勾配が届く画素は 4 分の 1 より少なくなります。",
        "3 by 3 at a stride of 2: the gradient of maxima reaches less than a quarter of the pixels.",
      ),
      values: { window: 3, stride: 2 },
    },
    breaks: {
      label: say("7×7 の窓", "Windows of 7 by 7"),
      why: say(
        "28×28 の数字が 4×4 になり、最大の勾配は 2 % の画素にしか届きません。",
        "A digit of 28 by 28 becomes 4 by 4, and the gradient of maxima reaches 2 % of the pixels only.",
      ),
      values: { window: 7, stride: 7 },
    },
  },
  async setup({ kind, window, stride }, context) {
    const digits = await digitsTask(context, { batchSize: 1, count: 1, testCount: 100 });
    const layer = kind === "max" ? new MaxPool2d(window, { stride }) : new AvgPool2d(window, { stride });
    const shape = [1, 1, side, side];
    const pooled = async (image: Float32Array): Promise<Float32Array> =>
      (await layer.forward(tensor(image, shape)).data()) as Float32Array;
    return {
      steps: 0,
      async look({ digit, shift }) {
        const image = digits.test.images.slice(digit * side * side, (digit + 1) * side * side);
        const moved = shifted(image, shift, 0);
        const x = new Parameter(tensor(image, shape), { label: "x" });
        layer.forward(x).sum().backward();
        const gradient = (await x.grad?.data()) as Float32Array;
        const [small, smallMoved] = [await pooled(image), await pooled(moved)];
        const rows = Math.sqrt(small.length);
        const change = { output: distance(small, smallMoved), input: distance(image, moved) };
        const caption = String(digits.test.labels[digit]);
        return {
          input: { rows: side, cols: side, images: [{ pixels: image, caption }, { pixels: moved }] },
          output: { rows, cols: rows, images: [{ pixels: small }, { pixels: smallMoved }] },
          gradient: { rows: side, cols: side, values: gradient },
          reached: gradient.filter((v) => v !== 0).length / gradient.length,
          change: change.input === 0 ? 0 : Math.min(change.output / change.input, 1),
          parameters: layer.parameters().length,
        };
      },
    };
  },
  claims: {
    weightless: {
      sentence: say("畳み込み演算と異なり重みがない。", "Unlike a convolution it has no weights."),
      predictions: [
        say("重みはない。最大は勾配を勝者だけに送る", "no weights; max sends the gradient to the winner only"),
        say("重みはない。どちらも勾配を全画素に送る", "no weights; both send the gradient to all"),
        say("重みがある", "it has weights"),
      ],
      verdict(run) {
        const [max, average] = [run.lane("max"), run.lane("average")];
        const isSame = max.values.window === average.values.window && max.values.stride === average.values.stride;
        if (!isSame || changed(pooling, run.lanes)) {
          return undecided("同じ窓の最大と平均で判定できます。", "It takes maxima and means of the same windows.");
        }
        const weights = max.last("parameters") + average.last("parameters");
        const [byMax, byMean] = [max.last("reached"), average.last("reached")];
        const [maxText, meanText] = [byMax, byMean].map((part) => `${show(100 * part)} %`);
        return {
          outcome: weights === 0 ? "holds" : "fails",
          prediction: weights > 0 ? 2 : byMax < byMean ? 0 : 1,
          because: say(
            `重みは ${weights} 個。勾配が届いた画素は、最大で ${maxText}、平均で ${meanText} でした。`,
            `There are ${weights} weights. The gradient reached ${maxText} of the pixels through maxima, ${meanText} through means.`,
          ),
        };
      },
    },
  },
  expect: {
    bands: {
      "max.reached": [0.249, 0.251],
      "average.reached": [0.999, 1],
      "max.parameters": [0, 0],
      "average.parameters": [0, 0],
      "max.change": [0.73, 0.745],
      "average.change": [0.8, 0.812],
    },
    verdicts: { weightless: "holds" },
  },
});

/** How far two images are apart, as a part of the length of the first. */
const distance = (a: Float32Array, b: Float32Array): number =>
  Math.sqrt(a.reduce((sum, v, i) => sum + (v - b[i]) ** 2, 0) / a.reduce((sum, v) => sum + v * v, 1e-12));
