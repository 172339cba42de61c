/** Operations that put tensors together or repeat their elements. */
import { ShapeError, ValueError } from "../errors.ts";
import { promote } from "../graph/dtype.ts";
import type { Node } from "../graph/node.ts";
import * as g from "../graph/ops.ts";
import { type Shape, sameShape, show } from "../graph/shape.ts";
import { checkAxis, checkCount, checkList, checkOptions, checkShape, print } from "./check.ts";
import { expand, unsqueeze } from "./shape.ts";

function checkSome(op: string, xs: readonly Node[]): void {
  if (xs.length > 0) return;
  throw new ValueError({ in: op, got: "no tensors", want: "at least one", fix: "Check the list" });
}

/** Tensors one after another along `axis`; the other sizes agree. */
export function cat(xs: readonly Node[], axis: number): Node {
  checkSome("cat", xs);
  const at = checkAxis("cat", axis, xs[0].shape.length);
  const others = (x: Node): Shape => x.shape.toSpliced(at, 1);
  const odd = xs.find((x) => x.shape.length !== xs[0].shape.length || !sameShape(others(x), others(xs[0])));
  if (odd) {
    const got = `${show(xs[0].shape)} and ${show(odd.shape)} along axis ${at}`;
    throw new ShapeError({ in: "cat", got, want: "equal sizes on the other axes", fix: "Reshape or cut one of them" });
  }
  const dtype = xs.map((x) => x.dtype).reduce(promote);
  const length = xs.reduce((n, x) => n + x.shape[at], 0);
  checkShape("cat", xs[0].shape.with(at, length));
  return xs.length === 1
    ? xs[0]
    : g.concat(
        xs.map((x) => g.cast(x, dtype)),
        at,
      );
}

/** Tensors of equal shapes side by side along a new axis. */
export function stack(xs: readonly Node[], axis: number): Node {
  checkSome("stack", xs);
  const at = checkAxis("stack", axis, xs[0].shape.length + 1);
  const odd = xs.find((x) => !sameShape(x.shape, xs[0].shape));
  if (odd) {
    const got = `${show(xs[0].shape)} and ${show(odd.shape)}`;
    throw new ShapeError({ in: "stack", got, want: "equal shapes", fix: "Use cat() for tensors of different sizes" });
  }
  return cat(
    xs.map((x) => unsqueeze(x, at)),
    at,
  );
}

/** The whole tensor repeated `counts[i]` times along axis `i`; there may be more counts than axes, but not fewer. */
export function repeat(x: Node, counts: readonly number[], op = "repeat"): Node {
  const times = Array.from(counts, (n) => checkCount(op, n, "count"));
  const added = times.length - x.shape.length;
  if (added < 0) {
    const got = `${times.length} counts for ${x.shape.length} axes`;
    throw new ShapeError({ in: op, got, want: "a count for each axis", fix: "Write 1 for the axes that stay" });
  }
  const sizes = [...Array<number>(added).fill(1), ...x.shape];
  const result = checkShape(
    op,
    sizes.map((d, i) => d * times[i]),
  );
  // Only axes that repeat need an axis of their own, so that the rank stays within the limit.
  const single = sizes.flatMap((d, i) => (times[i] === 1 ? [d] : [1, d]));
  const full = sizes.flatMap((d, i) => (times[i] === 1 ? [d] : [times[i], d]));
  return g.reshape(g.expand(g.reshape(x, single), full), result);
}

/** As repeat; missing counts are 1. */
export function tile(x: Node, counts: readonly number[]): Node {
  const missing = Math.max(x.shape.length - counts.length, 0);
  return repeat(x, [...Array<number>(missing).fill(1), ...counts], "tile");
}

/** Each element along `axis` repeated `count` times in place. */
export function repeatInterleave(x: Node, count: number, axis: number): Node {
  const at = checkAxis("repeatInterleave", axis, x.shape.length);
  const times = checkCount("repeatInterleave", count, "count");
  const result = checkShape("repeatInterleave", x.shape.with(at, x.shape[at] * times));
  const wide = expand(unsqueeze(x, at + 1), x.shape.toSpliced(at + 1, 0, times));
  return g.reshape(wide, result);
}

export interface PadOptions {
  /** What stands in the new places: `value`, the mirrored elements without the edge, the edge, or the other end. */
  mode?: "constant" | "reflect" | "replicate" | "circular";
  value?: number;
}

