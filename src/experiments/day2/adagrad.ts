/**
 * 2.7 AdaGrad (Duchi et al. 2011; `Adagrad`): each axis divides its learning rate by the root of the sum of all its squared
 * gradients, so rates only ever fall. Beside gradient descent, a walker leaves a saddle, and a second one goes down a ravine
 * made 100 times flatter. Claims: it suits gentle slopes, judged by the ravine; falling rates keep it at saddles, by the first.
 */
import { defineExperiment, type Experiment } from "../experiment.ts";
import { needsBottom, needsSteps, stepsTo } from "../parts/arena-claims.ts";
import { arenaLane } from "../parts/arena-lane.ts";
import { arenaParams, arenaProbes, gaugeProbes, repositoryStart } from "../parts/arena-settings.ts";
import { methodParam } from "../parts/methods.ts";
import { numberParam } from "../parts/params.ts";
import { ravineProbes } from "../parts/ravine-walk.ts";
import { flattened, surfaces } from "../parts/surfaces.ts";
import { stepsText } from "../parts/verdicts.ts";
import { say, show } from "../text.ts";

export const adagrad: Experiment = defineExperiment({
  id: "adagrad",
  row: "2.7",
  title: say("AdaGrad", "AdaGrad"),
  question: say(
    "軸ごとの学習率がだんだん小さくなると、得をするでしょうか、損をするでしょうか？",
    "Is it good or bad that the learning rate of each axis only ever gets smaller?",
  ),
  params: {
    ...arenaParams("saddle", { steps: 1000 }),
    method: methodParam(["sgd", "adagrad"]),
    accumulator: numberParam(0.1, say("二乗和の初期値", "what the sum of squares starts with"), {
      max: 10,
      help: say("0.1 は TensorFlow、0 は PyTorch の初期値です。", "TensorFlow's is 0.1, PyTorch's 0."),
    }),
    eps: numberParam(1e-10, say("分母に足す ε", "ε, added to the divisor"), { min: 1e-12, max: 1, scale: "log" }),
    flatness: numberParam(100, say("谷の緩やかさ（何分の 1 の勾配か）", "how many times flatter the ravine is"), {
      min: 1,
      max: 1e4,
      scale: "log",
    }),
  },
  probes: { ...arenaProbes, ...gaugeProbes, ...ravineProbes(say("緩やかな谷", "a gentle ravine")) },
  lanes: {
    gd: { label: say("勾配降下法", "gradient descent"), values: { method: "sgd" } },
    adagrad: { label: say("AdaGrad", "AdaGrad"), values: { method: "adagrad" } },
  },
  presets: {
    repository: {
      ...repositoryStart,
      why: say(
        "勾配が 7e-8 の平地です。二乗和の初期値 0.1 に埋もれて、AdaGrad も 1000 ステップ動きません。",
        "A plain whose gradient is 7e-8, nothing next to a sum that starts at 0.1: AdaGrad stays for 1,000 steps.",
      ),
    },
    works: {
      label: say("二乗和の初期値を 0 に", "A sum that starts at 0"),
      why: say(
        "同じ平地でも、初期値が 0 なら AdaGrad の歩幅は勾配の大きさによらず、すぐに動き出します。",
        "On the same plain it moves at once: its steps no longer depend on how small gradients are.",
      ),
      values: { ...repositoryStart.values, accumulator: 0 },
    },
    breaks: {
      label: say("曲がった長い谷", "A long bent valley"),
      why: say(
        "最初の急な坂で学習率を使い果たし、1000 ステップでも谷の終わりに着きません。",
        "The steep way in uses the learning rate up: after 1,000 steps it is not at the valley's end.",
      ),
      values: { surface: "banana", start: [-1.5, 2] },
    },
  },
  setup(values) {
    const { accumulator, eps, flatness, steps } = values;
    const ravine = flattened(surfaces.ravine, flatness);
    const lane = arenaLane("adagrad", values, { settings: { accumulator, eps }, ravine });
    return {
      steps,
      async step(hot, step) {
        const { walker, gauges, ravine } = await lane.step(hot, step);
        return { ...walker, ...gauges, ...ravine };
      },
      look: () => lane.look(),
    };
  },
  claims: {
    gentle: {
      sentence: say(
        "勾配の緩やかな場合に最適値へ近づきやすい",
        "Where gradients are gentle, AdaGrad comes near the optimum more easily.",
      ),
      predictions: [
        say("勾配降下法より早く着く", "it is there sooner than gradient descent"),
        say("勾配降下法のほうが早い", "gradient descent is sooner"),
      ],
      verdict(run) {
        const [gd, ada] = [run.lane("gd"), run.lane("adagrad")];
        const [byGd, byAda] = [gd, ada].map((lane) => stepsTo(lane, "ravineSettled"));
        const untested = needsSteps(adagrad, run.lanes, 1) ?? needsBottom(byGd, byAda);
        if (untested) return untested;
        const [gdText, adaText] = [byGd, byAda].map(stepsText);
        return {
          outcome: byAda < byGd ? "holds" : "fails",
          prediction: byAda < byGd ? 0 : 1,
          because: say(
            `勾配が ${show(ada.values.flatness)} 分の 1 の谷で、谷底まで：AdaGrad ${adaText.ja}、勾配降下法 ${gdText.ja}。`,
            `In a ravine ${show(ada.values.flatness)} times flatter, to the bottom: AdaGrad ${adaText.en}, gradient descent ${gdText.en}.`,
          ),
        };
      },
    },
    saddle: {
      sentence: say(
        "学習率が徐々に小さくなるので鞍点問題を起こす",
        "Its learning rate gets smaller and smaller, which causes the problem of saddle points.",
      ),
      predictions: [
        say("鞍点から抜けられない", "it does not leave the saddle"),
        say("抜けるが、勾配降下法より遅い", "it leaves, but later than gradient descent"),
        say("勾配降下法より早く抜ける", "it leaves sooner than gradient descent"),
      ],
      verdict(run) {
        const [gd, ada] = [run.lane("gd"), run.lane("adagrad")];
        const untested = needsSteps(adagrad, run.lanes, 100);
        if (untested) return untested;
        const [byGd, byAda] = [gd, ada].map((lane) => stepsTo(lane, "escape"));
        const [gdText, adaText] = [byGd, byAda].map(stepsText);
        const first = ada.first("rates").values[0]; // along x
        const last = ada.last("rates").values[0];
        const isHeld = byAda === Infinity && last < first / 2; // where its rate did not fall, there is another reason
        return {
          outcome: byAda < byGd ? "fails" : isHeld ? "holds" : "depends",
          prediction: byAda === Infinity ? 0 : byAda < byGd ? 2 : 1,
          because: say(
            `x 軸の学習率は ${show(first)} → ${show(last)}。平らな場所を抜けるまで：AdaGrad ${adaText.ja}、勾配降下法 ${gdText.ja}。`,
            `The learning rate along x went from ${show(first)} to ${show(last)}. To get off the flat place: AdaGrad ${adaText.en}, gradient descent ${gdText.en}.`,
          ),
        };
      },
    },
  },
  expect: {
    bands: {
      "adagrad.escape": [57, 59],
      "gd.escape": [130, 132],
      "adagrad.ravineSettled": [325, 350],
      "adagrad.rates.0@0": [0.04, 0.06],
      "adagrad.rates.0": [0.005, 0.04],
    },
    verdicts: { gentle: "holds", saddle: "fails" },
  },
});
