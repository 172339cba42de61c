/** Convolutions of one, two and three dimensions, and their transposes. `(N, C, …)` with `(K, C/groups, …)` → `(N, K, …)`. */
import { DTypeError, ShapeError, ValueError } from "../errors.ts";
import { convSizes, span } from "../graph/conv.ts";
import type { ConvArg, Node } from "../graph/node.ts";
import * as g from "../graph/ops.ts";
import { show } from "../graph/shape.ts";
import { convolution } from "./autocast.ts";
import { broadcastTo, checkCount, checkOptions, checkRank, checkShape, print } from "./check.ts";

/** One number for all spatial axes, or one for each. */
export type PerAxis = number | readonly number[];

export interface ConvOptions {
  stride?: PerAxis;
  /** Zeros around; `"same"` keeps the size (with stride 1), the odd one behind. */
  padding?: PerAxis | "same" | "valid";
  dilation?: PerAxis;
  /** Channels in and out fall into so many groups that do not mix. */
  groups?: number;
}

export interface ConvTransposeOptions {
  stride?: PerAxis;
  padding?: PerAxis;
  /** Extra size on one side: several input sizes of a strided convolution give the same output size. */
  outputPadding?: PerAxis;
  dilation?: PerAxis;
  groups?: number;
}

/** A whole number of at least `min` for each of `n` spatial axes. */
export function perAxis(op: string, value: PerAxis, name: string, n: number, min: number): number[] {
  const list = typeof value === "object" ? Array.from(value) : Array<number>(n).fill(value);
  if (list.length !== n) {
    const want = `a number, or ${n} of them`;
    throw new ValueError({ in: op, got: `${name} ${print(value)}`, want, fix: `Check ${name}` });
  }
  return list.map((v) => checkCount(op, v, name, min));
}

function checkGroups(op: string, groups: number, channels: number, name: string): void {
  checkCount(op, groups, "groups", 1);
  if (channels % groups === 0) return;
  const got = `${groups} groups of ${channels} ${name} channels`;
  throw new ValueError({ in: op, got, want: "groups of equal size", fix: "Choose groups that divide the channels" });
}

function checkOperands(
  op: string,
  n: number,
  x: Node,
  w: Node,
  channels: number,
  bias: Node | null,
  out: number,
): void {
  checkRank(op, x, [n + 2], `an input of (N, C, ${["L", "H, W", "D, H, W"][n - 1]}), or without N`);
  checkRank(op, w, [n + 2], `a weight of ${n + 2} axes`);
  const odd = [w, ...(bias ? [bias] : [])].find((t) => t.dtype !== x.dtype);
  if (odd) {
    const got = `${x.dtype} and ${odd.dtype}`;
    throw new DTypeError({ in: op, got, want: "tensors of one type", fix: `Convert with to("${x.dtype}")` });
  }
  const isEmpty = channels === 0 || w.shape.includes(0);
  if (isEmpty || x.shape[1] !== channels) {
    const got = `an input of ${show(x.shape)} with a weight of ${show(w.shape)}`;
    const want = isEmpty ? "at least one channel and one weight" : `an input of ${channels} channels`;
    throw new ShapeError({ in: op, got, want, fix: "Check the layer's channels and groups" });
  }
  if (bias && (bias.shape.length !== 1 || bias.shape[0] !== out)) {
    const got = `a bias of ${show(bias.shape)}`;
    throw new ShapeError({ in: op, got, want: `[${out}]`, fix: "Give one number for each output channel" });
  }
}

/** The convolution node, if all its sizes are at least 1. */
function convolve(op: string, x: Node, w: Node, arg: ConvArg): Node {
  const sizes = convSizes(x.shape, w.shape, arg);
  if (sizes.some((d) => d < 1) || x.shape.slice(2).includes(0)) {
    throw new ShapeError({
      in: op,
      got: `an input of ${show(x.shape)} with a weight of ${show(w.shape)}`,
      want: "a kernel that fits into the padded input at least once",
      fix: "Pad more, or use a smaller kernel",
    });
  }
  checkShape(op, [x.shape[0], w.shape[0], ...sizes]);
  return convolution(x, w, arg);
}

const addBias = (y: Node, bias: Node | null): Node =>
  bias ? g.add(y, broadcastTo(g.reshape(bias, [bias.shape[0], ...y.shape.slice(2).map(() => 1)]), y.shape)) : y;

/** Runs `f` on a batch: an input without a batch axis is a batch of one. */
export function batched(x: Node, rank: number, f: (x: Node) => Node): Node {
  if (x.shape.length !== rank - 1) return f(x);
  const y = f(g.reshape(x, [1, ...x.shape]));
  return g.reshape(y, y.shape.slice(1));
}

function conv(n: 1 | 2 | 3, x: Node, w: Node, bias: Node | null, options: ConvOptions): Node {
  const op = `conv${n}d`;
  checkOptions(op, options, ["stride", "padding", "dilation", "groups"]);
  return batched(x, n + 2, (x) => {
    const { groups = 1, padding = 0 } = options;
    const stride = perAxis(op, options.stride ?? 1, "stride", n, 1);
    const dilation = perAxis(op, options.dilation ?? 1, "dilation", n, 1);
    checkGroups(op, groups, w.shape[0], "output");
    if (x.shape.length === n + 2) checkGroups(op, groups, x.shape[1], "input");
    if (groups > 1 && x.shape.length === n + 2 && w.shape.length === n + 2 && w.shape[1] * groups !== x.shape[1]) {
      const got = `${groups} groups of ${show(x.shape)} with a weight of ${show(w.shape)}`;
      const want = `a weight of ${x.shape[1] / groups} input channels, those of a group`;
      throw new ValueError({ in: op, got, want, fix: "Check groups" });
    }
    checkOperands(op, n, x, w, w.shape[1] * groups, bias, w.shape[0]);
    const around = paddingOf(op, padding, n, w, stride, dilation);
    const arg: ConvArg = { stride, padding: around, dilation, inputDilation: Array(n).fill(1), groups };
    return addBias(convolve(op, x, w, arg), bias);
  });
}

