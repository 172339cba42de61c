/** Texts from files. */
import { FormatError } from "../errors.ts";
import { checkedUtf8 } from "../io/utf8.ts";

/**
 * The text of a file in UTF-8. A byte-order mark is dropped, and the ends of lines become LF; U+2028 and other characters
 * stay what they are. Other encodings, NUL and files without a word are refused, with the offset of the byte.
 */
export function parseText(bytes: Uint8Array, name = "parseText"): string {
  const fail = (code: string, got: string, want: string, fix: string): FormatError =>
    new FormatError(code, { in: name, got, want, fix });
  const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (isUtf16) throw fail("TEXT_UTF8", "UTF-16, by the mark at offset 0", "UTF-8", "Save the file as UTF-8");
  const decoded = checkedUtf8(bytes, (got) => fail("TEXT_UTF8", got, "UTF-8", "Save the file as UTF-8"));
  const nul = bytes.indexOf(0);
  if (nul >= 0) throw fail("TEXT_NUL", `a NUL at offset ${nul}`, "text", "Check that this is a text file");
  const text = decoded.replace(/^\ufeff/, "").replaceAll("\r\n", "\n");
  if (text.trim() === "") {
    const got = bytes.length === 0 ? "an empty file at offset 0" : "nothing but white space from offset 0 on";
    throw fail("TEXT_EMPTY", got, "text", "Check where the file comes from");
  }
  return text;
}
