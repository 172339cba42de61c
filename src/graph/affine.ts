/**
 * Index arithmetic. An index is affine in the loop variables, `base + Σ coef · v`, and each variable runs over
 * 0 … size − 1. Knowing the ranges, a division or a remainder usually folds away; where it does not, it becomes a
 * variable of its own. The coefficient of the innermost loop is the stride, which is what a vectorizer asks for.
 */
import type { Affine, Var } from "./expr.ts";
import type { Shape } from "./shape.ts";

const none: ReadonlyMap<Var, number> = new Map();

export const constant = (base: number): Affine => ({ base, terms: none });
export const variable = (v: Var): Affine => (v.size === 1 ? constant(0) : { base: 0, terms: new Map([[v, 1]]) });

export function add(a: Affine, b: Affine): Affine {
  if (b.terms.size === 0) return b.base === 0 ? a : { base: a.base + b.base, terms: a.terms };
  const terms = new Map(a.terms);
  for (const [v, coef] of b.terms) {
    const sum = (terms.get(v) ?? 0) + coef;
    if (sum === 0) terms.delete(v);
    else terms.set(v, sum);
  }
  return { base: a.base + b.base, terms };
}

export function scale(a: Affine, by: number): Affine {
  if (by === 1) return a;
  if (by === 0) return constant(0);
  return { base: a.base * by, terms: new Map([...a.terms].map(([v, coef]) => [v, coef * by])) };
}

/** The least and greatest value of `a`. */
export function range(a: Affine): [number, number] {
  let [lo, hi] = [a.base, a.base];
  for (const [v, coef] of a.terms) {
    if (coef > 0) hi += coef * (v.size - 1);
    else lo += coef * (v.size - 1);
  }
  return [lo, hi];
}

/** `floor(a / by)` and `a mod by`. */
export function divmod(a: Affine, by: number): [Affine, Affine] {
  if (by === 1) return [a, constant(0)];
  const whole = new Map<Var, number>();
  const rest = new Map<Var, number>();
  for (const [v, coef] of a.terms) {
    if (coef % by === 0) whole.set(v, coef / by);
    else rest.set(v, coef);
  }
  const shift = Math.floor(range({ base: a.base, terms: rest })[0] / by);
  const quotient: Affine = { base: shift, terms: whole };
  const remainder: Affine = { base: a.base - shift * by, terms: rest };
  const [, hi] = range(remainder);
  if (hi < by) return [quotient, remainder];
  const parts = coarse(remainder, by);
  if (parts) {
    // The fine part is too small to change the quotient.
    const [q, r] = divmod(parts.steps, by / parts.unit);
    return [add(quotient, q), add(scale(r, parts.unit), parts.fine)];
  }
  const named = (op: "div" | "mod", size: number): Affine =>
    variable({ name: op, size, def: { op, of: remainder, by } });
  return [add(quotient, named("div", Math.floor(hi / by) + 1)), named("mod", by)];
}

/** `a` as `unit · steps + fine`, where `unit` divides `by` and `fine` is less than it; null where there is no such unit. */
function coarse(a: Affine, by: number): { unit: number; steps: Affine; fine: Affine } | null {
  const terms = [...a.terms].sort(([, p], [, q]) => Math.abs(q) - Math.abs(p));
  let unit = by;
  for (let i = 0; i < terms.length; i++) {
    unit = greatestDivisor(unit, Math.abs(terms[i][1]));
    if (unit === 1) return null;
    const fine: Affine = { base: ((a.base % unit) + unit) % unit, terms: new Map(terms.slice(i + 1)) };
    const [lo, hi] = range(fine);
    if (lo < 0 || hi >= unit) continue;
    const steps = new Map(terms.slice(0, i + 1).map(([v, coef]) => [v, coef / unit]));
    return { unit, steps: { base: (a.base - fine.base) / unit, terms: steps }, fine };
  }
  return null;
}

const greatestDivisor = (a: number, b: number): number => (b === 0 ? a : greatestDivisor(b, a % b));

/** The position in memory of element `at` of a contiguous tensor. */
export function flatten(at: readonly Affine[], shape: readonly number[]): Affine {
  return recombine(at.reduce((flat, a, i) => add(scale(flat, shape[i]), a), constant(0)));
}

/** Puts together what `divmod` took apart: `b · floor(x / b) + x mod b` is `x`. */
function recombine(a: Affine): Affine {
  for (const [v, coef] of a.terms) {
    const { def } = v;
    if (def?.op !== "mod") continue;
    for (const [w, other] of a.terms) {
      if (w.def?.op !== "div" || w.def.by !== def.by || other !== coef * def.by) continue;
      if (w.def.of !== def.of && keyOf(w.def.of) !== keyOf(def.of)) continue;
      const rest = new Map(a.terms);
      rest.delete(v);
      rest.delete(w);
      return recombine(add({ base: a.base, terms: rest }, scale(def.of, coef)));
    }
  }
  return a;
}

/** The index of the element at position `flat` of a contiguous tensor: the inverse of `flatten`. */
export function unflatten(flat: Affine, shape: readonly number[]): Affine[] {
  const at: Affine[] = [];
  for (const size of shape.toReversed()) {
    const [outer, inner] = divmod(flat, Math.max(size, 1));
    at.unshift(inner);
    flat = outer;
  }
  return at;
}

/**
 * The index, in a tensor of shape `to`, of the element that has index `at` in one of shape `from` with the same elements.
 * Axes that both have are kept as they are: where a guard says that an index is not out of range, only it knows.
 */
export function reshaped(at: readonly Affine[], from: Shape, to: Shape): Affine[] {
  if (from.includes(0)) return unflatten(flatten(at, from), to);
  const out: Affine[] = [];
  for (let [i, j] = [from.length, to.length]; i > 0 || j > 0; ) {
    if (from[i - 1] === 1) i--;
    else if (to[j - 1] === 1) {
      out.unshift(constant(0));
      j--;
    } else {
      const [ends, others] = [i, j];
      let [size, other] = [from[--i], to[--j]];
      while (size !== other)
        if (size < other) size *= from[--i];
        else other *= to[--j];
      const part = at.slice(i, ends);
      if (part.length === 1 && others - j === 1) out.unshift(part[0]);
      else out.unshift(...unflatten(flatten(part, from.slice(i, ends)), to.slice(j, others)));
    }
  }
  return out;
}

/** `a` with every variable replaced by what `by` gives for it; divisions and remainders are taken anew. */
export function substitute(a: Affine, by: (v: Var) => Affine | undefined): Affine {
  let out = constant(a.base);
  for (const [v, coef] of a.terms) {
    let value = by(v);
    if (!value && v.def && v.def.op !== "data") {
      const of = substitute(v.def.of, by);
      if (of !== v.def.of) value = divmod(of, v.def.by)[v.def.op === "div" ? 0 : 1];
    }
    out = add(out, scale(value ?? variable(v), coef));
  }
  return out;
}

/** Equal indices have equal keys. */
export function keyOf(a: Affine): string {
  return `${[...a.terms].map(([v, coef]) => `${coef}*${nameOf(v)}`).join("+")}+${a.base}`;
}

const dataNames = new WeakMap<object, string>();
let dataCount = 0;

/** A name that tells variables of one kernel apart. */
export function nameOf(v: Var): string {
  if (!v.def) return v.name;
  if (v.def.op !== "data") return `${v.def.op}(${keyOf(v.def.of)},${v.def.by})`;
  let name = dataNames.get(v.def.of);
  if (!name) {
    name = `data${dataCount++}`;
    dataNames.set(v.def.of, name);
  }
  return name;
}
