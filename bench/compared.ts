/** What the harness found, kept in compared.json, and the tables that both READMEs have of it. */
import type { Task } from "./peers/peer.ts";
import { type Language, Records, tableOf, writeReadmes } from "./readme.ts";

/** The time of a task in a library: processor time with one thread, else time as it passes. */
export interface Timing {
  readonly milliseconds: number;
  /** Between the first and third quartiles, as a part of the median. */
  readonly noise: number;
  readonly version: string;
}
/** By library. */
type Row = Readonly<Record<string, Timing>>;

const records = new Records<Row>("compared.json");
const threadCounts = [1, 2];
const idOf = (task: Task, threads: number): string => `${task} ${threads}`;

const rows: Readonly<Record<Task, Readonly<Record<Language, string>>>> = {
  gemm512: { en: "matrix product, 512³", ja: "行列積 512³" },
  gemm1024: { en: "matrix product, 1024³", ja: "行列積 1024³" },
  gemm2048: { en: "matrix product, 2048³", ja: "行列積 2048³" },
  gemm1024Bfloat16: {
    en: "the same, 1024³, of factors rounded to bfloat16",
    ja: "行列積 1024³、bfloat16 に丸めて",
  },
  gemm1024Int8: { en: "the same, 1024³, of int8", ja: "行列積 1024³、int8" },
  mlp: { en: "step of 784-512-256-10, batch 128, Adam", ja: "784-512-256-10 の 1 ステップ、バッチ 128、Adam" },
  cnn: {
    en: "step of conv 32, conv 64, pool, 128, 10, batch 64, Adam",
    ja: "conv 32, conv 64, pool, 128, 10 の 1 ステップ、バッチ 64、Adam",
  },
  lstm: {
    en: "step of an LSTM 64 → 128, 50 long, batch 32, Adam",
    ja: "LSTM 64 → 128 の 1 ステップ、長さ 50、バッチ 32、Adam",
  },
  transformer: {
    en: "step of a transformer's layer, 256 wide, 128 long, batch 8, Adam",
    ja: "Transformer の層の 1 ステップ、幅 256、長さ 128、バッチ 8、Adam",
  },
  xor: { en: "step of 2-8-1 on XOR, Adam", ja: "XOR を学ぶ 2-8-1 の 1 ステップ、Adam" },
  convForward: {
    en: "convolution 3×3, 64 → 64 channels, 56², batch 32",
    ja: "畳み込み 3×3、64 → 64 チャンネル、56²、バッチ 32",
  },
  convInput: { en: "its gradient for the input", ja: "その入力の勾配" },
  convWeight: { en: "its gradient for the weights", ja: "その重みの勾配" },
  depthwise: {
    en: "depthwise convolution 3×3, 64 channels, 56², batch 32",
    ja: "depthwise の畳み込み 3×3、64 チャンネル、56²、バッチ 32",
  },
  pointwise: {
    en: "convolution 1×1, 64 → 128 channels, 56², batch 32",
    ja: "畳み込み 1×1、64 → 128 チャンネル、56²、バッチ 32",
  },
  separable: {
    en: "both, one after the other, with all gradients",
    ja: "この 2 つを続けて、勾配すべて",
  },
  softmax: { en: "softmax of 1024 × 4096", ja: "softmax 1024 × 4096" },
  chain: { en: "tanh(a·x + b) · sigmoid(x), 10 million", ja: "tanh(a·x + b) · sigmoid(x)、1,000 万要素" },
};

/** Libraries, and how a column is headed: with the version that was timed. */
const columns: Readonly<Record<string, (version: string) => string>> = {
  ours: () => "Tsumiki (`x64`)",
  "ours-wasm": () => "Tsumiki (`wasm`)",
  onednn: () => "oneDNN",
  openblas: () => "OpenBLAS",
  torch: (version) => `PyTorch ${short(version)}`,
  torch2: (version) => `PyTorch ${short(version)}`,
  tfjs: (version) => `TensorFlow.js ${short(version)} (WASM)`,
  jax: (version) => `jax-js ${version}`,
};
const short = (version: string): string => version.split(".").slice(0, 2).join(".");

/** Adds what was found for a task, by library, and writes the tables anew. */
export function record(task: Task, threads: number, found: Row): void {
  const id = idOf(task, threads);
  const all = records.add({ [id]: { ...records.read()[id], ...found } });
  writeReadmes("compared", (language) => threadCounts.flatMap((n) => section(all, n, language) ?? []).join("\n"));
}

/** The table for a number of threads, under a line that says what it is and how much its numbers vary; null if it is empty. */
function section(all: Readonly<Record<string, Row>>, threads: number, language: Language): string | null {
  const timed = (Object.keys(rows) as Task[]).filter((task) => all[idOf(task, threads)]);
  if (timed.length === 0) return null;
  const cellsOf = (task: Task): Row => all[idOf(task, threads)];
  const peers = Object.keys(columns).filter((peer) => timed.some((task) => cellsOf(task)[peer]));
  const head = peers.map((peer) => {
    const [first] = timed.flatMap((task) => cellsOf(task)[peer] ?? []);
    return columns[peer](first.version);
  });
  const body = timed.map((task) => [
    rows[task][language],
    ...peers.map((peer) => {
      const timing = cellsOf(task)[peer];
      return timing ? cell(timing) : "–";
    }),
  ]);
  const halves = timed.flatMap((task) => Object.values(cellsOf(task)).map(({ noise }) => noise / 2));
  const table = tableOf([{ en: "milliseconds", ja: "ミリ秒" }[language], ...head], body);
  return `${caption(threads, halves, language)}\n\n${table}`;
}

function caption(threads: number, halves: readonly number[], language: Language): string {
  const sorted = halves.toSorted((x, y) => x - y);
  const percent = (part: number): string => (100 * sorted[Math.floor(part * (sorted.length - 1))]).toFixed(0);
  const [half, most] = [percent(0.5), percent(0.9)];
  if (language === "en") {
    const what = threads === 1 ? "One thread, processor time" : `${threads} threads, time as it passes`;
    return `${what}. Half the interquartile range was ${half} % in the middle, and at most ${most} % for nine of ten numbers:`;
  }
  const what = threads === 1 ? "1 スレッド、CPU 時間" : `${threads} スレッド、経過時間`;
  return `${what}。四分位範囲の半分は、中央の値で ${half} %、10 個に 9 個の値で ${most} % 以下でした。`;
}

/** A time that varies much says how much. */
function cell({ milliseconds, noise }: Timing): string {
  return noise / 2 > 0.1 ? `${digits(milliseconds)} ± ${(50 * noise).toFixed(0)} %` : digits(milliseconds);
}

/** Two or three digits. */
function digits(milliseconds: number): string {
  const places = milliseconds < 0.1 ? 3 : milliseconds < 10 ? 2 : milliseconds < 100 ? 1 : 0;
  return milliseconds.toFixed(places);
}
