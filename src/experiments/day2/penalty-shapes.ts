/**
 * 2.14 The shapes of penalties: with two weights one can see them. `SGD` goes down the loss of a regression, a valley, plus
 * λ|w|ᵖ: by soft thresholds for p = 1, whose corner catches the optimum at w₂ = 0, and by the gradient beyond. The claim is
 * that L1 is a diamond and L2 a bowl; it is judged by how far a contour goes diagonally, as a part of along an axis.
 */
import { Parameter, tensor } from "../../index.ts";
import { SGD, softThreshold } from "../../optim/index.ts";
import { defineExperiment, type Experiment } from "../experiment.ts";
import { changed, rateParam, stepsParam } from "../parts/common.ts";
import { numberParam } from "../parts/params.ts";
import { square } from "../parts/plane.ts";
import { bars, map, scalar } from "../parts/probes.ts";
import { lossOf, penaltyOf, roundnessOf, surface } from "../parts/two-weights.ts";
import { undecided } from "../parts/verdicts.ts";
import type { Probe } from "../probe.ts";
import { say, show, type Text } from "../text.ts";

const plane = square(-2, 2, 61);
const start = [-1.5, 1.5] as const; // of the weights
const axes = [say("w₁", "w₁"), say("w₂", "w₂")] as const;
const signed = (label: Text): Probe<"map"> => map("signed", label, { axes });

