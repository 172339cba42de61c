/** Where the files of a data set are found, and how they get there if a user asks for it. Runs in Node. */
import { IoError } from "../errors.ts";
import { nodeModule } from "../io/node.ts";
import { cacheFolder, dataFolder } from "./cache.ts";
import { download, makeFolder, type Progress } from "./download.ts";

/** A file as its publisher has it. */
export interface Published {
  /** The name under which it is kept. */
  readonly name: string;
  /** The size and the SHA-256 as it is kept: of the content, where `gzip` says that it comes packed. */
  readonly bytes: number;
  readonly sha256: string;
  /** Whether it comes packed with gzip, under `name` and `.gz`. */
  readonly gzip?: boolean;
}

/** Where a data set is to come from. */
export interface PlaceOptions {
  /** A folder that holds its files, packed with gzip or not, and nothing else is looked at. */
  readonly folder?: string;
  /**
   * `"auto"`: the folder of its name in TSUMIKI_DATA, or in the cache. `"download"`: likewise, but what is missing is fetched
   * to the cache.
   */
  readonly source?: "auto" | "download";
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
  /** Addresses of folders to fetch from instead of the publisher's and its mirrors. */
  readonly mirrors?: readonly string[];
}

export const placeOptions: readonly (keyof PlaceOptions)[] = ["folder", "source", "onProgress", "signal", "mirrors"];

/** The names in a folder; none if there is no such folder. */
export async function namesIn(folder: string): Promise<Set<string>> {
  const { readdir } = nodeModule("readdir", "node:fs/promises");
  return new Set(await readdir(folder).catch(() => []));
}

/** The name under which a folder holds a file: as published, or as archives of it spell it; packed or not. */
export function nameIn(names: ReadonlySet<string>, name: string): string | undefined {
  const other = name.replace("-idx", ".idx");
  return [name, `${name}.gz`, other, `${other}.gz`].find((spelling) => names.has(spelling));
}

/** A data set, as far as places are concerned. */
export interface Placed {
  /** The loader, for messages. */
  readonly in: string;
  /** The name of its folder. */
  readonly name: string;
  /** Folders where systems install it. */
  readonly folders?: readonly string[];
  /** Whether a folder of these names holds it. */
  readonly holds: (names: ReadonlySet<string>) => boolean;
}

/** The folders where a data set may be, the best one first. */
async function candidates({ in: op, name, folders = [] }: Placed): Promise<string[]> {
  const { join } = nodeModule(op, "node:path");
  const data = dataFolder();
  const roots = [...(data === undefined ? [] : [data]), (await cacheFolder()).folder];
  return [...roots.map((root) => join(root, name)), ...folders];
}

/** The folder that holds a data set, if there is one. */
export async function findFolder(set: Placed): Promise<string | undefined> {
  for (const folder of await candidates(set)) {
    if (set.holds(await namesIn(folder))) return folder;
  }
}

/** The error for a data set that is nowhere, and was not to be fetched. */
export async function notFound(set: Placed): Promise<IoError> {
  const places = (await candidates(set)).map((folder) => JSON.stringify(folder)).join(", ");
  const fix = 'Pass { source: "download" } to fetch them, or { folder } to say where they are';
  return new IoError({ in: set.in, got: `no files of it in ${places}`, want: "its files in one of these", fix });
}

/** Fetches what is missing of `files` to the folder of a data set in the cache, which it returns. */
export async function fetchMissing(
  set: Placed,
  files: readonly Published[],
  addresses: (file: Published) => readonly string[],
  { onProgress, signal }: PlaceOptions,
): Promise<string> {
  const { join } = nodeModule(set.in, "node:path");
  const cache = await cacheFolder();
  const folder = join(cache.folder, set.name);
  await makeFolder(folder, cache.variable);
  const names = await namesIn(folder);
  for (const file of files) {
    if (nameIn(names, file.name)) continue;
    const { bytes, sha256, gzip = false } = file;
    const rest = { ...(onProgress && { onProgress }), ...(signal && { signal }) };
    await download(addresses(file), join(folder, file.name), { bytes, sha256, gzip, ...rest });
  }
  return folder;
}
