/** Data sets and what feeds them to a model: what `tsumiki/data` offers. */
export { cacheFolder, dataFolder } from "./cache.ts";
export type { Csv, CsvOptions, Labels } from "./csv.ts";
export { labels, numbers, parseCsv } from "./csv.ts";
export type { DownloadOptions, Progress } from "./download.ts";
export { download } from "./download.ts";
export type { IdxOptions } from "./idx.ts";
export { parseIdx, readIdx } from "./idx.ts";
export type { Digits, Mnist, MnistOptions } from "./mnist.ts";
export { loadMnist } from "./mnist.ts";
export { permutation } from "./permutation.ts";
