/** The folders that runs save to: made before a run begins, so that it does not find out at its end that it cannot save. */
import { mkdir, readdir, rmdir } from "node:fs/promises";
import { dirname, isAbsolute, resolve } from "node:path";
import { IoError } from "../errors.ts";
import { quote } from "./arguments.ts";
import type { Text } from "./language.ts";
import { words } from "./words.ts";

/** A place that a run may not save to, in both languages. */
export class FolderError extends Error {
  readonly text: Text;

  constructor(text: Text) {
    super(text.en);
    this.name = "FolderError";
    this.text = text;
  }
}

/** Makes a folder that was not there: `path` of `base`, or with a number if that exists. Two at once get different ones. */
export async function newFolder(base: string, path: string): Promise<string> {
  await make(base, dirname(path), true);
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? path : `${path}-${n}`;
    if (await make(base, candidate, false)) return candidate;
  }
}

/** The folder that the user named: a new or empty one, or any folder if `force`. */
export async function namedFolder(base: string, path: string, force: boolean): Promise<string> {
  const names = await readdir(resolve(base, path)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    if (error.code === "ENOTDIR") throw new FolderError(words.notAFolder(quote(path)));
    throw asIoError(path, error);
  });
  if (names === null) await make(base, path, true);
  else if (names.length > 0 && !force) throw new FolderError(words.folderNotEmpty(quote(path)));
  return path;
}

/** Removes a folder in which nothing was saved. */
export async function removeIfEmpty(path: string): Promise<void> {
  await rmdir(path).catch(() => undefined);
}

/** A path as it is shown: with `./`, so that it is seen to be one. */
export const shown = (path: string): string => (isAbsolute(path) || path.startsWith(".") ? path : `./${path}`);

/** Whether the folder was made; `recursive` also takes one that is there, and makes those above it. */
async function make(base: string, path: string, recursive: boolean): Promise<boolean> {
  try {
    await mkdir(resolve(base, path), { recursive });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST" && !recursive) return false;
    throw asIoError(path, error);
  }
}

function asIoError(path: string, cause: unknown): IoError {
  const got = `${quote(path)} and ${(cause as Error).message.split(",")[0]}`;
  const fix = "Choose a place that you may write to with --out";
  return new IoError({ in: "--out", got, want: "a folder it can use", fix }, { cause });
}
