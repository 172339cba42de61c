/** Search over lessons: in Japanese, in kana of either kind, and in English. */
import type { Text } from "../../../src/experiments/text.ts";

export interface Searchable {
  readonly id: string;
  readonly row: string;
  readonly title: Text;
  readonly question: Text;
  readonly keywords: string;
}

/** Text as it is compared: wide letters narrow, katakana as hiragana, no long marks or spaces. */
export const plain = (text: string): string =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\u30a1-\u30f6]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0x60))
    .replace(/[ー・\s\-_.]/g, "");

/** Lessons that have every word of the query; those that have it in their title first. */
export function found<L extends Searchable>(lessons: readonly L[], query: string): L[] {
  const wanted = query
    .split(/\s+/)
    .map(plain)
    .filter((word) => word !== "");
  if (wanted.length === 0) return [...lessons];
  const rank = (lesson: L): number => {
    const title = plain(`${lesson.row}${lesson.title.ja} ${lesson.title.en}`);
    const all = title + plain(`${lesson.keywords} ${lesson.question.ja} ${lesson.question.en} ${lesson.id}`);
    if (!wanted.every((word) => all.includes(word) || lesson.row.startsWith(word))) return 0;
    return wanted.every((word) => title.includes(word)) ? 2 : 1;
  };
  return lessons.filter((lesson) => rank(lesson) > 0).sort((a, b) => rank(b) - rank(a));
}
