/** Words for people, in every language in which the project speaks. */
export const languages = ["ja", "en"] as const;
export type Language = (typeof languages)[number];
export type Text = Readonly<Record<Language, string>>;

/** Words in both languages. */
export const say = (ja: string, en: string): Text => ({ ja, en });
/** What is the same in all languages, such as a name or a formula; or is given in all of them. */
export type Label = string | Text;

/** A number as prose shows it: four digits at most, and a power of ten where it is far from 1. */
export function show(x: number): string {
  const size = Math.abs(x);
  if (!Number.isFinite(x) || x === 0) return String(x);
  if (Number.isInteger(x) && size < 1e6) return x.toLocaleString("en");
  if (size < 1e-3 || size >= 1e6) return x.toExponential(1).replace("e+", "e");
  return String(Number(x.toPrecision(size >= 1000 ? 4 : 3)));
}
/** A part of 1 as a percentage. */
export const percent = (part: number): string => `${(100 * part).toFixed(1)} %`;
