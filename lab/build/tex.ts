/** Formulas are set at build time: tex`\\frac{a}{b}` in a source becomes the HTML and MathML of KaTeX as a string. */
import katex from "katex";
import type { Plugin } from "vite";

const formula = /\btex`([^`]*)`/g;

/**
 * Marks such as \htmlData{probe=loss}{E} tie a symbol to what is measured. Formulas that stand beside each other, with a
 * \qquad between them, are parts: where there is no room for all of them, each goes onto a line of its own.
 */
export function setFormula(source: string): string {
  const parts = besideEachOther(source).map(setPart);
  return parts.length === 1 ? parts[0] : `<span class="parts">${parts.join("")}</span>`;
}

/** What stands between the \qquads that are in no braces and in no environment. */
function besideEachOther(source: string): string[] {
  const parts = [""];
  let depth = 0;
  for (const piece of source.split(/(\\qquad\b|\\(?:begin|end)\b|\\.|[{}])/)) {
    if (piece === "\\qquad" && depth === 0) parts.push("");
    else parts[parts.length - 1] += piece;
    if (piece === "{" || piece === "\\begin") depth++;
    if (piece === "}" || piece === "\\end") depth--;
  }
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}

const setPart = (source: string): string =>
  katex.renderToString(source, {
    displayMode: true,
    throwOnError: true,
    strict: (code: string) => (code === "htmlExtension" ? "ignore" : "error"),
    trust: ({ command }) => command === "\\htmlData",
  });

export function tex(): Plugin {
  return {
    name: "tex",
    enforce: "pre",
    transform(code, id) {
      if (!/\/lab\/src\/.*\.tsx?$/.test(id) || !formula.test(code)) return null;
      formula.lastIndex = 0;
      return { code: code.replace(formula, (_, source: string) => JSON.stringify(setFormula(source))), map: null };
    },
  };
}