/**
 * New elements around: `padding` counts them before and after the last axis, then the one before it, and so on, as in
 * PyTorch. Negative counts cut elements off, in mode "constant" only.
 */
export function pad(x: Node, padding: readonly number[], options: PadOptions = {}): Node {
  checkOptions("pad", options, ["mode", "value"]);
  checkList("pad", padding, "counts");
  const { mode = "constant", value = 0 } = options;
  const rank = x.shape.length;
  if (!["constant", "reflect", "replicate", "circular"].includes(mode)) {
    const want = '"constant", "reflect", "replicate" or "circular"';
    throw new ValueError({ in: "pad", got: `mode ${print(mode)}`, want, fix: "Choose one of them" });
  }
  if (padding.length % 2 !== 0 || padding.length > 2 * rank) {
    const got = `${padding.length} counts for ${rank} axes`;
    throw new ShapeError({
      in: "pad",
      got,
      want: "two counts for each axis, the last first",
      fix: "Check the padding",
    });
  }
  let y = x;
  for (let i = 0; i < padding.length / 2; i++) {
    const axis = rank - 1 - i;
    const least = mode === "constant" ? -x.shape[axis] : 0;
    const [lo, hi] = padding.slice(2 * i, 2 * i + 2).map((n) => checkCount("pad", n, "padding", least));
    if (lo !== 0 || hi !== 0)
      y = mode === "constant" ? padConstant(y, axis, lo, hi, value) : padMode(y, axis, lo, hi, mode);
  }
  checkShape("pad", y.shape);
  return y;
}

function padConstant(x: Node, axis: number, lo: number, hi: number, value: number): Node {
  const size = x.shape[axis] + Math.min(lo, 0) + Math.min(hi, 0);
  if (size < 0) {
    const got = `padding [${lo},${hi}] on axis ${axis} of size ${x.shape[axis]}`;
    throw new ShapeError({ in: "pad", got, want: "something left over", fix: "Cut off less" });
  }
  const cut = size === x.shape[axis] ? x : g.take(x, axis, size === 0 ? 0 : Math.max(-lo, 0), size);
  return lo > 0 || hi > 0 ? g.padAxis(cut, axis, Math.max(lo, 0), Math.max(hi, 0), 0, value) : cut;
}

function padMode(x: Node, axis: number, lo: number, hi: number, mode: "reflect" | "replicate" | "circular"): Node {
  const size = x.shape[axis];
  const most = { reflect: size - 1, circular: size, replicate: size === 0 ? 0 : Infinity }[mode];
  if (lo > most || hi > most) {
    const got = `padding ${print([lo, hi])} in mode "${mode}" on axis ${axis} of size ${size}`;
    throw new ShapeError({ in: "pad", got, want: `at most ${Math.max(most, 0)}`, fix: "Pad less, or in another mode" });
  }
  const edge = (at: number, count: number): Node => g.expand(g.take(x, axis, at, 1), x.shape.with(axis, count));
  const before = {
    reflect: () => g.take(x, axis, lo, lo, -1),
    replicate: () => edge(0, lo),
    circular: () => g.take(x, axis, size - lo, lo),
  };
  const after = {
    reflect: () => g.take(x, axis, size - 2, hi, -1),
    replicate: () => edge(size - 1, hi),
    circular: () => g.take(x, axis, 0, hi),
  };
  return g.concat([...(lo > 0 ? [before[mode]()] : []), x, ...(hi > 0 ? [after[mode]()] : [])], axis);
}

/** `(…, C·r², H, W) → (…, C, H·r, W·r)`: channels become finer pixels (Shi et al. 2016). */
export function pixelShuffle(x: Node, factor: number): Node {
  const r = checkCount("pixelShuffle", factor, "factor", 1);
  const rank = x.shape.length;
  if (rank < 3 || x.shape[rank - 3] % (r * r) !== 0) {
    const got = `${show(x.shape)} with factor ${r}`;
    throw new ValueError({ in: "pixelShuffle", got, want: `channels in groups of ${r * r}`, fix: "Check the factor" });
  }
  const [channels, height, width] = x.shape.slice(-3);
  const rest = x.shape.slice(0, -3);
  const c = channels / (r * r);
  const parts = g.reshape(x, [...rest, c, r, r, height, width]);
  const at = rest.length;
  const order = [...rest.keys(), at, at + 3, at + 1, at + 4, at + 2];
  return g.reshape(g.permute(parts, order), [...rest, c, height * r, width * r]);
}
