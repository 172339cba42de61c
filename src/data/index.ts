/** Data sets and what feeds them to a model: what `tsumiki/data` offers. */
export { cacheFolder, dataFolder } from "./cache.ts";
export type { Csv, CsvOptions, Labels } from "./csv.ts";
export { labels, numbers, parseCsv } from "./csv.ts";
export type { Batch, Column, ColumnLike, Dataset, Draw, ImageOptions, Rows, SplitOptions } from "./dataset.ts";
export { ArrayDataset, digitsDataset, Subset, split } from "./dataset.ts";
export type { DownloadOptions, Progress } from "./download.ts";
export { download } from "./download.ts";
export type { IdxOptions } from "./idx.ts";
export { parseIdx, readIdx } from "./idx.ts";
export type { LoaderOptions, LoaderState } from "./loader.ts";
export { DataLoader, Turns } from "./loader.ts";
export type { Digits, Mnist, MnistOptions } from "./mnist.ts";
export { loadMnist } from "./mnist.ts";
export { permutation } from "./permutation.ts";
export { HostRandom } from "./random.ts";
export type { Example, Transform } from "./transform.ts";
export { normalize, randomFlip, randomShift, shuffled, statistics } from "./transform.ts";
