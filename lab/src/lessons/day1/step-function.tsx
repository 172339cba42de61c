/** 1.4 The step function. */
import rulesSource from "source:src/experiments/parts/gate-task.ts#losses";
import stepSource from "source:src/ops/activation.ts#step";
import { say } from "../../../../src/experiments/text.ts";
import { TruthTable } from "../../widgets/truth-table.tsx";
import { type Lesson, live } from "../lesson.ts";

export const lesson: Lesson = {
  keywords:
    "すてっぷかんすう かいだんかんすう ぱーせぷとろん せんけいぶんりかのう 線形分離 step Heaviside perceptron and or xor linearly separable",
  intro: [
    say(
      "ステップ関数のユニットは、総入力が正なら 1、そうでなければ 0 を出します。つまり平面を 1 本の直線で 2 つに分けます。パーセプトロンの学習則は、答えを間違えるたびに直線を少し動かします（Rosenblatt 1958）。",
      "A unit with a step gives 1 where its input is positive, else 0: it divides the plane by one line. The perceptron's rule moves that line a little whenever an answer is wrong (Rosenblatt 1958).",
    ),
    say(
      "AND は 1 本の直線で分けられますが、XOR は分けられません。また、ステップ関数の微分は 0 以外のどこでも 0 なので、誤差逆伝播では重みが 1 歩も動きません。",
      "One line separates AND, but none separates XOR. And the slope of a step is 0 everywhere but at 0, so that backpropagation does not move the weights at all.",
    ),
  ],
  todo: say(
    "▶ を押して、3 つの直線を見比べてください。真理値表の答えをクリックすれば、どんな表が学習できて、どんな表が終わらないかを試せます。",
    "Press ▶ and compare the three lines. Click answers in the truth tables to find out which tables are learnt, and which never end.",
  ),
  happened(seen) {
    const of = (lane: string, probe: string): string => live(seen.number(lane, probe));
    return [
      say(
        `1 つ目のレーンの間違いは 4 通り中 ${of("and", "wrong")}、直近 4 ステップの重みの変更は ${of("and", "changes")} 回。2 つ目は間違い ${of("xor", "wrong")}、変更 ${of("xor", "changes")} 回です。直線で分けられない表では、直線がいつまでも動き続けます。`,
        `The first lane is wrong in ${of("and", "wrong")} cases of 4, and changed its weights ${of("and", "changes")} times in the last 4 steps; the second in ${of("xor", "wrong")}, with ${of("xor", "changes")} changes. Where no line separates, the line never rests.`,
      ),
      say(
        `3 つ目のレーンの勾配は ${of("gradient", "gradient")}、間違いは ${of("gradient", "wrong")} のままでした。下の「活性化関数とその微分」で、微分の線がどこにあるか見てください。`,
        `In the third lane the gradient is ${of("gradient", "gradient")}, and ${of("gradient", "wrong")} cases stay wrong. Look where the derivative lies in the picture of the activation.`,
      ),
    ];
  },
  formulas: [
    {
      html: tex`\htmlData{probe=output}{y} = \begin{cases}1 & \mathbf{w}\cdot\mathbf{x} + b > 0\\ 0 & \mathbf{w}\cdot\mathbf{x} + b \le 0\end{cases} \qquad \Delta\htmlData{probe=weights}{\mathbf{w}} = \eta\,(t - y)\,\mathbf{x}`,
      spoken: say(
        "総入力が正なら 1、そうでなければ 0。重みは、正解と出力の差に入力と学習率を掛けた分だけ動く。",
        "1 where the total input is positive, else 0. Weights move by the rate times the input times truth minus output.",
      ),
    },
    {
      html: tex`\htmlData{probe=gradient}{\frac{\partial E}{\partial \mathbf{w}}} = \frac{\partial E}{\partial y}\; \htmlData{probe=activation}{\underbrace{f'(u)}_{0}}\; \mathbf{x} = \mathbf{0}`,
      spoken: say(
        "誤差逆伝播の勾配には活性化関数の微分が掛かる。それが 0 なので、重みの勾配も 0。",
        "Backpropagation multiplies by the slope of the activation, which is 0; so the gradient of the weights is 0.",
      ),
    },
  ],
  sources: [stepSource, rulesSource],
  fillIn: {
    prompt: say(
      "パーセプトロンの規則で、重みの変化を書いてください。",
      "Write the perceptron's change of the weights.",
    ),
    before: "const change = ",
    after: ";",
    hint: say("学習率 ×（正解 − 出力）× 入力。", "rate times (truth minus output) times input."),
    expected: "(t - y) * lr * x",
    given: { t: 1, y: 0, lr: 0.1, x: [1, 0.5] },
  },
  notShown: say(
    "XOR が解けないのは、ユニットが 1 つだからです。中間層を加えれば、ステップ関数のままでも XOR を表せます（学習には別の方法が必要です）。",
    "XOR is out of reach of one unit only. With a hidden layer even steps can express it, though they have to be taught in another way.",
  ),
  related: ["sigmoid", "relu", "no-free-lunch"],
  Extra: TruthTable,
};
