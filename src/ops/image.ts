/** Operations on images, or anything with spatial axes after `(N, C)`: resampling, and windows as columns. */
import { LimitError, ShapeError, ValueError } from "../errors.ts";
import { span, windows } from "../graph/conv.ts";
import { vjpOrZero } from "../graph/grad.ts";
import type { Node } from "../graph/node.ts";
import * as g from "../graph/ops.ts";
import { show, sizeOf } from "../graph/shape.ts";
import { autocast } from "./autocast.ts";
import {
  broadcastTo,
  checkCount,
  checkFloat,
  checkNumber,
  checkOptions,
  checkRank,
  checkShape,
  maxDim,
  print,
} from "./check.ts";
import { batched, type PerAxis, perAxis } from "./conv.ts";
import { add, clamp, floorDivide, mul, sub } from "./elementwise.ts";
import { indexSelect } from "./index.ts";
import { repeatInterleave } from "./join.ts";
import { matmul } from "./linalg.ts";

export interface InterpolateOptions {
  /** The spatial sizes of the result; either this or `scale`. */
  size?: PerAxis;
  /** What the spatial sizes are multiplied by, rounded down. */
  scale?: PerAxis;
  /** The nearest element, or straight lines between neighbours along each axis (PyTorch's bilinear and so on). */
  mode?: "nearest" | "linear";
  /** Whether the centers of the first and last elements stay where they are, or the edges of the image. */
  alignCorners?: boolean;
}

/** `(N, C, …)` resampled to other spatial sizes. */
export function interpolate(x: Node, options: InterpolateOptions): Node {
  const op = "interpolate";
  checkOptions(op, options, ["size", "scale", "mode", "alignCorners"]);
  const { mode = "nearest", alignCorners = false } = options;
  if (mode !== "nearest" && mode !== "linear") {
    throw new ValueError({ in: op, got: `mode ${print(mode)}`, want: '"nearest" or "linear"', fix: "Choose one" });
  }
  checkFloat(op, x);
  checkRank(op, x, [3, 4, 5], "(N, C, …) with 1 to 3 spatial axes");
  if (x.shape.slice(2).includes(0)) {
    throw new ShapeError({ in: op, got: show(x.shape), want: "images that are not empty", fix: "Check the input" });
  }
  return sizesOf(x, options).reduce((y, { size, ratio }, i) => {
    return mode === "nearest" ? nearest(y, i + 2, size, ratio) : linear(y, i + 2, size, ratio, alignCorners);
  }, x);
}

/** The size of each spatial axis of the result, and how far apart its elements are in the input. */
function sizesOf(x: Node, { size, scale }: InterpolateOptions): { size: number; ratio: number }[] {
  const op = "interpolate";
  const spatial = x.shape.slice(2);
  if ((size === undefined) === (scale === undefined)) {
    const got = size === undefined ? "neither size nor scale" : "both size and scale";
    throw new ValueError({ in: op, got, want: "one of them", fix: "Choose one" });
  }
  if (size !== undefined) {
    return perAxis(op, size, "size", spatial.length, 1).map((n, i) => ({ size: n, ratio: spatial[i] / n }));
  }
  const factors = typeof scale === "object" ? Array.from(scale) : spatial.map(() => scale as number);
  if (factors.length !== spatial.length) {
    const want = `a number, or ${spatial.length} of them`;
    throw new ValueError({ in: op, got: `scale ${print(scale)}`, want, fix: "Check scale" });
  }
  return factors.map((factor, i) => {
    const length = Math.floor(spatial[i] * checkNumber(op, factor, "scale", Number.MIN_VALUE, Number.MAX_VALUE));
    if (length > maxDim) {
      const got = `a size of about ${length.toExponential(0)}`;
      throw new LimitError({ in: op, got, want: `at most ${maxDim}`, fix: "Choose a smaller scale" });
    }
    return { size: checkCount(op, length, "the resulting size", 1), ratio: 1 / factor };
  });
}

function nearest(x: Node, axis: number, size: number, ratio: number): Node {
  const length = x.shape[axis];
  if (size === length) return x; // for any ratio, and so with twice the length, as in PyTorch
  checkShape("interpolate", x.shape.with(axis, size));
  if (size === 2 * length || (size % length === 0 && ratio === length / size))
    return repeatInterleave(x, size / length, axis);
  const i = g.iota(0, [size]);
  const exact = ratio === length / size && length * size < 2 ** 31;
  const at = exact ? floorDivide(mul(i, length), size) : g.cast(g.floor(mul(g.cast(i, "float32"), ratio)), "int32");
  return indexSelect(x, axis, clamp(at, { max: length - 1 }));
}

