/**
 * Padding where it is read. A padded value is a walk over memory, and reading it another; so kernels that read each of its
 * elements several times pad by themselves: copies as they copy, convolutions as they copy rows of images (templates/windows.ts),
 * and sums over windows a block at a time, in scratch memory. Where all readers of a padded value do so, nobody needs it any more.
 */
import { add, flatten, scale, variable } from "../graph/affine.ts";
import type { Expr, Var } from "../graph/expr.ts";
import { sizeOf } from "../graph/shape.ts";
import { coordinates } from "./around.ts";
import { readsLines } from "./axes.ts";
import { load } from "./element.ts";
import {
  type Contract,
  exprsOf,
  type Kernel,
  type Loops,
  Rewriter,
  readsOf,
  type Stage,
  type Value,
  visit,
  writesOf,
} from "./kernel.ts";
import { isCut } from "./order.ts";
import { windowsOf } from "./templates/windows.ts";

/** The fewest and the most elements of a block: 64 bytes and 256 KiB of float32. */
const leastInBlock = 16;
const mostInBlock = 1 << 16;
/** The fewest blocks: fewer would be too few items. */
const fewestBlocks = 16;
/** The most operations of a padded value that several kernels may as well do each by itself. */
const fewOps = 4;

/** What padding needs to know of a machine. */
export interface Registers {
  readonly lanes: number;
  readonly registers: number;
  readonly maxBuffers: number;
}

/** A kernel that writes a padded value, and nothing else. */
interface Pad {
  readonly kernel: Loops;
  readonly stage: Stage;
}

const single = (k: Kernel): Stage | null => (k.kind === "loops" && k.stages.length === 1 ? k.stages[0] : null);

const padOf = (k: Kernel): Pad | null => {
  const stage = single(k);
  return k.kind === "loops" && k.inner.size === 0 && stage?.expr.op === "guard" ? { kernel: k, stage } : null;
};

