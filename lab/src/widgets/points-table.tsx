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
  unreadable: say("このファイルは開けませんでした。", "This file could not be opened."),
  done: (names: string, x: string, y: string) =>
    say(
      `読み込みました。クラスは順に ${names}。もとの x は ${x}、y は ${y}。`,
      `Read. Classes in order: ${names}. In the table, x is ${x} and y is ${y}.`,
    ),
  from: (name: string, { ja, en }: Text) => say(`${name}：${ja}`, `${name}: ${en}`),
} as const;

const sample = "x,y,label\n-0.5,0.4,a\n-0.3,0.6,a\n0.4,-0.2,b\n0.6,-0.5,b";

export function PointsTable({ onRead }: { onRead(points: readonly number[]): void }): JSX.Element {
  const pasted = useSignal(sample);
  const outcome = useSignal<{ text: Text; isWrong: boolean; at: number } | null>(null);
  const tell = (what: Text, isWrong: boolean, file: string | undefined): void => {
    outcome.value = { text: file === undefined ? what : text.from(file, what), isWrong, at: performance.now() };
  };
  const read = async (input: string | Uint8Array, file?: string): Promise<void> => {
    const answer = await ask<PointsAnswer>("points", input);
    if (!("table" in answer)) {
      tell(csvError(answer), true, file);
      return;
    }
    const { classes, x, y, points } = answer.table;
    const range = ([from, to]: readonly [number, number]): string => `${short(from)} … ${short(to)}`;
    const names = classes.map((name, i) => `${i} = ${name.slice(0, 20)}`).join(", ");
    tell(text.done(names, range(x), range(y)), false, file);
    onRead(points);
  };
  const load = async (field: HTMLInputElement): Promise<void> => {
    const [file] = field.files ?? [];
    field.value = ""; // or the same file, mended, would be no change
    if (!file) return;
    const bytes = file.size > 1_000_000 ? null : await file.arrayBuffer().catch(() => undefined);
    if (bytes) await read(new Uint8Array(bytes), file.name);
    else tell(bytes === null ? text.large : text.unreadable, true, file.name);
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
            onChange={(event) => void load(event.currentTarget)}
          />
        </label>
      </div>
      {outcome.value && (
        <p
          key={outcome.value.at}
          role={outcome.value.isWrong ? "alert" : "status"}
          class={outcome.value.isWrong ? "wrong-table" : ""}
        >
          <T text={outcome.value.text} block />
        </p>
      )}
    </details>
  );
}