/** A product with the matrix of weights: each output lies between two inputs, and has a part of each. */
function linear(x: Node, axis: number, size: number, ratio: number, alignCorners: boolean): Node {
  const length = x.shape[axis];
  if (size === length && !alignCorners) return x;
  const shape = checkShape("interpolate", [length, size]);
  const dtype = x.dtype === "float64" ? "float64" : "float32"; // halves cannot count far enough
  const [from, to] = [g.cast(g.iota(0, shape), dtype), g.cast(g.iota(1, shape), dtype)];
  const corner = size > 1 ? (length - 1) / (size - 1) : 0;
  const position = alignCorners ? mul(to, corner) : sub(mul(add(to, 0.5), ratio), 0.5);
  const distance = sub(clamp(position, { min: 0, max: length - 1 }), from);
  const weights = clamp(sub(1, g.max(distance, g.neg(distance))), { min: 0 });
  const last = x.shape.length - 1;
  const between = autocast("float32", () => matmul(g.transpose(x, axis, last), g.cast(weights, x.dtype)));
  return g.transpose(between, axis, last);
}

export interface WindowOptions {
  stride?: PerAxis;
  padding?: PerAxis;
  dilation?: PerAxis;
}

/** `(N, C, H, W) → (N, C·h·w, L)`: the elements of each window of size `(h, w)` as a column (im2col). */
export function unfoldWindows(x: Node, kernel: PerAxis, options: WindowOptions = {}, op = "unfold"): Node {
  checkOptions(op, options, ["stride", "padding", "dilation"]);
  return batched(x, 4, (x) => {
    checkRank(op, x, [4], "(N, C, H, W), or without N");
    const size = perAxis(op, kernel, "kernel size", 2, 1);
    const stride = perAxis(op, options.stride ?? 1, "stride", 2, 1);
    const padding = perAxis(op, options.padding ?? 0, "padding", 2, 0);
    const dilation = perAxis(op, options.dilation ?? 1, "dilation", 2, 1);
    let y = x;
    size.forEach((k, i) => {
      const length = x.shape[i + 2] + 2 * padding[i];
      if (windows(length, k, stride[i], dilation[i]) === 0) {
        const got = `windows of ${span(k, dilation[i])} on axis ${i + 2} of ${show(x.shape)}`;
        throw new ShapeError({ in: op, got, want: `at most ${length}`, fix: "Pad more, or use a smaller kernel" });
      }
      if (padding[i] > 0) y = g.padAxis(y, i + 2, padding[i], padding[i]);
      y = g.unfold(y, { axis: i + 2, size: k, stride: stride[i], dilation: dilation[i] });
    });
    const [n, c, rows, columns] = y.shape;
    const ordered = g.permute(y, [0, 1, 4, 5, 2, 3]);
    return g.reshape(ordered, checkShape(op, [n, c * size[0] * size[1], rows * columns]));
  });
}

/** `(N, C·h·w, L) → (N, C, H, W)`: the sum of all windows at their places, the transpose of `unfoldWindows` (col2im). */
export function foldWindows(x: Node, output: PerAxis, kernel: PerAxis, options: WindowOptions = {}): Node {
  return batched(x, 3, (x) => {
    checkRank("fold", x, [3], "(N, C·h·w, L), or without N");
    const [height, width] = perAxis("fold", output, "output size", 2, 1);
    const area = sizeOf(perAxis("fold", kernel, "kernel size", 2, 1));
    const image = g.fill(0, checkShape("fold", [x.shape[0], x.shape[1] / area, height, width].map(Math.ceil)), x.dtype);
    const columns = unfoldWindows(image, kernel, options, "fold");
    if (columns.shape[1] !== x.shape[1] || columns.shape[2] !== x.shape[2]) {
      const got = `columns of ${show(x.shape)} for an image of [${height},${width}]`;
      const want = `${columns.shape[2]} columns of a multiple of ${area} elements`;
      throw new ShapeError({ in: "fold", got, want, fix: "Check the sizes" });
    }
    return vjpOrZero([columns], [x], [image])[0];
  });
}

/** `(…, C, H·r, W·r) → (…, C·r², H, W)`: fine pixels become channels. */
export function pixelUnshuffle(x: Node, factor: number): Node {
  const r = checkCount("pixelUnshuffle", factor, "factor", 1);
  const rank = x.shape.length;
  if (rank < 3 || x.shape[rank - 2] % r !== 0 || x.shape[rank - 1] % r !== 0) {
    const got = `${show(x.shape)} with factor ${r}`;
    throw new ValueError({ in: "pixelUnshuffle", got, want: `sizes that ${r} divides`, fix: "Check the factor" });
  }
  const [c, height, width] = x.shape.slice(-3);
  const rest = x.shape.slice(0, -3);
  const at = rest.length;
  const parts = g.reshape(x, [...rest, c, height / r, r, width / r, r]);
  const order = [...rest.keys(), at, at + 2, at + 4, at + 1, at + 3];
  return g.reshape(g.permute(parts, order), [...rest, c * r * r, height / r, width / r]);
}

/** Coordinate grids: a vector for each axis gives a tensor for each, in the shape of all. The first axis is the rows. */
export function meshgrid(xs: readonly Node[]): Node[] {
  for (const x of xs) checkRank("meshgrid", x, [1], "vectors");
  const shape = checkShape(
    "meshgrid",
    xs.map((x) => x.shape[0]),
  );
  return xs.map((x, i) =>
    broadcastTo(
      g.reshape(
        x,
        shape.map((d, a) => (a === i ? d : 1)),
      ),
      shape,
    ),
  );
}
