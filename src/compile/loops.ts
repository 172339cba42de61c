/**
 * Loop IR: one kernel as loops over buffers, scheduled (tiled, split, vector axis chosen) but for no machine in
 * particular. Emitters of text print it; for CPUs vector.ts lowers it further.
 */
import { add, keyOf, range, scale, variable } from "../graph/affine.ts";
import { type DType, dtypes } from "../graph/dtype.ts";
import type { Affine, Bound, Compute, Expr, Var } from "../graph/expr.ts";
import type { ReduceOp } from "../graph/node.ts";
import { tileColumns } from "./vector-ir.ts";

export type Stmt =
  | For
  /** A mutable variable, of one value per lane where it stands in a vector loop. `partial`: one per lane of a vector loop inside it. */
  | {
      readonly op: "var";
      readonly name: string;
      readonly dtype: Compute;
      readonly init: Expr;
      readonly partial?: boolean;
    }
  | { readonly op: "set"; readonly name: string; readonly value: Expr }
  /** Folds the lanes of the partial variable `name` into one value. */
  | { readonly op: "fold"; readonly name: string; readonly by: Fold }
  | { readonly op: "store"; readonly buffer: number; readonly index: Affine; readonly to: DType; readonly value: Expr }
  | { readonly op: "if"; readonly bounds: readonly Bound[]; readonly body: readonly Stmt[] }
  | Tiles;

/**
 * `to[i, j] = Σ a[i, k] · b[k, j]` over `rows` rows, `tileColumns` columns and `depth` words, each a group of narrow
 * factors (templates/factors.ts): what a machine with tiles does at once.
 */
export interface Tiles {
  readonly op: "tiles";
  /** The type of the sums. */
  readonly type: "float32" | "int32";
  readonly rows: number;
  readonly depth: number;
  readonly a: Rows;
  readonly b: Rows;
  readonly to: Rows;
}
/** Rows of words of 4 bytes: where the first begins, and how many elements each is from the one before. */
export interface Rows {
  readonly buffer: number;
  readonly index: Affine;
  readonly pitch: number;
}

/** How the elements of a reduction are combined. */
export type Fold = ReduceOp | "pmax" | "pmin";

export interface For {
  readonly op: "for";
  readonly v: Var;
  /**
   * `parallel` loops stand outermost, and their iterations are independent: together they are the kernel's items.
   * `vector` loops run several iterations at once; they do not nest.
   */
  readonly kind: "parallel" | "serial" | "vector";
  /** Where it is given, the loop ends early, before this. */
  readonly limit?: Affine;
  readonly body: readonly Stmt[];
}

/** Memory that a kernel sees: a buffer of the plan, or an array in the scratch memory of the thread. */
export type Memory =
  | { readonly kind: "buffer"; readonly value: number; readonly dtype: DType; readonly written: boolean }
  | { readonly kind: "scratch"; readonly dtype: DType; readonly size: number }
  /** Where an index that is out of range is reported: 1, the index, and the size of its axis, as int32. */
  | { readonly kind: "report"; readonly dtype: "int32" };

/** Bytes of the report of an index. */
export const indexReportBytes = 12;

export interface LoopKernel {
  readonly name: string;
  /** What `load` and `store` number. */
  readonly memory: readonly Memory[];
  /** What `arg` numbers: which number of the plan, and its type. */
  readonly numbers: readonly { readonly number: number; readonly dtype: Compute }[];
  /** Lanes of its vector loops; 1 if it has none. */
  readonly lanes: number;
  readonly body: readonly Stmt[];
}

/** Memory that a kernel is given, in the order of its arguments: all but what is its thread's own. */
export const boundMemory = (k: LoopKernel): Exclude<Memory, { kind: "scratch" }>[] =>
  k.memory.filter((m) => m.kind !== "scratch");

/** The number of independent items of a kernel. */
export function itemsOf({ body }: LoopKernel): number {
  let items = 1;
  for (let s: Stmt | undefined = body[0]; s?.op === "for" && s.kind === "parallel"; s = s.body[0]) items *= s.v.size;
  return items;
}

