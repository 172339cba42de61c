/** CIFAR-10: 32 × 32 photographs in ten classes (Krizhevsky 2009), from the files of its binary version. Runs in Node. */
import { FormatError, IoError } from "../errors.ts";
import { readFile } from "../io/files.ts";
import { gunzip, isGzip } from "../io/gzip.ts";
import { nodeModule } from "../io/node.ts";
import { checkOptions } from "../tensor/arguments.ts";
import { checkLabels } from "./idx-images.ts";
import { type ImageSet, type LabelledImages, takeImages } from "./images.ts";
import {
  fetchMissing,
  findFolder,
  namesIn,
  notFound,
  type Placed,
  type PlaceOptions,
  type Published,
  placeOptions,
} from "./place.ts";
import { readTar } from "./tar.ts";

const classes = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

const archive: Published = {
  name: "cifar-10-binary.tar.gz",
  bytes: 170_052_171,
  sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
};
/** The folder within the archive. */
const inner = "cifar-10-batches-bin";
const trainName = /^data_batch_\w+\.bin(\.gz)?$/;
const testName = /^test_batch\.bin(\.gz)?$/;

const cifar10: Placed = {
  in: "loadCifar10",
  name: "cifar10",
  holds: (names) => names.has(archive.name) || names.has(inner) || [...names].some((name) => trainName.test(name)),
};
const publisher = "https://www.cs.toronto.edu/~kriz/";

const [side, channels] = [32, 3];
const pixels = channels * side * side;

/** The images of a file of the binary version: for each a byte for the label, then its planes of red, green and blue. */
export function parseCifar10(bytes: Uint8Array, name = "parseCifar10"): LabelledImages {
  const count = bytes.length / (1 + pixels);
  if (!Number.isInteger(count)) {
    const [got, want] = [`a file of ${bytes.length} bytes`, `a multiple of ${1 + pixels}, one image`];
    throw new FormatError("CIFAR_SIZE", { in: name, got, want, fix: "Fetch the file again" });
  }
  const images = new Uint8Array(count * pixels);
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const at = i * (1 + pixels);
    labels[i] = bytes[at];
    images.set(bytes.subarray(at + 1, at + 1 + pixels), i * pixels);
  }
  checkLabels(name, "it", labels, count, classes.length);
  return { images, labels, count, channels, rows: side, cols: side };
}

/**
 * Loads the photographs: 50,000 to train on and 10,000 to test with, from the archive as published or from what it holds, or
 * as many as there are: a folder may have some of the files `data_batch_….bin`. If it has no `test_batch.bin`, the last
 * fifth is not trained on, but for testing.
 */
export async function loadCifar10(options: PlaceOptions = {}): Promise<ImageSet> {
  checkOptions("loadCifar10", options, placeOptions);
  const { folder, source = "auto", mirrors = [publisher] } = options;
  const found = folder ?? (await findFolder(cifar10));
  if (found !== undefined) return readFolder(found);
  if (source === "auto") throw await notFound(cifar10);
  return readFolder(
    await fetchMissing(cifar10, [archive], ({ name }) => mirrors.map((mirror) => mirror + name), options),
  );
}

async function readFolder(folder: string): Promise<ImageSet> {
  const { join } = nodeModule(cifar10.in, "node:path");
  const names = await namesIn(folder);
  const operation = (name: string): string => `loadCifar10 of ${JSON.stringify(join(folder, name))}`;
  const unpacked = async (name: string): Promise<Uint8Array> => {
    const bytes = await readFile(operation(name), join(folder, name));
    return isGzip(bytes) ? gunzip(operation(name), bytes, 2 ** 30) : bytes;
  };
  const files = [...names].filter((name) => trainName.test(name) || testName.test(name)).sort();
  if (files.some((name) => trainName.test(name))) {
    const parts = new Map<string, Uint8Array>();
    for (const name of files) parts.set(name, await unpacked(name));
    return assemble(parts, folder);
  }
  if (names.has(inner)) return readFolder(join(folder, inner));
  if (names.has(archive.name)) {
    const members = readTar(await unpacked(archive.name), operation(archive.name));
    const parts = [...members].map(([path, bytes]) => [path.replace(`${inner}/`, ""), bytes] as const);
    return assemble(new Map(parts), join(folder, archive.name));
  }
  throw missing(folder);
}

const missing = (place: string): IoError =>
  new IoError({
    in: "loadCifar10",
    got: `${JSON.stringify(place)} without any data_batch_….bin`,
    want: `them, or ${archive.name}`,
    fix: "Name the folder that holds them; the archive for Python or MATLAB is another",
  });

/** The set of these files, of which those with other names are passed over. */
function assemble(files: ReadonlyMap<string, Uint8Array>, place: string): ImageSet {
  const parsed = (pattern: RegExp): LabelledImages | undefined => {
    const parts = [...files]
      .filter(([name]) => pattern.test(name))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, bytes]) => parseCifar10(bytes, `loadCifar10 of ${name} in ${JSON.stringify(place)}`));
    return parts.length === 0 ? undefined : joined(parts);
  };
  const train = parsed(trainName);
  const test = parsed(testName);
  if (!train) throw missing(place);
  if (test) return { train, test, classes, source: place };
  const kept = Math.ceil(train.count * 0.8);
  const numbers = Uint32Array.from({ length: train.count }, (_, i) => i);
  return {
    train: takeImages(train, numbers.subarray(0, kept)),
    test: takeImages(train, numbers.subarray(kept)),
    classes,
    source: `${place} (no test_batch.bin: the last fifth is for testing)`,
  };
}

function joined(parts: readonly LabelledImages[]): LabelledImages {
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const images = new Uint8Array(count * pixels);
  const labels = new Uint8Array(count);
  let at = 0;
  for (const part of parts) {
    images.set(part.images, at * pixels);
    labels.set(part.labels, at);
    at += part.count;
  }
  return { ...parts[0], images, labels, count };
}
