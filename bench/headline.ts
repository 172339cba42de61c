/**
 * Trains well-known networks on real data, and prints what they reach on the test set: `node bench/headline.ts [--only
 * mlp,cnn] [--threads 2]`. Data lies in TSUMIKI_DATA, as for the loaders; what is not there is skipped aloud. With
 * `--torch`, PyTorch trains the same after each (`peers/headline.py`), to compare; with `--peer-only` nothing but PyTorch
 * trains, and with `--peer-epochs 2` it trains no longer than for its time. What was reached goes to headline.json, beside
 * what other runs reached, and from there to the tables of both READMEs.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
import { accuracy, evaluate, fit } from "../src/train/index.ts";

interface Sets {
  readonly train: Dataset;
  readonly test: Dataset;
}

interface Task {
  readonly title: { readonly en: string; readonly ja: string };
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
  readonly torch: TorchTrained | undefined;
}
interface TorchTrained extends Trained {
  readonly version: string;
  /** Of these many epochs the time was taken: that of all is in proportion, and the accuracy of all is not known. */
  readonly epochs: number;
}

const file = join(import.meta.dirname, "headline.json");
const tell = ({ accuracy, seconds }: Trained): string => `${(100 * accuracy).toFixed(2)} % in ${seconds.toFixed(0)} s`;

/** The same data and the same recipe, in PyTorch; undefined where that does not run. */
async function trainTorch(id: string, task: Task, threads: number, epochs: number): Promise<TorchTrained | undefined> {
  const folder = mkdtempSync(join(tmpdir(), "headline-"));
  try {
    const shapes: Record<string, readonly number[]> = {};
    for (const [name, set] of Object.entries(await (task.plain ?? task.data)())) {
      const { x, y } = await set.batch(
        Uint32Array.from({ length: set.length }, (_, i) => i),
        { seed: 1, epoch: 0 },
      );
      shapes[name] = x.shape;
      writeFileSync(join(folder, `${name}.x`), (await x.data()) as Float32Array);
      writeFileSync(join(folder, `${name}.y`), (await y.data()) as Int32Array);
    }
    writeFileSync(join(folder, "shapes.json"), JSON.stringify(shapes));
    const script = join(import.meta.dirname, "peers/headline.py");
    const settings = [threads, epochs, task.lr, task.batchSize].map(String);
    const { stdout, stderr, status } = spawnSync("/usr/bin/python3", [script, folder, id, ...settings]);
    if (status === 0) return { ...JSON.parse(String(stdout)), epochs } as TorchTrained;
    console.log(`  PyTorch: skipped (${String(stderr).trim().split("\n").at(-1)})`);
    return undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function train(task: Task, threads: number): Promise<Omit<Result, "torch">> {
  const { data, model: make, epochs, lr, batchSize } = task;
  const { train, test } = await data();
  seed(1);
  const model = make();
  const start = performance.now();
  const optimizer = new Adam(model.parameters(), { lr });
  const loader = new DataLoader(train, { batchSize, shuffle: true, seed: 1 });
  await fit(model, { train: loader, loss: crossEntropy, optimizer, schedule: oneCycle(lr), epochs });
  const seconds = (performance.now() - start) / 1000;
  const measured = await evaluate(model, new DataLoader(test, { batchSize: 500 }), { metrics: { accuracy } });
  const parameters = model.parameters().reduce((sum, p) => sum + p.numel(), 0);
  return { device: await deviceName(), threads, parameters, epochs, accuracy: measured.accuracy, seconds };
}

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    threads: { type: "string", default: "2" },
    device: { type: "string" },
    torch: { type: "boolean", default: false },
    "peer-only": { type: "boolean", default: false },
    "peer-epochs": { type: "string" },
  },
});
const threads = Number(values.threads);
await setDevice((values.device ?? (await deviceName())) as "wasm", { threads });
for (const [id, task] of Object.entries(tasks)) {
  if (values.only && !values.only.split(",").includes(id)) continue;
  try {
    const before = recorded()[id];
    if (values["peer-only"] && !before) throw new Error("nothing to compare with is recorded");
    const result = values["peer-only"] ? before : await train(task, threads);
    const epochs = Number(values["peer-epochs"] ?? task.epochs);
    const isCompared = values.torch || values["peer-only"];
    const torch = isCompared ? await trainTorch(id, task, threads, epochs) : undefined;
    console.log(`${task.title.en}: ${tell(result)} after ${result.epochs} epochs`);
    if (torch) console.log(`  PyTorch ${torch.version}: ${tell(torch)} after ${torch.epochs}`);
    record(id, { ...result, torch });
  } catch (error) {
    console.log(`${task.title.en}: skipped (${(error as Error).message})`);
  }
}
process.exit(0);

function recorded(): Record<string, Result> {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Record<string, Result>) : {};
}

/** Adds to what is recorded, and writes the tables of the READMEs anew. */
function record(id: string, result: Result): void {
  const all = { ...recorded(), [id]: result };
  writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`);
  for (const [name, language] of [
    ["README.md", "en"],
    ["README.ja.md", "ja"],
  ] as const) {
    const path = join(import.meta.dirname, "..", name);
    const before = /(?<=<!-- headline -->\n)[\s\S]*?(?=<!-- \/headline -->)/;
    writeFileSync(path, readFileSync(path, "utf8").replace(before, table(all, language)));
  }
}

function table(all: Readonly<Record<string, Result>>, language: "en" | "ja"): string {
  const head = {
    en: ["trained", "epochs", "threads", "test accuracy", "time", "PyTorch 1.13: accuracy", "time"],
    ja: ["学習", "エポック", "スレッド", "テスト正解率", "時間", "PyTorch 1.13：正解率", "時間"],
  }[language];
  const unit = language === "ja" ? "秒" : "s";
  const cells = (trained: Trained): string[] => [
    `${(100 * trained.accuracy).toFixed(2)} %`,
    `${trained.seconds.toFixed(0)} ${unit}`,
  ];
  const peer = (torch: TorchTrained | undefined, epochs: number): string[] => {
    if (!torch) return ["–", "–"];
    if (torch.epochs === epochs) return cells(torch);
    return ["–", `≈ ${((torch.seconds * epochs) / torch.epochs).toFixed(0)} ${unit}`];
  };
  const rows = Object.entries(tasks).flatMap(([id, { title }]) => {
    const result = all[id];
    if (!result) return [];
    const { epochs, threads, torch } = result;
    return [[title[language], `${epochs}`, `${threads}`, ...cells(result), ...peer(torch, epochs)]];
  });
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |\n`).join("");
}
