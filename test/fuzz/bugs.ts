/** Bugs as compilers have them. Each is planted behind one pass, and the fuzzer has to find it. */

import { type Kernel, Rewriter } from "../../src/compile/kernel.ts";
import type { LoopKernel, Stmt } from "../../src/compile/loops.ts";
import type { Ins, Program } from "../../src/compile/vector-ir.ts";
import { constant, variable } from "../../src/graph/affine.ts";
import type { Affine, Expr, Var } from "../../src/graph/expr.ts";
import type { Setting } from "./fuzz.ts";

interface Change {
  expr?(e: Expr): Expr | undefined;
  variable?(v: Var): Affine | undefined;
  stmt?(s: Stmt): Stmt;
}

/** A kernel with some of its expressions, variables or statements replaced. */
function changed(k: LoopKernel, { expr, variable: by, stmt = (s) => s }: Change): LoopKernel {
  const rewriter: Rewriter = new Rewriter(
    (v) => by?.(v),
    (e) => {
      const other = expr?.(e);
      return other === undefined || other === e ? undefined : other;
    },
  );
  const change = (given: Stmt): Stmt => {
    const s = stmt(given);
    switch (s.op) {
      case "for":
        return { ...s, body: s.body.map(change) };
      case "if":
        return { ...s, body: s.body.map(change) };
      case "var":
        return { ...s, init: rewriter.expr(s.init) };
      case "set":
        return { ...s, value: rewriter.expr(s.value) };
      case "store":
        return { ...s, index: rewriter.affine(s.index), value: rewriter.expr(s.value) };
      default:
        return s;
    }
  };
  return { ...k, body: k.body.map(change) };
}

const moved = (a: Affine, by: number): Affine => ({ ...a, base: a.base + by });

/** A kernel whose loads are changed; the index of each is that of the right kernel. */
const loads = (k: LoopKernel, index: (a: Affine, e: Extract<Expr, { op: "load" }>) => Affine): LoopKernel =>
  changed(k, { expr: (e) => (e.op === "load" ? { ...e, index: index(e.index, e) } : undefined) });

/** A program with instructions replaced. */
function instructions(p: Program, change: (i: Ins) => Ins): Program {
  const all = (body: readonly Ins[]): Ins[] =>
    body.map((given) => {
      const i = change(given);
      if (i.op === "loop") return { ...i, body: all(i.body) };
      return i.op === "if" ? { ...i, then: all(i.then), else: all(i.else) } : i;
    });
  return { ...p, body: all(p.body) };
}

