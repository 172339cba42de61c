/** Axes as the indices of a kernel would have them: joined where all walk them as one, cut where some divide them. */
import { add, scale, variable } from "../graph/affine.ts";
import type { Affine, Var } from "../graph/expr.ts";
import { areOne, asOne, usesOf } from "./axes.ts";
import { exprsOf, type Loops, Rewriter } from "./kernel.ts";
import { runsAlongRows } from "./order.ts";

/**
 * Cuts axes that indices divide (by the stride of a pooling, say) into quotient and remainder, so that no index has to
 * be divided, and strides can be told.
 */
export function untangle(k: Loops): Loops {
  let now = k;
  const rows = runsAlongRows(k);
  for (const v of k.axes) {
    if (rows && k.inner.has(v)) continue; // its order is that of the row
    const by = divisorOf(now, v);
    if (!by || v.size % by !== 0 || v.size === by || now.limits.size > 0) continue;
    const [quotient, remainder]: Var[] = [
      { name: `${v.name}q`, size: v.size / by },
      { name: `${v.name}r`, size: by },
    ];
    const value = add(scale(variable(quotient), by), variable(remainder));
    now = replaceAxes(now, [v], [quotient, remainder], new Map([[v, value]]));
  }
  return now;
}

/** The least number by which indices divide `v`; null where they do not. */
function divisorOf(k: Loops, v: Var): number | null {
  let least: number | null = null;
  const look = (a: Affine): void => {
    for (const { def } of a.terms.keys()) {
      if (!def || def.op === "data") continue;
      if (def.of.terms.size === 1 && def.of.terms.get(v) === 1) least = Math.min(least ?? def.by, def.by);
      else look(def.of);
    }
  };
  const { memory, other } = usesOf(
    exprsOf(k),
    k.stages.map((s) => s.index),
  );
  [...memory, ...other].forEach(look);
  return least;
}

/** `k` with neighbouring axes `old` replaced by `fresh`. */
function replaceAxes(k: Loops, old: readonly Var[], fresh: readonly Var[], to: ReadonlyMap<Var, Affine>): Loops {
  const rewriter = new Rewriter((v) => to.get(v));
  const at = k.axes.indexOf(old[0]);
  return {
    ...k,
    axes: [...k.axes.slice(0, at), ...fresh, ...k.axes.slice(at + old.length)],
    inner: new Set([...k.inner].filter((v) => !old.includes(v)).concat(k.inner.has(old[0]) ? fresh : [])),
    stages: k.stages.map((s) => ({ ...s, index: rewriter.affine(s.index), expr: rewriter.expr(s.expr) })),
    local: k.local && {
      ...k.local,
      common: k.local.common.flatMap((v) => (v === old[0] ? fresh : old.includes(v) ? [] : [v])),
      expr: rewriter.expr(k.local.expr),
    },
  };
}

/** Joins neighbouring axes that every index walks as one. */
export function collapse(k: Loops): Loops {
  let now = k;
  for (let i = k.axes.length - 2; i >= 0; i--) {
    const [a, b] = [now.axes[i], now.axes[i + 1]];
    if (now.inner.has(a) !== now.inner.has(b) || now.limits.size > 0) continue;
    if (now.local?.common.includes(a) !== now.local?.common.includes(b)) continue;
    if (
      !areOne(
        a,
        b,
        usesOf(
          exprsOf(now),
          now.stages.map((s) => s.index),
        ),
      )
    )
      continue;
    const both: Var = { name: `${a.name}_`, size: a.size * b.size };
    now = replaceAxes(now, [a, b], [both], asOne(a, b, both));
  }
  return now;
}
