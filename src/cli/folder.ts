/** The folders that runs save to: made before a run begins, so that it does not find out at its end that it cannot save. */
import { readdirSync, rmdirSync, unlinkSync } from "node:fs";
import { mkdir, readdir, rmdir } from "node:fs/promises";
import { dirname, isAbsolute, join, resolve } from "node:path";
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
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? path : `${path}-${n}`;
    if (await make(base, candidate)) return candidate;
  }
}

/** The folder that the user named: a new or empty one, or any folder if `force`. */
export async function namedFolder(base: string, path: string, force: boolean): Promise<string> {
  const names = await readdir(resolve(base, path)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    if (error.code === "ENOTDIR") throw new FolderError(words.notAFolder(quote(path)));
    throw asIoError(path, error);
  });
  if (names === null) await make(base, path);
  else if (names.length > 0 && !force) throw new FolderError(words.folderNotEmpty(quote(path)));
  return path;
}

/** Removes a folder in which nothing was saved. */
export async function removeIfEmpty(path: string): Promise<void> {
  await rmdir(path).catch(() => undefined);
}

/** Removes files that were not written to their ends, and the folder if it is empty then. For a process that ends at once. */
export function removeUnfinished(path: string): void {
  try {
    for (const name of readdirSync(path)) if (/^\.tsumiki-.*\.tmp$/.test(name)) unlinkSync(join(path, name));
    rmdirSync(path);
  } catch {
    // There is a model in it, or no folder.
  }
}

/** A path as it is shown: with `./`, so that it is seen to be one, and in quotes where it would not be seen to be whole. */
export function shown(path: string): string {
  const whole = isAbsolute(path) || path.startsWith(".") ? path : `./${path}`;
  return /[\s\p{C}]/u.test(whole) ? JSON.stringify(whole) : whole;
}

/** Makes a folder, and those above it, which may exist. Whether it was not there before. */
async function make(base: string, path: string): Promise<boolean> {
  try {
    return await makeAll(resolve(base, path));
  } catch (error) {
    throw asIoError(path, error);
  }
}

/** As mkdir with `recursive`, which does not end where a folder takes none, as /proc does (seen with Node 24). */
export async function makeAll(path: string): Promise<boolean> {
  try {
    return await makeOne(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || dirname(path) === path) throw error;
    await makeAll(dirname(path));
    return makeOne(path);
  }
}

async function makeOne(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function asIoError(path: string, cause: unknown): IoError {
  const got = `${quote(path)} and ${(cause as Error).message.split(",")[0]}`;
  const fix = "Choose a place that you may write to with --out";
  return new IoError({ in: "--out", got, want: "a folder it can use", fix }, { cause });
}
