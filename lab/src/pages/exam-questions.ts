/** Questions that runs answer: a claim at a seed that nobody has seen, or which lane comes out ahead. */
import { HostRandom } from "../../../src/data/random.ts";
import type { Verdict } from "../../../src/experiments/experiment.ts";
import { say, show, type Text } from "../../../src/experiments/text.ts";
import type { Details } from "../details.ts";

export interface Question {
  readonly prompt: Text;
  readonly options: readonly Text[];
  readonly about: { readonly claim: string } | { readonly probe: string; readonly lanes: readonly string[] };
}
/** What a run says of a question: which option is right, or null where it cannot tell; and why. */
export interface Answer {
  readonly right: number | null;
  readonly because: Text;
}

/** Which experiment question `number` of exam `exam` is about, with which seed; no experiment comes twice in a row of questions. */
export function drawn(
  exam: number,
  number: number,
  ids: readonly string[],
): { readonly id: string; readonly seed: number; readonly roll: number } {
  const order = [...ids];
  const shuffle = new HostRandom(exam);
  for (let i = order.length - 1; i > 0; i--) {
    const j = shuffle.below(i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  const random = new HostRandom(exam, 1, number);
  return { id: order[number % order.length], seed: 2 + random.below(9998), roll: random.next() };
}

/** A question on an experiment; `roll`, a number of [0, 1), says which. */
export function questionOf({ claims, probes, lanes }: Details, roll: number): Question {
  const ids = Object.keys(lanes);
  const scalars = Object.keys(probes).filter((name) => {
    const { form, kind, timed } = probes[name];
    return form === "scalar" && kind !== "count" && !timed;
  });
  const ofClaims = Object.entries(claims).map(
    ([claim, { sentence, predictions }]): Question => ({ prompt: sentence, options: predictions, about: { claim } }),
  );
  const ofLanes = (ids.length > 1 ? scalars : []).map((probe): Question => {
    const { ja, en } = asText(probes[probe].label);
    return {
      prompt: say(`最後に「${ja}」がいちばん大きいのはどれですか？`, `Which ends with the greatest value of “${en}”?`),
      options: ids.map((id) => asText(lanes[id].label)),
      about: { probe, lanes: ids },
    };
  });
  const all = [...ofClaims, ...ofLanes];
  return all[Math.floor(roll * all.length)];
}

const asText = (label: string | Text): Text => (typeof label === "string" ? say(label, label) : label);

/** Values that differ by less than this part are no answer. */
const margin = 0.02;

/** What a run that is over says: by its verdicts, and by the last numbers of its scalars, `last(lane, probe)`. */
export function answered(
  { about, options }: Question,
  verdicts: Readonly<Record<string, Verdict>>,
  last: (lane: string, probe: string) => number | undefined,
): Answer {
  if ("claim" in about) {
    const { prediction, because } = verdicts[about.claim];
    return { right: prediction ?? null, because };
  }
  const values = about.lanes.map((lane) => last(lane, about.probe));
  const list = (language: "ja" | "en"): string =>
    values.map((v, i) => `${options[i][language]} ${v === undefined ? "–" : show(v)}`).join(", ");
  const because = say(`${list("ja")}。`, `${list("en")}.`);
  const known = values.filter((v): v is number => v !== undefined && Number.isFinite(v)).sort((a, b) => b - a);
  if (known.length < values.length || known[0] - known[1] <= margin * Math.abs(known[0]))
    return { right: null, because };
  return { right: values.indexOf(known[0]), because };
}
