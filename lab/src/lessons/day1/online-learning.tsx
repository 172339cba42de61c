/** 1.13 Stochastic gradient descent. */

import dataLoaderSource from "source:src/data/loader.ts#DataLoader";
import sGDSource from "source:src/optim/sgd.ts#SGD";
import { say } from "../../../../src/experiments/text.ts";
import { WeightPlane } from "../../widgets/weight-plane.tsx";
import { type Lesson, live } from "../lesson.ts";

export const lesson: Lesson = {
  keywords: "かくりつてきこうばいこうかほう おんらいんがくしゅう sgd online drift",
  intro: [
    say(
      "確率的勾配降下法は、全部のデータではなく、1 件ずつで重みを動かします。",
      "Stochastic gradient descent moves the weights by one example at a time.",
    ),
    say(
      "新しいデータが来るたびに学べるので（オンライン学習）、正解が変わっていっても追いかけられます。",
      "It can learn whenever new data comes, online, and so follow a truth that moves.",
    ),
  ],
  todo: say(
    "正解の動く速さと学習率を変えてみてください。速すぎると、オンラインでも遅れます。▶ の間、正解（◎）を追う道を見ましょう。",
    "Change drift and rate: too fast a drift leaves even online learning behind. While it runs, watch the weights follow the truth.",
  ),
  happened(seen) {
    return [
      say(
        `正解からのずれは、全件で ${live(seen.number("batch", "away"))}、1 件ずつで ${live(seen.number("online", "away"))} です。`,
        `Distance from the truth: ${live(seen.number("batch", "away"))} with all, ${live(seen.number("online", "away"))} one at a time.`,
      ),
    ];
  },
  formulas: [
    {
      html: tex`\mathbf{w} \leftarrow \mathbf{w} - \eta \nabla E_n(\mathbf{w})`,
      spoken: say("1 件 n の誤差の勾配だけで更新する。", "Each update takes the gradient of one example's error."),
    },
  ],
  sources: [sGDSource, dataLoaderSource],
  fillIn: {
    prompt: say(
      "1 件の二乗誤差 ½(w·x − t)² の、w での勾配を書いてください。",
      "Write the gradient of one example's loss, ½(w·x − t)², with respect to w.",
    ),
    before: "const g = ",
    after: ";",
    hint: say("(予測 − 正解) × x", "(prediction minus truth) times x"),
    expected: "((w * x).sum() - t) * x",
    given: { w: [1, 1], x: [0.5, 2], t: 3 },
  },
  notShown: say(
    "動かない正解なら、全件で学ぶほうがぶれません。",
    "Where nothing drifts, learning from all examples wavers less.",
  ),
  related: ["gradient-descent", "minibatch"],
  Extra: WeightPlane,
  covers: ["weights"],
};
