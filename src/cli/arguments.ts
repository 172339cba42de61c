/** What stands on the command line, read by tables of flags. Nothing is guessed: what is not understood is an error. */
import { parseArgs } from "node:util";
import type { Text } from "../experiments/text.ts";

/** What may stand behind `--name`. */
export type Flag = NumberFlag | ListFlag | ChoiceFlag<string> | TextFlag | SwitchFlag;

interface Described {
  readonly help: Text;
  /** What it is by default, for the help, where that is decided elsewhere. */
  readonly byDefault?: string;
}
export interface NumberFlag extends Described {
  readonly kind: "integer" | "number";
  readonly min: number;
  readonly max: number;
  readonly default?: number;
}
/** Numbers with commas between them. */
export interface ListFlag extends Described {
  readonly kind: "list";
  readonly min: number;
  readonly max: number;
}
export interface ChoiceFlag<Option extends string> extends Described {
  readonly kind: "choice";
  readonly options: readonly Option[];
}
/** Any text that is not empty; `placeholder` stands for it in the help. */
export interface TextFlag {
  readonly kind: "text";
  readonly placeholder: Text;
  readonly help: Text;
}
/** It takes no value: it is there or not. */
export interface SwitchFlag {
  readonly kind: "switch";
  readonly short?: string;
  readonly help: Text;
}
export type Flags = Readonly<Record<string, Flag>>;

/** What flags were given, or are by default. */
export type FlagValues<F extends Flags> = { readonly [K in keyof F]: FlagValue<F[K]> };
type FlagValue<F extends Flag> = F extends { readonly kind: "switch" }
  ? boolean
  : F extends { readonly options: readonly (infer Option)[] }
    ? Option | undefined
    : F extends { readonly kind: "list" }
      ? readonly number[] | undefined
      : F extends { readonly kind: "text" }
        ? string | undefined
        : number | (F extends { readonly default: number } ? never : undefined);

/** A command line that is not understood. */
export class UsageError extends Error {
  readonly text: Text;

  constructor(text: Text) {
    super(text.en);
    this.name = "UsageError";
    this.text = text;
  }
}

/** `learningRate → learning-rate`. */
export const flagName = (key: string): string => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

export interface Parsed<F extends Flags> {
  readonly words: readonly string[];
  readonly flags: FlagValues<F>;
}

