/** The digits as the page's own server gives them: one file, made at build time from those that the package holds. */
import type { DataSource } from "../../../src/experiments/data.ts";

const rows = 28;
const cols = 28;
const trainCount = 8000;

/** The file: 10,000 labels, then 10,000 images, in the order of the package's split, packed with gzip. */
async function load(): Promise<Awaited<ReturnType<DataSource["digits"]>>> {
  const response = await fetch(new URL(`${import.meta.env.BASE_URL}digits.bin.gz`, self.location.origin));
  if (!response.ok || !response.body) throw new Error(`The digits could not be loaded (status ${response.status}).`);
  const packed = response.headers.get("content-encoding") === "gzip";
  const stream = packed ? response.body : response.body.pipeThrough(new DecompressionStream("gzip"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const count = bytes.length / (1 + rows * cols);
  const part = (from: number, to: number) => ({
    labels: bytes.slice(from, to),
    images: bytes.slice(count + from * rows * cols, count + to * rows * cols),
    count: to - from,
    rows,
    cols,
  });
  return { train: part(0, trainCount), test: part(trainCount, count) };
}

let digits: ReturnType<typeof load> | undefined;

export const fetched: DataSource = {
  digits(size) {
    if (size === "full") {
      return Promise.reject(
        new Error("The Lab has 10,000 digits. The whole set is for the command line: choose small."),
      );
    }
    digits ??= load();
    digits.catch(() => {
      digits = undefined; // so that the next try is one
    });
    return digits;
  },
};
