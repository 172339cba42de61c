/** What a learner has reached, as a file: it is kept in this browser only, and so taken along. */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { say, type Text } from "../../../src/experiments/text.ts";
import { progress, readProgress, takeProgress } from "../bench/claims.tsx";
import { T } from "../text/language.tsx";

const text = {
  about: say(
    "予想と判定の記録は、このブラウザの中だけにあります。",
    "Your guesses and verdicts are kept in this browser only.",
  ),
  save: say("記録をファイルに保存", "Save them to a file"),
  load: say("ファイルから読み込む", "Read them from a file"),
  loaded: (count: number) => say(`${count} 件の記録を読み込みました。`, `${count} were read.`),
  refused: say("これはラボの記録ではありません。", "That is no file of the Lab's."),
} as const;

export function Progress(): JSX.Element {
  const outcome = useSignal<Text | null>(null);
  const save = (): void => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(progress.value)], { type: "application/json" }));
    link.download = "tsumiki-progress.json";
    link.click();
    URL.revokeObjectURL(link.href);
  };
  const load = async (field: HTMLInputElement): Promise<void> => {
    const [file] = field.files ?? [];
    field.value = ""; // or the same file would be no change
    if (!file) return;
    const read = file.size < 1_000_000 ? readProgress(await file.text()) : null;
    if (read) takeProgress(read);
    outcome.value = read ? text.loaded(Object.keys(read).length) : text.refused;
  };
  return (
    <section class="progress">
      <p class="muted">
        <T text={text.about} block />
      </p>
      <button type="button" data-action="save-progress" onClick={save}>
        <T text={text.save} />
      </button>{" "}
      <label class="button">
        <T text={text.load} />
        <input
          type="file"
          class="visually-hidden"
          accept="application/json"
          data-control="progress"
          onChange={(event) => void load(event.currentTarget)}
        />
      </label>
      {outcome.value && (
        <p role="status">
          <T text={outcome.value} />
        </p>
      )}
    </section>
  );
}
