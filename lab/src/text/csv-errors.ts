/** What is wrong with a table, in both languages: in English as the library says it, in Japanese by the code of its error. */
import { say, type Text } from "../../../src/experiments/text.ts";

const byCode: Readonly<Record<string, string>> = {
  CSV_EMPTY: "データの行がありません。点を 1 行以上入れてください。",
  CSV_COLUMNS: "列が足りません。各行に x、y、ラベルの 3 つを書いてください。",
  CSV_QUOTE: "引用符の使い方が正しくありません。閉じるか、項目全体を囲んでください。",
  CSV_RAGGED: "列の数が 1 行目と違います。",
  CSV_NUMBER: "数として読めません。空白や余分な文字を取り除いてください。",
  CSV_DUP: "同じ名前の列が 2 つあります。",
  CSV_NUL: "文字ではないデータが含まれています。テキストファイルか確かめてください。",
  CSV_CR: "改行が CR だけです。LF か CR LF に変換してください。",
  CSV_UTF8: "UTF-8 のテキストではありません。UTF-8 で保存し直してください。",
  UNSUPPORTED: "CSV ではない形式のファイルです。CSV で保存し直してください。",
  LIMIT: "多すぎます。点は 300 個まで、ラベルは 3 種類までです。",
  VALUE: "数の列に、数が 1 つもありません。",
};

/** Where in the table it is, as the error says. */
function placeOf(got: string): string {
  const [, line, column] = /at line (\d+)(?:, column (?:"([^"]*)"|\d+))?/.exec(got) ?? [];
  const [, position] = /, column (\d+)$/.exec(got) ?? [];
  if (line === undefined) return "";
  const where = column === undefined ? (position === undefined ? "" : `の ${position} 文字目`) : `の列「${column}」`;
  return `${line} 行目${where}：`;
}

export function csvError({ code, got, message }: { code: string; got: string; message: string }): Text {
  const known = byCode[code];
  return say(known === undefined ? message : placeOf(got) + known, message);
}