export const bugs: readonly Setting[] = [
  {
    name: "a slice that runs backwards starts one element too early",
    loops: (k) => loads(k, (a) => (a.base > 0 && [...a.terms.values()].some((c) => c < 0) ? moved(a, -1) : a)),
  },
  {
    name: "padding is one element too short at the end",
    loops: (k) =>
      changed(k, {
        expr: (e) => (e.op === "guard" ? { ...e, bounds: e.bounds.map((b) => ({ ...b, hi: b.hi + 1 })) } : undefined),
      }),
  },
  {
    name: "padding with −∞ is 0",
    loops: (k) =>
      changed(k, {
        expr: (e) => (e.op === "const" && e.value === Number.NEGATIVE_INFINITY ? { ...e, value: 0 } : undefined),
        stmt: (s) => s,
      }),
  },
  {
    name: "what does not fill a vector is left out",
    loops: (k) =>
      changed(k, {
        stmt: (s) =>
          s.op === "for" && s.kind === "vector" && !s.limit && s.v.size > k.lanes
            ? { ...s, limit: constant(s.v.size - (s.v.size % k.lanes)) }
            : s,
      }),
  },
  {
    name: "a fold takes its first lane twice, and not its last",
    program: (p) => instructions(p, (i) => (i.op === "extract" && i.lane === i.a.lanes - 1 ? { ...i, lane: 0 } : i)),
  },
  {
    name: "the outer stride of three is one too short",
    loops: (k) =>
      loads(k, (a) => {
        const terms = [...a.terms];
        if (terms.length < 3 || terms[0][1] < 2) return a;
        return { ...a, terms: new Map([[terms[0][0], terms[0][1] - 1], ...terms.slice(1)]) };
      }),
  },
  {
    name: "a part of a concatenation is placed one element too early",
    loops: (k) =>
      changed(k, {
        stmt: (s) =>
          s.op === "store" && s.index.base > 0 && k.memory[s.buffer].kind === "buffer"
            ? { ...s, index: moved(s.index, -1) }
            : s,
      }),
  },
  { name: "an update is written over what is still read", inPlace: () => true },
  {
    name: "memory is given away by the kernel that still reads it",
    life: ({ from, to }) => ({ from, to: Math.max(from, to - 1) }),
  },
  {
    name: "a maximum starts from 0",
    loops: (k) =>
      changed(k, {
        stmt: (s) =>
          s.op === "var" && s.init.op === "const" && s.init.value < -1 ? { ...s, init: { ...s.init, value: 0 } } : s,
      }),
  },
  {
    name: "a remainder forgets where its range begins",
    loops: (k) =>
      changed(k, {
        variable: (v) => {
          const { def } = v;
          if (!def || def.op === "data" || def.of.base === 0) return undefined;
          return variable({ ...v, def: { ...def, of: { ...def.of, base: 0 } } });
        },
      }),
  },
  {
    name: "an epilogue reads the first row for every row",
    kernels: (kernels) =>
      kernels.map((k): Kernel => {
        if (k.kind !== "contract") return k;
        const { m } = k;
        const first = new Rewriter((v) => (v === m ? constant(0) : undefined));
        const made = new Set([k.value, ...k.stages.map((s) => s.value)]);
        const other = new Rewriter(
          () => undefined,
          (e) => (e.op === "load" && !made.has(e.buffer) ? first.expr(e) : undefined),
        );
        return { ...k, stages: k.stages.map((s) => ({ ...s, expr: other.expr(s.expr) })) };
      }),
  },
  {
    name: "a row that is kept is read one element late",
    loops: (k) =>
      k.name === "rows" ? loads(k, (a, e) => (k.memory[e.buffer].kind === "scratch" ? moved(a, 1) : a)) : k,
  },
  {
    name: "NaN is not greater than a number",
    loops: (k) =>
      changed(k, {
        expr: (e) => {
          if (e.op !== "max" || e.dtype !== "float32") return undefined;
          const [a, b] = e.src;
          return { op: "where", src: [{ op: "lt", src: [a, b], dtype: "bool" }, b, a], dtype: "float32" };
        },
      }),
  },
  {
    name: "bytes do not wrap",
    loops: (k) =>
      changed(k, {
        expr: (e) =>
          e.op === "and" && e.src[1].op === "const" && e.src[1].value === 255
            ? { op: "add", src: [e.src[0], { op: "const", value: 0, dtype: "int32" }], dtype: "int32" }
            : undefined,
      }),
  },
  { name: "the last item is not run", items: (n) => Math.max(n - 1, 1) },
  {
    name: "a number is taken from its neighbour's slot",
    loops: (k) =>
      changed(k, {
        expr: (e) => (e.op === "arg" ? { ...e, slot: (e.slot + 1) % k.numbers.length } : undefined),
      }),
  },
  {
    name: "all lanes have the index of the first",
    program: (p) => instructions(p, (i) => (i.op === "lanes" ? { ...i, step: 0 } : i)),
  },
  {
    name: "a product of odd depth stops one short",
    loops: (k) =>
      changed(k, {
        stmt: (s) =>
          s.op === "for" && s.v.name === "kk" && s.v.size % 2 === 1 && s.v.size > 1
            ? { ...s, limit: constant(s.v.size - 1) }
            : s,
      }),
  },
];
