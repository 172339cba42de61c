/**
 * Trains well-known networks on real data, and prints what they reach on the test set: `node bench/headline.ts [--only
 * mlp,cnn] [--threads 2]`. Data lies in TSUMIKI_DATA, as for the loaders; what is not there is skipped aloud. With
 * `--torch`, PyTorch trains the same after each (`peers/headline.py`), to compare; with `--peer-only` nothing but PyTorch
 * trains. With `--time 30` neither trains to the end: for what takes long, both do so many batches, in turns, and their times
 * are in proportion from those, beside the accuracy of an earlier run. What was reached goes to headline.json, beside what
 * other runs reached, and from there to the tables of both READMEs.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  DataLoader,
  type Dataset,
  digitsDataset,
  type ImageSet,
  imageDataset,
  loadFashionMnist,
  loadImageFolder,
  loadMnist,
  pixelStatistics,
  randomFlip,
  split,
} from "../src/data/index.ts";
import { crossEntropy, deviceName, seed, setDevice } from "../src/index.ts";
import { AlexNet, DigitsCnn, LeNet5, MLP } from "../src/models/index.ts";
import {
  BatchNorm2d,
  Conv2d,
  Dropout,
  Flatten,
  Linear,
  MaxPool2d,
  type Module,
  ReLU,
  Sequential,
} from "../src/nn/index.ts";
import { Adam, oneCycle } from "../src/optim/index.ts";
import { accuracy, evaluate, type FitOptions, fit, fitting } from "../src/train/index.ts";
import { type Language, Records, tableOf, writeReadmes } from "./readme.ts";

interface Sets {
  readonly train: Dataset;
  readonly test: Dataset;
}

interface Task {
  readonly title: Readonly<Record<Language, string>>;
  readonly data: () => Promise<Sets>;
  /** Without what is done to images at random, unless nothing is. */
  readonly plain?: () => Promise<Sets>;
  readonly model: () => Module;
  readonly epochs: number;
  readonly lr: number;
  readonly batchSize: number;
}

const mnist = (flat: boolean) => async (): Promise<Sets> => {
  const { train, test } = await loadMnist({ source: "download" });
  return { train: digitsDataset(train, { flat }), test: digitsDataset(test, { flat }) };
};

async function fashion(isFlipped = true): Promise<Sets> {
  const { train, test } = await loadFashionMnist();
  const { fashionMnist } = pixelStatistics;
  return {
    train: imageDataset(train, { ...fashionMnist, transforms: isFlipped ? [randomFlip()] : [] }),
    test: imageDataset(test, fashionMnist),
  };
}

/** CIFAR-10 as JPEG files, one folder for each class: a little harder than the originals. */
async function cifar(): Promise<Sets> {
  const archive = join(process.env.TSUMIKI_DATA ?? "", "cifar10/cifar10_jpeg.tar.gz");
  if (!existsSync(archive)) throw new Error("there is no cifar10/cifar10_jpeg.tar.gz in TSUMIKI_DATA");
  cifarSet ??= (async () => {
    const train = await loadImageFolder(archive, { under: "train" });
    const test = await loadImageFolder(archive, { under: "test" });
    return { train, test, classes: train.classes, source: archive };
  })();
  const { train, test } = await cifarSet;
  const { cifar10 } = pixelStatistics;
  return { train: imageDataset(train, cifar10), test: imageDataset(test, cifar10) };
}
/** Of the images to learn from, a fifth: so few are learned by heart. */
async function fewOfCifar(): Promise<Sets> {
  const { train, test } = await cifar();
  return { train: split(train, [1 / 5, 4 / 5], { seed: 1 })[0], test };
}
let cifarSet: Promise<ImageSet> | undefined;

