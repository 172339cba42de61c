/**
 * Modules that the build makes. What they hold is named by `import("…")`: an `import` line in a module that is only
 * declared may not be relative, and what it fails to find would be `any`, of which nobody is told.
 */
declare module "catalog:list" {
  type Text = import("../../src/experiments/text.ts").Text;
  export const days: readonly {
    readonly day: string;
    readonly lessons: readonly {
      readonly id: string;
      readonly row: string;
      readonly title: Text;
      readonly question: Text;
    }[];
  }[];
}
declare module "catalog:index" {
  /** By the id of a lesson. */
  export const index: Readonly<Record<string, { readonly keywords: string; readonly related: readonly string[] }>>;
}
declare module "catalog:all" {
  type Details = import("./details.ts").Details;
  export const details: Readonly<Record<string, () => Promise<{ readonly default: Details }>>>;
}
declare module "catalog:questions" {
  type Question = import("./pages/exam-questions.ts").Question;
  /** What an exam may ask, by the id of the experiment; only of those of which there is something to ask. */
  export const questions: Readonly<Record<string, readonly Question[]>>;
}
declare module "source:*" {
  const code: import("../build/source.ts").Excerpt;
  export default code;
}
declare module "subset-font" {
  export default function subsetFont(
    font: Uint8Array,
    text: string,
    options?: { readonly targetFormat?: "woff2" | "woff" | "sfnt" },
  ): Promise<Buffer>;
}
declare module "fontkit" {
  export function create(bytes: Uint8Array): { readonly characterSet: readonly number[] };
}
/** Set by KaTeX at build time. */
declare function tex(source: TemplateStringsArray): string;
