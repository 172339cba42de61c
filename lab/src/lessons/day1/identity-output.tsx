/** 1.8 The identity as an output. */
import outputsSource from "source:src/experiments/parts/output-task.ts#outputs";
import mseLossSource from "source:src/ops/loss.ts#mseLoss";
import { say } from "../../../../src/experiments/text.ts";
import { Reach } from "../../widgets/reach.tsx";
import { type Lesson, live } from "../lesson.ts";

export const lesson: Lesson = {
  keywords: "こうとうしゃぞう かいき しゅつりょくそう 値域 identity output regression range",
  intro: [
    say(
      "値そのものを予測する問題（回帰）では、出力層に恒等写像を使います。総入力をそのまま出すので、どんな値でも予測できます。",
      "Where a number itself is predicted, which is regression, the output layer has the identity: the total input as it is, so that any value can be reached.",
    ),
    say(
      "シグモイドの出力は必ず 0 と 1 の間にあり、1 出力のソフトマックスは必ず 1 です。同じネットワーク、同じデータで出力層の関数だけを替えて、−0.5 から 1.7 まで動く目標を学習させます。",
      "A sigmoid always lies between 0 and 1, and a softmax of one output is always 1. The same network learns the same target, from −0.5 to 1.7, with each of them at its output.",
    ),
  ],
  todo: say(
    "▶ を押して、予測の線が灰色の帯に入れるかどうか見てください。次に「目標の最小値」と「目標の最大値」を動かし、シグモイドでも学習できる範囲を探しましょう。",
    "Press ▶ and see whether a prediction enters the grey bands. Then move the least and the greatest target: where does the sigmoid do as well?",
  ),
  happened(seen) {
    const of = (lane: string, probe: string): string => live(seen.number(lane, probe));
    const reach = (lane: string, k: number): string => live(seen.bar(lane, "reach", k));
    return [
      say(
        `目標は ${reach("identity", 2)} から ${reach("identity", 3)}。恒等写像の予測は ${reach("identity", 0)} から ${reach("identity", 1)} で誤差 ${of("identity", "error")}、シグモイドは ${reach("sigmoid", 0)} から ${reach("sigmoid", 1)} で誤差 ${of("sigmoid", "error")} でした。`,
        `The target goes from ${reach("identity", 2)} to ${reach("identity", 3)}. The identity predicted ${reach("identity", 0)} to ${reach("identity", 1)}, off by ${of("identity", "error")}; the sigmoid ${reach("sigmoid", 0)} to ${reach("sigmoid", 1)}, off by ${of("sigmoid", "error")}.`,
      ),
      say(
        `1 出力のソフトマックスは、いつも ${reach("softmax", 0)} です。総入力を変えても値が変わらないので、重みの勾配は ${of("softmax", "gradient")} で、学習が始まりません。`,
        `A softmax of one output is always ${reach("softmax", 0)}. No input changes it, so the gradient of the weights is ${of("softmax", "gradient")}, and learning never starts.`,
      ),
    ];
  },
  formulas: [
    {
      html: tex`\htmlData{probe=fit}{y} = u \in (-\infty, \infty), \qquad y = \sigma(u) \in (0, 1), \qquad y = \frac{e^{u}}{e^{u}} = 1`,
      spoken: say(
        "恒等写像は総入力をそのまま出し、シグモイドは 0 と 1 の間に押し込み、1 出力のソフトマックスはいつも 1 になる。",
        "The identity gives the total input as it is; the sigmoid squeezes it between 0 and 1; a softmax of one output is always 1.",
      ),
    },
  ],
  sources: [outputsSource, mseLossSource],
  fillIn: {
    prompt: say("予測 y と目標 t の二乗誤差の平均を書いてください。", "Write the mean squared error of y and t."),
    before: "const loss = ",
    after: ";",
    hint: say("差の 2 乗の平均。", "The mean of squared differences."),
    expected: "((y - t) * (y - t)).mean()",
    given: { y: [1, 2, 3], t: [1, 1, 1] },
  },
  notShown: say(
    "目標をあらかじめ 0 から 1 に縮めておけば、シグモイドでも回帰はできます。また、恒等写像が届くのは学習した区間の話で、区間の外の予測が正しいとは限りません。",
    "Targets that are scaled to between 0 and 1 first suit a sigmoid too. And outside of the interval that was learnt, the identity need not be right either.",
  ),
  related: ["sigmoid-output", "mean-squared-error"],
  Extra: Reach,
  covers: ["fit"],
};
