/** 1.12 Gradient descent on two parameters: the rate at which it bounces out is a number that can be computed. */
import { Parameter, tensor } from "../../index.ts";
import { SGD } from "../../optim/index.ts";
import { defineExperiment, type Experiment } from "../experiment.ts";
import { rateParam, scalar, stepsParam } from "../parts/common.ts";
import { mapOf, square } from "../parts/plane.ts";
import { curvatureOf, valleyOf } from "../parts/valleys.ts";
import { say, show } from "../text.ts";

const plane = square(-5, 5, 61);
const arrived = 1e-2;

export const gradientDescent: Experiment = defineExperiment({
  id: "gradient-descent",
  row: "1.12",
  title: say("勾配降下法", "Gradient descent"),
  question: say(
    "学習率をどこまで上げると、谷から飛び出してしまうでしょうか？",
    "How high may the learning rate be before it bounces out of the valley?",
  ),
  params: {
    surface: {
      kind: "choice",
      options: ["ravine", "line"],
      default: "ravine",
      names: {
        ravine: say("谷（κ で急さが変わる）", "a ravine, as steep as κ"),
        line: say("直線を当てはめる", "fitting a line"),
      },
      label: say("地形", "surface"),
    },
    steepness: {
      kind: "number",
      min: 1,
      max: 200,
      default: 50,
      scale: "log",
      label: say("谷の急さ κ（縦は横の κ 倍）", "steepness κ: across against along"),
    },
    x: { kind: "number", min: -5, max: 5, default: -4, label: say("出発点 x", "start x") },
    y: { kind: "number", min: -5, max: 5, default: 1, label: say("出発点 y", "start y") },
    lr: rateParam(0.035, 3),
    steps: stepsParam(300, 3000),
  },
  probes: {
    valley: {
      form: "map",
      kind: "magnitude",
      label: say("谷と歩み", "the valley, and its way"),
      axes: [say("x", "x"), say("y", "y")],
    },
    loss: scalar("magnitude", say("高さ（損失）", "height: the loss")),
    limit: scalar("magnitude", say("安定な学習率の上限 2/λ", "highest stable rate, 2/λ")),
    arrival: scalar("count", say("谷底までのステップ数（まだなら全ステップ）", "steps to the bottom (all, if never)")),
  },
  lanes: {
    below: { label: say("上限の下（0.035）", "below the limit: 0.035"), values: { lr: 0.035 } },
    above: { label: say("上限の上（0.041）", "above it: 0.041"), values: { lr: 0.041 } },
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
  },
  setup({ surface, steepness, x, y, lr, steps }) {
    const { height, bottom } = valleyOf(surface, steepness);
    const w = new Parameter(tensor([x, y]), { label: "w" });
    const optimizer = new SGD([w], { lr });
    const path: { x: number[]; y: number[] } = { x: [x], y: [y] };
    let arrival = steps;
    return {
      steps,
      async step({ lr }, step) {
        optimizer.lr = lr;
        height(w).backward();
        await optimizer.step();
        const [wx, wy] = await w.data();
        path.x.push(Number(wx));
        path.y.push(Number(wy));
        if (Math.hypot(Number(wx) - bottom[0], Number(wy) - bottom[1]) < arrived) arrival = Math.min(arrival, step);
        return { loss: await height(w).item(), arrival };
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
        const [a, b] = [run.lane("below"), run.lane("above")];
        if (a.step === 0)
          return { outcome: "undecided", because: say("まだ動いていません。", "Nothing has moved yet.") };
        const limit = a.last("limit");
        const lanes = [a, b].map((lane) => ({
          lr: lane.values.lr,
          falls: !lane.diverged && lane.last("loss") < lane.first("loss"),
        }));
        const isRight = lanes.every(({ lr, falls }) => lr < limit === falls);
        const [first, second] = [a.last("arrival"), b.last("arrival")];
        return {
          outcome: isRight ? "holds" : "depends",
          prediction: lanes[1].falls ? (second < first ? 2 : 0) : 1,
          because: say(
            `上限は 2/λ = ${show(limit)}。学習率 ${show(lanes[0].lr)} は${lanes[0].falls ? `下り、${show(first)} ステップで谷底` : "飛び出し"}、${show(lanes[1].lr)} は${lanes[1].falls ? "下り" : "飛び出し"}ました。`,
            `The limit is 2/λ = ${show(limit)}. A rate of ${show(lanes[0].lr)} ${lanes[0].falls ? `went down, to the bottom in ${show(first)} steps` : "bounced out"}; ${show(lanes[1].lr)} ${lanes[1].falls ? "went down too" : "bounced out"}.`,
          ),
        };
      },
    },
  },
  expect: {
    bands: { "below.limit": [0.0399, 0.0401], "below.arrival": [100, 250], "above.arrival": [300, 300] },
    verdicts: { threshold: "holds" },
  },
});

/** Within what is shown. */
const clipped = (v: number): number => Math.min(Math.max(v, -5), 5);