/** Splits the first word that is no flag or value of one from the others. */
export function splitFirst(args: readonly string[], flags: Flags): { first: string | undefined; rest: string[] } {
  const { tokens } = parseArgs({
    args: [...args],
    options: optionsOf(flags),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const token = tokens.find(({ kind }) => kind !== "option");
  if (token?.kind !== "positional") return { first: undefined, rest: [...args] };
  return { first: token.value, rest: args.toSpliced(token.index, 1) };
}

/** Reads `args` by `flags`. */
export function parse<const F extends Flags>(args: readonly string[], flags: F): Parsed<F> {
  const byName = new Map(Object.entries(flags).map(([key, flag]) => [flagName(key), { key, flag }]));
  const { tokens } = parseArgs({
    args: [...args],
    options: optionsOf(flags),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const words: string[] = [];
  const values: Record<string, unknown> = {};
  for (const token of tokens) {
    if (token.kind === "option-terminator") throw unexpected("--");
    if (token.kind === "positional") {
      words.push(token.value);
      continue;
    }
    const found = byName.get(token.name);
    if (!found) throw unknownFlag(token.rawName, [...byName.keys()]);
    if (found.key in values) {
      const name = token.rawName;
      throw new UsageError({ en: `${name}: given twice.`, ja: `${name} が 2 回指定されています。` });
    }
    values[found.key] = read(`--${token.name}`, found.flag, token.value, token.inlineValue ?? false);
  }
  for (const { key, flag } of byName.values()) {
    values[key] ??= flag.kind === "switch" ? false : "default" in flag ? flag.default : undefined;
  }
  return { words, flags: values as FlagValues<F> };
}

type Options = Record<string, { type: "boolean" | "string"; short?: string }>;

/** The flags as Node knows them. */
function optionsOf(flags: Flags): Options {
  const options: Options = {};
  for (const [key, flag] of Object.entries(flags)) {
    const type = flag.kind === "switch" ? "boolean" : "string";
    options[flagName(key)] = flag.kind === "switch" && flag.short ? { type, short: flag.short } : { type };
  }
  return options;
}

function read(name: string, flag: Flag, value: string | undefined, isInline: boolean): unknown {
  if (flag.kind === "switch") {
    if (value === undefined) return true;
    throw new UsageError({ en: `${name}: takes no value.`, ja: `${name} に値は指定できません。` });
  }
  const want = takes(flag);
  // A value that looks like a flag is more likely a forgotten value; `--out=--x` says that it is meant.
  if (value === undefined || value === "" || (value.startsWith("--") && !isInline)) {
    throw new UsageError({
      en: `${name}: needs a value: ${want.en}.`,
      ja: `${name} には値が必要です（${want.ja}）。`,
    });
  }
  if (flag.kind === "text") return value;
  if (flag.kind === "choice") {
    if (flag.options.includes(value)) return value;
    const guess = nearest(value, flag.options);
    throw wrongValue(name, value, want, guess);
  }
  const numbers = flag.kind === "list" ? value.split(",").map((part) => numberOf(part.trim())) : [numberOf(value)];
  const fits = (x: number): boolean =>
    x >= flag.min && x <= flag.max && (flag.kind !== "integer" || Number.isInteger(x));
  if (!numbers.every(fits)) throw wrongValue(name, value, want);
  return flag.kind === "list" ? numbers : numbers[0];
}

/** A number as people write it, or NaN. */
const numberOf = (text: string): number =>
  /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;

/** What a flag takes, in words. */
export function takes(flag: Flag): Text {
  switch (flag.kind) {
    case "integer":
      return {
        en: `a whole number from ${show(flag.min)} to ${show(flag.max)}`,
        ja: `${show(flag.min)} から ${show(flag.max)} までの整数`,
      };
    case "number":
      return { en: `a number from ${flag.min} to ${flag.max}`, ja: `${flag.min} から ${flag.max} までの数` };
    case "list":
      return {
        en: `numbers from ${flag.min} to ${flag.max}, with commas between them`,
        ja: `${flag.min} から ${flag.max} までの数をコンマで区切った列`,
      };
    case "choice":
      return { en: flag.options.join(" | "), ja: flag.options.join(" | ") };
    case "text":
      return flag.placeholder;
    case "switch":
      return { en: "", ja: "" };
    default:
      return flag satisfies never;
  }
}

const show = (n: number): string => (n === Number.MAX_SAFE_INTEGER ? "2^53 - 1" : String(n));

function wrongValue(name: string, value: string, want: Text, guess?: string): UsageError {
  const hint = { en: guess ? ` Did you mean ${guess}?` : "", ja: guess ? `もしかして: ${guess}` : "" };
  const got = quote(value);
  return new UsageError({
    en: `${name}: got ${got}, but it takes ${want.en}.${hint.en}`,
    ja: `${name}: ${got} は指定できません（${want.ja} を指定してください）。${hint.ja}`,
  });
}

function unknownFlag(name: string, known: readonly string[]): UsageError {
  const guess = nearest(name.replace(/^-+/, ""), known);
  return new UsageError({
    en: `${quote(name)}: there is no such flag here. ${guess ? `Did you mean --${guess}?` : "Try --help."}`,
    ja: `${quote(name)} というフラグはありません。${guess ? `もしかして: --${guess}` : "--help で一覧を見られます。"}`,
  });
}

/** The error of a word too many. */
export function unexpected(word: string): UsageError {
  return new UsageError({
    en: `got ${quote(word)}, which has no meaning here. Try --help.`,
    ja: `${quote(word)} はここでは使えません。--help で使い方を見られます。`,
  });
}

/** Text from outside in quotes, on one line and not too long. */
export const quote = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);

/** The candidate that was most likely meant, if any is like it. */
export const nearest = (word: string, candidates: readonly string[]): string | undefined => near(word, candidates)[0];

/** The candidates that may have been meant, the most likely first: those that are like it, and those that it is part of. */
export function nearby(word: string, candidates: readonly string[], most = 3): string[] {
  const lower = word.toLowerCase();
  const parts = lower.length < 3 ? [] : candidates.filter((candidate) => candidate.includes(lower));
  return [...new Set([...near(word, candidates), ...parts])].slice(0, most);
}

function near(word: string, candidates: readonly string[]): string[] {
  const lower = word.toLowerCase();
  return candidates
    .map((candidate) => ({
      candidate,
      distance: lower && candidate.startsWith(lower) ? 1 : distance(lower, candidate),
    }))
    .filter(({ candidate, distance }) => distance <= Math.max(1, Math.floor(candidate.length / 3)))
    .sort((a, b) => a.distance - b.distance)
    .map(({ candidate }) => candidate);
}

/** The least number of letters to insert, remove, replace, or exchange with their neighbours (Damerau 1964). */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = rows[i - 1][j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? rows[i - 2][j - 2] + 1 : Infinity;
      row.push(Math.min(rows[i - 1][j] + 1, row[j - 1] + 1, changed, swapped));
    }
    rows.push(row);
  }
  return rows[a.length][b.length];
}
