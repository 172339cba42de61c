/** Image data sets of four IDX files, as MNIST has them and others after it. Runs in Node. */
import { FormatError, IndexError, IoError } from "../errors.ts";
import { show } from "../graph/shape.ts";
import { readFile } from "../io/files.ts";
import { nodeModule } from "../io/node.ts";
import { readIdx } from "./idx.ts";
import type { ImageSet, LabelledImages } from "./images.ts";
import { fetchMissing, nameIn, namesIn, type Placed, type PlaceOptions, type Published } from "./place.ts";

/** What is known of such a data set. */
export interface IdxImages extends Placed {
  readonly classes: readonly string[];
  readonly files: IdxFiles;
  /** Addresses of folders that hold the files, packed. */
  readonly publishers: readonly string[];
}

export interface IdxFiles {
  readonly trainImages: Published;
  readonly trainLabels: Published;
  readonly testImages: Published;
  readonly testLabels: Published;
}

/** The four files under their usual names, of 60,000 and 10,000 images of 28 × 28, by their SHA-256 when unpacked. */
export function idxFiles(trainImages: string, trainLabels: string, testImages: string, testLabels: string): IdxFiles {
  return {
    trainImages: { name: "train-images-idx3-ubyte", bytes: 47_040_016, sha256: trainImages, gzip: true },
    trainLabels: { name: "train-labels-idx1-ubyte", bytes: 60_008, sha256: trainLabels, gzip: true },
    testImages: { name: "t10k-images-idx3-ubyte", bytes: 7_840_016, sha256: testImages, gzip: true },
    testLabels: { name: "t10k-labels-idx1-ubyte", bytes: 10_008, sha256: testLabels, gzip: true },
  };
}

/** Whether a folder of these names holds all four files. */
export const holdsFiles =
  (files: IdxFiles) =>
  (names: ReadonlySet<string>): boolean =>
    Object.values(files).every(({ name }) => nameIn(names, name));

/** Fetches what is missing to the cache, and reads it. */
export async function fetchIdxImages(set: IdxImages, options: PlaceOptions): Promise<ImageSet> {
  const { mirrors = set.publishers } = options;
  const addresses = ({ name }: Published): string[] => mirrors.map((mirror) => `${mirror}${name}.gz`);
  return readIdxImages(set, await fetchMissing(set, Object.values(set.files), addresses, options));
}

/** The data set in a folder. */
export async function readIdxImages(set: IdxImages, folder: string): Promise<ImageSet> {
  const names = await namesIn(folder);
  const { trainImages, trainLabels, testImages, testLabels } = set.files;
  const part = async (imageFile: Published, labelFile: Published): Promise<LabelledImages> => {
    const [images, labels] = await Promise.all([
      readPart(set, folder, names, imageFile.name, 3),
      readPart(set, folder, names, labelFile.name, 1),
    ]);
    const [count, rows, cols] = images.shape;
    checkLabels(set.in, JSON.stringify(folder), labels.data, count, set.classes.length);
    return { images: images.data, labels: labels.data, count, rows, cols };
  };
  const train = await part(trainImages, trainLabels);
  const test = await part(testImages, testLabels);
  return { train, test, classes: set.classes, source: folder };
}

/** Throws unless there is a label of a class for each of `count` images. */
export function checkLabels(op: string, place: string, labels: Uint8Array, count: number, classes: number): void {
  if (labels.length !== count) {
    const got = `${count} images and ${labels.length} labels in ${place}`;
    throw new FormatError("IDX_COUNT", { in: op, got, want: "as many of each", fix: "Take both of one set" });
  }
  const bad = labels.findIndex((label) => label >= classes);
  if (bad < 0) return;
  const got = `the label ${labels[bad]} of image ${bad} in ${place}`;
  throw new IndexError({ in: op, got, want: `0 to ${classes - 1}`, fix: "Check which set it is" });
}

/** Bytes of so many dimensions, from the file that `names`, of `folder`, have for `name`. */
async function readPart(
  set: IdxImages,
  folder: string,
  names: ReadonlySet<string>,
  name: string,
  rank: number,
): Promise<{ data: Uint8Array; shape: readonly number[] }> {
  const { join } = nodeModule(set.in, "node:path");
  const found = nameIn(names, name);
  if (found === undefined) {
    const got = `${JSON.stringify(folder)} without ${name}`;
    const fix = "Name the folder that holds them";
    throw new IoError({ in: set.in, got, want: "a folder with the four files", fix });
  }
  const path = join(folder, found);
  const operation = `${set.in} of ${JSON.stringify(path)}`;
  const { dtype, shape, data } = await readIdx(await readFile(operation, path), { name: operation });
  if (dtype !== "uint8" || shape.length !== rank) {
    const got = `${dtype} of shape ${show(shape)}`;
    const fix = "Check which file it is";
    throw new FormatError("IDX_TYPE", { in: operation, got, want: `uint8 of ${rank} dimensions`, fix });
  }
  return { shape, data: data as Uint8Array };
}
