/** A graph, lowered as far as it goes without a device: kernels in loop IR and in vector IR, and the values they pass on. */
import { dtypes } from "../graph/dtype.ts";
import type { Node } from "../graph/node.ts";
import { is } from "../graph/node.ts";
import type { Context } from "./bind.ts";
import { type Body, bodyOf } from "./body.ts";
import { type Fused, fuse } from "./fuse.ts";
import { exprsOf, hasFloat64, type Kernel, type Repeat, readsOf, writesOf } from "./kernel.ts";
import { checkLoops, type LoopKernel } from "./loops.ts";
import { planted } from "./planted.ts";
import { scheduleLoops } from "./schedule.ts";
import { simplify } from "./simplify.ts";
import { splitReduction } from "./split.ts";
import { scheduleContract } from "./templates/contract.ts";
import { scheduleScan } from "./templates/scan.ts";
import { scheduleScatter } from "./templates/scatter.ts";
import { scheduleSort } from "./templates/sort.ts";
import { withoutUnread } from "./unread.ts";
import type { Dot } from "./vector-ir.ts";

/** What lowering must know of a machine: its vectors, registers, and how many buffers a kernel may have. */
export interface Machine {
  readonly lanes: number;
  readonly registers: number;
  readonly maxBuffers: number;
  /** Narrow types of which it adds up products by itself: none unless given. */
  readonly dots?: readonly Dot[];
  /** Those of them that it multiplies as tiles. */
  readonly tiles?: readonly Dot[];
}

export interface Lowered extends Fused {
  readonly simplified: readonly Node[];
  /** One for each kernel but loops, in their order. */
  readonly loops: readonly LoopKernel[];
  readonly bodies: ReadonlyMap<Kernel, LoweredBody>;
}

/** The body of a loop, lowered by itself, and where its values lie. */
export interface LoweredBody extends Body {
  readonly lowered: Lowered;
}

/** Set in tests: every pass is followed by the check of what it made. */
export const checks: { on: boolean } = { on: false };

export function lower(roots: readonly Node[], machine: Machine, isBody = false): Lowered {
  const simplified = simplify(withoutUnread(roots), machine.dots);
  const fused = fuse(simplified, { ...machine, siblings: isBody });
  const { values } = fused;
  const context = contextOf(fused, machine, () => true);
  const cut = planted.kernels?.(fused.kernels) ?? fused.kernels;
  const kernels = cut.flatMap((k): Kernel[] =>
    k.kind === "loops"
      ? splitReduction(k, (shape, dtype) => values.push({ id: values.length, shape, dtype, leaf: null }) - 1)
      : [k],
  );
  const kept = new Set(fused.roots);
  for (const k of kernels) for (const v of readsOf(k)) kept.add(v);
  const bodies = new Map<Kernel, LoweredBody>();
  const loops = kernels.flatMap((k): LoopKernel[] => {
    if (k.kind === "repeat") {
      const body = bodyOf(k.arg);
      bodies.set(k, { ...body, lowered: lower(body.roots, machine, true) });
      return [];
    }
    const made = schedule(k, { ...context, isKept: (v) => kept.has(v) });
    return [planted.loops?.(made) ?? made];
  });
  if (checks.on) loops.forEach(checkLoops);
  return { ...fused, kernels, simplified, loops, bodies };
}

/** Schedules one more kernel for a graph that is lowered already. */
export function scheduleAlone(k: Exclude<Kernel, Repeat>, lowered: Lowered, machine: Machine): LoopKernel {
  return schedule(
    k,
    contextOf(lowered, machine, () => true),
  );
}

const computesFloat64 = (k: Kernel, { values }: Context): boolean =>
  writesOf(k).some((v) => values[v].dtype === "float64") || exprsOf(k).some(hasFloat64);

function contextOf(
  { values, numbers }: Fused,
  { lanes, registers, dots = [], tiles = [] }: Machine,
  isKept: Context["isKept"],
): Context {
  const types = numbers.map(({ node }) => (is(node, "random") ? "int32" : dtypes[node.dtype].compute));
  return { values, numbers: types, lanes, registers, dots, tiles, isKept };
}

function schedule(k: Exclude<Kernel, Repeat>, given: Context): LoopKernel {
  const context = computesFloat64(k, given) ? { ...given, lanes: 1 } : given; // of which no vector holds any
  switch (k.kind) {
    case "loops":
      return scheduleLoops(k, context);
    case "contract":
      return scheduleContract(k, context);
    case "scan":
      return scheduleScan(k, context);
    case "scatter":
      return scheduleScatter(k, context);
    case "sort":
      return scheduleSort(k, context);
    default:
      return k satisfies never;
  }
}
