/** AlexNet (Krizhevsky et al. 2012), as published, and as torchvision has it (Krizhevsky 2014). */
import { ValueError } from "../errors.ts";
import {
  AdaptiveAvgPool2d,
  Conv2d,
  Dropout,
  Identity,
  init,
  Linear,
  LocalResponseNorm,
  MaxPool2d,
  Module,
  ReLU,
  Sequential,
} from "../nn/index.ts";
import { checkCount, checkNumber, checkOptions, print } from "../tensor/arguments.ts";
import { full, type Tensor } from "../tensor.ts";

export interface AlexNetOptions {
  /**
   * "2012", unless given: for images of 227 × 227, with response normalization. "torchvision": the net that torchvision calls
   * alexnet, for 224 × 224, with its weights' names (`"features.0.weight"`).
   */
  variant?: "2012" | "torchvision";
  /** In "2012", 2 unless given: the second, fourth and fifth convolutions have so many groups, as two GPUs had half each. */
  groups?: 1 | 2;
  /** How many numbers come out: 1,000 unless given. */
  classes?: number;
  /** The channels of an image: 3 unless given. */
  channels?: number;
  /** Height and width of an image. Below 67, the first convolution is 5 × 5 with stride 1, such as for the 32 of CIFAR-10. */
  size?: number;
  /** The sizes of the five convolutions' kernels, each odd, such as the published `[11, 5, 3, 3, 3]`. */
  kernels?: readonly number[];
  /** What the counts of channels and of hidden values are multiplied by: 1 unless given. */
  width?: number;
  /** The probability with which hidden values are dropped in training: 0.5 unless given; 0 for none. */
  dropout?: number;
}

/** Channels of the five convolutions, and hidden values. */
const widths = { "2012": [96, 256, 384, 384, 256, 4096], torchvision: [64, 192, 384, 256, 256, 4096] };

/**
 * Five convolutions and three linear layers: `(N, channels, size, size) → (N, classes)`. As published it has 60,965,224 parameters,
 * and 62,378,344 without groups; torchvision's has 61,100,840. `features` ends with the last pooling, and dropout comes in
 * `classifier`.
 */
export class AlexNet extends Module {
  readonly features: Sequential;
  /** Means of 6 × 6 windows, so that images of other sizes go through too, in "torchvision" only. */
  readonly avgpool: Module;
  readonly classifier: Sequential;

  constructor(options: AlexNetOptions = {}) {
    super();
    const names = ["variant", "groups", "classes", "channels", "size", "kernels", "width", "dropout"];
    checkOptions("AlexNet", options, names);
    const { variant = "2012", classes = 1000, channels = 3, width = 1, dropout = 0.5 } = options;
    if (!Object.hasOwn(widths, variant)) {
      const got = `variant ${print(variant)}`;
      throw new ValueError({ in: "AlexNet", got, want: '"2012" or "torchvision"', fix: "Choose one" });
    }
    const isFirst = variant === "2012";
    const { groups = isFirst ? 2 : 1, size = isFirst ? 227 : 224 } = options;
    checkCount("AlexNet", groups, "groups", 1, isFirst ? 2 : 1);
    checkCount("AlexNet", classes, "classes", 1);
    checkCount("AlexNet", channels, "channels", 1);
    checkCount("AlexNet", size, "the size", 15);
    checkNumber("AlexNet", width, "the width", Number.MIN_VALUE, 64);
    checkNumber("AlexNet", dropout, "dropout", 0, 1);

    const scaled = widths[variant].map((n) => Math.max(Math.round((n * width) / groups), 1) * groups);
    const isSmall = size < 67;
    const { kernels = [isSmall ? 5 : 11, 5, 3, 3, 3] } = options;
    checkKernels(kernels, isSmall ? size : 11);
    const [kernel] = kernels;
    const [stride, padding] = isSmall ? [1, half(kernel)] : [4, isFirst ? 0 : 2];
    const conv1 = new Conv2d(channels, scaled[0], kernel, { stride, padding });
    this.features = isFirst ? featuresOf2012(conv1, scaled, kernels, groups) : laterFeatures(conv1, scaled, kernels);
    const first = Math.floor((size + 2 * padding - kernel) / stride) + 1;
    const last = [1, 2, 3].reduce((n) => Math.floor((n - 3) / 2) + 1, first); // after three times of pooling
    const pooled = isFirst ? last : isSmall ? 3 : 6;
    this.avgpool = isFirst ? new Identity() : new AdaptiveAvgPool2d(pooled);

    const [inputs, hidden] = [scaled[4] * pooled * pooled, scaled[5]];
    const drop = (): Module[] => (dropout === 0 ? [new Identity()] : [new Dropout(dropout)]); // names stay what they are
    this.classifier = new Sequential(
      ...drop(),
      new Linear(inputs, hidden),
      new ReLU(),
      ...drop(),
      new Linear(hidden, hidden),
      new ReLU(),
      new Linear(hidden, classes),
    );
    if (isFirst) initialize(this.features, this.classifier, width === 1 && !isSmall);
  }

