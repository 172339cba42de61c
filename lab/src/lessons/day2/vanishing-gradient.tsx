/** 2.1 The vanishing gradient problem. */
import sigmoid from "source:src/nn/activation.ts#Sigmoid";
import linear from "source:src/nn/linear.ts#Linear";
import { say } from "../../../../src/experiments/text.ts";
import { type Lesson, live, livePercent } from "../lesson.ts";

const ratio = (a: number | null, b: number | null): number | null =>
  a === null || b === null || b === 0 ? null : a / b;

export const lesson: Lesson = {
  keywords: "こうばいしょうしつもんだい vanishing gradient sigmoid backpropagation depth",
  intro: [
    say(
      "誤差逆伝播法では、出力側で求めた勾配を、層を 1 つずつさかのぼりながら掛け算で伝えます。シグモイドの傾きは最大でも 0.25 なので、層を通るたびに信号は小さくなります。",
      "Backpropagation carries the gradient from the output back through the layers, one product for each. A sigmoid's slope is 0.25 at most, so the signal shrinks with every layer.",
    ),
    say(
      "2 つのネットワークを並べて学習させます。一方はシグモイドと標準偏差 0.01 の初期値、もう一方は ReLU と He の初期値です。層の数、データ、順番は同じです。",
      "Two networks train beside each other: one with sigmoids and initial weights of standard deviation 0.01, the other with ReLU and He's weights. Depth, data and order are the same.",
    ),
  ],
  todo: say(
    "▶ を押し、金色の棒（勾配）が入力側までどれだけ残るかを比べてください。学習の間、第 1 層の重みの絵が雑音のままか、模様に変わるかも見ます。次に「隠れ層の数」を変えてみましょう。",
    "Press ▶ and compare how much of the gold, the gradient, is left at the input. See whether the pictures of the first weights stay noise. Then change the number of hidden layers.",
  ),
  happened(seen) {
    const [first, last] = [seen.bar("sigmoid", "gradient", 0), seen.bar("sigmoid", "gradient", -1)];
    const step = seen.step;
    return [
      say(
        `${step} ステップ目のシグモイドでは、出力層の勾配 ${live(last)} に対して第 1 層に届いたのは ${live(first)}、${live(ratio(first, last))} 倍です。入力側の重みはほとんど動けません。`,
        `At step ${step} the gradient of the sigmoids is ${live(last)} at the output layer and ${live(first)} at the first, ${live(ratio(first, last))} times as much. The first weights can hardly move.`,
      ),
      say(
        `ReLU と He の初期値では第 1 層にも ${live(seen.bar("relu", "gradient", 0))} が届き、テスト正解率は ${livePercent(seen.number("relu", "accuracy"))}、シグモイドは ${livePercent(seen.number("sigmoid", "accuracy"))} です。`,
        `With ReLU and He's weights ${live(seen.bar("relu", "gradient", 0))} arrives at the first layer. Test accuracy is ${livePercent(seen.number("relu", "accuracy"))}, with sigmoids ${livePercent(seen.number("sigmoid", "accuracy"))}.`,
      ),
    ];
  },
  formulas: [
    {
      html: tex`\frac{\partial \htmlData{probe=loss}{E}}{\partial W^{(1)}} \;=\; \htmlData{probe=gradient}{\frac{\partial E}{\partial \mathbf{y}}}\; \prod_{l=L}^{2} \bigl( f'(\mathbf{u}^{(l)})\, W^{(l)} \bigr)\; f'(\mathbf{u}^{(1)})\, \mathbf{x}`,
      spoken: say(
        "第 1 層の重みの勾配は、出力の勾配に、各層の活性化の傾きと重みの積を層の数だけ掛けたもの。",
        "The gradient of the first weights is that of the output times, for each layer, the slope of the activation and the weights.",
      ),
    },
    {
      html: tex`f'(u) = f(u)\,(1 - f(u)) \;\le\; \tfrac14`,
      spoken: say("シグモイドの傾きは 4 分の 1 以下。", "The slope of a sigmoid is a quarter at most."),
    },
  ],
  sources: [sigmoid, linear],
  fillIn: {
    prompt: say(
      "y = sigmoid(u) のとき、傾き f′(u) を y で書いてください。",
      "With y = sigmoid(u), write the slope f′(u) in terms of y.",
    ),
    before: "const slope = ",
    after: ";",
    hint: say(
      "y と 1 − y の積です。y.neg().add(1) が 1 − y。",
      "It is the product of y and 1 − y; y.neg().add(1) is 1 − y.",
    ),
    expected: "y.mul(y.neg().add(1))",
    given: { y: [0.1, 0.5, 0.9] },
  },
  notShown: say(
    "勾配が小さいことと学習できないことは同じではありません。勾配の大きさをそろえる手法（Adam など）や正規化を使えば、シグモイドでも学習が進むことがあります（2.5、2.9）。",
    "A small gradient does not mean that nothing can be learnt: methods that scale it, such as Adam, or normalization may train sigmoids all the same (2.5, 2.9).",
  ),
  related: ["sparse-relu", "xavier", "batch-normalization"],
};
