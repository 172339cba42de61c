/**
 * 2.9 Adam (Kingma & Ba 2015; `Adam`): momentum's running mean m of gradients over the root of RMSProp's mean v of squares.
 * Five lanes race over a saddle, and train the course's network on the digits. Claims: it contains both parts, judged by its
 * m and v, against means that are computed anew, and by accuracy; and it leaves saddles, judged by the steps it takes.
 */
import { defineExperiment, type Experiment } from "../experiment.ts";
import { needsSteps, partsOfAdam, stepsTo } from "../parts/arena-claims.ts";
import { arenaLane } from "../parts/arena-lane.ts";
import { arenaParams, arenaProbes, gaugeProbes, memoryProbes, repositoryStart } from "../parts/arena-settings.ts";
import { digitsRace, raceParams, raceProbes } from "../parts/digits-race.ts";
import { methodNames, methodParam, methods } from "../parts/methods.ts";
import { lanesBy, numberParam, onOff } from "../parts/params.ts";
import { graded, joined, labelled } from "../parts/verdicts.ts";
import { percent, say, show } from "../text.ts";

/** What a method that learns the digits comes to. */
const learnt = [0.88, 0.95] as const;

export const adam: Experiment = defineExperiment({
  id: "adam",
  row: "2.9",
  title: say("Adam", "Adam"),
  question: say(
    "モメンタムと RMSProp を合わせると、両方の良いところが得られるでしょうか？",
    "Does putting momentum and RMSProp together give the best of both?",
  ),
  params: {
    ...arenaParams("saddle", { steps: 1000 }),
    method: methodParam(methods),
    correction: onOff("on", say("Adam のバイアス補正", "Adam's correction of its bias")),
    beta1: numberParam(0.9, say("Adam の β₁（m をどれだけ残すか）", "Adam's β₁, of m"), { max: 0.999 }),
    beta2: numberParam(0.999, say("Adam の β₂（v をどれだけ残すか）", "Adam's β₂, of v"), { max: 0.9999 }),
    ...raceParams,
  },
  probes: { ...arenaProbes, ...gaugeProbes, ...memoryProbes, ...raceProbes },
  lanes: lanesBy("method", methodNames),
  presets: {
    course: {
      label: say("講座の設定", "The course's setting"),
      why: say("784-40-20-10。SGD だけが学習しません。", "784-40-20-10 with sigmoids: only SGD learns nothing."),
      values: { steps: 1000 },
    },
    "course-norm": {
      label: say("講座の [try]：バッチ正規化", "The course's [try]: batch normalization"),
      why: say("バッチ正規化を入れると、SGD も学習し始めます。", "With batch normalization SGD begins to learn too."),
      values: { norm: "on" },
    },
    "course-init": {
      label: say("講座の [try]：初期値を Xavier に", "The course's [try]: Xavier's weights"),
      why: say("Xavier の初期値なら、SGD も少しずつ学習します。", "From Xavier's weights SGD learns too, slowly."),
      values: { weights: "xavier" },
    },
    works: {
      ...repositoryStart,
      why: say(
        "勾配が 7e-8 しかない平地からも、Adam は 50 ステップで谷に着きます。",
        "From a plain whose gradient is 7e-8, too, Adam is in a valley after 50 steps.",
      ),
    },
    uncorrected: {
      label: say("バイアス補正なし", "Without the correction of the bias"),
      why: say("最初の 1 歩が学習率の 3 倍以上になります。", "The first step is more than three times the rate."),
      values: { correction: "off" },
    },
    breaks: {
      label: say("講座の [try]：学習率を 10 倍に", "The course's [try]: ten times the rate"),
      why: say("SGD 以外の正解率が軒並み落ちます。", "All but SGD lose accuracy on the digits."),
      values: { pace: 10 },
    },
  },
  async setup(values, context) {
    const { beta1, beta2, correction, steps } = values;
    const settings = { betas: [beta1, beta2], correctBias: correction === "on" } as const;
    const lane = arenaLane("adam", values, { settings });
    const race = await digitsRace("adam", { ...values, settings }, context);
    return {
      steps,
      model: race.model,
      async step(hot, step) {
        const { walker, gauges, memory } = await lane.step(hot, step);
        return { ...walker, ...gauges, ...memory, ...(await race.step(step, hot.pace)) };
      },
      look: async () => ({ ...(await lane.look()), accuracy: await race.test() }),
    };
  },
  claims: {
    both: {
      sentence: say("モメンタムとRMSPropの２つを含む", "It contains both momentum and RMSProp."),
      predictions: [
        say("両方を含み、正解率もどちらにも劣らない", "it contains both, and is as accurate as either"),
        say("両方を含むが、正解率はどちらかに劣る", "it contains both, but one of them is more accurate"),
        say("片方しか含まない", "it contains one of them only"),
      ],
      verdict(run) {
        const untested = needsSteps(adam, run.lanes, 10);
        if (untested) return untested;
        const [none, m, v, both] = ["sgd", "momentum", "rmsprop", "adam"].map((id) => run.lane(id).last("accuracy"));
        const [isM, isV] = partsOfAdam(run.lane("adam"));
        const ja = (is: boolean): string => (is ? "一致" : "不一致");
        const en = (is: boolean): string => (is ? "is" : "is not");
        const isAsAccurate = both >= Math.max(m, v) - 0.01; // less is chance: seeds differ by about as much
        return {
          ...graded(isM && isV && isAsAccurate, isM && isV),
          because: say(
            `m は勾配の移動平均（モメンタム）と${ja(isM)}、v は二乗の移動平均（RMSProp）と${ja(isV)}。数字の正解率：なし ${percent(none)}、m だけ ${percent(m)}、v だけ ${percent(v)}、両方 ${percent(both)}。`,
            `Its m ${en(isM)} a running mean of gradients, as momentum's, and its v ${en(isV)} one of squares, as RMSProp's. Accuracy on the digits: neither ${percent(none)}, m ${percent(m)}, v ${percent(v)}, both ${percent(both)}.`,
          ),
        };
      },
    },
    saddle: {
      sentence: say("鞍点を抜けることができる", "It can leave saddle points."),
      predictions: [
        say("いちばん早く抜ける", "it leaves first of all"),
        say("抜けるが、いちばんではない", "it leaves, but not first"),
        say("抜けられない", "it does not leave"),
      ],
      verdict(run) {
        const steps = run.lanes.map((lane) => stepsTo(lane, "escape"));
        const own = steps[steps.length - 1];
        const untested = needsSteps(adam, run.lanes, own === Infinity ? 100 : 1);
        if (untested) return untested;
        const shown = steps.map((count) => (count === Infinity ? "—" : show(count)));
        const { ja, en } = joined(run.lanes.map(({ values }, i) => labelled(methodNames[values.method], shown[i])));
        return {
          outcome: own === Infinity ? "fails" : "holds",
          prediction: own === Infinity ? 2 : own === Math.min(...steps) ? 0 : 1,
          because: say(`平らな場所を抜けるまでのステップ数：${ja}。`, `Steps to get off the flat place: ${en}.`),
        };
      },
    },
  },
  expect: {
    bands: {
      "sgd.escape": [130, 132],
      "momentum.escape": [33, 35],
      "adagrad.escape": [57, 59],
      "rmsprop.escape": [3, 5],
      "adam.escape": [10, 12],
      "sgd.accuracy": [0.08, 0.15],
      "momentum.accuracy": learnt,
      "adagrad.accuracy": learnt,
      "rmsprop.accuracy": learnt,
      "adam.accuracy": [0.9, 0.95],
    },
    verdicts: { both: ["holds", "depends"], saddle: "holds" },
  },
});
