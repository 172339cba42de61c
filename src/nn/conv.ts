/** Convolutions and their transposes, over the last one, two or three axes. An input without the batch axis N works too. */
import { ValueError } from "../errors.ts";
import {
  type ConvOptions,
  type ConvTransposeOptions,
  checkCount,
  checkOptions,
  type PerAxis,
  print,
} from "../tensor/arguments.ts";
import * as F from "../tensor.ts";
import { Parameter, type Tensor, uniform } from "../tensor.ts";
import { checkWindows, type Rank, spatial } from "./geometry.ts";
import { checkInput, checkTensor, Module } from "./module.ts";

export interface ConvLayerOptions extends ConvOptions {
  /** Whether to add a learned bias; true unless given. */
  bias?: boolean;
  /** What stands in the padding: zeros, unless given. */
  paddingMode?: "zeros" | "reflect" | "replicate" | "circular";
}
export interface ConvTransposeLayerOptions extends ConvTransposeOptions {
  /** Whether to add a learned bias; true unless given. */
  bias?: boolean;
}

const modes = ["zeros", "reflect", "replicate", "circular"];

function checkGroups(layer: string, groups: number, inputs: number, outputs: number): void {
  checkCount(layer, inputs, "the input channels", 1);
  checkCount(layer, outputs, "the output channels", 1);
  checkCount(layer, groups, "groups", 1);
  if (inputs % groups === 0 && outputs % groups === 0) return;
  const got = `${groups} groups for ${inputs} channels in and ${outputs} out`;
  throw new ValueError({ in: layer, got, want: "groups of equal size", fix: "Choose a divisor of both" });
}

/** PyTorch's default initialization: Kaiming uniform with a = √5 for the weight, and the same bound for the bias. */
function initialize(shape: readonly number[], outputs: number, bias: boolean): [Parameter, Parameter | null] {
  const bound = 1 / Math.sqrt(shape.slice(1).reduce((a, b) => a * b, 1));
  const weight = new Parameter(uniform(shape, -bound, bound));
  return [weight, bias ? new Parameter(uniform([outputs], -bound, bound)) : null];
}

abstract class Conv extends Module {
  /** `(outputs, inputs / groups, …size)` */
  readonly weight: Parameter;
  /** `(outputs)` */
  readonly bias: Parameter | null;
  readonly stride: PerAxis;
  readonly padding: PerAxis | "same" | "valid";
  readonly dilation: PerAxis;
  readonly groups: number;
  readonly paddingMode: "zeros" | "reflect" | "replicate" | "circular";
  readonly #rank: Rank;

  constructor(rank: Rank, inputs: number, outputs: number, size: PerAxis, options: ConvLayerOptions) {
    super();
    checkOptions(this.constructor.name, options, ["stride", "padding", "dilation", "groups", "bias", "paddingMode"]);
    const { stride = 1, padding = 0, dilation = 1, groups = 1, bias = true, paddingMode = "zeros" } = options;
    const sizes = checkWindows(this.constructor.name, rank, size, options);
    if (!modes.includes(paddingMode)) {
      const [got, want] = [`the paddingMode ${print(paddingMode)}`, modes.map(print).join(", ")];
      throw new ValueError({ in: this.constructor.name, got, want, fix: "Choose one of them" });
    }
    checkGroups(this.constructor.name, groups, inputs, outputs);
    [this.weight, this.bias] = initialize([outputs, inputs / groups, ...sizes], outputs, bias);
    this.stride = stride;
    this.padding = padding;
    this.dilation = dilation;
    this.groups = groups;
    this.paddingMode = paddingMode;
    this.#rank = rank;
  }

  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    const n = this.#rank;
    const channels = this.weight.shape[1] * this.groups;
    const fits = (x.ndim === n + 2 || x.ndim === n + 1) && x.shape[x.ndim - n - 1] === channels;
    checkInput(this, x, fits, `(N, ${channels}, ${spatial[n - 1]})`);
    const { stride, dilation, groups } = this;
    const conv = [F.conv1d, F.conv2d, F.conv3d][n - 1];
    if (this.paddingMode === "zeros" || this.padding === "valid") {
      return conv(x, this.weight, this.bias, { stride, padding: this.padding, dilation, groups });
    }
    const padded = x.pad(this.#around(), { mode: this.paddingMode });
    return conv(padded, this.weight, this.bias, { stride, dilation, groups });
  }

