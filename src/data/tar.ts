/**
 * Tar archives, read strictly (POSIX.1-1988, ustar). Nothing is written: members are views of the archive's bytes. Links,
 * devices and extended headers are refused, for what they stand for would be missing or misnamed without a word.
 */
import { FormatError } from "../errors.ts";

const block = 512;
const ascii = new TextDecoder("latin1");

/** The text of a header's field, up to its first NUL. */
function text(header: Uint8Array, at: number, length: number): string {
  const field = ascii.decode(header.subarray(at, at + length));
  const end = field.indexOf("\0");
  return end < 0 ? field : field.slice(0, end);
}

/** An octal number of a field, or NaN. Sizes of 8 GiB and more, which are written in base 256, are none. */
function octal(header: Uint8Array, at: number, length: number): number {
  const digits = text(header, at, length).trim();
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN;
}

/** Whether the checksum of a header, taken with spaces in its own place, is right. */
function isHeader(header: Uint8Array): boolean {
  let sum = 0;
  for (let i = 0; i < block; i++) sum += i >= 148 && i < 156 ? 0x20 : header[i];
  return sum === octal(header, 148, 8);
}

/** A name that leads nowhere else: no drive, no `..`, nothing that one system would change and another not. */
function isSafe(name: string): boolean {
  if (name.length > 255 || /[\\:\0]/.test(name)) return false;
  return name.split("/").every((part) => part !== "" && !/^\.{1,2}$|[. ]$/.test(part));
}

/**
 * The files of an archive by their names, `"folder/file"`. The same name twice is refused; names that differ in case are
 * two. The two empty blocks at the end may be missing.
 */
export function readTar(bytes: Uint8Array, name = "readTar"): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const folders = new Set<string>();
  for (let at = 0; at < bytes.length; ) {
    const fail = (code: string, got: string, want: string): FormatError =>
      new FormatError(code, { in: name, got: `${got} at offset ${at}`, want, fix: "Fetch or pack the archive again" });
    const header = bytes.subarray(at, at + block);
    if (header.length < block) throw fail("TAR_SHORT", `${header.length} bytes`, `a header of ${block}`);
    if (header.every((byte) => byte === 0)) break;
    if (!isHeader(header)) throw fail("TAR_CHECKSUM", "a header with a wrong checksum", "a tar archive");
    // GNU's magic ends with a space, and has other things in the place of the prefix.
    const prefix = text(header, 257, 6) === "ustar" ? text(header, 345, 155) : "";
    const type = String.fromCharCode(header[156] || 0x30);
    const stored = (prefix === "" ? "" : `${prefix}/`) + text(header, 0, 100);
    const path = type === "5" ? stored.replace(/\/$/, "") : stored;
    const size = octal(header, 124, 12);
    if (!Number.isSafeInteger(size)) throw fail("TAR_SIZE", "a size that is no octal number", "one below 8 GiB");
    if (type !== "0" && type !== "5") throw fail("TAR_TYPE", `a member of type "${type}"`, "files and folders");
    if (!isSafe(path)) {
      throw fail("TAR_NAME", `a member ${JSON.stringify(stored.slice(0, 80))}`, "names within the archive");
    }
    const start = at + block;
    if (type === "5") folders.add(path);
    else {
      if (start + size > bytes.length) throw fail("TAR_SHORT", `a file of ${size} bytes that is cut`, "all of it");
      if (files.has(path)) throw fail("TAR_DUP", `${JSON.stringify(path)} for the second time`, "each name once");
      files.set(path, bytes.subarray(start, start + size));
    }
    if (files.has(path) && folders.has(path)) throw fail("TAR_DUP", `a file and a folder ${path}`, "each name once");
    at = start + (type === "5" ? 0 : Math.ceil(size / block) * block);
  }
  return files;
}
