/** 1.7 The softmax. */
import softmaxSource from "source:src/nn/activation.ts#Softmax";
import { say } from "../../../../src/experiments/text.ts";
import { Logits } from "../../widgets/logits.tsx";
import { type Lesson, live, livePercent } from "../lesson.ts";

export const lesson: Lesson = {
  keywords:
    "そふとまっくすかんすう おんど たくらすぶんるい 温度 確率 オーバーフロー softmax temperature logits simplex overflow",
  intro: [
    say(
      "ソフトマックスは、いくつかの実数（ロジット）を、合計 1 の確率に変えます。指数関数をとって合計で割るだけです。",
      "Softmax turns numbers, the logits, into probabilities that add up to 1: exponentials, divided by their sum.",
    ),
    say(
      "ロジットを温度 T で割ってからソフトマックスをとると、T が大きいほど確率は平らに、小さいほど 1 つのクラスに集まります。3 クラスの確率は、正三角形の中の 1 点として描けます。",
      "Divided by a temperature T first, the probabilities level out where T is high, and gather on one class where it is low. Three probabilities are a point in a triangle.",
    ),
  ],
  todo: say(
    "ロジットと温度を動かして、三角形の中の点を追ってください。次に設定の例「そのまま exp、低い温度」で、7 を足したレーンに何が起きるか見ましょう。",
    "Move logits and temperature, and follow the point in the triangle. Then choose the preset with exp as it is, and see what becomes of the lane with 7 added.",
  ),
  happened(seen) {
    const of = (lane: string, k: number): string => live(seen.bar(lane, "probabilities", k));
    return [
      say(
        `クラス 0、1、2 の確率は ${of("plain", 0)}、${of("plain", 1)}、${of("plain", 2)}。全部に 7 を足したレーンでは ${of("shifted", 0)}、${of("shifted", 1)}、${of("shifted", 2)} です。結果を決めるのはロジットの差だけです。`,
        `Classes 0, 1 and 2 have ${of("plain", 0)}, ${of("plain", 1)} and ${of("plain", 2)}; with 7 added to all, ${of("shifted", 0)}, ${of("shifted", 1)} and ${of("shifted", 2)}. Only differences of logits count.`,
      ),
      say(
        `同じソフトマックスを出力層に使ったネットワークは、点の集まりを ${livePercent(seen.number("plain", "accuracy"))} の正解率で分けました。決定領域の境目では、最大の確率が低くなっています。`,
        `A network with the same softmax at its output tells the clouds of points apart with an accuracy of ${livePercent(seen.number("plain", "accuracy"))}. Along the borders the greatest probability is low.`,
      ),
    ];
  },
  formulas: [
    {
      html: tex`\htmlData{probe=probabilities}{p_k} = \frac{e^{u_k / T}}{\sum_j e^{u_j / T}}`,
      spoken: say(
        "確率は、温度で割ったロジットの指数を、その合計で割ったもの。",
        "The exponential of each logit over the temperature, divided by their sum.",
      ),
    },
    {
      html: tex`\frac{e^{u_k + c}}{\sum_j e^{u_j + c}} = \frac{e^{c}\,e^{u_k}}{e^{c}\sum_j e^{u_j}} = \htmlData{probe=probabilities}{p_k} \qquad \text{(} c = -\max_j u_j \text{)}`,
      spoken: say(
        "全ロジットに c を足しても、分子と分母の e の c 乗が打ち消し合う。c に最大値のマイナスを選べば、指数は決してあふれない。",
        "With c added to all logits, e to the power of c cancels. With minus the greatest for c, no exponential overflows.",
      ),
    },
  ],
  sources: [softmaxSource],
  fillIn: {
    prompt: say(
      "オーバーフローしないように、最大値を引いてから exp を取ってください。",
      "Take the greatest away before exp, so that nothing overflows.",
    ),
    before: "const e = ",
    after: ";",
    hint: say("u.max() を引き、exp() を呼びます。", "Subtract u.max(), then call exp()."),
    expected: "u.sub(u.max()).exp()",
    given: { u: [1000, 999, 998] },
  },
  notShown: say(
    "合計が 1 でも、その値が本当の当たりやすさだとは限りません。確率 0.9 と答えた問題の 9 割が当たるかどうか（較正）は、この実験では確かめていません。",
    "That they add up to 1 does not make them true. Whether nine of ten answers with 0.9 are right, which is calibration, is not tested here.",
  ),
  primary: "temperature",
  related: ["sigmoid-output", "cross-entropy"],
  Extra: Logits,
  covers: ["simplex"],
};
