/**
 * 2.11 The p-norm (`Tensor.norm`): how far a point is from the origin depends on how one measures. Nothing is trained. Claims:
 * for p = 1 it is the two sides of a right triangle, added, and for p = 2 the hypotenuse; judged by comparing the norm with
 * what school geometry gives for both.
 */
import { stack, type Tensor, tensor } from "../../index.ts";
import { hostMath } from "../../tensor/arguments.ts";
import { defineExperiment, type Experiment, type Values, type Verdict } from "../experiment.ts";
import { isAsGiven } from "../parts/common.ts";
import { numberParam } from "../parts/params.ts";
import { mapOf, spaced, square } from "../parts/plane.ts";
import { axes, curves, map, scalar } from "../parts/probes.ts";
import type { LaneView } from "../record.ts";
import { say, show } from "../text.ts";

const plane = square(-7.5, 7.5, 121);

const predictions = [
  say("2 辺の和になる", "it is the sum of two sides"),
  say("斜辺になる", "it is the hypotenuse"),
] as const;

export const norms: Experiment = defineExperiment({
  id: "norms",
  row: "2.11",
  title: say("ノルム：p1 と p2", "Norms: p = 1 and p = 2"),
  question: say(
    "原点からの距離は、測り方でどれだけ変わるでしょうか？",
    "How far is a point from the origin? It depends on how one measures.",
  ),
  params: {
    x: numberParam(3, say("点の x", "x of the point"), { min: -5, max: 5, hot: true }),
    y: numberParam(4, say("点の y", "y of the point"), { min: -5, max: 5, hot: true }),
    p: numberParam(2, say("ノルムの p", "p of the norm"), { min: 0.5, max: 8, hot: true }),
  },
  probes: {
    way: curves("signed", say("原点から点まで", "from the origin to the point"), { axes: axes.xy }),
    ball: map(
      "magnitude",
      say("平面の各点の距離（等高線が球の形）", "the distance of every place: contours have the shape of the ball"),
      { axes: axes.xy },
    ),
    unit: curves("signed", say("距離が 1 の点（単位円）", "the places at distance 1: the unit ball"), {
      axes: axes.xy,
    }),
    length: scalar("magnitude", say("この p での距離", "the distance by this p")),
    sides: scalar("magnitude", say("直角をはさむ 2 辺の和", "the two sides added")),
    hypotenuse: scalar("magnitude", say("斜辺", "the hypotenuse")),
    roundness: scalar(
      "magnitude",
      say("半径 1 の球：斜め方向の広がり", "the ball of radius 1: how far it goes diagonally"),
      { help: say("円なら 1、ひし形なら 0.707、正方形なら 1.41。", "A circle has 1, a diamond 0.707, a square 1.41.") },
    ),
  },
  lanes: {
    taxi: { label: say("p = 1（マンハッタン距離）", "p = 1: taxicab"), values: { p: 1 } },
    crow: { label: say("p = 2（ユークリッド距離）", "p = 2: as the crow flies"), values: { p: 2 } },
  },
  presets: {
    works: {
      label: say("3、4、5 の三角形", "The triangle of 3, 4 and 5"),
      why: say("2 辺の和は 7、斜辺は 5 です。", "Two sides make 7, the hypotenuse is 5."),
      values: { x: 3, y: 4 },
    },
    breaks: {
      label: say("軸の上の点", "A point on an axis"),
      why: say("どちらかの座標が 0 なら、どの p でも距離は同じです。", "With one coordinate 0 all norms agree."),
      values: { x: 3, y: 0 },
    },
  },
  setup() {
    return {
      steps: 0,
      async look({ x, y, p }) {
        const point = tensor([[x, y]]);
        const [length] = await norm(point, p);
        const [diagonal] = await norm(tensor([[Math.SQRT1_2, Math.SQRT1_2]]), p);
        return {
          way: [
            { name: say("2 辺", "two sides"), x: [0, x, x], y: [0, 0, y] },
            { name: say("斜辺", "hypotenuse"), x: [0, x], y: [0, y] },
            { name: say("点", "point"), x: [x], y: [y], dots: true },
          ],
          unit: [{ name: `p = ${show(p)}`, ...(await unitBall(p)) }],
          ball: mapOf(plane, await norm(plane.places, p)),
          length,
          sides: Math.abs(x) + Math.abs(y), // not by the norm, which is compared with it
          hypotenuse: Math.sqrt(x * x + y * y),
          roundness: 1 / diagonal,
        };
      },
    };
  },
  claims: {
    manhattan: {
      sentence: say(
        "p1ノルム：マンハッタン距離 直角三角形の2辺を足すイメージ",
        "The 1-norm is the Manhattan distance: the two sides of a right triangle, added.",
      ),
      predictions,
      verdict: (run) => compare(run.lane("taxi"), 0),
    },
    euclid: {
      sentence: say(
        "p2ノルム：ユークリッド距離 直角三角形の斜辺を求めるイメージ",
        "The 2-norm is the Euclidean distance: the hypotenuse of a right triangle.",
      ),
      predictions,
      verdict: (run) => compare(run.lane("crow"), 1),
    },
  },
  expect: {
    bands: {
      "taxi.length": [6.999, 7.001],
      "crow.length": [4.999, 5.001],
      "taxi.roundness": [0.7069, 0.7073],
      "crow.roundness": [0.9999, 1.0001],
    },
    verdicts: { manhattan: "holds", euclid: "holds" },
  },
});

const norm = async (points: Tensor, p: number): Promise<Float32Array> =>
  (await points.norm(1, { p }).data()) as Float32Array;

/** The places whose p-norm is 1: those around a circle, each divided by its norm. */
async function unitBall(p: number): Promise<{ x: Float32Array; y: Float32Array }> {
  const turns = spaced(0, 2 * Math.PI, 121);
  const [x, y] = [turns.map(hostMath.cos), turns.map(hostMath.sin)];
  const norms = await norm(stack([tensor(x), tensor(y)], 1), p);
  return { x: x.map((v, i) => v / norms[i]), y: y.map((v, i) => v / norms[i]) };
}

/** Whether a lane's length is that of two sides, or of the hypotenuse; `claimed` is the prediction that the claim makes. */
function compare(lane: LaneView<Values>, claimed: 0 | 1): Verdict {
  const length = lane.last("length") as number;
  const sides = lane.last("sides") as number;
  const hypotenuse = lane.last("hypotenuse") as number;
  const isLike = (other: number): boolean => Math.abs(length - other) <= 1e-4 * (1 + other);
  const because = say(
    `距離は ${show(length)}。2 辺の和は ${show(sides)}、斜辺は ${show(hypotenuse)} です。`,
    `The distance is ${show(length)}; the two sides make ${show(sides)}, the hypotenuse is ${show(hypotenuse)}.`,
  );
  if (!isAsGiven(norms, lane) || (isLike(sides) && isLike(hypotenuse))) return { outcome: "undecided", because };
  const found = isLike(sides) ? 0 : isLike(hypotenuse) ? 1 : null;
  return { outcome: found === claimed ? "holds" : "fails", because, ...(found === null ? {} : { prediction: found }) };
}