function paddingOf(
  op: string,
  padding: PerAxis | "same" | "valid",
  n: number,
  w: Node,
  stride: readonly number[],
  dilation: readonly number[],
): [number, number][] {
  if (typeof padding !== "string") return perAxis(op, padding, "padding", n, 0).map((p) => [p, p]);
  if (padding === "valid") return Array.from({ length: n }, () => [0, 0]);
  if (padding !== "same" || stride.some((s) => s !== 1)) {
    const got = padding === "same" ? `padding "same" with stride ${print(stride)}` : `padding ${print(padding)}`;
    throw new ValueError({ in: op, got, want: 'numbers, "valid", or "same" with stride 1', fix: "Check padding" });
  }
  return dilation.map((d, i) => {
    const total = span(w.shape[i + 2], d) - 1;
    return [Math.floor(total / 2), Math.ceil(total / 2)];
  });
}

/** `x: (N, C, L)`, `w: (K, C/groups, size)`, `bias: (K)` → `(N, K, L′)`. */
export const conv1d = (x: Node, w: Node, bias: Node | null = null, options: ConvOptions = {}): Node =>
  conv(1, x, w, bias, options);
/** `x: (N, C, H, W)`, `w: (K, C/groups, h, w)`, `bias: (K)` → `(N, K, H′, W′)`. */
export const conv2d = (x: Node, w: Node, bias: Node | null = null, options: ConvOptions = {}): Node =>
  conv(2, x, w, bias, options);
/** `x: (N, C, D, H, W)`, `w: (K, C/groups, d, h, w)`, `bias: (K)` → `(N, K, D′, H′, W′)`. */
export const conv3d = (x: Node, w: Node, bias: Node | null = null, options: ConvOptions = {}): Node =>
  conv(3, x, w, bias, options);

/**
 * The gradient of a convolution with respect to its input, as an operation: a convolution of the input with zeros between
 * its elements, and the flipped kernel.
 */
function convTranspose(n: 1 | 2 | 3, x: Node, w: Node, bias: Node | null, options: ConvTransposeOptions): Node {
  const op = `convTranspose${n}d`;
  checkOptions(op, options, ["stride", "padding", "outputPadding", "dilation", "groups"]);
  return batched(x, n + 2, (x) => {
    const { groups = 1 } = options;
    const stride = perAxis(op, options.stride ?? 1, "stride", n, 1);
    const dilation = perAxis(op, options.dilation ?? 1, "dilation", n, 1);
    const padding = perAxis(op, options.padding ?? 0, "padding", n, 0);
    const extra = perAxis(op, options.outputPadding ?? 0, "outputPadding", n, 0);
    extra.forEach((e, i) => {
      const limit = Math.max(stride[i], dilation[i]) - 1;
      if (e > limit) checkCount(op, e, "outputPadding", 0, limit);
    });
    checkGroups(op, groups, w.shape[0], "input");
    checkOperands(op, n, x, w, w.shape[0], bias, w.shape[1] * groups);
    const [c, k, spatial] = [w.shape[0] / groups, w.shape[1], w.shape.slice(2)];
    const flipped = spatial.reduce((acc, _, i) => g.flip(acc, i + 2), w);
    const grouped = g.reshape(flipped, [groups, c, k, ...spatial]);
    const turned = g.permute(grouped, [0, 2, 1, ...spatial.map((_, i) => i + 3)]);
    const weight = g.reshape(turned, [groups * k, c, ...spatial]);
    const around = padding.map((p, i): [number, number] => {
      const reach = span(spatial[i], dilation[i]) - 1;
      return [reach - p, reach - p + extra[i]];
    });
    const arg: ConvArg = { stride: Array(n).fill(1), padding: around, dilation, inputDilation: stride, groups };
    return addBias(convolve(op, x, weight, arg), bias);
  });
}

/** `x: (N, C, L)`, `w: (C, K/groups, size)`, `bias: (K)` → `(N, K, L′)`. */
export const convTranspose1d = (x: Node, w: Node, bias: Node | null = null, options: ConvTransposeOptions = {}): Node =>
  convTranspose(1, x, w, bias, options);
/** `x: (N, C, H, W)`, `w: (C, K/groups, h, w)`, `bias: (K)` → `(N, K, H′, W′)`. */
export const convTranspose2d = (x: Node, w: Node, bias: Node | null = null, options: ConvTransposeOptions = {}): Node =>
  convTranspose(2, x, w, bias, options);
/** `x: (N, C, D, H, W)`, `w: (C, K/groups, d, h, w)`, `bias: (K)` → `(N, K, D′, H′, W′)`. */
export const convTranspose3d = (x: Node, w: Node, bias: Node | null = null, options: ConvTransposeOptions = {}): Node =>
  convTranspose(3, x, w, bias, options);
