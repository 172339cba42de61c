/** 1.1 How well a hidden layer of so many units can follow a curve, built by hand and trained (Cybenko 1989). */
import { mseLoss, tensor } from "../../index.ts";
import { Adam } from "../../optim/index.ts";
import { defineExperiment, type Experiment } from "../experiment.ts";
import { Approximators, pile } from "../parts/approximators.ts";
import { rateParam, scalar, stepsParam } from "../parts/common.ts";
import { curveNames, curveOf, curveTexts, sampled, stairs } from "../parts/curve-task.ts";
import { learner } from "../parts/supervised.ts";
import { say, show } from "../text.ts";

const widths = [1, 2, 4, 8, 16, 32, 64];
/** Places where errors are measured; half of them are learnt from. */
const places = 257;
const names = { built: say("手作り", "built by hand"), trained: say("学習", "trained") };

export const universalApproximation: Experiment = defineExperiment({
  id: "universal-approximation",
  row: "1.1",
  title: say("万能近似定理", "The universal approximation theorem"),
  question: say(
    "隠れ層のユニットを増やすと、描いた曲線との誤差はどこまで小さくなるでしょうか？",
    "As the hidden layer gets more units, how close does it come to a curve that you draw?",
  ),
  params: {
    target: {
      kind: "choice",
      options: curveNames,
      default: "sine",
      label: say("目標の曲線", "target"),
      names: curveTexts,
    },
    curve: {
      kind: "list",
      min: -2,
      max: 2,
      default: [-0.5, 0.2, 0.9, 0.4, -0.3, -0.8, -0.2, 0.7, 0.3],
      label: say("描いた曲線の点", "points of the drawn curve"),
    },
    way: { kind: "choice", options: ["built", "trained"], default: "trained", label: say("作り方", "made how"), names },
    units: { kind: "integer", min: 1, max: 64, default: 8, label: say("ユニット数", "units") },
    activation: {
      kind: "choice",
      options: ["sigmoid", "tanh", "relu"],
      default: "sigmoid",
      label: say("活性化関数", "activation"),
    },
    depth: { kind: "integer", min: 1, max: 3, default: 1, label: say("学習する隠れ層の数", "hidden layers to train") },
    levels: {
      kind: "list",
      min: -2,
      max: 2,
      default: [],
      label: say("手作りの段の高さ（空なら目標の高さ）", "levels to build; if empty, the target's"),
    },
    steepness: { kind: "number", min: 1, max: 100, default: 10, label: say("手作りの段の急さ", "steepness of steps") },
    lr: rateParam(0.02),
    steps: stepsParam(500, 5000),
  },
  probes: {
    fit: { form: "curves", kind: "signed", label: say("目標とネットワークの出力", "target and output") },
    parts: { form: "curves", kind: "signed", label: say("各ユニットの寄与", "what each unit adds") },
    errors: { form: "bars", kind: "magnitude", label: say("ユニット数と平均誤差", "RMS error by units") },
    greatest: { form: "bars", kind: "magnitude", label: say("ユニット数と最大誤差", "greatest error by units") },
    error: scalar("magnitude", say("平均誤差（RMS）", "root mean square error")),
    loss: scalar("magnitude", say("損失（全幅の合計）", "loss, over all widths")),
  },
  lanes: {
    built: { label: names.built, values: { way: "built" } },
    trained: { label: names.trained, values: { way: "trained" } },
  },
  presets: {
    works: {
      label: say("折れ線と ReLU", "|x| and ReLU"),
      why: say("|x| は ReLU 2 個でぴったり作れます。", "Two ReLU units make |x| exactly."),
      values: { target: "abs", activation: "relu", units: 2 },
    },
    breaks: {
      label: say("段差", "A jump"),
      why: say(
        "不連続な段差では、手作りでユニットを増やしても最大誤差が残ります。",
        "At a jump the greatest error of what is built stays, however many units there are.",
      ),
      values: { target: "jump", steepness: 4, units: 32 },
    },
  },
  setup({ target, curve: points, way, units, activation, depth, levels, steepness, lr, steps }, { seed }) {
    const curve = curveOf(target, points, seed);
    const isBuilt = way === "built";
    const own = isBuilt && levels.length > 1 ? Math.min(levels.length - 1, 64) : units;
    const all = [...widths, own];
    const model = new Approximators(all, isBuilt ? 1 : depth, activation);
    if (isBuilt) {
      const drawn = levels.length > 1 ? stairs(levels) : curve;
      model.build(all.map((width, i) => pile(i < widths.length ? curve : drawn, width, activation, steepness)));
    }
    const truth = sampled(curve, places);
    const seen = sampled(curve, (places + 1) / 2);
    const y = tensor(seen.y, [1, seen.y.length, 1]).expand([all.length, -1, 1]);
    const examples = { x: tensor(seen.x, [seen.x.length, 1]), y };
    const optimizer = new Adam(model.parameters(), { lr });
    const learn = learner(model, optimizer, { loss: (guess, y) => mseLoss(guess, y).mul(all.length) });
    const labels = [...widths.map(String), say(`${own}（選択）`, `${own} (chosen)`)];
    return {
      steps: isBuilt ? 0 : steps,
      model,
      async step({ lr }) {
        optimizer.lr = lr;
        return { loss: (await learn(examples)).loss };
      },
      async look() {
        const { outputs, errors, greatest } = await model.compared(truth);
        const parts = await model
          .parts(tensor(truth.x, [places, 1]))
          .select(0, -1)
          .data();
        return {
          fit: [
            { name: say("目標", "target"), ...truth },
            { name: say("出力", "output"), x: truth.x, y: outputs[widths.length] },
          ],
          parts: Array.from({ length: own }, (_, i) => {
            return { name: `${i + 1}`, x: truth.x, y: parts.subarray(i * places, (i + 1) * places) };
          }),
          errors: { names: labels, values: errors },
          greatest: { names: labels, values: greatest },
          error: errors[widths.length],
        };
      },
    };
  },
  claims: {
    anyFunction: {
      sentence: say(
        "万能近似定理：「深層ニューラルネットワークが、どんな関数でも近似できる」",
        "Universal approximation: a deep neural network can approximate any function.",
      ),
      predictions: [
        say("最大誤差もどこまでも小さくなる", "even the greatest error keeps falling"),
        say("平均は小さくなるが、最大誤差は残る", "it falls on average, but the greatest error stays"),
        say("平均の誤差も残る", "it does not fall even on average"),
      ],
      verdict(run) {
        const [built, trained] = [run.lane("built"), run.lane("trained")];
        const at = built.last("errors").values[6];
        const most = built.last("greatest").values[6];
        const [{ y }] = built.last("fit");
        const range = Math.max(...Array.from(y)) - Math.min(...Array.from(y)) || 1;
        const prediction = most < 0.1 * range ? 0 : at < 0.1 * range ? 1 : 2;
        const learnt = trained.last("errors").values[6];
        return {
          outcome: (["holds", "depends", "fails"] as const)[prediction],
          prediction,
          because: say(
            `手作りの 64 ユニットの誤差は平均 ${show(at)}、最大 ${show(most)}（目標の幅 ${show(range)}）。学習で見つかったものは平均 ${show(learnt)} でした。`,
            `Built by hand, 64 units were off by ${show(at)} on average and ${show(most)} at most (the target spans ${show(range)}); what training found, by ${show(learnt)} on average.`,
          ),
        };
      },
    },
  },
  expect: {
    bands: {
      "built.errors.0": [0.3, 0.4],
      "built.errors.6": [0.008, 0.012],
      "built.greatest.6": [0.03, 0.06],
      "trained.errors.0": [0.2, 0.5],
      "trained.errors.3": [0.005, 0.1],
      "trained.errors.6": [0.002, 0.1],
    },
    verdicts: { anyFunction: "holds" },
  },
});
