/** The truth table of each lane: a click turns an answer over. Beside it stands what the unit says now. */
import type { JSX } from "preact";
import type { Forms } from "../../../src/experiments/probe.ts";
import { say, type Text } from "../../../src/experiments/text.ts";
import type { Bench } from "../bench/store.ts";
import { mapAt } from "../figures/field.ts";
import { said, T } from "../text/language.tsx";
import { Captioned } from "./captioned.tsx";
import { useLastShown } from "./last-shown.ts";
import "./truth-table.css";

const text = {
  what: say(
    "行が入力、列がレーンです。ボタンが正解、矢印の先がいまのユニットの答えで、○ は合っている、× は間違いです。",
    "Rows are inputs, columns lanes. Each button is the right answer, the arrow leads to what the unit says now: ○ is right, × wrong.",
  ),
  title: say(
    "真理値表：正解をクリックすると 0 と 1 が入れ替わり、その表で最初から学習します",
    "Truth tables: click an answer to turn it over, and learning begins anew",
  ),
  input: say("入力", "input"),
  answer: (lane: string, input: string) => say(`${lane}: 入力 ${input} の正解`, `${lane}: answer to ${input}`),
  right: say("正解", "right"),
  wrong: say("間違い", "wrong"),
} as const;

const cases: readonly (readonly [number, number])[] = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
];

export function TruthTable({ bench }: { bench: Bench }): JSX.Element | null {
  const lanes = (useLastShown(bench)?.lanes ?? []).flatMap(({ id, readings }) => {
    const output = readings.output as Forms["map"] | undefined;
    return output ? [{ id, output, label: bench.details.lanes[id].label as Text }] : [];
  });
  if (lanes.length === 0) return null;
  return (
    <Captioned what={text.what} caption={text.title}>
      <table class="truth-table">
        <thead>
          <tr>
            <th scope="col">
              <T text={text.input} />
            </th>
            {lanes.map(({ id, label }) => (
              <th key={id} scope="col">
                <T text={label} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {cases.map((at, i) => (
            <tr key={at.join("")}>
              <th scope="row" class="number">
                {at.join(", ")}
              </th>
              {lanes.map(({ id, output, label }) => {
                const answer = output.points?.[i]?.label ?? 0;
                const given = mapAt(output, at);
                const isRight = given > 0.5 === (answer === 1);
                return (
                  <td key={id}>
                    <button
                      type="button"
                      class="number"
                      aria-pressed={answer === 1}
                      aria-label={`${said(text.answer(said(label), at.join(", ")))}: ${answer}`}
                      data-case={`${id} ${i}`}
                      onClick={() => turnOver(bench, id, output, i)}
                    >
                      {answer}
                    </button>{" "}
                    <span title={said(isRight ? text.right : text.wrong)}>
                      <span class="number">→ {Number(given.toFixed(2))}</span> {isRight ? "○" : "×"}
                    </span>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </Captioned>
  );
}

/** Gives a lane a table of its own, and goes on where something was running. */
function turnOver(bench: Bench, lane: string, { points = [] }: Forms["map"], which: number): void {
  const goesOn = bench.step.value > 0;
  const truth = cases.map((_, i) => (i === which ? 1 - points[i].label : points[i].label));
  const { choice } = bench.opening.value;
  const own = { ...choice.lanes?.[lane], gate: "custom", truth };
  bench.open({
    ...bench.opening.value,
    choice: { ...choice, lanes: { ...choice.lanes, [lane]: own } },
    changes: [],
  });
  if (goesOn) bench.play();
}
