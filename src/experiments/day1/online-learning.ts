/** 1.13 Stochastic gradient descent learns from one example at a time, so it can follow a truth that moves. */
import { linear2d } from "../../data/index.ts";
import { mseLoss, type Tensor, tensor } from "../../index.ts";
import { Linear } from "../../nn/index.ts";
import { SGD } from "../../optim/index.ts";
import { defineExperiment, type Experiment } from "../experiment.ts";
import { rateParam, stepsParam, untested } from "../parts/common.ts";
import { choiceParam } from "../parts/params.ts";
import { scalar } from "../parts/probes.ts";
import { learner } from "../parts/supervised.ts";
import { undecided } from "../parts/verdicts.ts";
import { say, show } from "../text.ts";

/** Examples that the lane of all examples knows: those from the beginning. */
const known = 200;

const lanes = {
  batch: { label: say("最初の 200 件を全件で", "all of the first 200"), values: { mode: "batch" } },
  online: { label: say("1 件ずつ（オンライン）", "one at a time: online"), values: { mode: "online" } },
} as const;

export const onlineLearning: Experiment = defineExperiment({
  id: "online-learning",
  row: "1.13",
  title: say("確率的勾配降下法とオンライン学習", "Stochastic gradient descent and online learning"),
  question: say(
    "正解が少しずつ変わっていくとき、1 件ずつ学ぶ方法はついていけるでしょうか？",
    "Where the truth drifts, can learning from one example at a time follow it?",
  ),
  params: {
    mode: choiceParam("online", say("使うデータ", "what it learns from"), {
      online: say("新しい 1 件ずつ", "one new example at a time"),
      batch: say("最初の 200 件すべて", "all of the first 200"),
    }),
    drift: {
      kind: "number",
      min: 0,
      max: 5,
      default: 2,
      label: say("正解が動く速さ（1000 件あたり）", "drift of the truth per 1,000 examples"),
    },
    range: { kind: "number", min: 0.5, max: 5, default: 1, label: say("x の範囲（±）", "range of x (±)") },
    noise: { kind: "number", min: 0, max: 1, default: 0.1, label: say("ノイズ", "noise") },
    lr: rateParam(0.07, 1),
    steps: stepsParam(1000, 5000),
  },
  probes: {
    weights: {
      form: "curves",
      kind: "signed",
      label: say("重みと正解の動き", "weights, and the truth as it moves"),
      axes: [say("ステップ", "step"), say("値", "value")],
    },
    recent: scalar("magnitude", say("直近 100 件の誤差", "error of the last 100 examples")),
    away: scalar("magnitude", say("正解の重みからのずれ", "distance from the true weights")),
  },
  lanes,
  presets: {
    course: {
      label: say("講座の設定", "The course's setting"),
      why: say(
        "3x₀ + 2x₁、学習率 0.07、ドリフトなし。どちらも正解に近づきます。",
        "3x₀ + 2x₁ at a rate of 0.07 without drift: both come close.",
      ),
      values: { drift: 0, noise: 0 },
    },
    works: {
      label: say("ゆっくり動く正解", "A slow drift"),
      why: say("ゆっくりなら、オンライン学習はぴったりついていきます。", "A slow drift is followed closely."),
      values: { drift: 1 },
    },
    breaks: {
      label: say("x の範囲を ±5 に", "x from −5 to 5"),
      why: say(
        "学習率 0.2 では、入力が大きいと 1 件ずつの学習が発散します。",
        "At a rate of 0.2 large inputs make learning one at a time diverge.",
      ),
      values: { range: 5, lr: 0.2 },
    },
  },
  setup({ mode, drift, range, noise, lr, steps }, { seed }) {
    const world = linear2d({ count: Math.max(steps, known) + 1, range: [-range, range], noise, drift }, seed);
    const model = new Linear(2, 1, { bias: false });
    model.weight.assign(tensor([[0, 0]]));
    const optimizer = new SGD(model.parameters(), { lr });
    const half = (output: Tensor, target: Tensor): Tensor => mseLoss(output, target).mul(0.5);
    const learn = learner(model, optimizer, { loss: half });
    const examples = (from: number, count: number): { x: Tensor; y: Tensor } => ({
      x: tensor(world.x.slice(2 * from, 2 * (from + count)), [count, 2]),
      y: tensor(world.y.slice(from, from + count), [count, 1]),
    });
    const first = examples(0, known);
    const errors: number[] = [];
    const path: number[][] = [[0], [0]];
    return {
      steps,
      model,
      async step({ lr }, step) {
        optimizer.lr = lr;
        const at = step - 1;
        const [w0, w1] = path.map((p) => p[at]);
        errors.push((w0 * world.x[2 * at] + w1 * world.x[2 * at + 1] - world.y[at]) ** 2);
        await learn(mode === "online" ? examples(at, 1) : first);
        const weights = await model.weight.data();
        path.forEach((p, i) => void p.push(Number(weights[i])));
        const last = errors.slice(-100);
        const away = Math.hypot(...[0, 1].map((i) => path[i][step] - world.weights[2 * at + i]));
        return { recent: last.reduce((a, b) => a + b, 0) / last.length, away };
      },
      async look() {
        const count = path[0].length;
        const x = Array.from({ length: count }, (_, i) => i);
        return {
          weights: [0, 1].flatMap((i) => [
            { name: say(`重み ${i + 1}`, `weight ${i + 1}`), x, y: path[i] },
            { name: say(`正解 ${i + 1}`, `truth ${i + 1}`), x, y: x.map((k) => world.weights[2 * k + i]) },
          ]),
        };
      },
    };
  },
  claims: {
    online: {
      sentence: say(
        "確率的勾配降下法：ランダムに抽出したサンプル オンライン学習が可",
        "Stochastic gradient descent: samples at random; it can learn online.",
      ),
      predictions: [
        say("全件で学ぶほうが正解に近い", "learning from all is closer to the truth"),
        say("1 件ずつのほうが、動く正解に近い", "one at a time is closer to a truth that moves"),
      ],
      verdict(run) {
        const [batch, online] = [run.lane("batch"), run.lane("online")];
        const unfit = untested({ lanes }, run.lanes);
        if (unfit) return unfit;
        if (online.values.drift === 0) return undecided("正解が動いていません。", "The truth does not move.");
        const [a, b] = [batch.last("away"), online.last("away")];
        return {
          outcome: b < a ? "holds" : "depends",
          prediction: b < a ? 1 : 0,
          because: say(
            `最後に、全件で学んだ重みは正解から ${show(a)}、1 件ずつでは ${show(b)} 離れていました。`,
            `In the end the weights learnt from all were ${show(a)} from the truth, those learnt one at a time ${show(b)}.`,
          ),
        };
      },
    },
  },
  expect: { bands: { "online.away": [0, 0.6], "batch.away": [1.5, 4] }, verdicts: { online: "holds" } },
});
