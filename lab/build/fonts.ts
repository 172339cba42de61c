/**
 * Fonts with just the characters that the Lab uses, made before it is built: `generated/fonts.css`. What a learner types
 * falls back to the system's fonts; what we write does not, since the build fails where a font lacks a character of ours.
 */
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { create } from "fontkit";
import subsetFont from "subset-font";
import type { Plugin } from "vite";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = `${root}lab/generated/`;

interface Face {
  readonly family: string;
  readonly weight: string;
  /** In a package of fonts. */
  readonly file: string;
  readonly script: "japanese" | "latin";
}
const japanese = (name: string, family: string, weight: string): Face => ({
  family,
  weight,
  file: `@fontsource/${name}/files/${name}-japanese-${weight}-normal.woff2`,
  script: "japanese",
});
const latin = (name: string, family: string, weight: string): Face => ({
  family,
  weight,
  file: `@fontsource-variable/${name}/files/${name}-latin-wght-normal.woff2`,
  script: "latin",
});
/** The Latin letters of a Japanese font, which come in a file of their own. */
const latinOf = (name: string, family: string, weight: string): Face => ({
  family,
  weight,
  file: `@fontsource/${name}/files/${name}-latin-${weight}-normal.woff2`,
  script: "latin",
});
const faces: readonly Face[] = [
  latinOf("zen-kaku-gothic-new", "Zen Kaku Gothic New", "400"),
  latinOf("zen-kaku-gothic-new", "Zen Kaku Gothic New", "700"),
  japanese("zen-kaku-gothic-new", "Zen Kaku Gothic New", "400"),
  japanese("zen-kaku-gothic-new", "Zen Kaku Gothic New", "700"),
  japanese("shippori-mincho", "Shippori Mincho", "600"),
  latin("source-serif-4", "Source Serif 4", "200 900"),
  latin("jetbrains-mono", "JetBrains Mono", "100 800"),
];

/** Every character of our words: in experiments, in the names that data have, and in the Lab. */
function charactersUsed(): string[] {
  const files = globSync(["src/{data,experiments}/**/*.ts", "lab/src/**/*.{ts,tsx}", "lab/index.html"], { cwd: root });
  return [...new Set(files.flatMap((file) => [...readFileSync(`${root}${file}`, "utf8")]))].sort();
}

const belongs: Readonly<Record<Face["script"], RegExp>> = {
  japanese: /[\u3001-\u30ff\u4e00-\u9fff\uff01-\uff9f]/,
  latin: /[\u0021-\u024f\u2010-\u2027]/,
};

const ranges: Readonly<Record<Face["script"], string>> = {
  japanese: "U+3000-30FF,U+4E00-9FFF,U+FF00-FFEF",
  latin: "U+0000-024F,U+2010-2027",
};

/** A font with these characters, from the last time if they have not changed. The name says what it is made of. */
async function subset({ file, script }: Face, characters: readonly string[]): Promise<string> {
  const text = characters.filter((c) => belongs[script].test(c)).join("");
  const whole = readFileSync(`${root}node_modules/${file}`);
  const name = `${createHash("sha256").update(whole).update(text).digest("hex").slice(0, 16)}.woff2`;
  if (!existsSync(folder + name))
    writeFileSync(folder + name, await subsetFont(whole, text, { targetFormat: "woff2" }));
  return name;
}

/** Throws if the fonts of a script lack a character that our words have: a reader would see a box. */
function check({ family, script }: Face, name: string, characters: readonly string[]): void {
  const has = new Set(create(readFileSync(folder + name)).characterSet);
  const missing = characters.filter((c) => belongs[script].test(c) && !has.has(c.codePointAt(0) ?? 0));
  if (missing.length > 0) throw new Error(`fonts: ${family} has no ${missing.join(" ")}. Use other characters.`);
}

export function fonts(): Plugin {
  return {
    name: "fonts",
    async buildStart() {
      mkdirSync(folder, { recursive: true });
      const characters = charactersUsed();
      const rules: string[] = [];
      for (const face of faces) {
        const name = await subset(face, characters);
        if (face.script === "japanese") check(face, name, characters);
        const source = `src:url("./${name}") format("woff2");unicode-range:${ranges[face.script]}`;
        rules.push(`@font-face{font-family:"${face.family}";font-weight:${face.weight};font-display:swap;${source}}`);
      }
      writeFileSync(`${folder}fonts.css`, `${rules.join("\n")}\n`);
    },
  };
}
