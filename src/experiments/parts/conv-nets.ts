/** The nets that 2.19 trains on images of 32 × 32: AlexNet made small, and those of two of the course's notebooks. */
import { AlexNet } from "../../models/index.ts";
import { Conv2d, Dropout, Flatten, init, Linear, MaxPool2d, type Module, ReLU, Sequential } from "../../nn/index.ts";
import type { Preset } from "../experiment.ts";
import { say, type Text } from "../text.ts";
import { smallKernels } from "./alexnet-table.ts";

export type Net = "alexnet" | "double" | "deep";
export const netNames: Readonly<Record<Net, Text>> = {
  alexnet: say("縮小版の AlexNet", "a small AlexNet"),
  double: say("2 層の畳み込み（講座 2_7）", "two convolutions: notebook 2_7"),
  deep: say("6 層の畳み込み（講座 2_8）", "six convolutions: notebook 2_8"),
};

interface NetPreset extends Preset {
  readonly values: { readonly net: Net; readonly count: number; readonly steps: number };
}
/** The nets of the notebooks, on more images. */
export const notebookNets: Readonly<Record<string, NetPreset>> = {
  "course-double": {
    label: say("講座の 2 層の畳み込み", "The course's two convolutions"),
    why: say(
      "全結合層がパラメーターの 99 % を持ち、過学習します。",
      "Linear layers have 99 % of its parameters, and it overfits.",
    ),
    values: { net: "double", count: 1500, steps: 600 },
  },
  "course-deep": {
    label: say("講座の 6 層の畳み込み", "The course's six convolutions"),
    why: say(
      "全結合層は半分以下です。ドロップアウトなしで新しい画像の約 9 割を見分けます。",
      "Linear layers have less than half of it. Without dropout it tells about nine tenths of new images apart.",
    ),
    values: { net: "deep", count: 1500, steps: 600 },
  },
};

export interface ConvNet {
  readonly model: Module;
  readonly first: Conv2d;
}

interface NetOptions {
  readonly classes: number;
  /** Of the small AlexNet: its width is that of the full one over this. */
  readonly scale: number;
  /** Those of the full AlexNet. */
  readonly kernels: readonly number[];
}

/** What layers of dropout begin with; experiments set it from step to step. */
const dropout = 0.5;

/** A net for `(N, 3, 32, 32)`, with dropout in its linear layers. */
export function convNet(net: Net, { classes, scale, kernels }: NetOptions): ConvNet {
  if (net === "alexnet") {
    const small = { size: 32, groups: 1, width: 1 / scale, kernels: smallKernels(kernels) } as const;
    const model = new AlexNet({ ...small, classes, dropout });
    return { model, first: model.features.layers[0] as Conv2d };
  }
  const first = net === "double" ? new Conv2d(3, 10, 7, { padding: 1 }) : same(3, 16);
  const layers = net === "double" ? double(first) : deep(first);
  const [inputs, hidden] = net === "double" ? [20 * 14 * 14, 100] : [64 * 4 * 4, 50];
  const linears = [new Linear(inputs, hidden), new ReLU(), new Dropout(dropout), new Linear(hidden, classes)];
  const model = new Sequential(...layers, new Flatten(), ...linears);
  for (const { weight } of model.layers.filter((layer) => layer instanceof Conv2d || layer instanceof Linear)) {
    weight.assign(init.kaimingNormal(weight.shape));
  }
  return { model, first };
}

const same = (from: number, to: number): Conv2d => new Conv2d(from, to, 3, { padding: 1 });

/** 10 kernels of 7 × 7 and 20 of 3 × 3, then pooling: 32 → 28 → 14. */
const double = (first: Module): Module[] => [first, new ReLU(), same(10, 20), new ReLU(), new MaxPool2d(2)];

/** Twice 16, twice 32 and twice 64 kernels of 3 × 3, with pooling after each pair: 32 → 16 → 8 → 4. */
const deep = (first: Module): Module[] => [
  ...[first, new ReLU(), same(16, 16), new ReLU(), new MaxPool2d(2)],
  ...[same(16, 32), new ReLU(), same(32, 32), new ReLU(), new MaxPool2d(2)],
  ...[same(32, 64), new ReLU(), same(64, 64), new ReLU(), new MaxPool2d(2)],
];