  override forward(x: Tensor): Tensor {
    return this.classifier.forward(this.avgpool.forward(this.features.forward(x)).flatten(1));
  }
}

/** The padding with which a kernel of an odd size keeps height and width. */
const half = (kernel: number): number => (kernel - 1) / 2;

function checkKernels(kernels: readonly number[], most: number): void {
  const isOne = (k: unknown, i: number): boolean =>
    Number.isInteger(k) && Number(k) % 2 === 1 && Number(k) >= 1 && (i > 0 || Number(k) <= most);
  if (Array.isArray(kernels) && kernels.length === 5 && kernels.every(isOne)) return;
  const want = `five odd numbers, the first at most ${most}`;
  throw new ValueError({
    in: "AlexNet",
    got: `kernels ${print(kernels)}`,
    want,
    fix: "Give [11, 5, 3, 3, 3], or smaller",
  });
}

/** §3.5. Pooling overlaps (§3.4). The sum of squares is not divided by n in §3.3, and it is in PyTorch: α is n = 5 times 10⁻⁴. */
function featuresOf2012(
  conv1: Module,
  [c1, c2, c3, c4, c5]: readonly number[],
  [, k2, k3, k4, k5]: readonly number[],
  groups: number,
): Sequential {
  const respond = (): Module => new LocalResponseNorm(5, { alpha: 5e-4, beta: 0.75, k: 2 });
  const pool = (): Module => new MaxPool2d(3, { stride: 2 });
  return new Sequential({
    conv1, // 227 → 55
    relu1: new ReLU(),
    norm1: respond(),
    pool1: pool(), // → 27
    conv2: new Conv2d(c1, c2, k2, { padding: half(k2), groups }),
    relu2: new ReLU(),
    norm2: respond(),
    pool2: pool(), // → 13
    conv3: new Conv2d(c2, c3, k3, { padding: half(k3) }),
    relu3: new ReLU(),
    conv4: new Conv2d(c3, c4, k4, { padding: half(k4), groups }),
    relu4: new ReLU(),
    conv5: new Conv2d(c4, c5, k5, { padding: half(k5), groups }),
    relu5: new ReLU(),
    pool5: pool(), // → 6
  });
}

/** One column, no response normalization (Krizhevsky 2014, "One weird trick"), in torchvision's order. */
function laterFeatures(
  conv1: Module,
  [c1, c2, c3, c4, c5]: readonly number[],
  [, k2, k3, k4, k5]: readonly number[],
): Sequential {
  const pool = (): Module => new MaxPool2d(3, { stride: 2 });
  return new Sequential(
    conv1, // 224 → 55
    new ReLU(),
    pool(), // → 27
    new Conv2d(c1, c2, k2, { padding: half(k2) }),
    new ReLU(),
    pool(), // → 13
    new Conv2d(c2, c3, k3, { padding: half(k3) }),
    new ReLU(),
    new Conv2d(c3, c4, k4, { padding: half(k4) }),
    new ReLU(),
    new Conv2d(c4, c5, k5, { padding: half(k5) }),
    new ReLU(),
    pool(), // → 6
  );
}

/**
 * §5: weights from N(0, 0.01²); biases 1 in the second, fourth and fifth convolutions and the hidden layers, 0 elsewhere. That
 * fits these widths only; others begin with the deviations of He et al. 2015, and with biases 0.
 */
function initialize(features: Sequential, classifier: Sequential, asPublished: boolean): void {
  const convolutions = features.layers.filter((layer) => layer instanceof Conv2d);
  const linears = classifier.layers.filter((layer) => layer instanceof Linear);
  const ones = new Set<Module>([convolutions[1], convolutions[3], convolutions[4], linears[0], linears[1]]);
  for (const layer of [...convolutions, ...linears]) {
    const { shape } = layer.weight;
    layer.weight.assign(asPublished ? init.normal(shape, 0, 0.01) : init.kaimingNormal(shape));
    layer.bias?.assign(full(layer.bias.shape, asPublished && ones.has(layer) ? 1 : 0));
  }
}
