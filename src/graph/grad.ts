/** Reverse-mode differentiation: a graph in, a graph out. Nothing is computed here, and no operation is known by name. */
import { type Node, topo } from "./node.ts";
import { add, like, ops } from "./ops.ts";

type Rule = (g: Node, out: Node, ...src: readonly Node[]) => (Node | null)[];

/**
 * The vector–Jacobian product of `roots` with respect to each of `wrt`; `seeds` are the cotangents of the roots.
 * Where no gradient flows, the result is null. `leaf` says where cotangents stay, though the graph goes on.
 */
export function vjp(
  roots: readonly Node[],
  seeds: readonly Node[],
  wrt: readonly Node[],
  leaf: (n: Node) => boolean = () => false,
): (Node | null)[] {
  const order = topo(roots, leaf);
  const wanted = new Set<Node>(wrt);
  for (const n of order) if (ops[n.op].vjp && !leaf(n) && n.src.some((s) => wanted.has(s))) wanted.add(n);

  const grads = new Map<Node, Node>();
  const accumulate = (n: Node, g: Node): void => {
    const sofar = grads.get(n);
    grads.set(n, sofar ? add(sofar, g) : g);
  };
  roots.forEach((root, i) => {
    accumulate(root, seeds[i]);
  });
  for (const n of order.toReversed()) {
    const g = grads.get(n);
    const rule = ops[n.op].vjp as Rule | null;
    if (!g || !rule || !wanted.has(n) || leaf(n)) continue;
    rule(g, n, ...n.src).forEach((gi, i) => {
      if (gi && wanted.has(n.src[i])) accumulate(n.src[i], gi);
    });
  }
  return wrt.map((n) => grads.get(n) ?? null);
}

/** As `vjp`, with zeros where no gradient flows. */
export function vjpOrZero(roots: readonly Node[], seeds: readonly Node[], wrt: readonly Node[]): Node[] {
  return vjp(roots, seeds, wrt).map((g, i) => g ?? like(wrt[i], 0));
}