export const penaltyShapes: Experiment = defineExperiment({
  id: "penalty-shapes",
  row: "2.14",
  title: say("ダイヤ型とすり鉢型", "A diamond and a bowl"),
  question: say(
    "重みが 2 個のとき、罰則の形で最適な重みはどう変わるでしょうか？",
    "With two weights, what does the shape of the penalty do to the optimum?",
  ),
  params: {
    p: numberParam(1, say("罰則の形：|w|ᵖ の p", "shape of the penalty: p of |w|ᵖ"), { min: 1, max: 4 }),
    lambda: numberParam(0.8, say("罰則の強さ λ", "strength λ"), { max: 3, hot: true }),
    centre1: numberParam(1.4, say("損失の谷底 w₁", "w₁ where the loss is least"), { min: -2, max: 2 }),
    centre2: numberParam(0.35, say("損失の谷底 w₂", "w₂ where the loss is least"), { min: -2, max: 2 }),
    angle: numberParam(20, say("谷の向き（度）", "direction of the valley (degrees)"), { min: -90, max: 90 }),
    lr: rateParam(0.05, 1),
    steps: stepsParam(300, 2000),
  },
  probes: {
    sum: signed(say("損失 + 罰則", "loss plus penalty")),
    penalty: signed(say("罰則だけ", "the penalty alone")),
    loss: signed(say("損失だけ", "the loss alone")),
    weights: bars("signed", say("2 つの重み", "the two weights")),
    zeros: scalar("count", say("ちょうど 0 の重み", "weights that are exactly 0")),
    objective: scalar("magnitude", say("損失 + 罰則", "loss plus penalty"), { apart: true }),
    budget: scalar("magnitude", say("いまの重みの罰則", "the penalty of the weights"), { apart: true }),
    roundness: scalar(
      "magnitude",
      say("罰則の等高線：斜め方向の広がり", "contours of the penalty: how far they go diagonally"),
      { help: say("すり鉢（円）なら 1、ダイヤなら 0.707。", "A bowl's are circles: 1; a diamond's have 0.707.") },
    ),
  },
  lanes: {
    l1: { label: say("L1：|w₁| + |w₂|", "L1: |w₁| + |w₂|"), values: { p: 1 } },
    l2: { label: say("L2：w₁² + w₂²", "L2: w₁² + w₂²"), values: { p: 2 } },
  },
  presets: {
    works: {
      label: say("角につかまる", "Caught by the corner"),
      why: say("L1 では w₂ がちょうど 0 になります。", "With L1, w₂ becomes exactly 0."),
      values: {},
    },
    breaks: {
      label: say("弱い罰則", "A weak penalty"),
      why: say("λ = 0.1 では、L1 でも角に届きません。", "At λ = 0.1 even L1 does not reach its corner."),
      values: { lambda: 0.1 },
    },
  },
  setup({ p, centre1, centre2, angle, lr, steps }) {
    const centre = [centre1, centre2] as const;
    const w = new Parameter(tensor([...start]), { label: "w" });
    const optimizer = new SGD([w], { lr });
    const path: { x: number[]; y: number[] } = { x: [start[0]], y: [start[1]] };
    return {
      steps,
      async step({ lr, lambda }) {
        optimizer.lr = lr;
        const loss = lossOf(w, centre, angle);
        const smooth = p > 1 ? loss.add(penaltyOf(w, p).mul(lambda)) : loss;
        smooth.backward();
        await optimizer.step();
        if (p === 1) w.assign(softThreshold(w, lr * lambda)); // |w| has no slope at 0: the proximal step
        const [w1, w2] = await w.data();
        path.x.push(Number(w1));
        path.y.push(Number(w2));
        const objective = await lossOf(w, centre, angle).add(penaltyOf(w, p).mul(lambda)).item();
        return { objective };
      },
      async look({ lambda }) {
        const weights = (await w.data()) as Float32Array;
        const loss = lossOf(plane.places, centre, angle);
        const penalty = penaltyOf(plane.places, p);
        const paths = [{ name: say("重み", "weights"), x: [...path.x], y: [...path.y] }];
        return {
          sum: { ...(await surface(plane, loss.add(penalty.mul(lambda)))), paths },
          penalty: await surface(plane, penalty),
          loss: await surface(plane, loss),
          weights: { names: ["w₁", "w₂"], values: weights },
          zeros: weights.filter((v) => v === 0).length,
          budget: await penaltyOf(w, p).item(),
          roundness: await roundnessOf(p),
        };
      },
    };
  },
  claims: {
    shapes: {
      sentence: say(
        "重みが2個の場合、L1正則化項はダイヤ型、L2正則化項はすり鉢型になる。",
        "With two weights the L1 term is a diamond, the L2 term a bowl.",
      ),
      predictions: [
        say("どちらの重みも 0 にならない", "neither makes a weight 0"),
        say("ダイヤ型だけが、重みの 1 つを 0 にする", "only the diamond makes a weight 0"),
        say("両方とも 0 にする", "both do"),
      ],
      verdict(run) {
        const [l1, l2] = [run.lane("l1"), run.lane("l2")];
        if (changed(penaltyShapes, run.lanes) || run.lanes.some(({ step }) => step === 0)) {
          return undecided("p = 1 と p = 2 で学習すると判定できます。", "It takes p = 1 and p = 2, and steps.");
        }
        const zeros = { l1: l1.last("zeros"), l2: l2.last("zeros") };
        const [sharp, round] = [l1, l2].map((lane) => lane.last("roundness"));
        const [isDiamond, isBowl] = [Math.abs(sharp - Math.SQRT1_2) < 1e-3, Math.abs(round - 1) < 1e-3];
        const [first, second] = [l1, l2].map((lane) => Array.from(lane.last("weights").values, show).join(", "));
        return {
          outcome: isDiamond && isBowl ? "holds" : "fails",
          prediction: zeros.l1 === 0 ? 0 : zeros.l2 === 0 ? 1 : 2,
          because: say(
            `等高線の斜め方向の広がりは L1 で ${show(sharp)}、L2 で ${show(round)}（ひし形は 0.707、円は 1）。最適な重みは L1 で (${first})、L2 で (${second}) でした。`,
            `Diagonally contours go ${show(sharp)} as far with L1 and ${show(round)} with L2 (a diamond 0.707, a circle 1). The optimum is (${first}) with L1, (${second}) with L2.`,
          ),
        };
      },
    },
  },
  expect: {
    bands: {
      "l1.zeros": [1, 1],
      "l2.zeros": [0, 0],
      "l1.weights.0": [0.54, 0.58],
      "l2.weights.0": [0.54, 0.57],
      "l2.weights.1": [0.08, 0.1],
      "l1.roundness": [0.7069, 0.7073],
      "l2.roundness": [0.9999, 1.0001],
    },
    verdicts: { shapes: "holds" },
  },
});
