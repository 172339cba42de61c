/**
 * Trains well-known networks on real data, and prints what they reach on the test set: `node bench/headline.ts [--only
 * mlp,cnn] [--threads 2]`. Data lies in TSUMIKI_DATA, as for the loaders; what is not there is skipped aloud. With
 * `--torch`, PyTorch trains the same after each (`peers/headline.py`), to compare. Writes bench/results/headline.json.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
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
  readonly title: string;
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
    title: "MLP 784-800-800-10, MNIST",
    data: mnist(true),
    model: () => new MLP([784, 800, 800, 10]),
    epochs: 10,
    lr: 1e-3,
    batchSize: 128,
  },
  lenet: {
    title: "LeNet-5 (61,706), MNIST",
    data: mnist(false),
    model: () => new LeNet5(),
    epochs: 8,
    lr: 2e-3,
    batchSize: 128,
  },
  cnn: {
    title: "three convolutions (29,178), MNIST",
    data: mnist(false),
    model: () => new DigitsCnn(),
    epochs: 6,
    lr: 5e-3,
    batchSize: 128,
  },
  fashion: {
    title: "two convolutions, Fashion-MNIST",
    data: () => fashion(),
    plain: () => fashion(false),
    model: twoConvolutions,
    epochs: 10,
    lr: 3e-3,
    batchSize: 128,
  },
  alexnet: {
    title: "AlexNet at a quarter, CIFAR-10 (JPEG), without dropout",
    data: cifar,
    model: scaledAlexNet(0),
    epochs: 12,
    lr: 1e-3,
    batchSize: 128,
  },
  alexnetDropout: {
    title: "the same with dropout 0.5",
    data: cifar,
    model: scaledAlexNet(0.5),
    epochs: 12,
    lr: 1e-3,
    batchSize: 128,
  },
};

interface Trained {
  readonly accuracy: number;
  readonly seconds: number;
}

interface Result extends Trained {
  readonly title: string;
  readonly device: string;
  readonly threads: number;
  readonly parameters: number;
  readonly epochs: number;
  readonly torch: TorchTrained | undefined;
}
interface TorchTrained extends Trained {
  readonly version: string;
}

const tell = ({ accuracy, seconds }: Trained): string => `${(100 * accuracy).toFixed(2)} % in ${seconds.toFixed(0)} s`;

/** The same data and the same recipe, in PyTorch; undefined where that does not run. */
async function trainTorch(id: string, task: Task, threads: number): Promise<TorchTrained | undefined> {
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
    const settings = [threads, task.epochs, task.lr, task.batchSize].map(String);
    const { stdout, stderr, status } = spawnSync("/usr/bin/python3", [script, folder, id, ...settings]);
    if (status === 0) return JSON.parse(String(stdout)) as TorchTrained;
    console.log(`  PyTorch: skipped (${String(stderr).trim().split("\n").at(-1)})`);
    return undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function train(task: Task, threads: number): Promise<Omit<Result, "torch">> {
  const { title, data, model: make, epochs, lr, batchSize } = task;
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
  return { title, device: await deviceName(), threads, parameters, epochs, accuracy: measured.accuracy, seconds };
}

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    threads: { type: "string", default: "2" },
    device: { type: "string" },
    torch: { type: "boolean", default: false },
  },
});
const threads = Number(values.threads);
await setDevice((values.device ?? (await deviceName())) as "wasm", { threads });
const results: Result[] = [];
for (const [id, task] of Object.entries(tasks)) {
  if (values.only && !values.only.split(",").includes(id)) continue;
  try {
    const result = await train(task, threads);
    const torch = values.torch ? await trainTorch(id, task, threads) : undefined;
    results.push({ ...result, torch });
    console.log(`${task.title}: ${tell(result)} after ${task.epochs} epochs`);
    if (torch) console.log(`  PyTorch ${torch.version}: ${tell(torch)}`);
  } catch (error) {
    console.log(`${task.title}: skipped (${(error as Error).message})`);
  }
}
const folder = join(import.meta.dirname, "results");
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, "headline.json"), `${JSON.stringify(results, null, 2)}\n`);
process.exit(0);
