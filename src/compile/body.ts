/**
 * The body of a loop as a graph by itself, for the compiler: what changes from step to step has become leaves and roots,
 * each with its place in a row. A result that is a concatenation becomes several, side by side; where the body multiplies
 * with it, it reads them from the row that is being made.
 */
import { closed, offsetsOf } from "../graph/loop.ts";
import { is, type LoopArg, type Node, topo, withSources } from "../graph/node.ts";
import * as g from "../graph/ops.ts";
import { sizeOf } from "../graph/shape.ts";
import { simplify } from "./simplify.ts";

/** Elements of a source, or of the loop's own rows: from `at + t · stride` on in step t. */
export interface Window {
  readonly of: number | "rows";
  readonly at: number;
  readonly stride: number;
}

export interface Body {
  readonly roots: readonly Node[];
  /** Where roots lie, in order, and where leaves do. */
  readonly written: readonly Window[];
  readonly read: ReadonlyMap<object, Window>;
}

export function bodyOf(given: LoopArg): Body {
  const arg = closed(given);
  const { reverse, carries, inputs } = arg;
  const offsets = offsetsOf(arg.results);
  const width = offsets[arg.results.length];
  const [before, now] = reverse ? [width, 0] : [0, width];
  const read = new Map<object, Window>();
  const leafOf = (n: Node): object => (n as Node<"buffer">).arg.leaf;
  for (const { node, at } of carries) read.set(leafOf(node), { of: "rows", at: before + at, stride: width });
  inputs.forEach(({ node, at, stride }, of) => void read.set(leafOf(node), { of, at, stride }));

  const results = simplify(arg.results);
  const roots: Node[] = [];
  const written: Window[] = [];
  const twins = new Map<Node, { readonly whole: Node; readonly parts: readonly Node[] }>();
  const seen = new Map<Node, number>();
  results.forEach((r, k) => {
    let at = now + offsets[k];
    const parts = partsOf(r).map((part) => {
      // What is there already is put here too, by a node that is no other's twin.
      const before = (seen.get(part) ?? 0) + (part.op === "buffer" ? 1 : 0);
      seen.set(part, (seen.get(part) ?? 0) + 1);
      const shape = [...new Array<number>(Math.max(before - 1, 0)).fill(1), ...part.shape];
      return before > 0 ? g.node("reshape", [part], { shape }) : part;
    });
    if (parts.length > 1 && !twins.has(r)) {
      const leaf = {};
      read.set(leaf, { of: "rows", at, stride: width });
      twins.set(r, { whole: g.node("buffer", [], { leaf, shape: r.shape, dtype: r.dtype }), parts });
    }
    for (const part of parts) {
      roots.push(part);
      written.push({ of: "rows", at, stride: width });
      at += sizeOf(part.shape);
    }
  });

  // What reads a concatenation reads its parts where they are, when they are there.
  const done = new Map<Node, Node>();
  const rebuilt = (n: Node): Node => {
    const known = done.get(n);
    if (known) return known;
    const twin = twins.get(n);
    const src = n.src.map((s) => done.get(s) as Node);
    const made = twin ? twin.parts.reduce((x, part) => g.after(x, rebuilt(part)), twin.whole) : withSources(n, src);
    done.set(n, made);
    return made;
  };
  for (const n of topo([...results, ...roots])) rebuilt(n);
  return { roots: roots.map((r) => done.get(r) as Node), written, read };
}

/** A concatenation whose parts lie one after another in memory. */
function partsOf(r: Node): readonly Node[] {
  return is(r, "concat") && r.shape.slice(0, r.arg.axis).every((d) => d === 1) ? r.src : [r];
}
