/** How wide text is in a terminal, where Japanese characters take two columns, and how to fit it in. */

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const esc = String.fromCharCode(27);
/** What colours text and takes no place. */
const colors = new RegExp(`${esc}\\[[0-9;]*m`, "g");

/** Columns that `text` takes. */
export function widthOf(text: string): number {
  let width = 0;
  for (const { segment } of characters(text.replace(colors, ""))) width += wide.test(segment) ? 2 : 1;
  return width;
}

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const characters = (text: string): Iterable<{ segment: string }> => segmenter.segment(text);

/** `text` with spaces after it, or before it, up to `columns`. */
export const padEnd = (text: string, columns: number): string =>
  text + " ".repeat(Math.max(columns - widthOf(text), 0));
export const padStart = (text: string, columns: number): string =>
  " ".repeat(Math.max(columns - widthOf(text), 0)) + text;

/** As much of plain `text` as fits in `columns`. */
export function cut(text: string, columns: number): string {
  let [kept, width] = ["", 0];
  for (const { segment } of characters(text)) {
    width += widthOf(segment);
    if (width > columns) break;
    kept += segment;
  }
  return kept;
}

const words = new Intl.Segmenter("ja", { granularity: "word" });

/** Plain `text` in lines of at most `columns`: broken at spaces and, in Japanese, between words. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  const put = (piece: string, glue: string): void => {
    if (line !== "" && widthOf(line + glue + piece) > columns) {
      lines.push(line);
      line = piece;
    } else line = line === "" ? piece : line + glue + piece;
  };
  for (const [i, word] of text.split(" ").entries()) {
    const pieces = wide.test(word) ? japanesePieces(word) : [word];
    for (const [j, piece] of pieces.entries()) put(piece, i > 0 && j === 0 ? " " : "");
  }
  return line === "" ? lines : [...lines, line];
}

/** Whether a hyphen begins a word, as in --flag and -1, and does not join two. */
const startsWord = (opened: string, pieces: readonly string[]): boolean =>
  opened !== "" || !/[A-Za-z0-9]$/.test(pieces.at(-1) ?? "");

/** The words of Japanese text; what is no word, such as 。, stays with the word before it, and 「 with the one after. */
function japanesePieces(text: string): string[] {
  const pieces: string[] = [];
  let opened = "";
  for (const { segment, isWordLike } of words.segment(text)) {
    if (/^[「『(（]$/.test(segment) || (segment === "-" && startsWord(opened, pieces))) opened += segment;
    else if (isWordLike || pieces.length === 0 || opened !== "") {
      // A particle or an ending is better kept with its word, as well.
      if (pieces.length > 0 && opened === "" && /^[\u3041-\u309f]$/.test(segment)) pieces[pieces.length - 1] += segment;
      else pieces.push(opened + segment);
      opened = "";
    } else pieces[pieces.length - 1] += segment;
  }
  return opened === "" ? pieces : [...pieces, opened];
}
