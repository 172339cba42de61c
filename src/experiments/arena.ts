/** The arena: all optimizers race from a start of one's own, and for each a map of where every other start would end. */
import { defineExperiment, type Experiment } from "./experiment.ts";
import { arenaLane } from "./parts/arena-lane.ts";
import { arenaParams, arenaProbes, basinProbes, gaugeProbes, repositoryStart } from "./parts/arena-settings.ts";
import { methodNames, methodParam, methods } from "./parts/methods.ts";
import { lanesBy, numberParam } from "./parts/params.ts";
import { surfaces } from "./parts/surfaces.ts";
import { say } from "./text.ts";

export const arena: Experiment = defineExperiment({
  id: "arena",
  row: null,
  title: say("最適化アリーナ", "The optimizer arena"),
  question: say(
    "同じ場所から出発した 5 つの手法は、どこに着くでしょうか？",
    "Five methods set off from one place. Where does each arrive?",
  ),
  params: {
    ...arenaParams("landscape", { steps: 300 }),
    method: methodParam(methods),
    beta: numberParam(0.95, say("モメンタムの慣性 β", "momentum's β"), { max: 0.999 }),
    rho: numberParam(0.9, say("RMSProp の減衰率 ρ", "RMSProp's ρ"), { max: 0.999 }),
  },
  probes: { ...arenaProbes, ...gaugeProbes, ...basinProbes },
  lanes: lanesBy("method", methodNames),
  presets: {
    works: {
      label: say("谷に囲まれた出発点", "A start among the valleys"),
      why: say(
        "勾配のあるところから出発すると、どの手法も動きます。着く谷は手法によって違います。",
        "Where there is a gradient all of them move, though not to the same valley.",
      ),
      values: { start: [0, 0.6], steps: 1000 },
    },
    breaks: {
      ...repositoryStart,
      why: say(
        "勾配は 7e-8 しかありません。勾配の大きさで割る RMSProp と Adam だけが動けます。",
        "The gradient there is 7e-8: only RMSProp and Adam, which divide by its size, get away.",
      ),
    },
    saddle: {
      label: say("鞍点", "A saddle"),
      why: say(
        "尾根のほぼ真上から出発します。低いほうへ曲がれるのはいつでしょうか。",
        "The start is nearly on the ridge. When does each turn downwards?",
      ),
      values: { surface: "saddle", start: surfaces.saddle.start },
    },
    ravine: {
      label: say("細長い谷", "A ravine"),
      why: say(
        "横は縦の 50 倍急です。勾配降下法は横に揺れ、モメンタムは谷底を行き過ぎます。",
        "It is 50 times steeper across than along: plain descent zigzags, and momentum runs past.",
      ),
      values: { surface: "ravine", start: surfaces.ravine.start },
    },
    banana: {
      label: say("曲がった長い谷", "A long bent valley"),
      why: say(
        "谷に入るのは易しく、ほぼ平らな谷底を進むのが難しい曲面です。",
        "Getting into the valley is easy; going along its nearly flat floor is not.",
      ),
      values: { surface: "banana", start: surfaces.banana.start, steps: 2000 },
    },
  },
  setup(values) {
    const settings = { beta: values.beta, rho: values.rho };
    const lane = arenaLane("arena", values, { settings, cells: 32 });
    return {
      steps: values.steps,
      async step(hot, step) {
        const { walker, gauges } = await lane.step(hot, step);
        return { ...walker, ...gauges };
      },
      look: () => lane.look(),
    };
  },
  claims: {},
  expect: {
    bands: {
      "sgd.height": [4, 6],
      "momentum.height": [4, 6],
      "adagrad.height": [4, 6],
      "rmsprop.height": [0, 0.1],
      "adam.height": [0, 0.1],
      "rmsprop.escape": [1, 60],
      "adam.escape": [1, 60],
    },
    verdicts: {},
  },
});
