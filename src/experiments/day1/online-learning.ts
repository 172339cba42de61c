/**
 * 1.13 Stochastic gradient descent learns from one example at a time, as it comes, and so follows a truth that moves; a lane
 * that learns from the first 200 stays behind. Judged by how far the weights of both end from the true ones of then.
 */
import { mseLoss, type Tensor } from "../../index.ts";
import { SGD } from "../../optim/index.ts";
import { defineExperiment, type Experiment } from "../experiment.ts";
import { rateParam, stepsParam, untested } from "../parts/common.ts";
import { follower, lineStream, networkNames, notebook } from "../parts/line-stream.ts";
import { choiceParam, numberParam } from "../parts/params.ts";
import { curves, scalar } from "../parts/probes.ts";
import { learner } from "../parts/supervised.ts";
import { undecided } from "../parts/verdicts.ts";
import { say, show } from "../text.ts";

/** Examples that the lane of all examples knows: those from the beginning. */
const known = 200;

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
    network: choiceParam("weights", say("学習するもの", "what learns"), networkNames),
    drift: numberParam(2, say("正解が動く速さ（1000 件あたり）", "drift of the truth per 1,000 examples"), { max: 5 }),
    range: numberParam(1, say("x の範囲", "range of x"), { min: 0.5, max: 5 }),
    side: choiceParam("both", say("x の符号", "signs of x"), {
      both: say("負から正まで（±）", "from −range to range"),
      positive: say("0 から正まで", "from 0 to range"),
    }),
    noise: numberParam(0.1, say("ノイズ", "noise"), { max: 1 }),
    lr: rateParam(0.07, 1),
    steps: stepsParam(1000, 5000),
  },
  probes: {
    weights: curves("signed", say("重み（傾き）と正解の動き", "weights (slopes), and the truth as it moves"), {
      axes: [say("ステップ", "step"), say("値", "value")],
    }),
    recent: scalar("magnitude", say("直近 100 件の誤差", "error of the last 100 examples")),
    away: scalar("magnitude", say("正解の重みからのずれ", "distance from the true weights")),
  },
  lanes: {
    batch: { label: say("最初の 200 件を全件で", "all of the first 200"), values: { mode: "batch" } },
    online: { label: say("1 件ずつ（オンライン）", "one at a time: online"), values: { mode: "online" } },
  },
  presets: {
    course: {
      label: say("講座の設定", "The course's setting"),
      why: say(
        "3x₀ + 2x₁、学習率 0.07、ドリフトなし。どちらも正解に近づきます。",
        "3x₀ + 2x₁ at a rate of 0.07 without drift: both come close.",
      ),
      values: { drift: 0, noise: 0 },
    },
    ...notebook,
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
  setup({ mode, network, drift, range, side, noise, lr, steps }, { seed }) {
    const span = [side === "both" ? -range : 0, range] as const;
    const stream = lineStream({ count: Math.max(steps, known) + 1, range: span, noise, drift }, seed);
    const { model, look } = follower(network, span);
    const optimizer = new SGD(model.parameters(), { lr });
    const loss = (output: Tensor, target: Tensor): Tensor => mseLoss(output, target).mul(0.5); // as the notebook has it
    const learn = learner(model, optimizer, { loss });
    const first = stream.examples(0, known);
    const errors: number[] = [];
    const path: (readonly number[])[] = [];
    let guess = 0; // of the example that comes next
    const follow = async (step: number): Promise<void> => {
      const seen = await look(stream.x(step));
      path.push(seen.slopes);
      guess = seen.guess;
    };
    return {
      steps,
      model,
      async step({ lr }, step) {
        optimizer.lr = lr;
        if (step === 1) await follow(0);
        errors.push((guess - stream.y(step - 1)) ** 2); // before it learns from it
        await learn(mode === "online" ? stream.examples(step - 1, 1) : first);
        await follow(step);
        const last = errors.slice(-100);
        const truth = stream.truth(step - 1);
        const away = Math.hypot(...path[step].map((slope, i) => slope - truth[i]));
        return { recent: last.reduce((a, b) => a + b, 0) / last.length, away };
      },
      async look() {
        const x = path.map((_, i) => i);
        return {
          weights: [0, 1].flatMap((k) => [
            { name: say(`重み ${k + 1}`, `weight ${k + 1}`), x, y: path.map((slopes) => slopes[k]) },
            { name: say(`正解 ${k + 1}`, `truth ${k + 1}`), x, y: x.map((i) => stream.truth(i)[k]) },
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
        const unfit = untested(onlineLearning, run.lanes);
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