  /** How much to pad before and after each axis, the last one first. */
  #around(): number[] {
    const { padding, dilation } = this;
    const per = (value: PerAxis, axis: number): number => (typeof value === "number" ? value : value[axis]);
    const sizes = this.weight.shape.slice(2);
    const pairs = sizes.map((size, axis) => {
      if (typeof padding !== "string") return [per(padding, axis), per(padding, axis)];
      const total = per(dilation, axis) * (size - 1);
      return [Math.floor(total / 2), Math.ceil(total / 2)];
    });
    return pairs.reverse().flat();
  }
}

/** `(N, inputs, L) → (N, outputs, L′)`. */
export class Conv1d extends Conv {
  constructor(inputs: number, outputs: number, size: PerAxis, options: ConvLayerOptions = {}) {
    super(1, inputs, outputs, size, options);
  }
}
/** `(N, inputs, H, W) → (N, outputs, H′, W′)`. */
export class Conv2d extends Conv {
  constructor(inputs: number, outputs: number, size: PerAxis, options: ConvLayerOptions = {}) {
    super(2, inputs, outputs, size, options);
  }
}
/** `(N, inputs, D, H, W) → (N, outputs, D′, H′, W′)`. */
export class Conv3d extends Conv {
  constructor(inputs: number, outputs: number, size: PerAxis, options: ConvLayerOptions = {}) {
    super(3, inputs, outputs, size, options);
  }
}

abstract class ConvTranspose extends Module {
  /** `(inputs, outputs / groups, …size)` */
  readonly weight: Parameter;
  /** `(outputs)` */
  readonly bias: Parameter | null;
  readonly stride: PerAxis;
  readonly padding: PerAxis;
  readonly outputPadding: PerAxis;
  readonly dilation: PerAxis;
  readonly groups: number;
  readonly #rank: Rank;

  constructor(rank: Rank, inputs: number, outputs: number, size: PerAxis, options: ConvTransposeLayerOptions) {
    super();
    const names = ["stride", "padding", "outputPadding", "dilation", "groups", "bias"];
    checkOptions(this.constructor.name, options, names);
    const { stride = 1, padding = 0, outputPadding = 0, dilation = 1, groups = 1, bias = true } = options;
    const sizes = checkWindows(this.constructor.name, rank, size, options);
    checkGroups(this.constructor.name, groups, inputs, outputs);
    [this.weight, this.bias] = initialize([inputs, outputs / groups, ...sizes], outputs, bias);
    this.stride = stride;
    this.padding = padding;
    this.outputPadding = outputPadding;
    this.dilation = dilation;
    this.groups = groups;
    this.#rank = rank;
  }

  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    const n = this.#rank;
    const [channels] = this.weight.shape;
    const fits = (x.ndim === n + 2 || x.ndim === n + 1) && x.shape[x.ndim - n - 1] === channels;
    checkInput(this, x, fits, `(N, ${channels}, ${spatial[n - 1]})`);
    const { stride, padding, outputPadding, dilation, groups } = this;
    const conv = [F.convTranspose1d, F.convTranspose2d, F.convTranspose3d][n - 1];
    return conv(x, this.weight, this.bias, { stride, padding, outputPadding, dilation, groups });
  }
}

/** The gradient of Conv1d as a layer: `(N, inputs, L) → (N, outputs, L′)`, longer by the stride. */
export class ConvTranspose1d extends ConvTranspose {
  constructor(inputs: number, outputs: number, size: PerAxis, options: ConvTransposeLayerOptions = {}) {
    super(1, inputs, outputs, size, options);
  }
}
/** `(N, inputs, H, W) → (N, outputs, H′, W′)`. */
export class ConvTranspose2d extends ConvTranspose {
  constructor(inputs: number, outputs: number, size: PerAxis, options: ConvTransposeLayerOptions = {}) {
    super(2, inputs, outputs, size, options);
  }
}
/** `(N, inputs, D, H, W) → (N, outputs, D′, H′, W′)`. */
export class ConvTranspose3d extends ConvTranspose {
  constructor(inputs: number, outputs: number, size: PerAxis, options: ConvTransposeLayerOptions = {}) {
    super(3, inputs, outputs, size, options);
  }
}
