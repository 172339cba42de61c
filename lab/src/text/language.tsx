/** In which language the page speaks: Japanese, English, or Japanese with the English of names beside, of terms above. */
import { effect, signal } from "@preact/signals";
import type { JSX } from "preact";
import type { Label, Language } from "../../../src/experiments/text.ts";
import { keep, kept } from "../kept.ts";

export const modes = ["ja", "en", "both"] as const;
export type Mode = (typeof modes)[number];

const before = kept("language");
export const mode = signal<Mode>(
  modes.find((m) => m === before) ?? (navigator.language.toLowerCase().startsWith("ja") ? "ja" : "en"),
);

effect(() => {
  keep("language", mode.value);
  document.documentElement.lang = mode.value === "en" ? "en" : "ja";
});

/** The next mode: what the key L does. */
export function nextMode(): void {
  mode.value = modes[(modes.indexOf(mode.value) + 1) % modes.length];
}

/** The language that sentences are in. */
export const language = (): Language => (mode.value === "en" ? "en" : "ja");

/** Text as a string, for where there is no room for two languages. */
export const said = (label: Label): string => (typeof label === "string" ? label : label[language()]);

/** A sentence whose numbers are not parted from their % by the end of a line. */
export const bound = (sentence: string): string => sentence.replace(/(?<=\d) (?=%)/g, "\u00a0");

/** Text on the page. In both languages, the English stands smaller beside the Japanese, or below it as a `block`. */
export function T({ text, block = false }: { text: Label; block?: boolean }): JSX.Element {
  if (typeof text === "string") return <>{text}</>;
  if (mode.value !== "both" || text.ja === text.en) return <>{bound(said(text))}</>;
  const english = (
    <span class={block ? "english block" : "english"} lang="en">
      {bound(text.en)}
    </span>
  );
  return (
    <>
      {bound(text.ja)}
      {english}
    </>
  );
}
