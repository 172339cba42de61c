/** 1.12 Gradient descent. */
import sGDSource from "source:src/optim/sgd.ts#SGD";
import { say } from "../../../../src/experiments/text.ts";
import { Walker } from "../../widgets/walker.tsx";
import { type Lesson, live } from "../lesson.ts";

export const lesson: Lesson = {
  keywords: "こうばいこうかほう がくしゅうりつ gradient descent learning rate lr stability",
  intro: [
    say(
      "勾配降下法は、損失が最も速く下がる向きへ、学習率の分だけ動くことを繰り返します。",
      "Gradient descent goes down the steepest way, by the learning rate, again and again.",
    ),
    say(
      "2 次の谷では、学習率の上限が最大の曲率 λ で決まります。2/λ を超えると、振動が大きくなって飛び出します。",
      "In a quadratic valley the greatest curvature λ sets the limit: above 2/λ the oscillation grows until it is out.",
    ),
  ],
  todo: say(
    "学習率を上限のすぐ下とすぐ上に動かしてください。出発点をドラッグし、地形を「直線を当てはめる」に変えても、上限は同じ式で決まります。",
    "Move the rate to just below and just above the limit. Drag the start, and choose fitting a line as the surface: the same formula sets the limit.",
  ),
  happened(seen) {
    return [
      say(
        `上限は ${live(seen.number("below", "limit"))}。下のレーンの損失は ${live(seen.number("below", "loss"))}、上のレーンは ${live(seen.number("above", "loss"))} です。`,
        `The limit is ${live(seen.number("below", "limit"))}. The loss is ${live(seen.number("below", "loss"))} below it, ${live(seen.number("above", "loss"))} above.`,
      ),
    ];
  },
  formulas: [
    {
      html: tex`\mathbf{w} \leftarrow \mathbf{w} - \eta \nabla E(\mathbf{w}), \qquad \eta < \htmlData{probe=limit}{\frac{2}{\lambda_{\max}}}`,
      spoken: say(
        "重みから学習率掛ける勾配を引く。学習率は 2 割る最大曲率より小さく。",
        "Subtract rate times gradient; the rate stays below two over the greatest curvature.",
      ),
    },
  ],
  sources: [sGDSource],
  fillIn: {
    prompt: say("1 歩の更新を書いてください。", "Write one step."),
    before: "const next = ",
    after: ";",
    hint: say("w から lr × g を引きます。", "w minus lr times g."),
    expected: "w - g * lr",
    given: { w: [1, 2], g: [0.5, -1], lr: 0.1 },
  },
  notShown: say(
    "谷が 2 次でないとき、曲率は場所ごとに変わり、上限も変わります。",
    "Where a valley is not quadratic, curvature and limit change from place to place.",
  ),
  primary: "lr",
  related: ["online-learning", "momentum"],
  Extra: Walker,
  covers: ["valley"],
};
