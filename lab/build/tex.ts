/** Formulas are set at build time: tex`\\frac{a}{b}` in a source becomes the HTML and MathML of KaTeX as a string. */
import katex from "katex";
import type { Plugin } from "vite";

const formula = /\btex`([^`]*)`/g;

/** Marks such as \htmlData{probe=loss}{E} tie a symbol to what is measured. */
export const setFormula = (source: string): string =>
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
