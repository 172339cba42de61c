/** Search over lessons: in Japanese, in kana of either kind, and in English. */
import type { Text } from "../../../src/experiments/text.ts";

export interface Searchable {
  readonly id: string;
  readonly row: string;
  readonly title: Text;
  readonly question: Text;
  readonly keywords: string;
}

/** Text as it is compared: wide letters narrow, katakana as hiragana, no long marks or spaces, one English spelling. */
export const plain = (text: string): string =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\u30a1-\u30f6]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0x60))
    .replace(/[ー・\s\-_.]/g, "")
    .replace(/isation/g, "ization");

/** How well a lesson answers to a word: at the head of a title or as a keyword, in a title, anywhere, or not at all. */
function fit({ row, title, keywords, question, id }: Searchable, word: string): number {
  const titles = [title.ja, title.en].map((name) => plain(name).replace(/^the/, ""));
  if (row === word || titles.some((name) => name.startsWith(word)) || keywords.split(/\s+/).map(plain).includes(word))
    return 3;
  if (row.startsWith(word) || titles.some((name) => name.includes(word))) return 2;
  return plain(`${keywords} ${question.ja} ${question.en} ${id}`).includes(word) ? 1 : 0;
}

/** Whether a word is one of the lesson's but for a letter that is wrong, missing, one too many, or has changed places. */
const isNearly = ({ title, keywords }: Searchable, word: string): boolean =>
  word.length >= 4 && `${title.ja} ${title.en} ${keywords}`.split(/\s+/).some((own) => isOneApart(plain(own), word));

function isOneApart(a: string, b: string): boolean {
  let start = 0;
  while (start < Math.min(a.length, b.length) && a[start] === b[start]) start++;
  const [x, y] = [a.slice(start), b.slice(start)];
  return (
    x.slice(1) === y.slice(1) ||
    x.slice(1) === y ||
    x === y.slice(1) ||
    (x.slice(2) === y.slice(2) && x[0] === y[1] && x[1] === y[0])
  );
}

/** Lessons that have every word of the query, the best first; where there is none, those that nearly have. */
export function found<L extends Searchable>(lessons: readonly L[], query: string): L[] {
  const words = query
    .split(/\s+/)
    .map((word) => (/^\d+\.\d*$/.test(word) ? word : plain(word)))
    .filter((word) => word !== "");
  if (words.length === 0) return [...lessons];
  const joined = words.join("");
  const rank = (lesson: L): number =>
    Math.max(fit(lesson, joined), Math.min(...words.map((word) => fit(lesson, word))));
  const exact = lessons.filter((lesson) => rank(lesson) > 0).sort((a, b) => rank(b) - rank(a));
  if (exact.length > 0) return exact;
  return lessons.filter((lesson) => words.every((word) => fit(lesson, word) > 0 || isNearly(lesson, word)));
}
