/**
 * The structure of a graph as a string: graphs that differ only in the values of leaves, numbers and random keys have
 * the same, and share a plan.
 */
import { argumentKey, is, type LoopArg, type Node, topo } from "../graph/node.ts";
import { isStructural } from "./element.ts";
import type { Target } from "./plan.ts";

export interface Structure {
  readonly key: string;
  /** What the key leaves open, in the order of the key: equal structures agree on it place by place. */
  readonly leaves: readonly object[];
  readonly numbers: readonly Node[];
}

export function structureOf(
  roots: readonly Node[],
  targets: readonly Target[],
  onHost: (leaf: object) => boolean,
): Structure {
  const ids = new Map<Node, number>();
  const leaves = new Map<object, number>();
  const numbers: Node[] = [];
  const parts: string[] = [];
  const leafOf = (leaf: object): number => {
    let at = leaves.get(leaf);
    if (at === undefined) {
      at = leaves.size;
      leaves.set(leaf, at);
    }
    return at;
  };
  const describe = (order: readonly Node[], ids: Map<Node, number>, bound: ReadonlyMap<Node, number>): void => {
    for (const n of order) {
      ids.set(n, ids.size);
      const name = bound.get(n);
      let arg: string;
      if (name !== undefined) {
        parts.push(`^${name}${n.dtype}[${n.shape}]`);
        continue;
      }
      if (is(n, "buffer")) arg = `${onHost(n.arg.leaf) ? "h" : "d"}${leafOf(n.arg.leaf)}`;
      else if (is(n, "const")) {
        if (isStructural(n)) arg = Object.is(n.arg.value, -0) ? "-0" : String(n.arg.value);
        else {
          arg = "";
          numbers.push(n);
        }
      } else if (is(n, "random")) {
        arg = "";
        numbers.push(n);
      } else if (is(n, "loop")) arg = describeBody(n.arg);
      else arg = n.arg === null ? "" : argumentKey(n.arg);
      let sources = "";
      for (const s of n.src) sources += `${ids.get(s)},`;
      parts.push(`${n.op}(${sources}${arg})${n.dtype}[${n.shape}]`);
    }
  };
  /** A body stands before its loop; a number in it counts like any other. */
  const describeBody = ({ steps, reverse, results, given, carries, inputs }: LoopArg): string => {
    const bound = new Map([...carries, ...inputs].map(({ node }, i) => [node, i]));
    const within = new Map<Node, number>();
    parts.push("{");
    describe(
      topo(results, (n) => bound.has(n)),
      within,
      bound,
    );
    parts.push("}");
    const places = [...carries.map(({ at }) => at), ...inputs.map(({ at, stride }) => `${at}+${stride}`)];
    return `${steps}${reverse ? "r" : ""}:${results.map((r) => within.get(r))}:${given}:${places}`;
  };
  describe(topo(roots), ids, new Map());
  roots.forEach((root, i) => {
    const target = targets[i];
    parts.push(`=${ids.get(root)}:${typeof target === "string" ? target : leafOf(target.replaces)}`);
  });
  return { key: parts.join(";"), leaves: [...leaves.keys()], numbers };
}
