/** Images in folders, one for each class: a folder of such folders, or a tar archive of them. Runs in Node. */
import { FormatError, IoError, LimitError } from "../errors.ts";
import { ioError, readFile } from "../io/files.ts";
import { gunzip, isGzip } from "../io/gzip.ts";
import { nodeModule } from "../io/node.ts";
import { checkOptions } from "../tensor/arguments.ts";
import { decodeImage, type Picture, type PictureOptions } from "./image.ts";
import type { LabelledImages } from "./images.ts";
import { readTar } from "./tar.ts";

export interface ImageFolderOptions extends PictureOptions {
  /** The folder within an archive that holds those of the classes: `"train"`. */
  readonly under?: string;
  readonly onProgress?: (done: number, of: number) => void;
  readonly signal?: AbortSignal;
}

export interface ImageFolder extends LabelledImages {
  /** The names of the folders, sorted by code point: label 0 is the first. */
  readonly classes: readonly string[];
  /** What was passed over, sorted: hidden files, folders within classes, and files that are no images by their names. */
  readonly skipped: readonly string[];
}

/** A file or folder in the folder of a class. */
interface Entry {
  readonly label: string;
  readonly name: string;
  /** Gives its bytes; a folder has none. */
  readonly read?: () => Promise<Uint8Array>;
}

const isImage = /\.(png|jpe?g)$/i;
/** How many are decoded at once. */
const atOnce = 8;

/**
 * Loads all images of `path`, which have to be of one size. Their order is that of their names by code point, class after
 * class, on every system.
 */
export async function loadImageFolder(path: string, options: ImageFolderOptions = {}): Promise<ImageFolder> {
  checkOptions("loadImageFolder", options, ["channels", "under", "onProgress", "signal"]);
  const { channels = 3, under = "", onProgress, signal } = options;
  const op = `loadImageFolder of ${JSON.stringify(path)}`;
  const entries = /\.(tar|tgz|tar\.gz)$/.test(path)
    ? await inArchive(op, path, under)
    : await inFolder(op, path, under);
  entries.sort((a, b) => compare(a.label, b.label) || compare(a.name, b.name));
  const classes = [...new Set(entries.map(({ label }) => label))];
  const isChosen = ({ name, read }: Entry): boolean => !!read && isImage.test(name) && !name.startsWith(".");
  const chosen = entries.filter(isChosen);
  const skipped = entries.filter((entry) => entry.name !== "" && !isChosen(entry));
  if (classes.length > 256) {
    throw new LimitError({ in: op, got: `${classes.length} folders`, want: "at most 256 classes", fix: "Join some" });
  }
  for (const label of classes) {
    if (chosen.some((entry) => entry.label === label)) continue;
    const fix = "Put images in it, or remove it";
    throw new FormatError("IMAGE_NONE", { in: op, got: `no images in ${JSON.stringify(label)}`, want: "some", fix });
  }
  if (classes.length === 0) {
    const fix = "Give each class a folder of its own in it";
    throw new FormatError("IMAGE_NONE", { in: op, got: "no folders of classes", want: "at least one", fix });
  }

  const decode = async ({ label, name, read }: Entry): Promise<Picture> => {
    signal?.throwIfAborted();
    return decodeImage(await (read as () => Promise<Uint8Array>)(), { channels }, `${op}: ${label}/${name}`);
  };
  const first = await decode(chosen[0]);
  const { rows, cols } = first;
  const size = first.data.length;
  const images = new Uint8Array(chosen.length * size);
  let [next, done] = [0, 0];
  const work = async (): Promise<void> => {
    while (next < chosen.length) {
      const at = next++;
      const picture = await decode(chosen[at]);
      if (picture.rows !== rows || picture.cols !== cols) {
        const got = `${chosen[at].label}/${chosen[at].name} of ${picture.rows} × ${picture.cols} pixels`;
        const want = `${rows} × ${cols}, as the first`;
        throw new FormatError("IMAGE_SIZE", { in: op, got, want, fix: "Make all images equally large" });
      }
      images.set(picture.data, at * size);
      onProgress?.(++done, chosen.length);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  const labels = Uint8Array.from(chosen, ({ label }) => classes.indexOf(label));
  const names = skipped.map(({ label, name }) => `${label}/${name}`);
  return { images, labels, count: chosen.length, channels, rows, cols, classes, skipped: names };
}

/** By code point, where the order of strings is by UTF-16. */
function compare(a: string, b: string): number {
  const [x, y] = [[...a], [...b]];
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const difference = (x[i].codePointAt(0) as number) - (y[i].codePointAt(0) as number);
    if (difference !== 0) return difference;
  }
  return x.length - y.length;
}

async function inFolder(op: string, path: string, under: string): Promise<Entry[]> {
  const { readdir, stat } = nodeModule(op, "node:fs/promises");
  const { join } = nodeModule(op, "node:path");
  const root = join(path, under);
  const isFolder = (at: string): Promise<boolean> =>
    stat(at).then(
      (found) => found.isDirectory(),
      (cause) => Promise.reject(ioError(op, at, cause)),
    );
  const list = (at: string): Promise<string[]> => readdir(at).catch((cause) => Promise.reject(ioError(op, at, cause)));
  const entries: Entry[] = [];
  for (const label of await list(root)) {
    if (label.startsWith(".") || !(await isFolder(join(root, label)))) continue;
    const names = await list(join(root, label));
    if (names.length === 0) entries.push({ label, name: "" });
    for (const name of names) {
      const file = join(root, label, name);
      if (await isFolder(file)) entries.push({ label, name });
      else entries.push({ label, name, read: () => readFile(op, file) });
    }
  }
  return entries;
}

async function inArchive(op: string, path: string, under: string): Promise<Entry[]> {
  const packed = await readFile(op, path);
  const files = readTar(isGzip(packed) ? await gunzip(op, packed, 2 ** 31) : packed, op);
  const start = under === "" ? "" : `${under.replace(/\/$/, "")}/`;
  const entries: Entry[] = [];
  for (const [name, bytes] of files) {
    if (!name.startsWith(start)) continue;
    const [label, ...rest] = name.slice(start.length).split("/");
    if (label.startsWith(".") || rest.length === 0) continue;
    if (rest.length > 1) entries.push({ label, name: rest.join("/") });
    else entries.push({ label, name: rest[0], read: async () => bytes });
  }
  if (entries.length > 0) return entries;
  const got = `${JSON.stringify(path)} without ${start}CLASS/FILE`;
  throw new IoError({ in: op, got, want: "a folder for each class", fix: "Check the option under" });
}
