/**
 * Where gradients go: which leaves of a graph want them, and through which values that were computed meanwhile they have to
 * pass. The derivatives themselves are graph/grad.ts.
 */
import { isFloat } from "../graph/dtype.ts";
import { vjp } from "../graph/grad.ts";
import { type Node, topo } from "../graph/node.ts";
import { add, ops } from "../graph/ops.ts";
import { storageOf } from "../runtime/storage.ts";

/** Something that can be given a gradient: a parameter, or a leaf that asks for one. */
export interface Wanting {
  readonly requiresGrad: boolean;
}

/** Whose leaf a storage is. The tensor is not kept alive by it. */
const owners = new WeakMap<object, WeakRef<Wanting>>();
/** How a stored value was computed, and the leaves that make that worth knowing: those that want a gradient. */
interface Origin {
  readonly recipe: Node;
  readonly wanting: ReadonlySet<Node>;
}
const origins = new WeakMap<object, Origin>();

/** Lets gradients of the leaf `n` go to `owner`. */
export function own(n: Node, owner: Wanting): void {
  const storage = storageOf(n);
  if (storage) owners.set(storage, new WeakRef(owner));
}

/** Lets gradients of the leaf `n` no longer go to `owner`. */
export function disown(n: Node, owner: Wanting): void {
  const storage = storageOf(n);
  if (storage && owners.get(storage)?.deref() === owner) owners.delete(storage);
}

/** Remembers that the value in the leaf `n` was computed as `recipe`, if that matters to anybody. */
export function remember(n: Node, recipe: Node): void {
  const storage = storageOf(n);
  const wanting = new Set<Node>();
  for (const leaf of leavesOf(recipe)) {
    if (ownerOf(leaf)) wanting.add(leaf);
    else for (const further of originOf(leaf)?.wanting ?? []) wanting.add(further);
  }
  if (storage && wanting.size > 0) origins.set(storage, { recipe, wanting });
}

/** Forgets how the value in the leaf `n` was computed: it is a value of its own. */
export function forget(n: Node): void {
  const storage = storageOf(n);
  if (storage) origins.delete(storage);
}

function ownerOf(n: Node): Wanting | undefined {
  const storage = storageOf(n);
  const owner = storage?.state === "live" ? owners.get(storage)?.deref() : undefined;
  return owner?.requiresGrad ? owner : undefined;
}

/**
 * The origin of a stored value, which is forgotten once all that wanted a gradient has been updated: a sum over many steps
 * would otherwise keep the graphs of all of them.
 */
function originOf(n: Node): Origin | undefined {
  const storage = storageOf(n);
  const origin = storage ? origins.get(storage) : undefined;
  if (!storage || !origin) return undefined;
  for (const leaf of origin.wanting) if (ownerOf(leaf)) return origin;
  origins.delete(storage);
  return undefined;
}

/** The buffers that a gradient of `root` reaches, not by way of `inputs`. */
function leavesOf(root: Node, inputs: readonly Node[] = []): Node[] {
  const stops = (n: Node): boolean => ops[n.op].vjp === null || !isFloat(n.dtype) || inputs.includes(n);
  return topo([root], stops).filter((n) => n.op === "buffer" && isFloat(n.dtype));
}

/** The leaves that a gradient of `n` reaches, not by way of `inputs`, and that want one. */
export function wantingLeaves(n: Node, inputs: readonly Node[] = []): Node[] {
  return leavesOf(n, inputs).filter((leaf) => ownerOf(leaf) || originOf(leaf));
}

/** Whether a gradient of `n` would reach anything that wants one. */
export function gradientFlows(n: Node): boolean {
  return wantingLeaves(n).length > 0;
}

/** The gradients of `root`, whose own is `seed`, for every tensor that wants one. */
export function gradients(root: Node, seed: Node): Map<Wanting, Node> {
  const found = new Map<Wanting, Node>();
  const passing = new Map<Node, Node>([[root, seed]]);
  const accumulate = <K>(map: Map<K, Node>, key: K, g: Node): void => {
    const sofar = map.get(key);
    map.set(key, sofar ? add(sofar, g) : g);
  };
  for (const n of segments(root)) {
    const g = passing.get(n);
    const start = originOf(n)?.recipe ?? n;
    const wanted = wantingLeaves(start);
    if (!g || wanted.length === 0) continue;
    vjp([start], [g], wanted).forEach((gradient, i) => {
      const owner = ownerOf(wanted[i]);
      if (gradient && owner) accumulate(found, owner, gradient);
      else if (gradient) accumulate(passing, wanted[i], gradient);
    });
  }
  return found;
}

/** `root`, and the stored values that it was computed from by way of others, each before those it was computed from. */
function segments(root: Node): Node[] {
  const stored = (n: Node): Node[] => leavesOf(originOf(n)?.recipe ?? n).filter((leaf) => leaf !== n && originOf(leaf));
  const order: Node[] = [];
  const seen = new Set([root]);
  const stack = [{ node: root, next: stored(root) }];
  for (let top = stack.at(-1); top; top = stack.at(-1)) {
    const child = top.next.pop();
    if (!child) {
      order.push(top.node);
      stack.pop();
    } else if (!seen.has(child)) {
      seen.add(child);
      stack.push({ node: child, next: stored(child) });
    }
  }
  return order.reverse();
}
