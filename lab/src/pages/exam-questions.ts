/** Questions that runs answer: a claim at a seed that nobody has seen, or which lane comes out ahead. */
import { HostRandom } from "../../../src/data/random.ts";
import type { Experiment, Verdict } from "../../../src/experiments/experiment.ts";
import { type Label, say, show, type Text } from "../../../src/experiments/text.ts";

export interface Question {
  /** What is asked. */
  readonly prompt: Text;
  /** The sentence of the course that is tested, if it is about one. */
  readonly sentence?: Text;
  readonly options: readonly Text[];
  readonly about: /** `atOnce`: no step has to be done. */
  { readonly claim: string; readonly atOnce: boolean } | { readonly probe: string; readonly lanes: readonly string[] };
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

/** All that can be asked of an experiment, and that any run of it answers: claims with one outcome, and lanes far apart. */
export function questionsOf(experiment: Experiment): Question[] {
  const { claims, expect, question: prompt, probes } = experiment;
  const ofClaims = Object.entries(claims).flatMap(([claim, { sentence, predictions: options, atOnce = false }]) =>
    ["holds", "depends", "fails"].includes(expect.verdicts[claim] as string)
      ? [{ prompt, sentence, options, about: { claim, atOnce } }]
      : [],
  );
  return [...ofClaims, ...Object.keys(probes).flatMap((probe) => ofLanes(experiment, probe))];
}

/** By which part of the greatest value others have to be less, for every seed. */
const margin = 0.05;

/** Which lane ends with the greatest value: asked of one that is ahead whatever the seed, beside those that it is ahead of. */
function ofLanes({ probes, lanes, expect }: Experiment, probe: string): Question[] {
  const { form, kind, timed, apart, label } = probes[probe];
  if (form !== "scalar" || kind === "count" || timed || apart) return [];
  const known = Object.keys(lanes).flatMap((id) => {
    const band = expect.bands[`${id}.${probe}`];
    return band ? [{ id, least: band[0], most: band[1] }] : [];
  });
  const ahead = Math.max(...known.map(({ least }) => least));
  const clear = known.filter(({ least, most }) => least === ahead || most <= ahead * (1 - margin));
  const isOne = clear.filter(({ least }) => least === ahead).length === 1;
  if (!isOne || clear.length < 2 || ahead <= 0) return [];
  const { ja, en } = asText(label);
  const ids = clear.map(({ id }) => id);
  const prompt = say(
    `標準の設定で動かすと、最後に「${ja}」がいちばん大きいのはどれですか？`,
    `With the default settings, which ends with the greatest value of “${en}”?`,
  );
  return [{ prompt, options: ids.map((id) => asText(lanes[id].label)), about: { probe, lanes: ids } }];
}

const asText = (label: Label): Text => (typeof label === "string" ? say(label, label) : label);

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
  if (known.length < values.length || known[0] - known[1] <= (margin / 2) * Math.abs(known[0]))
    return { right: null, because };
  return { right: values.indexOf(known[0]), because };
}
