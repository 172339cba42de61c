/** 2.9 Adam as what it is put together from: with neither part, with each, and with both, at a saddle and on the digits. */
import { defineExperiment, type Experiment } from "../experiment.ts";
import { areRunningMeans, undecided } from "../parts/arena-claims.ts";
import {
  arenaParams,
  arenaProbes,
  footstepReadings,
  gaugeProbes,
  methodParam,
  onAxes,
  once,
  pointOf,
} from "../parts/arena-parts.ts";
import { networkParams, networkProbes, widthsOf } from "../parts/digit-network.ts";
import { digitsRace } from "../parts/digits-race.ts";
import { type Method, methodNames, methods, rates } from "../parts/methods.ts";
import { Arena } from "../parts/optimizer-arena.ts";
import { surfaces } from "../parts/surfaces.ts";
import { percent, say, show, type Text } from "../text.ts";

const { hidden, weights, std } = networkParams({ hidden: [40, 20], lr: 0, steps: 0 });
const { loss, accuracy } = networkProbes;
const lane = (method: Method) => ({ label: methodNames[method], values: { method } });

const onOff = (usual: "on" | "off", label: Text) =>
  ({
    kind: "choice",
    options: ["on", "off"],
    default: usual,
    names: { on: say("あり", "on"), off: say("なし", "off") },
    label,
  }) as const;

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
    beta1: {
      kind: "number",
      min: 0,
      max: 0.999,
      default: 0.9,
      label: say("Adam の β₁（m をどれだけ残すか）", "Adam's β₁, of m"),
    },
    beta2: {
      kind: "number",
      min: 0,
      max: 0.9999,
      default: 0.999,
      label: say("Adam の β₂（v をどれだけ残すか）", "Adam's β₂, of v"),
    },
    hidden,
    weights,
    std,
    norm: onOff("off", say("バッチ正規化", "batch normalization")),
  },
  probes: {
    ...arenaProbes,
    ...gaugeProbes,
    m: { form: "bars", kind: "signed", label: say("覚えている向き m", "m: the direction that is remembered") },
    v: {
      form: "bars",
      kind: "magnitude",
      label: say("覚えている勾配の大きさ v", "v: the size of gradients that is remembered"),
    },
    loss: { ...loss, label: say("数字の学習の損失", "loss on the digits") },
    accuracy,
  },
  lanes: {
    sgd: lane("sgd"),
    momentum: lane("momentum"),
    adagrad: lane("adagrad"),
    rmsprop: lane("rmsprop"),
    adam: lane("adam"),
  },
  presets: {
    course: {
      label: say("講座の設定", "The course's setting"),
      why: say(
        "784-40-20-10、シグモイド、標準偏差 0.01。SGD だけがまったく学習しません。",
        "784-40-20-10, sigmoids, a deviation of 0.01: only SGD learns nothing at all.",
      ),
      values: { steps: 1000 },
    },
    "course-norm": {
      label: say("講座の [try]：バッチ正規化", "The course's [try]: batch normalization"),
      why: say("バッチ正規化を入れると、SGD も学習し始めます。", "With batch normalization SGD begins to learn too."),
      values: { norm: "on" },
    },
    works: {
      label: say("リンク先のリポジトリの出発点", "Where the linked repository starts"),
      why: say(
        "勾配が 7e-8 しかない平地でも、Adam は 50 ステップ以内に大域的最適解に着きます。",
        "Even from a plain whose gradient is 7e-8 Adam is at the global optimum within 50 steps.",
      ),
      values: { surface: "landscape", start: [0.75, 1] },
    },
    uncorrected: {
      label: say("バイアス補正なし", "Without the correction of the bias"),
      why: say(
        "最初の 1 歩が学習率の 3 倍以上になります。補正があれば、ちょうど学習率です。",
        "The first step is more than three times the learning rate, which it is exactly if corrected.",
      ),
      values: { correction: "off" },
    },
    breaks: {
      label: say("講座の [try]：学習率を 10 倍に", "The course's [try]: ten times the rate"),
      why: say(
        "SGD 以外の正解率が軒並み落ちます。どれが学習できなくなるかは、乱数のシードによって変わります。",
        "All but SGD lose accuracy on the digits; which of them learn nothing at all depends on the seed.",
      ),
      values: { pace: 10 },
    },
  },
  async setup(values, context) {
    const { surface, start, method, steps } = values;
    const adams = { betas: [values.beta1, values.beta2], correctBias: values.correction === "on" } as const;
    const from = pointOf("adam", "start", start);
    const main = { surface: surfaces[surface], start: from, rate: rates[surface][method] };
    const arena = new Arena({ method, settings: adams, tracks: { main } });
    const escaped = once("escape");

    const race = await digitsRace(context, {
      method,
      settings: adams,
      hidden: widthsOf("adam", values.hidden),
      weights: values.weights,
      std: values.std,
      isNormed: values.norm === "on",
    });
    return {
      steps,
      model: race.model,
      async step(hot, step) {
        const { main: foot } = await arena.step(hot);
        return {
          ...footstepReadings(foot),
          rates: onAxes(foot.rates),
          m: onAxes(foot.direction),
          v: onAxes(foot.size),
          ...escaped(step, main.surface.isOff(foot.position, from)),
          ...(await race.step(step, hot.pace)),
        };
      },
      look: async () => ({ path: await arena.path("main"), accuracy: await race.test() }),
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
        const last = run.lane("adam");
        const { method, beta1, beta2 } = last.values;
        if (method !== "adam" || last.step < 10) {
          return undecided("Adam で 10 ステップ以上進むと判定できます。", "It takes Adam, and 10 steps.");
        }
        const numbers = (probe: "gradient" | "m" | "v") => last.series(probe).values.map(({ values }) => values);
        const inputs = numbers("gradient");
        const hasM = beta1 > 0 && areRunningMeans(numbers("m"), { inputs, of: (g) => g, beta: beta1 });
        const hasV = beta2 > 0 && areRunningMeans(numbers("v"), { inputs, of: (g) => g * g, beta: beta2 });
        const [none, m, v, both] = (["sgd", "momentum", "rmsprop", "adam"] as const).map((id) =>
          run.lane(id).last("accuracy"),
        );
        const isAsGood = both >= Math.max(m, v) - 0.01;
        const yes = (is: boolean): readonly [string, string] => (is ? ["一致", "is"] : ["不一致", "is not"]);
        return {
          outcome: hasM && hasV ? (isAsGood ? "holds" : "depends") : "fails",
          prediction: hasM && hasV ? (isAsGood ? 0 : 1) : 2,
          because: say(
            `m は勾配の移動平均（モメンタム）と${yes(hasM)[0]}、v は二乗の移動平均（RMSProp）と${yes(hasV)[0]}。数字の正解率：なし ${percent(none)}、m だけ ${percent(m)}、v だけ ${percent(v)}、両方 ${percent(both)}。`,
            `Its m ${yes(hasM)[1]} a running mean of gradients, as momentum's, and its v ${yes(hasV)[1]} one of squares, as RMSProp's. Accuracy on the digits: neither ${percent(none)}, m ${percent(m)}, v ${percent(v)}, both ${percent(both)}.`,
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
        const steps = run.lanes.map((lane) => (lane.has("escape") ? lane.last("escape") : Infinity));
        const last = run.lane("adam");
        const own = steps[steps.length - 1];
        if (last.values.method !== "adam" || (last.step < 100 && own === Infinity)) {
          return undecided("Adam で 100 ステップ以上進むと判定できます。", "It takes Adam, and 100 steps.");
        }
        const list = run.lanes.map(({ id }, i) => `${id} ${steps[i] === Infinity ? "—" : show(steps[i])}`).join(", ");
        return {
          outcome: own === Infinity ? "fails" : "holds",
          prediction: own === Infinity ? 2 : own === Math.min(...steps) ? 0 : 1,
          because: say(`平らな場所を抜けるまでのステップ数：${list}。`, `Steps to get off the flat place: ${list}.`),
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
      "momentum.accuracy": [0.88, 0.95],
      "adagrad.accuracy": [0.88, 0.95],
      "rmsprop.accuracy": [0.88, 0.95],
      "adam.accuracy": [0.9, 0.95],
    },
    verdicts: { both: ["holds", "depends"], saddle: "holds" },
  },
});
