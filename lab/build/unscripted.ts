/**
 * What the page shows before its scripts run, and where they never do: the first page's sentence, what would run, and all
 * lessons as a table, in both languages. It is made of the curriculum, so that it never says anything else than the Lab.
 */
import type { Plugin } from "vite";
import type { Experiment } from "../../src/experiments/experiment.ts";
import { days, experiments } from "../../src/experiments/index.ts";
import { type Label, say } from "../../src/experiments/text.ts";
import { words } from "../src/text/words.ts";

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c] as string);

const both = (label: Label): string =>
  typeof label === "string"
    ? escaped(label)
    : label.ja === label.en
      ? escaped(label.ja)
      : `${escaped(label.ja)}<span class="english block" lang="en">${escaped(label.en)}</span>`;

const joined = (labels: readonly Label[], language: "ja" | "en"): string =>
  labels.map((label) => (typeof label === "string" ? label : label[language])).join(" / ");

/** The number that a parameter has unless it is changed. */
const numberOf = ({ params }: Experiment, name: string): number | null => {
  const p = params[name];
  return p && (p.kind === "integer" || p.kind === "number") ? p.default : null;
};

/** The lanes that run beside each other, and for how many steps. */
function whatRuns(experiment: Experiment): Label {
  const lanes = Object.values(experiment.lanes).map(({ label }) => label);
  const steps = numberOf(experiment, "steps");
  const [ja, en] = [joined(lanes, "ja"), joined(lanes, "en")];
  return steps === null ? say(ja, en) : say(`${ja}（${steps} ステップ）`, `${en}; ${steps} steps`);
}

function table(lessons: readonly Experiment[]): string {
  const head = [words.lesson, words.question, words.whatRuns].map((label) => `<th>${both(label)}</th>`).join("");
  const rows = lessons.map(
    (experiment) =>
      `<tr><th scope="row"><span class="number">${experiment.row}</span> ${both(experiment.title)}</th><td>${both(experiment.question)}</td><td>${both(whatRuns(experiment))}</td></tr>`,
  );
  return `<table><thead><tr>${head}</tr></thead><tbody>${rows.join("\n")}</tbody></table>`;
}

/** The part of the page for browsers without scripts. */
export function unscripted(): string {
  const first = experiments.get("vanishing-gradient");
  if (!first) throw new Error("the first page's experiment is not there");
  const [depth, steps] = [numberOf(first, "depth") ?? 0, numberOf(first, "steps") ?? 0];
  const paragraphs = [
    words.noScripts,
    words.wouldRunHere(depth, steps),
    words.wouldRun(Object.values(days).flat().length),
  ];
  const parts = Object.entries(days).map(
    ([day, lessons]) => `<h2>${both(words.day(day.replace("day", "")))}</h2>\n${table(lessons)}`,
  );
  return `<noscript>${[...paragraphs.map((text) => `<p>${both(text)}</p>`), ...parts].join("\n")}</noscript>`;
}

export function firstPage(): Plugin {
  const content = `<main class="unscripted"><h1>${both(words.now)}</h1>\n${unscripted()}</main>`;
  return { name: "first-page", transformIndexHtml: (html) => html.replace("<!-- first page -->", () => content) };
}
