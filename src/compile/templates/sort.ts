/**
 * Sort: a bitonic network (Batcher 1968) on pairs of value and index. Ties are broken by the index, so the order is
 * total: the result is the stable one. NaN comes last. Rows are padded with indices past the end, which are last of all.
 */
import { add, constant, scale, variable } from "../../graph/affine.ts";
import type { Affine, Expr, Var } from "../../graph/expr.ts";
import { intoItems } from "../axes.ts";
import { bind, type Context, nest, Scratches } from "../bind.ts";
import { guard, inDoubt, load } from "../element.ts";
import { Rewriter, type Sort } from "../kernel.ts";
import type { LoopKernel, Stmt } from "../loops.ts";

const bool = (op: "lt" | "eq" | "and" | "or", a: Expr, b: Expr): Expr => ({ op, src: [a, b], dtype: "bool" });

export function scheduleSort(k: Sort, context: Context): LoopKernel {
  const n = k.along.size;
  let size = 1;
  while (size < n) size *= 2;
  const scratches = new Scratches();
  const keyType = k.dtype === "bool" ? "int32" : k.dtype;
  const [keys, order] = [scratches.add(keyType, size), scratches.add("int32", size)];
  const { levels, to } = intoItems(k.axes, size * Math.log2(size) ** 2, 1);
  const rewriter = new Rewriter((v) => to.get(v));

  const place: Var = { name: "place", size };
  const source = new Rewriter((v) => (v === k.along ? variable(place) : undefined)).expr(rewriter.expr(k.expr));
  const key: Expr = k.dtype === "bool" ? { op: "where", src: [source, one, zero], dtype: "int32" } : source;
  const bounds = [{ of: variable(place), lo: 0, hi: n }].filter(inDoubt);
  const body: Stmt[] = [
    ...nest(
      [{ v: place, kind: "serial" }],
      [
        {
          op: "store",
          buffer: keys,
          index: variable(place),
          to: keyType,
          value: bounds.length ? guard(bounds, key, 0) : key,
        },
        {
          op: "store",
          buffer: order,
          index: variable(place),
          to: "int32",
          value: { op: "index", of: variable(place), dtype: "int32" },
        },
      ],
    ),
  ];
  for (let run = 2; run <= size; run *= 2)
    for (let half = run / 2; half >= 1; half /= 2) body.push(...exchange(half, run === 2 * half));
  const out: Var = { name: "out", size: n };
  const index = new Rewriter((v) => (v === k.along ? variable(out) : undefined)).affine(rewriter.affine(k.index));
  body.push(
    ...nest(
      [{ v: out, kind: "serial" }],
      [{ op: "store", buffer: k.value, index, to: "int32", value: load(order, variable(out), "int32") }],
    ),
  );
  return bind("sort", nest(levels, body), 1, scratches, context);

  /** Compares elements `half` apart; the first pass of a merge runs the second half backwards, so that all go upwards. */
  function exchange(half: number, mirrored: boolean): readonly Stmt[] {
    const block: Var = { name: `b${half}${mirrored}`, size: size / (2 * half) };
    const within: Var = { name: `w${half}${mirrored}`, size: half };
    const start = scale(variable(block), 2 * half);
    const left = add(start, variable(within));
    const right = mirrored
      ? add(add(start, constant(2 * half - 1)), scale(variable(within), -1))
      : add(left, constant(half));
    const [a, b] = [load(keys, left, keyType), load(keys, right, keyType)];
    const [i, j] = [load(order, left, "int32"), load(order, right, "int32")];
    const local = (name: string, dtype: typeof keyType): Expr => ({ op: "local", name, dtype });
    const [la, lb, li, lj] = [local("a", keyType), local("b", keyType), local("i", "int32"), local("j", "int32")];
    const swap = comesBefore(lb, lj, la, li, n, k.descending);
    const pick = (x: Expr, y: Expr): Expr => ({ op: "where", src: [swap, y, x], dtype: x.dtype });
    const store = (buffer: number, at: Affine, to: typeof keyType, value: Expr): Stmt => ({
      op: "store",
      buffer,
      index: at,
      to,
      value,
    });
    return nest(
      [
        { v: block, kind: "serial" },
        { v: within, kind: "serial" },
      ],
      [
        { op: "var", name: "a", dtype: keyType, init: a },
        { op: "var", name: "b", dtype: keyType, init: b },
        { op: "var", name: "i", dtype: "int32", init: i },
        { op: "var", name: "j", dtype: "int32", init: j },
        store(keys, left, keyType, pick(la, lb)),
        store(keys, right, keyType, pick(lb, la)),
        store(order, left, "int32", pick(li, lj)),
        store(order, right, "int32", pick(lj, li)),
      ],
    );
  }
}

const zero: Expr = { op: "const", value: 0, dtype: "int32" };
const one: Expr = { op: "const", value: 1, dtype: "int32" };

/** Whether element (a, i) stands before (b, j) in the sorted row. */
function comesBefore(a: Expr, i: Expr, b: Expr, j: Expr, n: number, descending: boolean): Expr {
  const end: Expr = { op: "const", value: n, dtype: "int32" };
  const less = descending ? bool("lt", b, a) : bool("lt", a, b);
  const byIndex = bool("lt", i, j);
  const not = (x: Expr): Expr => ({ op: "eq", src: [x, { op: "const", value: 0, dtype: "bool" }], dtype: "bool" });
  const isNumber = (x: Expr): Expr => bool("eq", x, x);
  const float = a.dtype !== "int32";
  // Real numbers before NaN, each kind by value, then by index.
  const tie = float ? bool("or", bool("eq", a, b), bool("and", not(isNumber(a)), not(isNumber(b)))) : bool("eq", a, b);
  const first = float ? bool("or", less, bool("and", isNumber(a), not(isNumber(b)))) : less;
  const real = bool("or", first, bool("and", tie, byIndex));
  // What pads the row is after everything else.
  const inA = bool("lt", i, end);
  const inB = bool("lt", j, end);
  return bool("or", bool("and", inA, not(inB)), bool("and", bool("eq", inA, inB), real));
}
