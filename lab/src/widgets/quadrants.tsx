/** Adam taken apart: with neither of its parts, with each, and with both. */
import type { JSX } from "preact";
import { say, type Text } from "../../../src/experiments/text.ts";
import type { Bench } from "../bench/store.ts";
import { live, livePercent, Seen } from "../lessons/lesson.ts";
import { T } from "../text/language.tsx";
import { Captioned } from "./captioned.tsx";
import "./quadrants.css";

const text = {
  what: say(
    "Adam の 2 つの部品、m（向きの平均）と v（大きさで割る）を、それぞれ入れたときと外したときの結果です。右下が Adam です。",
    "What comes of Adam with and without each of its two parts: m, the mean direction, and v, by whose root it divides. Bottom right is Adam.",
  ),
  title: say("2 つの部品のあり・なし", "The two parts, with and without"),
  withoutM: say("m なし", "no m"),
  withM: say("m あり（向きの平均）", "with m, the mean direction"),
  withoutV: say("v なし", "no v"),
  withV: say("v あり（大きさで割る）", "with v, which it divides by"),
  cell: (step: string, height: string, accuracy: string) =>
    say(
      `平地を抜けたステップ ${step}、高さ ${height}、正解率 ${accuracy}`,
      `off the flat place at step ${step}, height ${height}, accuracy ${accuracy}`,
    ),
} as const;

const rows: readonly { readonly head: Text; readonly lanes: readonly [string, string] }[] = [
  { head: text.withoutV, lanes: ["sgd", "momentum"] },
  { head: text.withV, lanes: ["rmsprop", "adam"] },
];

export function Quadrants({ bench }: { bench: Bench }): JSX.Element {
  const seen = new Seen(bench);
  const { lanes } = bench.details;
  return (
    <Captioned what={text.what} caption={text.title}>
      <table class="quadrants">
        <thead>
          <tr>
            <td />
            <th scope="col">
              <T text={text.withoutM} />
            </th>
            <th scope="col">
              <T text={text.withM} />
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ head, lanes: ids }) => (
            <tr key={head.en}>
              <th scope="row">
                <T text={head} />
              </th>
              {ids.map((id) => (
                <td key={id} data-lane={id}>
                  <strong>
                    <T text={lanes[id].label} />
                  </strong>
                  <br />
                  <T
                    text={text.cell(
                      live(seen.number(id, "escape")),
                      live(seen.number(id, "height")),
                      livePercent(seen.number(id, "accuracy")),
                    )}
                    block
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Captioned>
  );
}
