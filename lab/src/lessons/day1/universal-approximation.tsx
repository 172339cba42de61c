/** 1.1 The universal approximation theorem. */
import pileSource from "source:src/experiments/parts/approximators.ts#pile";
import linearSource from "source:src/nn/linear.ts#Linear";
import { say } from "../../../../src/experiments/text.ts";
import { Approximation } from "../../widgets/approximation.tsx";
import { type Lesson, live } from "../lesson.ts";

export const lesson: Lesson = {
  keywords: "ばんのうきんじていり かんすうきんじ 関数近似 山 universal approximation theorem Cybenko bump width",
  intro: [
    say(
      "隠れ層が 1 つでもユニットを増やせば、有界な区間の上の連続な関数をいくらでもよく近似できます（Cybenko 1989）。シグモイド 1 つは「なめらかな段」になり、段をいくつも足し合わせれば、どんな曲線もなぞれるからです。",
      "With one hidden layer and enough units, any continuous function on a bounded interval can be approximated as closely as one likes (Cybenko 1989). A sigmoid is a smooth step, and a sum of steps can follow any curve.",
    ),
    say(
      "1 つ目のレーンは、目標に合わせて段を手で並べたネットワークです。2 つ目のレーンは、同じ形のネットワークを学習させます。よい重みが「存在する」ことと、学習がそれを「見つける」ことは、別の話です。",
      "In the first lane steps are laid by hand to fit the target; in the second a network of the same shape is trained. That good weights exist is one thing, that training finds them another.",
    ),
  ],
  todo: say(
    "目標の線をなぞって描き替え、▶ を押してください。ユニット数を変えると、段の細かさが変わります。設定の例「段差」では、平均の誤差と最大の誤差がそれぞれどうなるかを見てください。",
    "Draw a target of your own and press ▶. More units are finer stairs. Try the preset “A jump” too, and see what becomes of the average error, and of the greatest.",
  ),
  happened(seen) {
    const built = (i: number): string => live(seen.bar("built", "errors", i));
    const trained = (i: number): string => live(seen.bar("trained", "errors", i));
    return [
      say(
        `手で組むと、平均誤差（RMS）は 1 ユニットで ${built(0)}、8 ユニットで ${built(3)}、64 ユニットで ${built(6)}。段が細かくなるほど小さくなります。`,
        `Built by hand, the RMS error is ${built(0)} with 1 unit, ${built(3)} with 8 and ${built(6)} with 64: the finer the stairs, the smaller.`,
      ),
      say(
        `学習では ${trained(0)}、${trained(3)}、${trained(6)} でした。手作りでは段の位置が決まっていますが、学習は位置も選べるので少ないユニットでうまくいくことがあります。一方、多ければよくなるという保証はありません。`,
        `Trained, it is ${trained(0)}, ${trained(3)} and ${trained(6)}. Training may also choose where steps stand, and so can do better with few units; but nothing promises that it does better with more.`,
      ),
    ];
  },
  formulas: [
    {
      html: tex`\htmlData{probe=fit}{\hat f(x)} = \sum_{j=1}^{H} \htmlData{probe=parts}{v_j\,\sigma(w_j x + b_j)} + c`,
      spoken: say(
        "近似は、H 個の隠れユニットの出力に重みを掛けて足し、定数を加えたもの。",
        "The approximation is a weighted sum of what H hidden units give, and a constant.",
      ),
    },
    {
      html: tex`\sup_{x \in [a, b]} \bigl| f(x) - \hat f(x) \bigr| < \varepsilon`,
      spoken: say(
        "f が連続なら、どんなに小さな ε に対しても、十分な数のユニットで最大の誤差を ε より小さくできる。",
        "If f is continuous, then for every ε, however small, so many units exist that the greatest error is below it.",
      ),
    },
  ],
  sources: [pileSource, linearSource],
  fillIn: {
    prompt: say(
      "急な段差 2 つ y1、y2 から、高さ 1 の山を作ってください。",
      "From two steep steps y1 and y2 make a bump of height 1.",
    ),
    before: "const bump = ",
    after: ";",
    hint: say("上がる段差から、後で上がる段差を引きます。", "Take the later step away from the earlier."),
    expected: "y1 - y2",
    given: { y1: [0, 1, 1, 1], y2: [0, 0, 0, 1] },
  },
  notShown: say(
    "よい重みが存在することは見えますが、学習が必ず見つけるとは言えません。区間の外でどうなるか、入力の次元が増えたときに何ユニット必要かも示しません。",
    "It shows that good weights exist, not that training always finds them; nor what happens outside of the interval, nor how many units more inputs would take.",
  ),
  related: ["layer-product", "overfitting", "relu"],
  Extra: Approximation,
  covers: ["fit", "parts"],
};
