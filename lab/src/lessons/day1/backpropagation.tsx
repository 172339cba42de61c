/** 1.15 Backpropagation. */
import vjpSource from "source:src/graph/grad.ts#vjp";
import { say } from "../../../../src/experiments/text.ts";
import { TapeGraph, tapeGraphCovers } from "../../widgets/tape-graph.tsx";
import { type Lesson, live } from "../lesson.ts";

export const lesson: Lesson = {
  keywords: "ごさぎゃくでんぱほう backpropagation chain rule tape",
  intro: [
    say(
      "誤差逆伝播法は、出力から入力へ向かって、連鎖律で勾配を 1 つずつ渡していきます。",
      "Backpropagation hands gradients from the output to the input, by the chain rule, one value after another.",
    ),
    say(
      "重みを 1 つずつ少し動かして調べる数値微分では、重みの数の 2 倍の計算が要ります。",
      "Moving each weight a little instead takes two passes for every weight.",
    ),
  ],
  todo: say(
    "「1 ノード戻る」を押すと、計算グラフの後ろから 1 つずつ勾配が現れます。ノードを押して値と勾配を確かめ、数値微分と計算の回数を比べてください。",
    "Press Back by a node: gradients appear from the end of the graph, one node at a time. Press nodes to see their numbers, and compare what differences take.",
  ),
  happened(seen) {
    return [
      say(
        `数値微分は ${live(seen.number("large", "passes"))} 回の計算で、逆伝播は ${live(seen.number("large", "backward"))} 回。勾配の差は最大 ${live(seen.number("large", "gap"))} です。`,
        `Differences took ${live(seen.number("large", "passes"))} passes, backpropagation ${live(seen.number("large", "backward"))}; gradients differ by ${live(seen.number("large", "gap"))} at most.`,
      ),
    ];
  },
  formulas: [
    {
      html: tex`\frac{\partial E}{\partial w} = \frac{\partial E}{\partial y}\,\frac{\partial y}{\partial u}\,\frac{\partial u}{\partial w}`,
      spoken: say(
        "重みの勾配は、誤差から重みまでの傾きを順に掛けたもの。",
        "A weight's gradient is the product of the slopes between it and the error.",
      ),
    },
  ],
  sources: [vjpSource],
  fillIn: {
    prompt: say(
      "出力側の勾配 g と、シグモイドの値 y から、その入力の勾配を書いてください。",
      "From the gradient g at a sigmoid's output y, write that at its input.",
    ),
    before: "const delta = ",
    after: ";",
    hint: say("g × y ×（1 − y）", "g times y times (1 minus y)"),
    expected: "g * y * (1 - y)",
    given: { g: [1, -2], y: [0.5, 0.9] },
  },
  notShown: say(
    "途中の値を覚えておくメモリが要ります。その節約法（checkpoint）はここでは扱いません。",
    "It needs memory for the values in between; how to save it, by checkpoints, is not shown.",
  ),
  related: ["gradient-descent", "vanishing-gradient"],
  Extra: TapeGraph,
  covers: tapeGraphCovers,
};
