/**
 * 2.6 Momentum (Polyak 1964; `SGD` with `momentum`): each move keeps the part β of the one before. Beside gradient descent, a
 * walker goes over three valleys and a second one down a ravine; and walks from 40 × 40 starts end somewhere in the valleys.
 * Claims: it comes to the global optimum, judged by all starts; and out of a ravine fast, by steps to pass and to stay.
 */
import { defineExperiment, type Experiment } from "../experiment.ts";
import { endText, needsBottom, needsOptima, needsSteps, stepsTo } from "../parts/arena-claims.ts";
import { arenaLane } from "../parts/arena-lane.ts";
import { arenaParams, arenaProbes, basinProbes, repositoryStart } from "../parts/arena-settings.ts";
import { methodParam } from "../parts/methods.ts";
import { numberParam } from "../parts/params.ts";
import { ravineProbes } from "../parts/ravine-walk.ts";
import { surfaces } from "../parts/surfaces.ts";
import { graded, stepsText } from "../parts/verdicts.ts";
import { percent, say } from "../text.ts";

export const momentum: Experiment = defineExperiment({
  id: "momentum",
  row: "2.6",
  title: say("モメンタム", "Momentum"),
  question: say(
    "勢いをつけて坂を下ると、いちばん低い谷にたどり着けるでしょうか？",
    "Does going downhill with momentum lead to the lowest valley?",
  ),
  params: {
    ...arenaParams("landscape", { start: [0.5, 0.2], steps: 1000 }),
    method: methodParam(["sgd", "momentum"]),
    beta: numberParam(0.95, say("慣性 β", "momentum β"), {
      max: 0.999,
      help: say("前の移動をどれだけ残すか。0 なら勾配降下法です。", "How much of the last move is kept."),
    }),
  },
  probes: { ...arenaProbes, ...basinProbes, ...ravineProbes(surfaces.ravine.name) },
  lanes: {
    gd: { label: say("勾配降下法", "gradient descent"), values: { method: "sgd" } },
    momentum: { label: say("モメンタム", "momentum"), values: { method: "momentum" } },
  },
  presets: {
    repository: {
      ...repositoryStart,
      why: say(
        "ここの勾配は 7e-8 しかなく、1000 ステップ進んでもどちらも動きません。",
        "The gradient there is 7e-8: neither moves within 1,000 steps.",
      ),
    },
    works: {
      label: say("大域的最適解に着く出発点", "A start from which it works"),
      why: say(
        "(0, 0.6) からは、モメンタムは大域的最適解に着きます。",
        "From (0, 0.6) momentum arrives at the global optimum.",
      ),
      values: { start: [0, 0.6] },
    },
    breaks: {
      label: say("大きすぎる学習率", "Too large a rate"),
      why: say(
        "学習率を 3 倍にすると、モメンタムでもほとんどの出発点で谷から飛び出してしまいます。",
        "At three times the rate even momentum is thrown out of the valleys, from most starts.",
      ),
      values: { pace: 3 },
    },
    ravine: {
      label: say("細長い谷で β = 0.9", "A ravine with β = 0.9"),
      why: say(
        "β を小さくすると行き過ぎが減り、落ち着くのも勾配降下法より早くなります。",
        "With less momentum it swings less, and settles sooner than gradient descent too.",
      ),
      values: { surface: "ravine", start: [-4, 1], beta: 0.9 },
    },
  },
  setup(values) {
    const { beta, steps } = values;
    const lane = arenaLane("momentum", values, { settings: { beta }, ravine: surfaces.ravine, cells: 40 });
    return {
      steps,
      async step(hot, step) {
        const { walker, ravine } = await lane.step(hot, step);
        return { ...walker, ...ravine };
      },
      look: () => lane.look(),
    };
  },
  claims: {
    global: {
      sentence: say(
        "局所的最適解でなく、大域的最適解となる",
        "Momentum arrives at the global optimum, not at a local one.",
      ),
      predictions: [
        say("どこから出発しても大域的最適解に着く", "at the global optimum, from every start"),
        say("出発点による。勾配降下法よりは多い", "it depends on the start, but more often than gradient descent"),
        say("勾配降下法と変わらない", "no more often than gradient descent"),
      ],
      verdict(run) {
        const [gd, own] = [run.lane("gd"), run.lane("momentum")];
        const untested = needsSteps(momentum, run.lanes, 100) ?? needsOptima(run.lanes);
        if (untested) return untested;
        const [plain, withMomentum] = [gd, own].map((lane) => lane.last("ends").values[0]); // the part of all starts
        const from = own.values.start.join(", ");
        const end = endText(own);
        return {
          ...graded(withMomentum > 0.999, withMomentum > plain),
          because: say(
            `(${from}) から着いたのは${end.ja}でした。全出発点のうち大域的最適解に着いたのは、モメンタム ${percent(withMomentum)}、勾配降下法 ${percent(plain)} です。`,
            `From (${from}) it came to ${end.en}. Of all starts, ${percent(withMomentum)} led to the global optimum with momentum, and ${percent(plain)} with gradient descent.`,
          ),
        };
      },
    },
    valley: {
      sentence: say("谷間から最適値へ早くたどりつく", "Momentum gets from a ravine to its optimum fast."),
      predictions: [
        say("勾配降下法より早く着いて、そこに落ち着く", "it is there sooner than gradient descent, and stays"),
        say("早く着くが、行き過ぎて揺れる", "it is there sooner, but swings past"),
        say("勾配降下法より遅い", "it takes longer than gradient descent"),
      ],
      verdict(run) {
        const [gd, own] = [run.lane("gd"), run.lane("momentum")];
        const steps = {
          passed: stepsTo(own, "ravinePassed"),
          settled: stepsTo(own, "ravineSettled"),
          plain: stepsTo(gd, "ravineSettled"),
        };
        const untested = needsSteps(momentum, run.lanes, 1) ?? needsBottom(steps.passed, steps.plain);
        if (untested) return untested;
        const [passed, settled, plain] = [steps.passed, steps.settled, steps.plain].map(stepsText);
        return {
          ...graded(steps.settled < steps.plain, steps.passed < steps.plain),
          because: say(
            `谷底を初めて通るまで：モメンタム ${passed.ja}。落ち着くまで：モメンタム ${settled.ja}、勾配降下法 ${plain.ja}。`,
            `To pass the bottom: momentum ${passed.en}. To settle there: momentum ${settled.en}, gradient descent ${plain.en}.`,
          ),
        };
      },
    },
  },
  expect: {
    bands: {
      "gd.ends.0": [0.1, 0.2],
      "momentum.ends.0": [0.33, 0.41],
      "momentum.ends.1": [0.4, 0.49],
      "momentum.position.0": [0.98, 1.02],
      "momentum.position.1": [-0.52, -0.48],
      "gd.ravineSettled": [121, 125],
      "momentum.ravinePassed": [81, 85],
      "momentum.ravineSettled": [160, 176],
    },
    verdicts: { global: "depends", valley: "depends" },
  },
});
