/** "What is this?": every picture can be asked what it shows, how its form is read, and by which scale its numbers are drawn. */
import type { JSX } from "preact";
import type { Form, Probe } from "../../../src/experiments/probe.ts";
import { say, type Text } from "../../../src/experiments/text.ts";
import { T } from "../text/language.tsx";
import { words } from "../text/words.ts";
import "./figure.css";

/** How a picture of each form is read. */
const forms: Readonly<Record<Form, Text>> = {
  scalar: say(
    "横軸はステップで、線 1 本がレーン 1 つです。シードを 5 つ試すと、その範囲を帯で示します。線の下の数は、いま見ているステップの値です。",
    "Over the steps, a line for each lane; after five seeds, a band shows their range. The numbers below the lines are those of the step that is looked at.",
  ),
  bars: say(
    "棒 1 本が 1 項目で、右の数がその値です。目盛りはどのレーンも同じなので、長さを比べられます。",
    "A bar for each item, with its number at the right. All lanes have the same scale, so that lengths can be compared.",
  ),
  curves: say(
    "線ごとに線種を変えてあり、名前は右上にあります。つながっていない点は、データの 1 件ずつです。",
    "Each line has a dash of its own, and its name at the top right. Dots that are not joined are single examples.",
  ),
  map: say(
    "平面の各点の値を、色の濃さで表します。線は値が等しいところを結んだものです。点や道があれば、その上に重ねます。",
    "The value at each place of the plane is its shade, and lines join places of equal value. Points and ways, if there are any, lie on top.",
  ),
  matrix: say(
    "マス 1 つが、その行とその列の数です。値が大きいほど濃くなります。",
    "Each cell is the number of its row and column: the larger, the darker.",
  ),
  images: say(
    "画像を 1 枚ずつ並べたものです。画素の濃さが値を表します。",
    "Images beside each other; the shade of a pixel is its value.",
  ),
  histograms: say(
    "値の分布です。横軸が値、山の高さがその値の個数で、段ごとに比べられます。縦の細い線は 0 の位置です。",
    "How values are distributed: across is the value, and the height is how many have it, row by row. The thin upright line is at 0.",
  ),
  table: say("この実験で得た数を、そのまま並べた表です。", "The numbers of this run as they are."),
};

/** How numbers of a kind are drawn, the same in every figure. */
const kinds: Readonly<Record<Probe["kind"], Text>> = {
  signed: say(
    "符号のある量です。塗るときは、正を藍、負を朱で表し、0 に近いほど薄くします。",
    "A signed quantity. Where it is filled, positive is indigo and negative vermilion, fainter near 0.",
  ),
  magnitude: say(
    "大きさです。目盛りは対数で、1 目盛りごとに何倍かになります。",
    "A size, on a logarithmic scale: every tick is so many times the one before.",
  ),
  probability: say("0 から 1 までの確率や割合です。", "A probability or a part, from 0 to 1."),
  count: say("個数です。", "A count."),
};

/** What can be told of a figure of a probe; `how` where it is drawn in another way than its form is. */
export function told(probe: Probe, how?: Text): readonly Text[] {
  const own = probe.help ? [probe.help] : [];
  return how ? [...own, how] : [...own, forms[probe.form], ...(probe.form === "table" ? [] : [kinds[probe.kind]])];
}

export function What({ tells }: { tells: readonly Text[] }): JSX.Element {
  return (
    <details class="what">
      <summary>
        <T text={words.what} />
      </summary>
      {tells.map((text) => (
        <p key={text.en}>
          <T text={text} block />
        </p>
      ))}
    </details>
  );
}
