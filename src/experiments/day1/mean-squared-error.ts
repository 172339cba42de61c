/** 1.10 The mean squared error: what a single outlier does to a line, and what the mean absolute error makes of it. */
import { HostRandom } from "../../data/index.ts";
import { l1Loss, mseLoss, Parameter, type Tensor, tensor } from "../../index.ts";
import { Adam } from "../../optim/index.ts";
import { defineExperiment, type Experiment } from "../experiment.ts";
import { rateParam, scalar, stepsParam } from "../parts/common.ts";
import { mapOf, spaced, square } from "../parts/plane.ts";
import { say, show } from "../text.ts";

const count = 12;
/** The line behind the points. */
const truth = { w: 1.5, b: 0.5 };
const plane = square(-4, 4, 41);

export const meanSquaredError: Experiment = defineExperiment({
  id: "mean-squared-error",
  row: "1.10",
  title: say("平均二乗誤差（MSE）", "The mean squared error"),
  question: say("外れ値が 1 つあると、直線はどれだけ引っ張られるでしょうか？", "How far does one outlier pull a line?"),
  params: {
    loss: {
      kind: "choice",
      options: ["mse", "mae"],
      default: "mse",
      label: say("誤差関数", "loss"),
      names: { mse: say("二乗（MSE）", "squares (MSE)"), mae: say("絶対値（MAE）", "absolute values (MAE)") },
    },
    outlier: {
      kind: "number",
      min: -10,
      max: 10,
      default: 6,
      label: say("外れ値のずれ", "how far off the outlier is"),
    },
    noise: { kind: "number", min: 0, max: 1, default: 0.2, label: say("ほかの点のノイズ", "noise of the others") },
    lr: rateParam(0.05, 1),
    steps: stepsParam(400, 3000),
  },
  probes: {
    line: { form: "curves", kind: "signed", label: say("点と直線", "points and lines") },
    shares: {
      form: "bars",
      kind: "probability",
      label: say("誤差の合計に占める各点の割合", "each point's part of the whole loss"),
    },
    bowl: {
      form: "map",
      kind: "magnitude",
      label: say("傾き（横）と切片（縦）に対する誤差", "the loss over slope (across) and intercept (up)"),
    },
    value: scalar("magnitude", say("誤差", "loss")),
    slope: scalar("signed", say("傾き（真の値 1.5）", "slope (1.5 in truth)")),
    intercept: scalar("signed", say("切片（真の値 0.5）", "intercept (0.5 in truth)")),
    away: scalar("magnitude", say("真の直線からのずれ", "distance from the true line")),
  },
  lanes: {
    mse: { label: say("MSE", "MSE"), values: { loss: "mse" } },
    mae: { label: say("MAE", "MAE"), values: { loss: "mae" } },
  },
  presets: {
    works: {
      label: say("外れ値なし", "No outlier"),
      why: say("外れ値がなければ、MSE も真の直線に近づきます。", "Without one, MSE comes close to the true line too."),
      values: { outlier: 0 },
    },
    breaks: {
      label: say("大きな外れ値", "A large outlier"),
      why: say("誤差のほとんどを 1 点が占めます。", "One point has nearly all of the loss."),
      values: { outlier: 10 },
    },
  },
  setup({ loss: kind, outlier, noise, lr, steps }, { seed }) {
    const random = new HostRandom(seed);
    const x = spaced(-1, 1, count);
    const y = x.map((v, i) => truth.w * v + truth.b + noise * random.normal() + (i === count - 2 ? outlier : 0));
    const [xs, ys] = [tensor(x), tensor(y)];
    const [w, b] = ["slope", "intercept"].map((label) => new Parameter(tensor(0), { label }));
    const optimizer = new Adam([w, b], { lr });
    const loss = kind === "mse" ? mseLoss : l1Loss;
    const at = (slope: Tensor, intercept: Tensor): Tensor => xs.mul(slope).add(intercept);
    const [slopes, intercepts] = [0, 1].map((axis) => plane.places.narrow(1, axis, 1));
    const all = ys.sub(at(slopes, intercepts));
    const heights = (kind === "mse" ? all.square() : all.abs()).mean(1);
    const path: { x: number[]; y: number[] } = { x: [0], y: [0] };
    return {
      steps,
      async step({ lr }) {
        optimizer.lr = lr;
        const value = loss(at(w, b), ys);
        value.backward();
        await optimizer.step();
        const [slope, intercept] = [await w.item(), await b.item()];
        path.x.push(slope);
        path.y.push(intercept);
        const away = Math.hypot(slope - truth.w, intercept - truth.b);
        return { value: await loss(at(w, b), ys).item(), slope, intercept, away };
      },
      async look() {
        const residuals = (await ys.sub(at(w, b)).data()) as Float32Array;
        const parts = residuals.map((r) => (kind === "mse" ? r * r : Math.abs(r)));
        const total = parts.reduce((a, v) => a + v, 0);
        const line = x.map((v, i) => y[i] - residuals[i] + 0 * v);
        return {
          line: [
            { name: say("点", "points"), x, y, dots: true },
            { name: say("真の直線", "truth"), x, y: x.map((v) => truth.w * v + truth.b) },
            { name: say("学んだ直線", "learnt"), x, y: line },
          ],
          shares: {
            names: Array.from(x, (_, i) => (i === count - 2 ? say("外れ値", "outlier") : String(i + 1))),
            values: parts.map((v) => v / Math.max(total, 1e-12)),
          },
          bowl: {
            ...mapOf(plane, (await heights.data()) as Float32Array),
            paths: [{ name: say("歩み", "its way"), x: [...path.x], y: [...path.y] }],
          },
        };
      },
    };
  },
  claims: {
    regression: {
      sentence: say("平均二乗誤差（MSE:Mean Squared Error)：回帰問題", "The mean squared error is for regression."),
      predictions: [
        say("外れ値があっても、MSE は真の直線に近い", "MSE stays close to the truth in spite of it"),
        say("MSE は外れ値に引っ張られ、MAE は引っ張られない", "MSE is pulled away, MAE is not"),
      ],
      verdict(run) {
        const [mse, mae] = [run.lane("mse"), run.lane("mae")];
        if (mse.step === 0)
          return { outcome: "undecided", because: say("まだ学習していません。", "Nothing was learnt yet.") };
        const [a, b] = [mse.last("away"), mae.last("away")];
        const share = Array.from(mse.last("shares").values)[count - 2];
        return {
          outcome: a < 0.3 ? "holds" : "depends",
          prediction: a > 2 * b ? 1 : 0,
          because: say(
            `真の直線からのずれは、MSE で ${show(a)}、MAE で ${show(b)}。MSE では、誤差の ${show(100 * share)} % を外れ値 1 点が占めました。`,
            `Distance from the true line: ${show(a)} with MSE, ${show(b)} with MAE. With MSE one point had ${show(100 * share)} % of the loss.`,
          ),
        };
      },
    },
  },
  expect: { bands: { "mse.away": [0.5, 3], "mae.away": [0, 0.4] }, verdicts: { regression: "depends" } },
});