/** Two convolutions of 5 × 5 and two linear layers, for clothes of 28 × 28. */
const twoConvolutions = (): Module =>
  new Sequential(
    ...[new Conv2d(1, 32, 5, { padding: 2, bias: false }), new BatchNorm2d(32), new ReLU(), new MaxPool2d(2)],
    ...[new Conv2d(32, 64, 5, { padding: 2, bias: false }), new BatchNorm2d(64), new ReLU(), new MaxPool2d(2)],
    ...[new Flatten(), new Linear(64 * 7 * 7, 128), new ReLU(), new Dropout(0.4), new Linear(128, 10)],
  );
const scaledAlexNet = (dropout: number) => (): Module =>
  new AlexNet({ size: 32, width: 1 / 4, groups: 1, classes: 10, dropout });

const tasks: Readonly<Record<string, Task>> = {
  mlp: {
    title: { en: "MLP 784-800-800-10, all of MNIST", ja: "MLP 784-800-800-10、MNIST 全体" },
    data: mnist(true),
    model: () => new MLP([784, 800, 800, 10]),
    epochs: 10,
    lr: 1e-3,
    batchSize: 128,
  },
  lenet: {
    title: { en: "LeNet-5 (61,706 parameters), all of MNIST", ja: "LeNet-5（61,706 パラメータ）、MNIST 全体" },
    data: mnist(false),
    model: () => new LeNet5(),
    epochs: 8,
    lr: 2e-3,
    batchSize: 128,
  },
  cnn: {
    title: {
      en: "`DigitsCnn` (29,178 parameters), all of MNIST",
      ja: "`DigitsCnn`（29,178 パラメータ）、MNIST 全体",
    },
    data: mnist(false),
    model: () => new DigitsCnn(),
    epochs: 6,
    lr: 5e-3,
    batchSize: 128,
  },
  fashion: {
    title: { en: "two convolutions, Fashion-MNIST", ja: "畳み込み 2 層、Fashion-MNIST" },
    data: () => fashion(),
    plain: () => fashion(false),
    model: twoConvolutions,
    epochs: 10,
    lr: 3e-3,
    batchSize: 128,
  },
  alexnet: {
    title: {
      en: "`AlexNet` at a quarter, CIFAR-10 (as JPEG), without dropout",
      ja: "1/4 幅の `AlexNet`、CIFAR-10（JPEG）、ドロップアウトなし",
    },
    data: cifar,
    model: scaledAlexNet(0),
    epochs: 24,
    lr: 1e-3,
    batchSize: 128,
  },
  alexnetDropout: {
    title: { en: "the same with dropout 0.5", ja: "同じものにドロップアウト 0.5" },
    data: cifar,
    model: scaledAlexNet(0.5),
    epochs: 24,
    lr: 1e-3,
    batchSize: 128,
  },
  alexnetFew: {
    title: {
      en: "the same net, 10,000 of the 50,000 images, without dropout",
      ja: "同じネットワーク、5 万枚のうち 1 万枚、ドロップアウトなし",
    },
    data: fewOfCifar,
    model: scaledAlexNet(0),
    epochs: 30,
    lr: 1e-3,
    batchSize: 128,
  },
  alexnetFewDropout: {
    title: { en: "the same with dropout 0.5", ja: "同じものにドロップアウト 0.5" },
    data: fewOfCifar,
    model: scaledAlexNet(0.5),
    epochs: 30,
    lr: 1e-3,
    batchSize: 128,
  },
};

interface Trained {
  readonly accuracy: number;
  readonly seconds: number;
}

interface Result extends Trained {
  readonly device: string;
  readonly threads: number;
  readonly parameters: number;
  readonly epochs: number;
  /** How many batches the times are in proportion from; undefined if they are of the whole. */
  readonly timed?: number;
  readonly torch: TorchTrained | undefined;
}
interface TorchTrained {
  /** Null if it did not train to the end. */
  readonly accuracy: number | null;
  readonly seconds: number;
  readonly version: string;
}

const records = new Records<Result>("headline.json");
const percent = (accuracy: number | null): string => (accuracy === null ? "–" : `${(100 * accuracy).toFixed(2)} %`);
const tell = ({ accuracy, seconds }: Trained | TorchTrained): string =>
  `${percent(accuracy)} in ${seconds.toFixed(0)} s`;

