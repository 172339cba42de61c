/**
 * A page as it is read from top to bottom: where in its prose terms come up. A term links to its lesson where a part of the
 * page has it first, and has its English above it where the page has it first. Texts may change as numbers in them do.
 */
import { computed, type ReadonlySignal } from "@preact/signals";
import type { Language, Text } from "../../../src/experiments/text.ts";
import { type Term, terms } from "./terms.ts";

/** A term where it comes up, as it is written there. */
export interface Mention {
  readonly term: Term;
  readonly written: string;
  readonly isLink: boolean;
  readonly isNew: boolean;
}
export type Piece = string | Mention;

interface Finder {
  readonly pattern: RegExp;
  readonly byForm: ReadonlyMap<string, Term>;
}

/** One pattern for all forms of a language, the longest first; no form is found inside of a longer word. */
function finderOf(language: Language): Finder {
  const byForm = new Map(terms.flatMap((term) => term[language].map((form) => [form.toLowerCase(), term] as const)));
  const sources = [...byForm.keys()]
    .sort((a, b) => b.length - a.length)
    .map((form) => {
      const source = form.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
      if (language === "en") return source;
      const start = /^[ァ-ヺ]/.test(form) ? "(?<![ァ-ヺー])" : /^\w/.test(form) ? "(?<!\\w)" : "";
      const end = /[ァ-ヺー]$/.test(form) ? "(?![ァ-ヺー])" : /\w$/.test(form) ? "(?!\\w)" : "";
      return start + source + end;
    });
  const all = `(${sources.join("|")})`;
  return { pattern: new RegExp(language === "en" ? `(?<![\\w-])${all}(?=(?:e?s)?(?!\\w))` : all, "gi"), byForm };
}
const finders: Readonly<Record<Language, Finder>> = { ja: finderOf("ja"), en: finderOf("en") };

/** Cuts the texts of a part of a page at the terms in them, but for those of the page's own lesson, which have no link. */
export function cut(
  texts: readonly string[],
  language: Language,
  { own = "", known = new Set<Term>() }: { readonly own?: string; readonly known?: ReadonlySet<Term> } = {},
): Piece[][] {
  const { pattern, byForm } = finders[language];
  const seen = new Set<Term>();
  return texts.map((text) => {
    const pieces: Piece[] = [];
    let end = 0;
    for (const match of text.matchAll(pattern)) {
      const term = byForm.get(match[1].toLowerCase());
      if (!term || seen.has(term)) continue;
      seen.add(term);
      const [isLink, isNew] = [term.lesson !== own, !known.has(term)];
      if (!isLink && !isNew) continue;
      if (match.index > end) pieces.push(text.slice(end, match.index));
      pieces.push({ term, written: match[1], isLink, isNew });
      end = match.index + match[1].length;
    }
    if (end < text.length || pieces.length === 0) pieces.push(text.slice(end));
    return pieces;
  });
}

const termsOf = (pieces: readonly Piece[][]): Term[] =>
  pieces.flat().flatMap((piece) => (typeof piece === "string" ? [] : [piece.term]));

const numbersIn = (text: string): number[] => (text === "" ? [] : text.split(" ").map(Number));

export class Reading {
  readonly #parts = new Map<string, ReadonlySignal<Piece[][]>>();

  /** `own` is the lesson that the page is; the parts of it have texts, in the order in which they are read. */
  constructor(own: string, language: () => Language, parts: Readonly<Record<string, () => readonly Text[]>>) {
    // What is known is told on as a text: later parts are cut anew if it is another, not whenever a number has changed.
    let known = computed(() => "");
    for (const [name, texts] of Object.entries(parts)) {
      const before = known;
      const pieces = computed(() => {
        const spoken = language();
        const met = new Set(numbersIn(before.value).map((i) => terms[i]));
        const strings = texts().map((text) => text[spoken]);
        return cut(strings, spoken, { own, known: met });
      });
      this.#parts.set(name, pieces);
      known = computed(() => {
        const met = termsOf(pieces.value).map((term) => terms.indexOf(term));
        return [...new Set([...numbersIn(before.value), ...met])].sort((a, b) => a - b).join(" ");
      });
    }
  }

  /** The texts of a part, each cut at its terms. */
  pieces(part: string): readonly (readonly Piece[])[] {
    return this.#parts.get(part)?.value ?? [];
  }
}
