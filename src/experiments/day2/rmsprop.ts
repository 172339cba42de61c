/**
 * 2.8 RMSProp (Tieleman & Hinton 2012; `RMSprop`): AdaGrad that forgets. It divides by the root of a running mean of squared
 * gradients, so rates recover. Beside AdaGrad, a walker goes over three valleys; so do walks from 40 × 40 starts, and from 256
 * at five rates each. Claims: it ends in the global optimum where AdaGrad does not, judged start by start; and it needs little
 * tuning, judged by its worst rate.
 */
import { defineExperiment, type Experiment } from "../experiment.ts";
import { endText, needsOptima, needsSteps } from "../parts/arena-claims.ts";
import { arenaLane } from "../parts/arena-lane.ts";
import { arenaParams, arenaProbes, basinProbes, gaugeProbes, sweepProbe } from "../parts/arena-settings.ts";
import { onlyFirst } from "../parts/basin.ts";
import { methodParam } from "../parts/methods.ts";
import { numberParam } from "../parts/params.ts";
import { graded } from "../parts/verdicts.ts";
import { percent, say } from "../text.ts";

/** The learning rates of the sweep, as multiples of the usual. */
const paces = [0.1, 0.3, 1, 3, 10];

export const rmsprop: Experiment = defineExperiment({
  id: "rmsprop",
  row: "2.8",
  title: say("RMSProp", "RMSProp"),
  question: say(
    "過去の勾配を少しずつ忘れると、AdaGrad より良い谷に着けるでしょうか？",
    "Does forgetting old gradients lead to better valleys than AdaGrad's?",
  ),
  params: {
    ...arenaParams("landscape", { steps: 500 }),
    method: methodParam(["adagrad", "rmsprop"]),
    rho: numberParam(0.9, say("減衰率 ρ", "decay ρ"), {
      max: 0.999,
      help: say("過去の勾配の二乗をどれだけ残すか。", "How much of the mean of squared gradients is kept."),
    }),
  },
  probes: { ...arenaProbes, ...gaugeProbes, ...basinProbes, sweep: sweepProbe },
  lanes: {
    adagrad: { label: say("AdaGrad", "AdaGrad"), values: { method: "adagrad" } },
    rmsprop: { label: say("RMSProp", "RMSProp"), values: { method: "rmsprop" } },
  },
  presets: {
    works: {
      label: say("平地から抜け出す", "Off the plain"),
      why: say(
        "勾配が 7e-8 しかない平地でも、RMSProp は 50 ステップ以内に大域的最適解に着きます。",
        "On a plain whose gradient is 7e-8, RMSProp is at the global optimum within 50 steps all the same.",
      ),
      values: { start: [0.75, 1] },
    },
    breaks: {
      label: say("AdaGrad が勝つ出発点", "A start from which AdaGrad wins"),
      why: say(
        "(0, 0.6) からは AdaGrad が大域的最適解に、RMSProp が局所的最適解に着きます。",
        "From (0, 0.6) AdaGrad arrives at the global optimum and RMSProp at a local one.",
      ),
      values: { start: [0, 0.6] },
    },
    road: {
      label: say("曲がった長い谷", "A long bent valley"),
      why: say(
        "急な坂で下がった学習率が、谷底では元に戻ります。",
        "The learning rates that fell on the steep way in recover on the valley's floor.",
      ),
      values: { surface: "banana", start: [-1.5, 2], steps: 3000 },
    },
  },
  setup(values) {
    const lane = arenaLane("rmsprop", values, { settings: { rho: values.rho }, cells: 40, paces });
    return {
      steps: values.steps,
      async step(hot, step) {
        const { walker, gauges } = await lane.step(hot, step);
        return { ...walker, ...gauges };
      },
      look: () => lane.look(),
    };
  },
  claims: {
    global: {
      sentence: say(
        "AdaGradより局所的最適解でなく、大域的最適解となる",
        "More than AdaGrad, it arrives at the global optimum and not at a local one.",
      ),
      predictions: [
        say("どの出発点でも、AdaGrad に劣らない", "from no start is it worse than AdaGrad"),
        say("出発点による", "it depends on the start"),
        say("AdaGrad のほうが良い", "AdaGrad is better"),
      ],
      verdict(run) {
        const [adagrad, own] = [run.lane("adagrad"), run.lane("rmsprop")];
        const untested = needsSteps(rmsprop, run.lanes, 100) ?? needsOptima(run.lanes);
        if (untested) return untested;
        const [byAdagrad, byRmsprop] = [adagrad, own].map((lane) => lane.last("basin").values);
        const better = onlyFirst(byRmsprop, byAdagrad);
        const worse = onlyFirst(byAdagrad, byRmsprop);
        const from = own.values.start.join(", ");
        const [end, other] = [endText(own), endText(adagrad)];
        return {
          ...graded(better > 0 && worse === 0, better > 0),
          because: say(
            `(${from}) から着いたのは、RMSProp は${end.ja}、AdaGrad は${other.ja}。RMSProp だけが大域的最適解に着いた出発点は ${percent(better)}、AdaGrad だけは ${percent(worse)} でした。`,
            `From (${from}) RMSProp came to ${end.en}, AdaGrad to ${other.en}. Only RMSProp came to the global optimum from ${percent(better)} of all starts, only AdaGrad from ${percent(worse)}.`,
          ),
        };
      },
    },
    tuning: {
      sentence: say("ハイパーパラメータ調整が必要になる場合が少ない", "Its hyperparameters seldom have to be tuned."),
      predictions: [
        say(
          "学習率を 100 倍の範囲で変えても、9 割以上が谷に着く",
          "9 of 10 starts lead to a valley over a range of 100 in the rate",
        ),
        say("AdaGrad よりはよく着く", "more do than with AdaGrad"),
        say("AdaGrad と変わらない", "no more than with AdaGrad"),
      ],
      verdict(run) {
        const [adagrad, own] = [run.lane("adagrad"), run.lane("rmsprop")];
        const untested = needsSteps(rmsprop, run.lanes, 100);
        if (untested) return untested;
        const worst = [adagrad, own].map((lane) => Math.min(...Array.from(lane.last("sweep").values)));
        const [byAdagrad, byRmsprop] = worst;
        return {
          ...graded(byRmsprop >= 0.9, byRmsprop > byAdagrad),
          because: say(
            `標準の 0.1〜10 倍のうち最も悪い学習率でも、どれかの谷に着いた出発点は RMSProp ${percent(byRmsprop)}、AdaGrad ${percent(byAdagrad)} でした。`,
            `At the worst of the rates from 0.1 to 10 times the usual, ${percent(byRmsprop)} of the starts led to a valley with RMSProp, ${percent(byAdagrad)} with AdaGrad.`,
          ),
        };
      },
    },
  },
  expect: {
    bands: {
      "rmsprop.escape": [6, 8],
      "rmsprop.position.0": [-0.53, -0.47],
      "rmsprop.position.1": [-0.83, -0.77],
      "rmsprop.ends.0": [0.4, 0.47],
      "adagrad.ends.0": [0.34, 0.4],
      "adagrad.position.0": [0.74, 0.76],
      "rmsprop.sweep.0": [0.88, 0.94],
      "rmsprop.sweep.-1": [0.95, 1],
      "adagrad.sweep.-1": [0.6, 0.78],
    },
    verdicts: { global: "depends", tuning: "holds" },
  },
});
