/** For teachers: which lesson, which parts of it, or which one figure; and the address that shows just that. */

import { details } from "catalog:all";
import { days } from "catalog:list";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { say } from "../../../src/experiments/text.ts";
import { Menu } from "../bench/menu.tsx";
import type { Details } from "../details.ts";
import { addressFor, type Part, parts } from "../teacher.ts";
import { said, T } from "../text/language.tsx";
import { words } from "../text/words.ts";
import "./teach.css";

const text = {
  about: say(
    "授業に合わせて、レッスンの一部を隠したり、図を 1 つだけ自分のページに埋め込んだりできます。設定を変えた実験の URL に付け足すこともできます。",
    "Hide parts of a lesson to suit your class, or put a single figure into a page of your own. What is asked for here can be added to the address of any run.",
  ),
  lesson: say("レッスン", "lesson"),
  figure: say("図を 1 つだけ見せる", "show one figure only"),
  whole: say("レッスン全体", "the whole lesson"),
  hide: say("隠すもの", "what to hide"),
  address: say("URL", "address"),
  embed: say("埋め込み用の HTML", "HTML to embed it"),
  open: say("開いて確かめる", "Open it"),
  plays: say("開いたらすぐに学習を始める", "begin to train at once"),
} as const;

const lessons = days.flatMap((day) => day.lessons);

export function TeachPage(): JSX.Element {
  const id = useSignal(lessons[0]?.id ?? "");
  const loaded = useSignal<Details | null>(null);
  const hidden = useSignal<readonly Part[]>([]);
  const figure = useSignal("");
  const plays = useSignal(false);
  const lesson = id.value;
  useEffect(() => {
    void details[lesson]?.().then((module) => {
      loaded.value = module.default;
    });
  }, [lesson, loaded]);
  const toggle = (part: Part): void => {
    const isHidden = hidden.value.includes(part);
    hidden.value = isHidden ? hidden.value.filter((other) => other !== part) : [...hidden.value, part];
  };
  const probes = loaded.value?.id === lesson ? loaded.value.probes : {};
  const hash = addressFor(lesson, hidden.value, figure.value, plays.value);
  const url = `${location.href.split("#")[0]}${hash}`;
  return (
    <main id="main" class="teach">
      <h1>
        <T text={words.teach} block />
      </h1>
      <p>
        <T text={text.about} block />
      </p>
      <Menu
        name="lesson"
        label={text.lesson}
        value={lesson}
        options={lessons.map((one) => [one.id, `${one.row} ${said(one.title)}`])}
        onChoose={(chosen) => {
          id.value = chosen;
          figure.value = "";
        }}
      />
      <Menu
        name="figure"
        label={text.figure}
        value={figure.value}
        options={[["", text.whole], ...Object.entries(probes).map(([name, { label }]) => [name, label] as const)]}
        onChoose={(name) => {
          figure.value = name;
        }}
      />
      {figure.value === "" && (
        <fieldset class="layer-choices">
          <legend>
            <T text={text.hide} />
          </legend>
          {(Object.keys(parts) as Part[]).map((part) => (
            <label key={part}>
              <input
                type="checkbox"
                data-hides={part}
                checked={hidden.value.includes(part)}
                onChange={() => toggle(part)}
              />{" "}
              <T text={parts[part]} />
            </label>
          ))}
        </fieldset>
      )}
      <label>
        <input
          type="checkbox"
          data-control="plays"
          checked={plays.value}
          onChange={() => {
            plays.value = !plays.value;
          }}
        />{" "}
        <T text={text.plays} />
      </label>
      <label>
        <T text={text.address} />
        <input type="text" class="number" data-control="address" readOnly value={url} />
      </label>
      <label>
        <T text={text.embed} />
        <input
          type="text"
          class="number"
          data-control="embed"
          readOnly
          value={`<iframe src="${url}" width="720" height="480"></iframe>`}
        />
      </label>
      <p>
        <a href={hash}>
          <T text={text.open} />
        </a>
      </p>
    </main>
  );
}
