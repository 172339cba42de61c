/**
 * 2.15 Dropout (Srivastava et al. 2014; `MLP` with `dropout`): each step trains another part of the units, so one network is
 * many, and all units together answer about as the mean of those does. On 15 noisy points of a sine, lanes without and with.
 * The report only says what dropout does; judged is what it is for: the error on the truth is less with it.
 */
import { inEvalMode } from "../../train/index.ts";
import { defineExperiment, type Experiment } from "../experiment.ts";
import { fan, fanProbes, setDropout, subNetwork } from "../parts/dropout-fan.ts";
import { overfitParams, overfitProbes, recipes } from "../parts/overfit-settings.ts";
import { overfitTask } from "../parts/overfit-task.ts";
import { choiceParam, integerParam, numberParam } from "../parts/params.ts";
import { undecided } from "../parts/verdicts.ts";
import type { Line } from "../probe.ts";
import { say, show } from "../text.ts";

/** Examples of the test that the sub-networks are asked. */
const asked = 100;

export const dropout: Experiment = defineExperiment({
  id: "dropout",
  row: "2.15",
  title: say("ドロップアウト", "Dropout"),
  question: say(
    "学習中にユニットをランダムに消すと、過学習は減るでしょうか？",
    "Is there less overfitting where units are removed at random while training?",
  ),
  params: {
    ...overfitParams({ steps: 4000 }),
    p: numberParam(0.2, say("消す確率 p", "probability p of removal"), { max: 0.9, hot: true }),
    samples: integerParam(30, say("部分ネットワークの数", "sub-networks drawn"), { min: 2, max: 60, hot: true }),
    mode: choiceParam(
      "eval",
      say("答えるのは", "who answers"),
      {
        eval: say("全ユニット（推論時）", "all units, as at inference"),
        train: say("部分ネットワーク 1 つ（学習時）", "one sub-network, as in training"),
      },
      { hot: true },
    ),
  },
  probes: { ...overfitProbes, ...fanProbes },
  lanes: {
    without: { label: say("ドロップアウトなし", "without dropout"), values: { p: 0 } },
    with: { label: say("ドロップアウトあり", "with dropout"), values: {} }, // p is the setting's
  },
  presets: {
    course: {
      label: say("講座の演習（数字 300 枚）", "The course's exercise: 300 digits"),
      why: say(
        "p = 0.15。学習データとの差は縮まりますが、正解率は 3 ポイントも変わりません。",
        "p = 0.15: the gap to its own digits gets smaller, and the accuracy changes by less than 3 points.",
      ),
      values: { ...recipes.digits, p: 0.15 },
    },
    works: {
      label: say("p = 0.1", "p = 0.1"),
      why: say("少し消すだけでも、真の曲線に近づきます。", "Removing a few already brings it closer to the truth."),
      values: { p: 0.1 },
    },
    one: {
      label: say("部分ネットワークに答えさせる", "Let a sub-network answer"),
      why: say(
        "1 つだけで答えると、誤差は平均して全ユニットより大きくなります。",
        "One alone has, on average, a larger error than all units together.",
      ),
      values: { mode: "train" },
    },
    breaks: {
      label: say("小さなネットワークに p = 0.9", "p = 0.9 in a small network"),
      why: say("ほとんど消すと、点にもろくに合わなくなります。", "With nearly all removed it hardly fits its points."),
      values: { p: 0.9, width: 8 },
    },
  },
  async setup(values, context) {
    const { world, steps } = values;
    const task = await overfitTask({ ...values, dropout: 0.5 }, context); // its probability is `p`, from step to step
    const { model, test, error } = task;
    const some = { x: test.x.narrow(0, 0, asked), y: test.y.narrow(0, 0, asked) };
    const answer = (mode: "eval" | "train") => (mode === "train" ? subNetwork(model).forward : undefined);
    const places = Array.from((await test.x.data()) as Float32Array);
    const line = (name: Line["name"], y: Float32Array): Line => ({ name, x: places, y });
    return {
      steps,
      model,
      step({ lr, p, mode }, step) {
        setDropout(model, p);
        return task.step(step, { lr, dropout: p }, answer(mode));
      },
      async look({ p, samples, mode }) {
        setDropout(model, p);
        const { outputs, mean, ...readings } = await inEvalMode(model, () => fan(model, some, error, samples));
        const whole = await task.measure(answer(mode));
        const curves = [...outputs.map((y, i) => line(`#${i + 1}`, y)), line(say("平均", "mean"), mean)];
        return {
          ...readings,
          ...(world === "sine" && { fan: curves }),
          ...(await task.picture(whole.output)),
          testError: whole.error,
        };
      },
    };
  },
  claims: {
    helps: {
      sentence: say("ドロップアウト：ランダムにノードを削除する", "Dropout: removes nodes at random."),
      predictions: [
        say("学習データにも真の曲線にも近づく", "it fits both its points and the truth better"),
        say("学習データからは離れ、真の曲線に近づく", "it fits its points worse and the truth better"),
        say("どちらからも離れる", "it fits both worse"),
      ],
      verdict(run) {
        const lanes = [run.lane("without"), run.lane("with")];
        const [without, withIt] = lanes;
        if (withIt.step === 0 || without.values.p > 0 || withIt.values.p === 0 || withIt.values.mode === "train") {
          return undecided(
            "ありとなしで学習し、全ユニットで答えると判定できます。",
            "It takes both lanes, and all units to answer.",
          );
        }
        const isBetter = withIt.last("testError") < without.last("testError");
        const isNearer = withIt.last("trainError") < without.last("trainError");
        const [plainError, ownError] = lanes.map((lane) => show(lane.last("testError")));
        const distance = show(withIt.last("averaging"));
        return {
          outcome: isBetter ? "holds" : "fails",
          prediction: !isBetter ? 2 : isNearer ? 0 : 1,
          because: say(
            `新しいデータの誤差は、なしで ${plainError}、ありで ${ownError}。全ユニットの出力と部分ネットワークの平均との差（2 乗平均）は ${distance} です。`,
            `Error on new data: ${plainError} without, ${ownError} with. The mean squared difference of all units together from the mean of sub-networks is ${distance}.`,
          ),
        };
      },
    },
  },
  expect: {
    bands: {
      "without.testError": [0.1, 0.7],
      "with.testError": [0.03, 0.35],
      "with.trainError": [0.015, 0.12],
      "with.averaging": [1e-5, 0.01],
    },
    verdicts: { helps: "holds" },
  },
});
