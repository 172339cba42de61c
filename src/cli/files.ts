/** Files that a command writes: opened before it begins, so that it does not find out at its end that it cannot write. */
import { closeSync, fstatSync, ftruncateSync, openSync, rmSync, writeSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { IoError } from "../errors.ts";
import { quote } from "./arguments.ts";
import { FolderError, makeAll } from "./folder.ts";
import { words } from "./words.ts";

export class NewFile implements Disposable {
  /** As the user wrote it. */
  readonly path: string;
  readonly #flag: string;
  readonly #whole: string;
  readonly #file: number;

  private constructor(flag: string, path: string, whole: string, file: number) {
    this.#flag = flag;
    this.path = path;
    this.#whole = whole;
    this.#file = file;
  }

  /** Makes a file that was not there, or any file if `force`, and the folders above it. */
  static async open(flag: string, base: string, path: string, force: boolean): Promise<NewFile> {
    const whole = resolve(base, path);
    try {
      await makeAll(dirname(whole));
    } catch (error) {
      throw asIoError(flag, path, error);
    }
    try {
      const file = openSync(whole, force ? "a" : "ax");
      if (force && fstatSync(file).isFile()) ftruncateSync(file);
      return new NewFile(flag, path, whole, file);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EISDIR") throw new FolderError(words.isFolder(flag, quote(path)));
      if (code === "EEXIST" && !force) throw new FolderError(words.fileExists(flag, quote(path)));
      throw asIoError(flag, path, error);
    }
  }

  /** Hands text to the system, so that it stays even if this process ends at once. */
  write(text: string): void {
    try {
      for (let rest = Buffer.from(text); rest.length > 0; ) rest = rest.subarray(writeSync(this.#file, rest));
    } catch (error) {
      throw asIoError(this.#flag, this.path, error);
    }
  }

  /** Closes it; removes it if nothing was written. */
  [Symbol.dispose](): void {
    try {
      const { size } = fstatSync(this.#file);
      const isFile = fstatSync(this.#file).isFile();
      closeSync(this.#file);
      if (isFile && size === 0) rmSync(this.#whole, { force: true });
    } catch {
      // It was closed before.
    }
  }
}

function asIoError(flag: string, path: string, cause: unknown): IoError {
  const got = `${quote(path)} and ${(cause as Error).message.split(",")[0]}`;
  const fix = `Choose a place that you may write to with ${flag}`;
  return new IoError({ in: flag, got, want: "a file it can write", fix }, { cause });
}
