/** 1.6 The rectified linear unit. */

import leakyReluSource from "source:src/ops/activation.ts#leakyRelu";
import reluSource from "source:src/ops/activation.ts#relu";
import { say } from "../../../../src/experiments/text.ts";
import { Folds } from "../../widgets/folds.tsx";
import { type Lesson, live, livePercent } from "../lesson.ts";

export const lesson: Lesson = {
  keywords:
    "れる れいる れるーかんすう せいきかせんけいかんすう 死んだユニット 折り紙 rectified linear unit dead unit leaky fold hinge",
  intro: [
    say(
      "ReLU は、負の入力を 0 にするだけの関数です。ユニット 1 つは平面を 1 本の折り目で折り、層を重ねると折った紙をさらに折ることになります。ネットワーク全体は、たくさんの平らな面をつないだ形になります（Montúfar et al. 2014）。",
      "ReLU turns negative numbers into 0, and that is all. One unit folds the plane along one crease, and a further layer folds what is folded: the whole is made of many flat pieces (Montúfar et al. 2014).",
    ),
    say(
      "正の側の微分は 1 なので、勾配はそのまま通り抜けます。ところが、どのデータに対しても負の側にいるユニットには、勾配がまったく届きません（dying ReLU）。負の側にも少し傾きを残すのが Leaky ReLU です。",
      "On the positive side its slope is 1, and gradients pass unhindered. But a unit that is on the negative side for all of the data gets no gradient at all: a dying ReLU. Leaky ReLU keeps a little slope there.",
    ),
  ],
  todo: say(
    "▶ を押して折り目が渦に沿って動くのを見てから、「バイアスの初期値に足す量」や学習率を変えて、眠るユニットの数を比べてください。",
    "Press ▶ and watch creases settle along the spirals. Then change what is added to the biases, or the rate, and compare how many units fall asleep.",
  ),
  happened(seen) {
    const accuracy = (lane: string): string => livePercent(seen.number(lane, "accuracy"));
    const of = (lane: string, probe: string): string => live(seen.number(lane, probe));
    return [
      say(
        `正解率は、シグモイド ${accuracy("sigmoid")}、ReLU ${accuracy("relu")}。ReLU のネットワークは平面を ${of("relu", "pieces")} 個の面に折りました。`,
        `Accuracy: sigmoid ${accuracy("sigmoid")}, ReLU ${accuracy("relu")}. The ReLU network folded the plane into ${of("relu", "pieces")} pieces.`,
      ),
      say(
        `バイアスを下げて始めると、ReLU では ${of("shifted", "asleep")} 個が眠ったままで、目覚めたのはのべ ${of("shifted", "revived")} 個、正解率 ${accuracy("shifted")}。Leaky ReLU ではのべ ${of("leaky", "revived")} 個が目覚め、正解率は ${accuracy("leaky")} になりました。`,
        `With biases lowered, ${of("shifted", "asleep")} ReLU units stay asleep and ${of("shifted", "revived")} ever came back: ${accuracy("shifted")}. Leaky units came back ${of("leaky", "revived")} times: ${accuracy("leaky")}.`,
      ),
    ];
  },
  formulas: [
    {
      html: tex`f(x) = \max(0, x), \qquad f'(x) = \begin{cases}1 & x > 0\\ 0 & x \le 0\end{cases}`,
      spoken: say(
        "正ならそのまま、負なら 0。傾きは正の側で 1。",
        "Positives stay, negatives become 0; the slope is 1 on the positive side.",
      ),
    },
  ],
  sources: [reluSource, leakyReluSource],
  fillIn: {
    prompt: say(
      "x が正ならそのまま、負なら 0.01 倍にしてください（Leaky ReLU）。",
      "Keep positives and scale negatives by 0.01: leaky ReLU.",
    ),
    before: "const y = ",
    after: ";",
    hint: say("where(条件, 真のとき, 偽のとき)", "where(condition, if so, if not)"),
    expected: "where(x.gt(0), x, x * 0.01)",
    given: { x: [-2, -1, 0.5, 3] },
  },
  notShown: say(
    "ReLU にすれば深いネットワークでも勾配が消えない、とまでは言えません。重みの初期値しだいです（2.2、2.4）。また、眠ったユニットが多少あっても、残りで学習できることはよくあります。",
    "It does not show that gradients never vanish in deep ReLU networks: that depends on the initial weights (2.2, 2.4). Nor are a few sleepers a disaster: the others often suffice.",
  ),
  related: ["sigmoid", "sparse-relu", "he"],
  Extra: Folds,
  covers: ["regions"],
};
