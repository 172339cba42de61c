/**
 * The library's own sources, shown as they are: `import code from "source:src/optim/adam.ts#change"` gives the lines of
 * the declaration whose name stands behind `#`, coloured at build time. A name that is not there fails the build.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { codeToHtml } from "shiki";
import type { Plugin } from "vite";

const prefix = "source:";
const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Excerpt {
  readonly file: string;
  readonly line: number;
  readonly text: string;
  readonly html: string;
}

/** The lines of a declaration, with the comment above it: from its name to the line that closes it. */
export function excerpt(text: string, name: string): { line: number; text: string } | null {
  const lines = text.split("\n");
  const escaped = name.replace(/[$]/g, "\\$&");
  const declares = new RegExp(
    `^\\s*(export )?(default )?(abstract )?(protected |private |static |override |async )*(class|function\\*?|const|get|set)?\\s*#?${escaped}\\b\\s*[(<:={]|^\\s*(export )?(abstract )?(class|interface|function|const) ${escaped}\\b`,
  );
  const at = lines.findIndex((line) => declares.test(line) && !/^\s*(\/\/|\*|return|await)/.test(line));
  if (at < 0) return null;
  const indent = /^\s*/.exec(lines[at])?.[0] ?? "";
  let end = at;
  const closes = new RegExp(`^${indent}[\\])}]`);
  if (!/[;}]$/.test(lines[at]) || /[({[]$/.test(lines[at])) {
    while (end + 1 < lines.length && !closes.test(lines[++end]));
    // A signature that is broken over lines closes before its body does.
    if (/\{$/.test(lines[end])) while (end + 1 < lines.length && !new RegExp(`^${indent}\\}`).test(lines[++end]));
  }
  let start = at;
  while (start > 0 && /^\s*(\/\*\*|\*|\/\/)/.test(lines[start - 1])) start--;
  const taken = lines.slice(start, end + 1).map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line));
  return { line: start + 1, text: taken.join("\n") };
}

export function source(): Plugin {
  return {
    name: "source",
    resolveId: (id) => (id.startsWith(prefix) ? `\0${id}` : null),
    async load(id) {
      if (!id.startsWith(`\0${prefix}`)) return null;
      const [file, name] = id.slice(prefix.length + 1).split("#");
      this.addWatchFile(`${root}${file}`);
      const found = excerpt(readFileSync(`${root}${file}`, "utf8"), name);
      if (!found) throw new Error(`source: ${file} declares no ${name}`);
      const themes = { light: "github-light-high-contrast", dark: "github-dark-high-contrast" };
      const html = await codeToHtml(found.text, { lang: "ts", themes, defaultColor: false });
      return `export default ${JSON.stringify({ file, ...found, html } satisfies Excerpt)};`;
    },
  };
}
