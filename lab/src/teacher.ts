/**
 * Teacher mode: an address may hide parts of a page, `?hide=claims,maths`, or show one figure and nothing else,
 * `?figure=gradient`, to be put into a page of one's own. It begins to train by itself where the address says `play=1`.
 */
import { effect } from "@preact/signals";
import { say, type Text } from "../../src/experiments/text.ts";
import { route } from "./router.ts";

/** What can be hidden: elements have the same names as `data-part`. */
export const parts = {
  frame: say("目次と見出し", "contents and header"),
  intro: say("問いと説明", "question and introduction"),
  claims: say("主張と予想", "claims and guesses"),
  transport: say("再生の操作", "controls of time"),
  settings: say("設定", "settings"),
  happened: say("何が起きたか", "what happened"),
  maths: say("数式", "the mathematics"),
  code: say("ソース", "the source"),
  "fill-in": say("穴埋め", "the line to fill in"),
  course: say("講座の設定", "the course's setting"),
  limits: say("示さないこと", "what it does not show"),
  onward: say("前後のレッスン", "links to other lessons"),
} as const satisfies Readonly<Record<string, Text>>;
export type Part = keyof typeof parts;

/** Rules for what an address asks for. Names that are no parts are passed over. */
function rulesOf(query: URLSearchParams): string {
  const figure = /^[\w-]+$/.exec(query.get("figure") ?? "")?.[0];
  const hidden = figure
    ? Object.keys(parts).filter((part) => part !== "transport")
    : (query.get("hide") ?? "").split(",").filter((part) => Object.hasOwn(parts, part));
  const rules = hidden.map((part) => `[data-part="${part}"]{display:none!important}`);
  if (hidden.includes("frame")) rules.push("#app{grid-template-columns:minmax(0,1fr)!important}main{grid-column:1}");
  if (figure) {
    const one = `figure[data-probe="${figure}"]`;
    rules.push(`.stage figure:not([data-probe="${figure}"]){display:none!important}.lesson{display:block}`);
    rules.push(".lesson .bench{height:auto!important}"); // nothing else is on a phone's screen then
    // The plain figure stands in where the lesson's own pictures do not have it.
    rules.push(`.view:has(>${one},>:not(.figures) ${one})>.figures{display:none!important}`);
  }
  return rules.join("");
}

/** Keeps the page as its address asks. */
export function heedTeacher(): void {
  const style = document.head.appendChild(document.createElement("style"));
  effect(() => {
    style.textContent = rulesOf(route.value.query);
  });
}

/** The address of a lesson as a teacher wants it shown, and whether it begins by itself. */
export function addressFor(lesson: string, hidden: readonly Part[], figure: string, plays: boolean): string {
  const shown = figure !== "" ? [`figure=${figure}`] : hidden.length > 0 ? [`hide=${hidden.join(",")}`] : [];
  const query = [...shown, ...(plays ? ["play=1"] : [])].join("&");
  return `#/lesson/${lesson}${query === "" ? "" : `?${query}`}`;
}
