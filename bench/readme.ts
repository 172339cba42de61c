/** Tables of the READMEs that benches write: each stands between `<!-- name -->` and `<!-- /name -->`. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export type Language = "en" | "ja";

const files: Readonly<Record<Language, string>> = { en: "README.md", ja: "README.ja.md" };

/** Puts what `make` says in a language in its place in the README of that language. */
export function writeReadmes(name: string, make: (language: Language) => string): void {
  for (const language of ["en", "ja"] as const) {
    const path = join(import.meta.dirname, "..", files[language]);
    const place = new RegExp(`(?<=<!-- ${name} -->\n)[\\s\\S]*?(?=<!-- /${name} -->)`);
    const before = readFileSync(path, "utf8");
    if (!place.test(before)) throw new Error(`${files[language]} has no place for ${name}`);
    writeFileSync(
      path,
      before.replace(place, () => make(language)),
    );
  }
}

/** A table of Markdown. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |\n`).join("");
}

/** What earlier runs of a bench left in a file beside it, by id. */
export class Records<T> {
  readonly #path: string;

  constructor(file: string) {
    this.#path = join(import.meta.dirname, file);
  }

  read(): Record<string, T> {
    return existsSync(this.#path) ? (JSON.parse(readFileSync(this.#path, "utf8")) as Record<string, T>) : {};
  }

  /** Adds what a run found to it, and returns all. */
  add(found: Readonly<Record<string, T>>): Record<string, T> {
    const all = { ...this.read(), ...found };
    writeFileSync(this.#path, `${JSON.stringify(all, null, 2)}\n`);
    return all;
  }
}
