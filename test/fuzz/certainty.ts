/** How far the result of an operation can be foretold: to the bit, or within a bound. */
import { type DType, dtypes, isFloat } from "../../src/graph/dtype.ts";
import { is, type Node } from "../../src/graph/node.ts";
import { sizeOf } from "../../src/graph/shape.ts";
import type { Certainty } from "./program.ts";

/** What is known of a value: multiples of `grain` of at most `most`, but for what is not finite. */
export interface Known {
  readonly certainty: Certainty;
  readonly most: number;
  /** 0 where the elements have no common measure. */
  readonly grain: number;
}

const mantissa: Partial<Record<DType, number>> = { float16: 11, bfloat16: 8, float32: 24, float64: 53 };

const greatest = (dtype: DType): number => Math.max(...dtypes[dtype].range.map(Math.abs));

/** What is known of an integer, whatever it is. */
export const integer = (dtype: DType, certainty: Certainty = "exact"): Known => ({
  certainty: certainty === "bounded" ? "bounded" : "exact",
  most: greatest(dtype),
  grain: 1,
});

/** What is known of a result, from what is known of the inputs. */
export function certaintyOf(n: Node, src: readonly Known[]): Known {
  const has = (c: Certainty): boolean => src.some((s) => s.certainty === c);
  const worst: Certainty = has("bounded") ? "bounded" : has("determined") ? "determined" : "exact";
  if (!isFloat(n.dtype)) return integer(n.dtype, worst);

  const [a, b] = src;
  const rounded = (most: number, grain: number, certainty: Certainty = worst): Known => {
    const fits = grain > 0 && most / grain <= 2 ** (mantissa[n.dtype] ?? 0) && most <= dtypes[n.dtype].range[1];
    return { certainty: certainty === "exact" && !fits ? "determined" : certainty, most, grain: fits ? grain : 0 };
  };
  /** Exact, or a matter of order. */
  const inAnyOrder = (k: Known): Known => (k.certainty === "exact" ? k : { ...k, certainty: "bounded" });
  const sum = (count: number, most: number, grain: number): Known =>
    count <= 1 ? rounded(most, grain) : inAnyOrder(rounded(count * most, worst === "exact" ? grain : 0));
  const product = (count: number): Known =>
    count <= 1 ? a : inAnyOrder(rounded(Math.max(a.most, 1) ** count, Math.min(a.grain, 1) ** count));
  const reduced = (op: string, count: number): Known =>
    op === "add" ? sum(count, a.most, a.grain) : op === "mul" ? product(count) : a;
  const most = Math.max(0, ...src.map((s) => s.most));
  const grain = Math.min(...src.map((s) => s.grain));

  if (is(n, "const")) {
    const size = Number.isFinite(n.arg.value) ? Math.abs(n.arg.value) : 0;
    return rounded(size, [1, 0.5, 0.25, 0.125].find((g) => size % g === 0) ?? 0, "exact");
  }
  if (is(n, "random")) return rounded(1, 2 ** -24);
  if (is(n, "pad")) {
    const value = Number.isFinite(n.arg.value) ? Math.abs(n.arg.value) : 0;
    return rounded(Math.max(a.most, value), Math.min(a.grain, 1));
  }
  if (is(n, "reduce")) return reduced(n.arg.op, sizeOf(n.src[0].shape) / Math.max(sizeOf(n.shape), 1));
  if (is(n, "scan")) return reduced(n.arg.op, n.shape[n.arg.axis]);
  if (n.op === "matmul" || n.op === "conv") {
    const [x, w] = n.src;
    const count = n.op === "matmul" ? x.shape[x.shape.length - 1] : sizeOf(w.shape.slice(1));
    return sum(count + 1, a.most * b.most, a.grain * b.grain); // a fused multiply-add may round a product once or twice
  }
  if (is(n, "scatter")) {
    const [all, step] = [Math.max(a.most, src[2].most), Math.min(a.grain, src[2].grain)];
    return n.arg.op === "add" ? sum(n.src[1].shape[n.arg.axis] + 1, all, step) : rounded(all, step);
  }
  if (is(n, "gather")) return { ...a, certainty: worst };
  switch (n.op) {
    case "add":
      return rounded(a.most + b.most, grain);
    case "mul":
      return rounded(a.most * b.most, a.grain * b.grain);
    case "where":
      return rounded(Math.max(b.most, src[2].most), Math.min(b.grain, src[2].grain));
    case "div":
    case "sqrt":
      return { certainty: worst === "bounded" ? "bounded" : "determined", most, grain: 0 };
    case "floor":
      return rounded(a.most + 1, Math.max(a.grain, 1));
    case "exp":
    case "log":
    case "sin":
    case "cos":
    case "tanh":
    case "erf":
    case "pow":
      return { certainty: "bounded", most, grain: 0 };
    default:
      return rounded(most, grain);
  }
}
