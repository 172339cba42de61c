/** Where the command line writes: a terminal with its width and colours, a file, or a pipe. */

import type { Language, Text } from "./language.ts";
import { cut, widthOf, wrap } from "./width.ts";

/** The part of a stream that is used; tests make their own. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  getColorDepth?(env?: object): number;
}
type Environment = Readonly<Record<string, string | undefined>>;

/** What text may look like. Colour is never the only sign of anything. */
const styles = { bold: "1", dim: "2", good: "32", bad: "31", warm: "33", cool: "36" } as const;
export type Style = keyof typeof styles;

const esc = String.fromCharCode(27);

export class Terminal {
  readonly language: Language;
  /** Whether lines can be written over. */
  readonly isLive: boolean;
  /** 1 where there are no colours, 8 where there are 256. */
  readonly colorDepth: number;
  readonly #output: Output;
  readonly #env: Environment;
  /** How many live lines end at the cursor. */
  #live = 0;
  #wasEmpty = true;

  constructor(output: Output, env: Environment, language: Language) {
    this.language = language;
    this.#output = output;
    this.#env = env;
    const isTerminal = output.isTTY === true && env.TERM !== "dumb";
    this.isLive = isTerminal;
    this.colorDepth = env.NO_COLOR || !isTerminal ? 1 : (output.getColorDepth?.(env) ?? 1);
  }

  /** Columns to write in; no more than can be read well. */
  get columns(): number {
    const columns = this.#output.columns || Number(this.#env.COLUMNS) || 80;
    return Math.max(20, Math.min(Math.floor(columns), 100));
  }

  /** Lines that are seen at once. */
  get rows(): number {
    return Math.max(Math.floor(this.#output.rows || Number(this.#env.LINES) || 24), 1);
  }

  /** Text in the language of the user. */
  say(text: Text): string {
    return text[this.language];
  }

  style(style: Style, text: string): string {
    return this.colorDepth >= 4 ? `${esc}[${styles[style]}m${text}${esc}[0m` : text;
  }

  /** Writes lines as they are. */
  print(text = ""): void {
    this.#clear();
    this.#output.write(`${text}\n`);
    this.#wasEmpty = text === "";
  }

  /** Leaves a line empty, if the one before is not. */
  gap(): void {
    if (!this.#wasEmpty) this.print();
  }

  /** Writes prose, broken into lines; those after the first are `indent` columns in, as is the first if `all`. */
  prose(text: string, indent = 0, style?: Style): void {
    for (const line of wrap(text, this.columns - indent)) {
      this.print(" ".repeat(indent) + (style ? this.style(style, line) : line));
    }
  }

  /** Writes prose after `head`, and below itself where it takes more lines. */
  hanging(head: string, text: string): void {
    const indent = widthOf(head);
    const lines = wrap(text, this.columns - indent);
    for (const [i, line] of lines.entries()) this.print((i === 0 ? head : " ".repeat(indent)) + line);
    if (lines.length === 0) this.print(head.trimEnd());
  }

  /** Writes lines over the live lines before them, in one go. Only where `isLive`. */
  live(lines: readonly string[]): void {
    // The last column stays free: a full line would make some terminals go to the next.
    const fits = lines.map((line) => (widthOf(line) < this.columns ? line : cut(line, this.columns - 1)));
    this.#output.write(`${this.#toLive()}${fits.join(`${esc}[K\n`)}${esc}[J`);
    this.#live = lines.length;
  }

  /** What moves the cursor to where the live lines begin. */
  #toLive(): string {
    return this.#live > 1 ? `\r${esc}[${this.#live - 1}A` : "\r";
  }

  /** Removes the live lines, for other lines to follow. */
  #clear(): void {
    if (this.#live > 0) this.#output.write(`${this.#toLive()}${esc}[J`);
    this.#live = 0;
  }

  /** Leaves the live lines where they are, and goes on below. */
  settle(): void {
    if (this.#live === 0) return;
    this.#output.write("\n");
    this.#live = 0;
    this.#wasEmpty = false;
  }
}