/** The kernel as text, by which equal kernels are found and which a reader of `explain` sees. */
export function print(k: LoopKernel): string {
  const seen = new Map<Expr, string>();
  const lines: string[] = k.memory.map((m, i) =>
    m.kind === "buffer"
      ? `${m.written ? "out" : "in"} m${i}: ${m.dtype}`
      : m.kind === "report"
        ? `report m${i}`
        : `scratch m${i}: ${m.dtype}[${m.size}]`,
  );
  for (const [i, n] of k.numbers.entries()) lines.push(`arg n${i}: ${n.dtype}`);
  let temporaries = 0;
  const uses = countUses(k);
  const emit = (indent: string, line: string): void => void lines.push(indent + line);

  const expr = (e: Expr, indent: string): string => {
    const known = seen.get(e);
    if (known) return known;
    let text: string;
    if (e.op === "const") return `${Object.is(e.value, -0) ? "-0" : e.value}${e.dtype === "float32" ? "f" : ""}`;
    if (e.op === "arg") return `n${e.slot}`;
    if (e.op === "local") return e.name;
    if (e.op === "index") text = `(${affine(e.of, indent)})`;
    else if (e.op === "load") text = `m${e.buffer}[${affine(e.index, indent)}]`;
    else if (e.op === "guard")
      text = `(${e.bounds.map((b) => bound(b, indent)).join(" & ")} ? ${expr(e.value, indent)} : ${expr(e.other, indent)})`;
    else text = `${e.op === "convert" ? e.dtype : e.op}(${e.src.map((s) => expr(s, indent)).join(", ")})`;
    if ((uses.get(e) ?? 0) > 1) {
      const name = `t${temporaries++}`;
      emit(indent, `${name} = ${text}`);
      text = name;
    }
    if (text.length > 40 || (uses.get(e) ?? 0) > 1) seen.set(e, text);
    return text;
  };
  const variable = (v: Var, indent: string): string => {
    if (!v.def) return v.name;
    if (v.def.op === "data") return `at(${expr(v.def.of, indent)} < ${v.size})`;
    return `(${affine(v.def.of, indent)})${v.def.op === "div" ? "/" : "%"}${v.def.by}`;
  };
  const affine = (a: Affine, indent: string): string => {
    const terms = [...a.terms].map(([v, c]) => (c === 1 ? variable(v, indent) : `${c}*${variable(v, indent)}`));
    if (a.base !== 0 || terms.length === 0) terms.push(String(a.base));
    return terms.join("+");
  };
  const bound = ({ of, lo, hi }: Bound, indent: string): string => `${lo}<=${affine(of, indent)}<${hi}`;
  const stmt = (s: Stmt, indent: string): void => {
    if (s.op === "for") {
      emit(indent, `${s.kind} ${s.v.name} < ${s.limit ? `min(${s.v.size}, ${affine(s.limit, indent)})` : s.v.size}`);
      for (const inner of s.body) stmt(inner, `${indent}  `);
    } else if (s.op === "var")
      emit(indent, `var ${s.name}: ${s.dtype}${s.partial ? " lanes" : ""} = ${expr(s.init, indent)}`);
    else if (s.op === "set") emit(indent, `${s.name} = ${expr(s.value, indent)}`);
    else if (s.op === "fold") emit(indent, `fold ${s.name} by ${s.by}`);
    else if (s.op === "if") {
      emit(indent, `if ${s.bounds.map((b) => bound(b, indent)).join(" & ")}`);
      for (const inner of s.body) stmt(inner, `${indent}  `);
    } else if (s.op === "tiles") {
      const rows = ({ buffer, index, pitch }: Rows): string => `m${buffer}[${affine(index, indent)} by ${pitch}]`;
      emit(indent, `tiles ${rows(s.to)} = ${s.type} ${s.rows}×${s.depth} ${rows(s.a)} · ${rows(s.b)}`);
    } else emit(indent, `m${s.buffer}[${affine(s.index, indent)}] = ${expr(s.value, indent)}`);
  };
  for (const s of k.body) stmt(s, "");
  return lines.join("\n");
}

function countUses(k: LoopKernel): Map<Expr, number> {
  const uses = new Map<Expr, number>();
  const visit = (e: Expr): void => {
    const n = (uses.get(e) ?? 0) + 1;
    uses.set(e, n);
    if (n > 1) return;
    partsOf(e).forEach(visit);
    for (const a of affinesOf(e)) for (const data of dataOf(a)) visit(data);
  };
  walk(k.body, (s) => {
    if (s.op === "var") visit(s.init);
    else if (s.op === "set") visit(s.value);
    else if (s.op === "store") {
      visit(s.value);
      dataOf(s.index).forEach(visit);
    }
  });
  return uses;
}

/** The indices that an expression uses directly. */
export function affinesOf(e: Expr): Affine[] {
  if (e.op === "load") return [e.index];
  if (e.op === "index") return [e.of];
  if (e.op === "guard") return e.bounds.map((b) => b.of);
  return [];
}

/** The expressions that an expression is made of directly. */
export function partsOf(e: Expr): readonly Expr[] {
  if (e.op === "guard") return [e.value, e.other];
  return "src" in e ? e.src : [];
}

