/** The computations that the compiler is shown on: small enough to read, and what networks are made of. */
import { crossEntropy, type Shape, scaledDotProductAttention, type Tensor, tensor } from "../index.ts";
import { LeNet5 } from "../models/index.ts";
import { LayerNorm, Linear, type Module, ReLU, Sequential } from "../nn/index.ts";
import type { Text } from "./text.ts";

export interface Graph {
  readonly title: Text;
  /** Tensors that are computed together. */
  make(): Promise<readonly Tensor[]>;
}

/** Data on the device, as a batch would be. */
function data(label: string, shape: Shape): Promise<Tensor> {
  const x = tensor(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape);
  x.label = label;
  return x.realize();
}

/** The loss of a classifier and the gradients of all its parameters. */
async function stepOf(model: Module, shape: Shape): Promise<readonly Tensor[]> {
  model.state(); // gives parameters their names
  const x = await data("images", shape);
  const labels = tensor(new Int32Array(shape[0]));
  labels.label = "labels";
  const loss = crossEntropy(model.forward(x), await labels.realize());
  loss.backward();
  return [loss, ...model.parameters().flatMap(({ grad }) => grad ?? [])];
}

const all: Record<string, Graph> = {
  softmax: {
    title: { en: "softmax over the rows of (64, 1000)", ja: "(64, 1000) の各行の softmax" },
    make: async () => [(await data("x", [64, 1000])).softmax(-1)],
  },
  "linear-relu": {
    title: { en: "a linear layer and ReLU: (64, 784) → (64, 128)", ja: "全結合層と ReLU: (64, 784) → (64, 128)" },
    async make() {
      const layer = new Sequential(new Linear(784, 128), new ReLU());
      layer.state();
      return [layer.forward(await data("x", [64, 784]))];
    },
  },
  "layer-norm": {
    title: { en: "layer normalization of (64, 256)", ja: "(64, 256) のレイヤー正規化" },
    async make() {
      const layer = new LayerNorm(256);
      layer.state();
      return [layer.forward(await data("x", [64, 256]))];
    },
  },
  matmul: {
    title: { en: "the product of two matrices of (256, 256)", ja: "(256, 256) の行列どうしの積" },
    make: async () => [(await data("a", [256, 256])).matmul(await data("b", [256, 256]))],
  },
  attention: {
    title: { en: "attention of 4 heads over 64 positions of 32", ja: "4 ヘッド、64 位置、32 次元のアテンション" },
    async make() {
      const [q, k, v] = await Promise.all(["query", "key", "value"].map((label) => data(label, [1, 4, 64, 32])));
      return [scaledDotProductAttention(q, k, v)];
    },
  },
  "mlp-step": {
    title: {
      en: "loss and gradients of an MLP of 784, 128, 10 on 64 images",
      ja: "画像 64 枚に対する MLP（784、128、10）の損失と勾配",
    },
    make: () => stepOf(new Sequential(new Linear(784, 128), new ReLU(), new Linear(128, 10)), [64, 784]),
  },
  "lenet-step": {
    title: {
      en: 'loss and gradients of the network of "start" on 64 images',
      ja: '画像 64 枚に対する、"start" のネットワークの損失と勾配',
    },
    make: () => stepOf(new LeNet5(), [64, 1, 28, 28]),
  },
};

export const graphs: ReadonlyMap<string, Graph> = new Map(Object.entries(all));