/** The first batches that are timed do what is done only once, and then the clock starts. */
const warmUp = 3;
const rounds = 3;

/** Writes the data that PyTorch is to train with to a folder: all of it, or so many examples. */
async function writeData(task: Task, folder: string, most = Number.POSITIVE_INFINITY): Promise<void> {
  const shapes: Record<string, readonly number[]> = {};
  for (const [name, set] of Object.entries(await (task.plain ?? task.data)())) {
    const { x, y } = await set.batch(
      Uint32Array.from({ length: Math.min(set.length, most) }, (_, i) => i),
      { seed: 1, epoch: 0 },
    );
    shapes[name] = x.shape;
    writeFileSync(join(folder, `${name}.x`), (await x.data()) as Float32Array);
    writeFileSync(join(folder, `${name}.y`), (await y.data()) as Int32Array);
  }
  writeFileSync(join(folder, "shapes.json"), JSON.stringify(shapes));
}

interface TorchRun {
  readonly threads: number;
  readonly epochs: number;
  /** Batches before its clock starts. */
  readonly warmUp: number;
}

/** PyTorch, with the data of a folder; undefined where that does not run. */
function runTorch(id: string, task: Task, folder: string, run: TorchRun): (TorchTrained & Trained) | undefined {
  const script = join(import.meta.dirname, "peers/headline.py");
  const settings = [run.threads, run.epochs, task.lr, task.batchSize, run.warmUp].map(String);
  const { stdout, stderr, status } = spawnSync("/usr/bin/python3", [script, folder, id, ...settings]);
  if (status === 0) return JSON.parse(String(stdout)) as TorchTrained & Trained;
  console.log(`  PyTorch: skipped (${String(stderr).trim().split("\n").at(-1)})`);
  return undefined;
}

async function inFolder<T>(f: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "headline-"));
  try {
    return await f(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The same data and the same recipe, in PyTorch. */
function trainTorch(id: string, task: Task, threads: number): Promise<TorchTrained | undefined> {
  return inFolder(async (folder) => {
    await writeData(task, folder);
    return runTorch(id, task, folder, { threads, epochs: task.epochs, warmUp: 0 });
  });
}

/** How long a whole training takes in ours and in PyTorch, from `batches` batches of each, in turns. */
function time(id: string, task: Task, threads: number, batches: number): Promise<Pick<Result, "seconds" | "torch">> {
  return inFolder(async (folder) => {
    await writeData(task, folder, (warmUp + batches) * task.batchSize);
    const { train } = await task.data();
    const whole = (task.epochs * Math.ceil(train.length / task.batchSize)) / batches;
    const ours: number[] = [];
    const theirs: TorchTrained[] = [];
    for (let i = 0; i < rounds; i++) {
      ours.push(await secondsOf(task, train, batches));
      const torch = runTorch(id, task, folder, { threads, epochs: 1, warmUp });
      if (torch) theirs.push(torch);
    }
    const median = (all: readonly number[]): number => whole * all.toSorted((x, y) => x - y)[all.length >> 1];
    const [torch] = theirs;
    return {
      seconds: median(ours),
      torch: torch && { ...torch, accuracy: null, seconds: median(theirs.map(({ seconds }) => seconds)) },
    };
  });
}

/** Of so many batches, after the first ones. */
async function secondsOf(task: Task, train: Dataset, batches: number): Promise<number> {
  const steps = fitting(...recipe(task, train));
  for (let i = 0; i < warmUp; i++) await steps.next();
  const start = performance.now();
  for (let i = 0; i < batches; i++) await steps.next();
  return (performance.now() - start) / 1000;
}

/** A new model, and how it is trained. */
function recipe({ model: make, epochs, lr, batchSize }: Task, train: Dataset): [Module, FitOptions] {
  seed(1);
  const model = make();
  const optimizer = new Adam(model.parameters(), { lr });
  const loader = new DataLoader(train, { batchSize, shuffle: true, seed: 1 });
  return [model, { train: loader, loss: crossEntropy, optimizer, schedule: oneCycle(lr), epochs }];
}

async function train(task: Task, threads: number): Promise<Omit<Result, "torch">> {
  const { train, test } = await task.data();
  const start = performance.now();
  const [model, options] = recipe(task, train);
  await fit(model, options);
  const seconds = (performance.now() - start) / 1000;
  const measured = await evaluate(model, new DataLoader(test, { batchSize: 500 }), { metrics: { accuracy } });
  const parameters = model.parameters().reduce((sum, p) => sum + p.numel(), 0);
  return { device: await deviceName(), threads, parameters, epochs: task.epochs, accuracy: measured.accuracy, seconds };
}

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    threads: { type: "string", default: "2" },
    device: { type: "string" },
    torch: { type: "boolean", default: false },
    "peer-only": { type: "boolean", default: false },
    time: { type: "string" },
  },
});
const threads = Number(values.threads);
await setDevice((values.device ?? (await deviceName())) as "wasm", { threads });
for (const [id, task] of Object.entries(tasks)) {
  if (values.only && !values.only.split(",").includes(id)) continue;
  try {
    const result = await resultOf(id, task);
    console.log(`${task.title.en}: ${tell(result)} after ${result.epochs} epochs`);
    if (result.torch) console.log(`  PyTorch ${result.torch.version}: ${tell(result.torch)}`);
    record(id, result);
  } catch (error) {
    console.log(`${task.title.en}: skipped (${(error as Error).message})`);
  }
}
process.exit(0);

