/** A table of points, pasted or from a file, as the library's own reader takes it; what is wrong is told with its place. */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { say, type Text } from "../../../src/experiments/text.ts";
import { ask } from "../engine/engine.ts";
import type { PointsAnswer } from "../engine/tools.ts";
import { short } from "../figures/bars.ts";
import { csvError } from "../text/csv-errors.ts";
import { said, T } from "../text/language.tsx";

const text = {
  summary: say("CSV から読み込む", "Read them from CSV"),
  about: say(
    "各行に x、y、ラベルを書きます。1 行目は列の名前でもかまいません。−1〜1 を超える数は、その範囲に合わせます。",
    "Each row has x, y and a label; the first may name the columns. Numbers beyond −1 … 1 are scaled to that.",
  ),
  paste: say("CSV を貼り付ける", "Paste CSV"),
  read: say("読み込む", "Read it"),
  file: say("ファイルを選ぶ", "Choose a file"),
  large: say("1 MB を超えるファイルは読み込めません。", "Files of more than 1 MB are not read."),
  done: (names: string, x: string, y: string) =>
    say(
      `読み込みました。クラスは順に ${names}。もとの x は ${x}、y は ${y}。`,
      `Read. Classes in order: ${names}. In the table, x is ${x} and y is ${y}.`,
    ),
} as const;

const sample = "x,y,label\n-0.5,0.4,a\n-0.3,0.6,a\n0.4,-0.2,b\n0.6,-0.5,b";

export function PointsTable({ onRead }: { onRead(points: readonly number[]): void }): JSX.Element {
  const pasted = useSignal(sample);
  const outcome = useSignal<{ text: Text; isWrong: boolean } | null>(null);
  const read = async (input: string | Uint8Array): Promise<void> => {
    const answer = await ask<PointsAnswer>("points", input);
    if (!("table" in answer)) {
      outcome.value = { text: csvError(answer), isWrong: true };
      return;
    }
    const { classes, x, y, points } = answer.table;
    const range = ([from, to]: readonly [number, number]): string => `${short(from)} … ${short(to)}`;
    const names = classes.map((name, i) => `${i} = ${name.slice(0, 20)}`).join(", ");
    outcome.value = { text: text.done(names, range(x), range(y)), isWrong: false };
    onRead(points);
  };
  const load = async (file: File | undefined): Promise<void> => {
    if (!file) return;
    if (file.size > 1_000_000) outcome.value = { text: text.large, isWrong: true };
    else await read(new Uint8Array(await file.arrayBuffer()));
  };
  return (
    <details class="points-table">
      <summary>
        <T text={text.summary} />
      </summary>
      <p class="help">
        <T text={text.about} block />
      </p>
      <textarea
        rows={5}
        class="number"
        data-control="csv"
        aria-label={said(text.paste)}
        value={pasted.value}
        onInput={(event) => {
          pasted.value = event.currentTarget.value;
        }}
      />
      <div class="buttons">
        <button type="button" data-action="read-csv" onClick={() => void read(pasted.value)}>
          <T text={text.read} />
        </button>
        <label>
          <T text={text.file} />{" "}
          <input
            type="file"
            accept=".csv,.tsv,.txt,text/csv"
            data-control="csv-file"
            onChange={(event) => void load(event.currentTarget.files?.[0])}
          />
        </label>
      </div>
      {outcome.value && (
        <p role={outcome.value.isWrong ? "alert" : "status"} class={outcome.value.isWrong ? "wrong-table" : ""}>
          <T text={outcome.value.text} block />
        </p>
      )}
    </details>
  );
}