/** The kernels without those paddings that all who read them do by themselves. `copies` (around.ts) and `roots` are values. */
export function padWhereRead(
  kernels: readonly Kernel[],
  values: readonly Value[],
  { copies, roots }: { readonly copies: ReadonlySet<number>; readonly roots: ReadonlySet<number> },
  machine: Registers,
): Kernel[] {
  const now = new Map<Kernel, Kernel>(kernels.map((k) => [k, k]));
  const writers = new Map<number, number>();
  for (const k of kernels) for (const v of writesOf(k)) writers.set(v, (writers.get(v) ?? 0) + 1);
  for (const k of kernels) {
    const pad = padOf(k);
    // Parts of a concatenation have several writers.
    if (!pad || roots.has(pad.stage.value) || writers.get(pad.stage.value) !== 1) continue;
    const readers = kernels.filter((r) => r !== k && now.has(r) && readsOf(now.get(r) as Kernel).has(pad.stage.value));
    if (readers.length > 1 && !isLight(pad.stage.expr)) continue;
    const made = readers.map((r): [Kernel, Kernel | null] => [r, padding(now.get(r) as Kernel, pad)]);
    const hasRoom = (r: Kernel, p: Kernel): boolean =>
      buffersOf(p) <= Math.max(machine.maxBuffers, buffersOf(now.get(r) as Kernel));
    if (!made.every(([r, p]) => p && hasRoom(r, p))) continue;
    for (const [r, p] of made) now.set(r, p as Kernel);
    now.delete(k);
  }
  return [...now.values()];

  function padding(k: Kernel, pad: Pad): Kernel | null {
    if (k.kind === "contract") {
      const made = withRows(k, pad);
      return made && { ...made, needs: pad.kernel.needs ? [...(k.needs ?? []), ...pad.kernel.needs] : k.needs };
    }
    if (k.kind !== "loops") return null;
    const made = k.stages.length === 1 && copies.has(k.stages[0].value) ? paddedCopy(k, pad) : withBlock(k, pad);
    return made && { ...made, needs: pad.kernel.needs ? [...(k.needs ?? []), ...pad.kernel.needs] : k.needs };
  }

  /** What is padded at other places. */
  function movedTo(pad: Pad, at: ReturnType<typeof coordinates>): Expr | null {
    return at && new Rewriter((v) => at[Number(v.name.slice(1))]).expr(pad.stage.expr);
  }

  function paddedCopy(k: Loops, pad: Pad): Loops | null {
    const [copy] = k.stages;
    if (copy.expr.op !== "load") return null;
    const expr = movedTo(pad, coordinates(copy.expr.index, values[pad.stage.value].shape));
    return expr && { ...k, stages: [{ ...copy, expr }] };
  }

  /** A convolution that copies rows of images, if it is one. */
  function withRows(k: Contract, pad: Pad): Contract | null {
    const source = k.window?.source;
    if (!k.window || source?.op !== "load" || source.buffer !== pad.stage.value) return null;
    const { axes } = k.window;
    const expr = movedTo(pad, coordinates(source.index, values[source.buffer].shape));
    if (!expr || exprsOf({ ...k, b: source }).some((e) => e !== source && loadsIn(e, source.buffer).length > 0))
      return null;
    const at = new Map(axes.map((x) => [x.at, add(variable(x.column), scale(variable(x.tap), x.dilation))]));
    const b = new Rewriter((v) => at.get(v)).expr(expr);
    const made: Contract = { ...k, b, window: { ...k.window, source: expr } };
    return windowsOf(made, machine) && made;
  }

  /** A reduction with the padded value as a block of its own, for each iteration of the axes that index it as they are. */
  function withBlock(k: Loops, pad: Pad): Loops | null {
    if (k.inner.size === 0 || k.limits.size > 0 || k.local || isCut(k)) return null;
    const { value } = pad.stage;
    const { shape, dtype } = values[value];
    if (k.axes.reduce((n, v) => n * v.size, 1) < 2 * sizeOf(shape)) return null;
    const reads = loadsOf(k, value).map((e) => coordinates(e.index, shape));
    const [first] = reads;
    if (!first || reads.some((at) => !at)) return null;
    const isCommon = (axis: number): boolean => {
      const [of, ...more] = first[axis].terms;
      if (!of) return shape[axis] === 1;
      const [v, by] = of;
      if (more.length > 0 || by !== 1 || first[axis].base !== 0 || v.size !== shape[axis] || k.inner.has(v))
        return false;
      return reads.every((at) => at?.[axis].terms.size === 1 && at[axis].terms.get(v) === 1);
    };
    const apart = shape.findIndex((_, i) => !isCommon(i));
    const common = first.slice(0, apart).flatMap((a) => [...a.terms.keys()]);
    const inBlock = shape.slice(apart);
    if (apart < 0 || sizeOf(inBlock) < leastInBlock || sizeOf(inBlock) > mostInBlock) return null;
    if (common.reduce((n, v) => n * v.size, 1) < fewestBlocks) return null;
    const axes = inBlock.map((size, i): Var => ({ name: `p${i}`, size }));
    const expr = movedTo(pad, [...first.slice(0, apart), ...axes.map(variable)]);
    if (!expr || !readsLines(expr, axes[axes.length - 1])) return null;
    const rewriter: Rewriter = new Rewriter(
      () => undefined,
      (e) => {
        const at = e.op === "load" && e.buffer === value && coordinates(e.index, shape);
        return at ? load(value, flatten(at.slice(apart), inBlock), dtype) : undefined;
      },
    );
    const stages = k.stages.map((s) => ({ ...s, expr: rewriter.expr(s.expr) }));
    return { ...k, stages, local: { value, common, axes, expr } };
  }
}

const buffersOf = (k: Kernel): number => readsOf(k).size + writesOf(k).length;

type Load = Extract<Expr, { op: "load" }>;

const loadsOf = (k: Kernel, value: number): Load[] => exprsOf(k).flatMap((e) => loadsIn(e, value));

function loadsIn(root: Expr, value: number): Load[] {
  const found: Load[] = [];
  visit([root], (e) => {
    if (e.op === "load" && e.buffer === value) found.push(e);
  });
  return found;
}

/** Operations that take as long as an addition. */
const quick: ReadonlySet<string> = new Set([
  "neg",
  "add",
  "sub",
  "mul",
  "max",
  "min",
  "lt",
  "eq",
  "and",
  "or",
  "where",
]);

/** Whether little is computed. */
function isLight(e: Expr): boolean {
  let count = 0;
  visit([e], (x) => {
    if ("src" in x) count += quick.has(x.op) ? 1 : fewOps + 1;
  });
  return count <= fewOps;
}
