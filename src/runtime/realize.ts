/** Computing: everything above records, and `realize` works. This first version lets the oracle do it. */
import { evaluate } from "../device/reference.ts";
import { dtypes, type HostArray, write } from "../graph/dtype.ts";
import { type Node, topo } from "../graph/node.ts";
import { fromHost, fromRecipe, type Storage, storageOf } from "./storage.ts";

/** What points at a value and can be pointed at another: a Tensor. */
export interface Handle {
  node: Node;
}

/** Assignments that were recorded and not yet computed, oldest first. */
let pending: { old: Storage | null; next: Storage }[] = [];
/** Handles whose values were promised to survive the next update. */
const kept = new Set<Handle>();

/** Computes the nodes of `handles` together, with all pending assignments, and points each handle at its value. */
export async function realize(handles: readonly Handle[], by = "realize"): Promise<void> {
  const targets = [...new Set([...handles, ...kept])].filter((h) => !storageOf(h.node)?.host);
  const roots = targets.map((h) => h.node);
  check(roots, by);
  const assignments = pending;
  pending = []; // also where the check below throws: an update that cannot be made must not block all that follows
  check(
    assignments.map(({ next }) => next.init).filter((n) => n !== null),
    by,
  );
  kept.clear();
  const values = evaluate(roots, (leaf) => hostOf(leaf as Storage));
  for (const { next } of assignments) hostOf(next);
  for (const { old } of assignments) old?.release("gone");
  const leaves = new Map(
    roots.map((n, i): [Node, Node] => [n, storageOf(n) ? n : fromHost(toHost(n, values[i]), n.shape, n.dtype)]),
  );
  for (const h of targets) {
    const leaf = leaves.get(h.node) as Node;
    if (leaf !== h.node) h.node = leaf;
  }
}

/** The value of `n`, in host memory. The array is not the caller's to change. */
export async function read(n: Node, by = "read"): Promise<HostArray> {
  const handle = { node: n };
  await realize([handle], by);
  const storage = storageOf(handle.node) as Storage;
  storage.check(by);
  return hostOf(storage);
}

/**
 * Points `handle` at a value of its own, computed from `value` with the next realize(). What it pointed at is gone then,
 * so that its memory can take the new value.
 */
export function assign(handle: Handle, value: Node): void {
  const old = storageOf(handle.node);
  handle.node = fromRecipe(value, old?.label);
  pending.push({ old, next: storageOf(handle.node) as Storage });
}

/** Promises that `handle` is computed with the next realize(), even if its recipe is stale after that. */
export function keep(handle: Handle): void {
  kept.add(handle);
}

/** Throws, before anything is computed, where `roots` need a value that no longer exists. */
function check(roots: readonly Node[], by: string): void {
  const seen = new Set<Storage>();
  for (let wave = roots; wave.length > 0; ) {
    const recipes: Node[] = [];
    for (const storage of topo(wave).map(storageOf)) {
      if (!storage || seen.has(storage)) continue;
      seen.add(storage);
      storage.check(by);
      if (storage.init) recipes.push(storage.init);
    }
    wave = recipes;
  }
}

/** The values of a storage, computed from its recipe if need be. */
function hostOf(storage: Storage): HostArray {
  if (storage.init) {
    const [value] = evaluate([storage.init], (leaf) => hostOf(leaf as Storage));
    storage.host = toHost(storage.init, value);
    storage.init = null;
  }
  return storage.host as HostArray;
}

function toHost({ dtype }: Node, values: Float64Array): HostArray {
  const host = new dtypes[dtype].array(values.length);
  values.forEach((x, i) => {
    write(host, i, x, dtype);
  });
  return host;
}
