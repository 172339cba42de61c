/**
 * 1.10 The mean squared error fits a line to twelve points. An error counts by its square, so that a single outlier pulls
 * the line away from the others; the mean absolute error leaves it where most points lie. The
 * claim is that it is for regression; judged by how far its slope and intercept end from the true ones, beside the other's.
 */
import { l1Loss, mseLoss, Parameter, type Tensor, tensor } from "../../index.ts";
import { Adam } from "../../optim/index.ts";
import { defineExperiment, type Experiment } from "../experiment.ts";
import { rateParam, stepsParam, untested } from "../parts/common.ts";
import { pointsWith, sharesOf, trueLine } from "../parts/line-task.ts";
import { choiceParam, lanesBy, listParam, numberParam } from "../parts/params.ts";
import { mapOf, square } from "../parts/plane.ts";
import { axes, bars, curves, map, scalar } from "../parts/probes.ts";
import { percent, say, show } from "../text.ts";

const losses = { mse: say("二乗（MSE）", "squares (MSE)"), mae: say("絶対値（MAE）", "absolute values (MAE)") };
const lanes = lanesBy("loss", losses);
const plane = square(-4, 4, 41);
/** How close to the true line counts as not pulled away: slope and intercept together. */
const near = 0.3;

export const meanSquaredError: Experiment = defineExperiment({
  id: "mean-squared-error",
  row: "1.10",
  title: say("平均二乗誤差（MSE）", "The mean squared error"),
  question: say("外れ値が 1 つあると、直線はどれだけ引っ張られるでしょうか？", "How far does one outlier pull a line?"),
  params: {
    loss: choiceParam("mse", say("誤差関数", "loss"), losses),
    outlier: numberParam(6, say("外れ値のずれ", "how far off the outlier is"), { min: -10, max: 10 }),
    noise: numberParam(0.2, say("ほかの点のノイズ", "noise of the others"), { max: 1 }),
    heights: listParam([], say("点の高さ（書いた分だけ置き換え）", "heights of points (as many as given)"), {
      min: -12,
      max: 12,
    }),
    lr: rateParam(0.05, 1),
    steps: stepsParam(400, 3000),
  },
  probes: {
    line: curves("signed", say("点と直線", "points and lines"), { axes: axes.xy }),
    shares: bars("probability", say("誤差の合計に占める各点の割合", "each point's part of the whole loss")),
    bowl: map("magnitude", say("傾きと切片に対する誤差", "the loss over slope and intercept"), {
      axes: [say("傾き", "slope"), say("切片", "intercept")],
    }),
    value: scalar("magnitude", say("誤差（MSE と MAE では単位が違う）", "loss (MSE and MAE have different units)"), {
      apart: true,
    }),
    slope: scalar("signed", say("傾き（真の値 1.5）", "slope (1.5 in truth)")),
    intercept: scalar("signed", say("切片（真の値 0.5）", "intercept (0.5 in truth)")),
    away: scalar("magnitude", say("真の直線からのずれ", "distance from the true line")),
  },
  lanes,
  presets: {
    course: {
      label: say("講座：誤差を 1 回だけ計算", "The course: the error, once"),
      why: say(
        "学習はせず、最初の直線（傾き 0、切片 0）の誤差と、各点の割合を見ます。",
        "Nothing is learnt: the loss of the first line, flat at 0, and each point's part of it.",
      ),
      values: { steps: 0 },
    },
    works: {
      label: say("外れ値なし", "No outlier"),
      why: say("外れ値がなければ、MSE も真の直線に近づきます。", "Without one, MSE comes close to the true line too."),
      values: { outlier: 0 },
    },
    breaks: {
      label: say("大きな外れ値", "A large outlier"),
      why: say(
        "MSE では、残った誤差の 3 分の 2 以上を 1 点が占めます。",
        "With MSE one point has more than two thirds of the loss that is left.",
      ),
      values: { outlier: 10 },
    },
  },
  setup({ loss: kind, outlier, noise, heights, lr, steps }, { seed }) {
    const { x, y, truth } = pointsWith({ outlier, noise, heights }, seed);
    const [xs, ys] = [tensor(x), tensor(y)];
    const [w, b] = ["slope", "intercept"].map((label) => new Parameter(tensor(0), { label }));
    const optimizer = new Adam([w, b], { lr });
    const loss = kind === "mse" ? mseLoss : l1Loss;
    const at = (slope: Tensor, intercept: Tensor): Tensor => xs.mul(slope).add(intercept);
    const ofEach = (guess: Tensor): Tensor => loss(guess, ys.expand(guess.shape), { reduction: "none" });
    const path: { x: number[]; y: number[] } = { x: [0], y: [0] };
    return {
      steps,
      async step({ lr }) {
        optimizer.lr = lr;
        loss(at(w, b), ys).backward();
        await optimizer.step();
        const [slope, intercept] = [await w.item(), await b.item()];
        path.x.push(slope);
        path.y.push(intercept);
        const value = await loss(at(w, b), ys).item();
        return { value, slope, intercept, away: Math.hypot(slope - trueLine.slope, intercept - trueLine.intercept) };
      },
      async look() {
        const [slopes, intercepts] = [0, 1].map((axis) => plane.places.narrow(1, axis, 1)); // of every cell of the map
        const bowl = await ofEach(at(slopes, intercepts)).mean(1).data();
        const line = (await at(w, b).data()) as Float32Array;
        return {
          value: await loss(at(w, b), ys).item(),
          line: [
            { name: say("点", "points"), x, y, dots: true },
            { name: say("真の直線", "truth"), x, y: truth },
            { name: say("学んだ直線", "learnt"), x, y: line },
          ],
          shares: sharesOf((await ofEach(at(w, b)).data()) as Float32Array),
          bowl: { ...mapOf(plane, bowl), paths: [{ name: say("歩み", "its way"), x: [...path.x], y: [...path.y] }] },
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
        say("どちらも引っ張られる", "both are pulled away"),
      ],
      verdict(run) {
        const unfit = untested(meanSquaredError, run.lanes);
        if (unfit) return unfit;
        const [mse, mae] = [run.lane("mse"), run.lane("mae")];
        const [a, b] = [mse.last("away"), mae.last("away")];
        const share = percent(Math.max(...Array.from(mse.last("shares").values)));
        return {
          outcome: a < near ? "holds" : "depends",
          prediction: a < near ? 0 : b < near ? 1 : 2,
          because: say(
            `真の直線からのずれは、二乗誤差の回帰（MSE）で ${show(a)}、MAE で ${show(b)}。MSE では、残った誤差の ${share} を 1 点が占めました。`,
            `Distance from the true line: ${show(a)} by regression with MSE, ${show(b)} with MAE. With MSE one point had ${share} of the loss that is left.`,
          ),
        };
      },
    },
  },
  expect: { bands: { "mse.away": [0.5, 3], "mae.away": [0, 0.4] }, verdicts: { regression: "depends" } },
});
