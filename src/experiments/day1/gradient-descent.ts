/**
 * 1.12 Gradient descent on a loss of two parameters. Up to the rate 2/λ, where λ is the greatest curvature of the loss, it
 * goes down, and above it bounces out of the valley: the limit can be computed, and is exact where a loss is quadratic.
 * It is judged by two lanes, one with a rate below the limit, which has to end lower than it began, and one above, which not.
 */
import { Parameter, tensor } from "../../index.ts";
import { SGD } from "../../optim/index.ts";
import { defineExperiment, type Experiment } from "../experiment.ts";
import { rateParam, stepsParam, untrained } from "../parts/common.ts";
import { choiceParam, numberParam } from "../parts/params.ts";
import { mapOf, square } from "../parts/plane.ts";
import { axes, map, scalar } from "../parts/probes.ts";
import { curvatureOf, valleyNames, valleyOf } from "../parts/valleys.ts";
import { stepsText, undecided } from "../parts/verdicts.ts";
import { say, show } from "../text.ts";

/** How far the picture goes. */
const edge = 5;
const plane = square(-edge, edge, 61);
/** How near the bottom counts as there, as on the ravine of 2.6. */
const arrived = 0.05;

export const gradientDescent: Experiment = defineExperiment({
  id: "gradient-descent",
  row: "1.12",
  title: say("勾配降下法", "Gradient descent"),
  question: say(
    "学習率をどこまで上げると、谷から飛び出してしまうでしょうか？",
    "How high may the learning rate be before it bounces out of the valley?",
  ),
  params: {
    surface: choiceParam("ravine", say("地形", "surface"), valleyNames),
    steepness: numberParam(50, say("谷の急さ κ（縦は横の κ 倍）", "steepness κ: across against along"), {
      min: 1,
      max: 200,
      scale: "log",
    }),
    x: numberParam(-4, say("出発点 x", "start x"), { min: -edge, max: edge }),
    y: numberParam(1, say("出発点 y", "start y"), { min: -edge, max: edge }),
    lr: rateParam(0.035, 3),
    steps: stepsParam(300, 3000),
  },
  probes: {
    valley: map("magnitude", say("谷と歩み", "the valley, and its way"), { axes: axes.xy }),
    loss: scalar("magnitude", say("高さ（損失）", "height: the loss")),
    limit: scalar("magnitude", say("安定な学習率の上限 2/λ", "highest stable rate, 2/λ")),
    arrival: scalar("count", say("谷底（距離 0.05）までのステップ数", "steps to the bottom, within 0.05")),
  },
  lanes: {
    below: { label: say("A（はじめは上限の下）", "A (below the limit at first)"), values: { lr: 0.035 } },
    above: { label: say("B（はじめは上限の上）", "B (above it at first)"), values: { lr: 0.041 } },
  },
  presets: {
    works: {
      label: say("ゆるやかな谷", "A gentle valley"),
      why: say("κ = 1 なら、どちらの学習率でも安定です。", "At κ = 1 both rates are stable."),
      values: { steepness: 1, steps: 600 },
    },
    breaks: {
      label: say("急な谷", "A steep valley"),
      why: say("κ = 200 では、どちらも飛び出します。", "At κ = 200 both bounce out."),
      values: { steepness: 200 },
    },
    line: {
      label: say("直線を当てはめる", "Fitting a line"),
      why: say(
        "12 点に直線を当てはめる誤差では上限が 0.65 になり、どちらの学習率でも下ります。",
        "Where the loss is that of a line on 12 points, the limit is 0.65, and both rates go down.",
      ),
      values: { surface: "line" },
    },
  },
  setup({ surface, steepness, x, y, lr, steps }) {
    const { height, bottom } = valleyOf(surface, steepness);
    const w = new Parameter(tensor([x, y]), { label: "w" });
    const optimizer = new SGD([w], { lr });
    const path: { x: number[]; y: number[] } = { x: [x], y: [y] };
    let hasArrived = false;
    return {
      steps,
      async step({ lr }, step) {
        optimizer.lr = lr;
        height(w).backward();
        await optimizer.step();
        const [wx, wy] = Array.from(await w.data(), Number);
        path.x.push(wx);
        path.y.push(wy);
        const isFirst = !hasArrived && Math.hypot(wx - bottom[0], wy - bottom[1]) < arrived;
        hasArrived ||= isFirst;
        return { loss: await height(w).item(), ...(isFirst ? { arrival: step } : {}) };
      },
      async look() {
        const way = { name: say("歩み", "its way"), x: path.x.map(clipped), y: path.y.map(clipped) };
        return {
          valley: { ...mapOf(plane, (await height(plane.places).data()) as Float32Array), paths: [way] },
          limit: 2 / (await curvatureOf(height)),
          loss: await height(w).item(),
        };
      },
    };
  },
  claims: {
    threshold: {
      sentence: say("勾配降下法", "Gradient descent."),
      predictions: [
        say("少し大きいだけなら、時間がかかるだけ", "a little more only takes longer"),
        say("上限を超えると、けっして収束しない", "above the limit it never converges"),
        say("大きいほど早く着く", "the higher the sooner"),
      ],
      verdict(run) {
        if (run.lanes.every(({ step }) => step === 0)) return untrained;
        const lanes = run.lanes.map((lane) => ({
          lr: lane.values.lr,
          limit: lane.last("limit"),
          fell: !lane.diverged && lane.last("loss") <= lane.first("loss"), // at the bottom it stays
          arrival: lane.has("arrival") ? lane.last("arrival") : Infinity,
        }));
        const [below, above] = lanes;
        if (below.lr >= below.limit || above.lr <= above.limit)
          return undecided(
            `上限 ${show(below.limit)} の下と上に 1 つずつ、学習率が必要です。`,
            `It takes a rate below the limit, ${show(below.limit)}, and one above it.`,
          );
        const ja = lanes.map((lane) => `学習率 ${show(lane.lr)} は${lane.fell ? "下り" : "飛び出し"}`).join("、");
        const en = lanes.map((lane) => `${show(lane.lr)} ${lane.fell ? "went down" : "bounced out"}`).join(", ");
        const [to, by] = [stepsText(below.arrival), stepsText(above.arrival)];
        return {
          // It depends on the start as well: on the axis of the ravine nothing grows.
          outcome: !below.fell ? "fails" : above.fell ? "depends" : "holds",
          prediction: !above.fell ? 1 : above.arrival < below.arrival ? 2 : 0,
          because: say(
            `上限は 2/λ = ${show(below.limit)}。${ja}ました。谷底まで：${to.ja}、${by.ja}。`,
            `The limit is 2/λ = ${show(below.limit)}: ${en}. To the bottom: ${to.en}, ${by.en}.`,
          ),
        };
      },
    },
  },
  expect: {
    // At κ = 50 the limit is 2/50; the rate 0.035 takes 123 steps in float64 as well.
    bands: { "below.limit": [0.0399, 0.0401], "below.arrival": [123, 123], "above.loss": [1e13, 1e15] },
    verdicts: { threshold: "holds" },
  },
});

/** Within what is shown. */
const clipped = (v: number): number => Math.min(Math.max(v, -edge), edge);