/** The expressions that an index reads from memory. */
export function dataOf(a: Affine): Expr[] {
  return [...a.terms.keys()].flatMap((v) => (!v.def ? [] : v.def.op === "data" ? [v.def.of] : dataOf(v.def.of)));
}

/** Every statement, outer before inner. */
export function walk(body: readonly Stmt[], see: (s: Stmt) => void): void {
  for (const s of body) {
    see(s);
    if (s.op === "for" || s.op === "if") walk(s.body, see);
  }
}

/** States what is well formed; throws where a kernel is not. Tests and `CHECK=1` run it between passes. */
export function checkLoops(k: LoopKernel): void {
  const fail = (what: string): never => {
    throw new Error(`loops: ${what}\n${print(k)}`);
  };
  const block = (
    body: readonly Stmt[],
    vars: ReadonlyMap<Var, Affine | undefined>,
    locals: Set<string>,
    inVector: boolean,
    top: boolean,
  ): void => {
    const affine = (a: Affine): void => {
      for (const v of a.terms.keys()) {
        if (v.def?.op === "data") expr(v.def.of);
        else if (v.def) affine(v.def.of);
        else if (!vars.has(v)) fail(`${v.name} is not bound in ${keyOf(a)}`);
      }
    };
    const seen = new Set<Expr>();
    const expr = (e: Expr): void => {
      if (seen.has(e)) return;
      seen.add(e);
      if (e.op === "local" && !locals.has(e.name)) fail(`local ${e.name} is not declared`);
      if (e.op === "load" && !k.memory[e.buffer]) fail(`no memory m${e.buffer}`);
      if (e.op === "arg" && !k.numbers[e.slot]) fail(`no number n${e.slot}`);
      affinesOf(e).forEach(affine);
      partsOf(e).forEach(expr);
    };
    for (const s of body) {
      if (s.op === "for") {
        if (s.kind === "parallel" && !top) fail(`parallel ${s.v.name} is not outermost`);
        if (s.kind === "parallel" && body.length > 1) fail(`parallel ${s.v.name} has statements beside it`);
        if (s.kind === "vector" && inVector) fail(`vector ${s.v.name} stands in a vector loop`);
        if (s.v.size < 1) fail(`${s.v.name} has no iterations`);
        if (vars.has(s.v)) fail(`${s.v.name} is bound twice`);
        if (s.limit) affine(s.limit);
        block(
          s.body,
          new Map([...vars, [s.v, s.limit]]),
          new Set(locals),
          inVector || s.kind === "vector",
          s.kind === "parallel",
        );
      } else if (s.op === "if") {
        for (const b of s.bounds) affine(b.of);
        block(s.body, vars, new Set(locals), inVector, false);
      } else if (s.op === "var") {
        expr(s.init);
        locals.add(s.name);
      } else if (s.op === "set" || s.op === "fold") {
        if (!locals.has(s.name)) fail(`local ${s.name} is not declared`);
        if (s.op === "set") expr(s.value);
      } else if (s.op === "tiles") {
        for (const [{ buffer, index, pitch }, rows, columns] of [
          [s.a, s.rows, s.depth],
          [s.b, s.depth, tileColumns],
          [s.to, s.rows, tileColumns],
        ] as const) {
          affine(index);
          const m = k.memory[buffer];
          if (!m || dtypes[m.dtype].bytes !== 4) fail(`m${buffer} has no words`);
          else if (m.kind === "scratch" && greatest(index, vars) + (rows - 1) * pitch + columns > m.size)
            fail(`tiles at ${keyOf(index)} are outside of m${buffer}`);
        }
        if (inVector) fail("tiles stand in a vector loop");
      } else {
        affine(s.index);
        expr(s.value);
        const m = k.memory[s.buffer];
        if (!m || (m.kind === "buffer" && !m.written)) fail(`m${s.buffer} is not written to`);
        if (m.kind === "scratch") {
          const [lo] = range(s.index);
          if (lo < 0 || greatest(s.index, vars) >= m.size)
            fail(`m${s.buffer}[${keyOf(s.index)}] is outside ${m.size} elements`);
        }
      }
    }
  };
  block(k.body, new Map(), new Set(), false, true);
}

/** The greatest value of an index in loops over these variables, each below its limit: v − limit ≤ −1. */
function greatest(index: Affine, vars: ReadonlyMap<Var, Affine | undefined>): number {
  let [, most] = range(index);
  for (const [v, limit] of vars) {
    const times = index.terms.get(v) ?? 0;
    if (!limit || times <= 0) continue;
    const [, rest] = range(add(index, scale(add(variable(v), scale(limit, -1)), -times)));
    most = Math.min(most, rest - times);
  }
  return most;
}
