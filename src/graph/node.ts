/** The graph as data: immutable nodes, each the result of one primitive operation on others. */
import type { DType } from "./dtype.ts";
import type { Binary, Unary } from "./expr.ts";
import type { Shape } from "./shape.ts";

/** What each operation needs besides its inputs. */
export interface Args
  extends Record<Exclude<Unary, "cast"> | Binary | "where" | "detach" | "surrogate" | "after", null> {
  /** A value that exists: `leaf` says where (its identity is what counts here). */
  buffer: { readonly leaf: object; readonly shape: Shape; readonly dtype: DType };
  const: { readonly value: number; readonly shape: Shape; readonly dtype: DType };
  /** The position along `axis`, as int32. */
  iota: { readonly axis: number; readonly shape: Shape };
  /** Uniform float32 in [0, 1), 24 bits, from a counter-based generator of key and flat index. */
  random: { readonly key: readonly [number, number]; readonly shape: Shape };
  cast: { readonly dtype: DType };
  /**
   * Reduced axes stay, with size 1. A NaN is the extreme, and an extreme of 0 is +0. `bare`: NaN may be passed over,
   * and the sign of a 0 is open (the compiler's, see `extremes` in simplify.ts). `serial`: elements are added in their order.
   */
  reduce: { readonly op: ReduceOp; readonly axes: readonly number[]; readonly bare?: true; readonly serial?: true };
  /** The first index of the extreme along `axis`, as int32; a NaN is the extreme. The axis stays, with size 1. */
  argReduce: { readonly op: "max" | "min"; readonly axis: number };
  reshape: { readonly shape: Shape };
  /** Axis `i` of the result is axis `order[i]` of the input. */
  permute: { readonly order: readonly number[] };
  expand: { readonly shape: Shape };
  /** Element `i` along an axis is `start + i · step` of the input; steps are not 0. */
  slice: { readonly start: readonly number[]; readonly size: readonly number[]; readonly step: readonly number[] };
  /** `lo` and `hi` elements around, and `interior` between any two; they hold `value`. */
  pad: {
    readonly lo: readonly number[];
    readonly hi: readonly number[];
    readonly interior: readonly number[];
    readonly value: number;
  };
  /** Windows along `axis`: it gets the number of windows, and a last axis of `size` is added. */
  unfold: { readonly axis: number; readonly size: number; readonly stride: number; readonly dilation: number };
  /** `out[…, i, …] = x[…, index[…, i, …], …]` along `axis`; the shapes agree on the other axes. */
  gather: { readonly axis: number };
  /** `base` with the elements of `x` combined in at `index` along `axis`, in the order of the index. */
  scatter: { readonly axis: number; readonly op: "add" | "max" | "set" };
  concat: { readonly axis: number };
  /** `(…, M, K) × (…, K, N) → (…, M, N)` with equal leading axes. `dtype`: of the result, if not that of the factors. */
  matmul: { readonly dtype: DType } | null;
  conv: ConvArg;
  /** Running `op` along `axis`, each element included. */
  scan: { readonly op: "add" | "mul" | "max"; readonly axis: number };
  /** Rows, each made from the one before it: see loop.ts. */
  loop: LoopArg;
  /** The permutation that sorts along `axis`, as int32: stable, NaN last. */
  sort: { readonly axis: number; readonly descending: boolean };
  copy: { readonly device: string };
  /** The first input, with a derivative of its own: from the output's cotangent to those of the other inputs. */
  custom: { readonly vjp: (g: Node) => readonly Node[] };
}
export type OpName = keyof Args;
export type ReduceOp = "add" | "mul" | "max" | "min";

/** Geometry of a convolution, an entry for each spatial axis. */
export interface ConvArg {
  readonly stride: readonly number[];
  /** Zeros before and after; negative ones crop. */
  readonly padding: readonly (readonly [number, number])[];
  readonly dilation: readonly number[];
  /** One more than the zeros between neighbours of the input: this makes a transposed convolution. */
  readonly inputDilation: readonly number[];
  readonly groups: number;
  /** The type of the result, if it is not that of the factors: sums are rounded to it, and factors are not. */
  readonly dtype?: DType;
}

/**
 * `(steps + 1, width)`: row 0 is given, and row t + 1 is made from row t (`reverse`: the last is given, and row t is made
 * from row t + 1). A row is the elements of `results`, one after another; each of them is a graph over what `carries` and
 * `inputs` name. The sources are what results have in the given row, in the order of `given`, and then what the inputs read.
 */
export interface LoopArg {
  readonly steps: number;
  readonly reverse: boolean;
  readonly results: readonly Node[];
  /** The results that have a value in the given row; what others have there is never read. */
  readonly given: readonly number[];
  /** Parts of the row before: `at` counts from its first element. */
  readonly carries: readonly { readonly node: Node; readonly at: number }[];
  readonly inputs: readonly LoopInput[];
  /** As in `custom`. */
  readonly vjp: (g: Node, out: Node<"loop">, src: readonly Node[]) => readonly (Node | null)[];
}

/** What stands in a body for elements of a source: those from `at + t · stride` on, where t is the step. */
export interface LoopInput {
  readonly node: Node;
  readonly at: number;
  /** 0 where the whole source is read in every step. */
  readonly stride: number;
}

/** A value in the graph. It holds no memory: a device gives it some while a plan runs. */
export interface Node<K extends OpName = OpName> {
  readonly op: K;
  readonly src: readonly Node[];
  readonly arg: Args[K];
  readonly shape: Shape;
  readonly dtype: DType;
}

/** Whether `n` is the result of `op`; narrows the type of its argument. */
export function is<K extends OpName>(n: Node, op: K): n is Node<K> {
  return n.op === op;
}

/** Every node that `roots` depend on, inputs before outputs. `leaf` says where to stop. */
export function topo(roots: readonly Node[], leaf: (n: Node) => boolean = () => false): Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  for (const root of roots) {
    if (seen.has(root)) continue;
    seen.add(root);
    const stack = [{ node: root, next: leaf(root) ? root.src.length : 0 }];
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const child = top.node.src[top.next++];
      if (child === undefined) {
        order.push(top.node);
        stack.pop();
      } else if (!seen.has(child)) {
        seen.add(child);
        stack.push({ node: child, next: leaf(child) ? child.src.length : 0 });
      }
    }
  }
  return order;
}

/** `n` with other sources of the same shapes and types: itself, if they are the same. */
export const withSources = (n: Node, src: readonly Node[]): Node =>
  src.every((s, i) => s === n.src[i]) ? n : { ...n, src };

/** What an argument says, as a key: JSON, but for the numbers that JSON lacks: a pad of −∞ is not one of 0. */
export function argumentKey(arg: object): string {
  return JSON.stringify(arg, (_, value: unknown) =>
    typeof value === "number" && !Number.isFinite(value) ? String(value) : Object.is(value, -0) ? "-0" : value,
  );
}