async function resultOf(id: string, task: Task): Promise<Result> {
  const isNew = !values.time && !values["peer-only"];
  const before = records.read()[id];
  if (!isNew && !before) throw new Error("nothing to compare with is recorded");
  if (values.time) {
    const timed = Number(values.time);
    return { ...before, threads, timed, ...(await time(id, task, threads, timed)) };
  }
  const result = isNew ? await train(task, threads) : before;
  return { ...result, torch: values.torch || !isNew ? await trainTorch(id, task, threads) : undefined };
}

/** Adds to what is recorded, and writes the tables of the READMEs anew. */
function record(id: string, result: Result): void {
  const all = records.add({ [id]: result });
  writeReadmes("headline", (language) => table(all, language));
}

function table(all: Readonly<Record<string, Result>>, language: Language): string {
  const head = {
    en: ["trained", "epochs", "threads", "test accuracy", "time", "PyTorch 1.13: accuracy", "time"],
    ja: ["学習", "エポック", "スレッド", "テスト正解率", "時間", "PyTorch 1.13：正解率", "時間"],
  }[language];
  const unit = language === "ja" ? "秒" : "s";
  const rows = Object.entries(tasks).flatMap(([id, { title }]) => {
    const result = all[id];
    if (!result) return [];
    const { epochs, threads, torch, timed } = result;
    const about = timed === undefined ? "" : "≈ ";
    const cells = (trained: Trained | TorchTrained | undefined): string[] =>
      trained ? [percent(trained.accuracy), `${about}${trained.seconds.toFixed(0)} ${unit}`] : ["–", "–"];
    return [[title[language], `${epochs}`, `${threads}`, ...cells(result), ...cells(torch)]];
  });
  const counts = [...new Set(Object.values(all).flatMap(({ timed }) => timed ?? []))].join(", ");
  if (!counts) return tableOf(head, rows);
  const note = {
    en: `"≈": in proportion from ${counts} batches of each, ${rounds} times in turns: medians.`,
    ja: `「≈」は、両者に ${counts} バッチずつ ${rounds} 回交互に学習させ、その中央値から比例計算した時間です。`,
  }[language];
  return `${tableOf(head, rows)}\n${note}\n`;
}
