/** Computing on the reference device: the oracle interprets the graph, each operation rounded to its dtype. */
import { evaluate } from "../device/reference.ts";
import { dtypes, type HostArray, write } from "../graph/dtype.ts";
import type { Node } from "../graph/node.ts";
import { fromStorage, Storage, storageOf } from "./storage.ts";

/** Computes the nodes of `handles` and the assigned values, all from the values as they were before. */
export function interpretAll(handles: readonly { node: Node }[], assignments: readonly { next: Storage }[]): void {
  const roots = handles.map((h) => h.node);
  const values = evaluate(roots, (leaf) => hostOf(leaf as Storage));
  for (const { next } of assignments) hostOf(next);
  const made = new Map<Node, Node>();
  roots.forEach((n, i) => {
    if (storageOf(n)) made.set(n, n);
    else made.set(n, fromStorage(new Storage({ shape: n.shape, dtype: n.dtype, host: toHost(n, values[i]) })));
  });
  for (const h of handles) h.node = made.get(h.node) as Node;
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
