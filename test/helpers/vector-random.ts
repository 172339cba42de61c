/** Random programs of the vector IR, which keep so many values alive that registers do not suffice. */
import { aluRules } from "../../src/compile/check-vector.ts";
import type { Alu, Ins, Kind, Program, Reg } from "../../src/compile/vector-ir.ts";
import { ProgramWriter } from "./vector-interpreter.ts";

interface Type {
  readonly kind: Kind;
  readonly lanes: number;
}

/** Kinds that have many lanes, and those that have one. */
const wide: readonly Kind[] = ["float32", "int32", "bool"];
const narrow: readonly Kind[] = ["float32", "int32", "bool", "float64", "int"];

/**
 * A program that makes `registers` values of each type from slots 0 (float32) and 1 (int32), changes them in nested
 * loops and branches, and writes all of them to slot 4. `random` gives whole numbers below 2³².
 */
export function randomProgram(name: string, lanes: number, registers: number, random: () => number): Program {
  const w = new ProgramWriter();
  const below = (n: number): number => random() % n;
  const pick = <T>(from: readonly T[]): T => from[below(from.length)];
  const [floats, ints, out] = [w.param(0), w.param(1), w.param(4)];
  const types: Type[] = [...wide.map((kind) => ({ kind, lanes })), ...narrow.map((kind) => ({ kind, lanes: 1 }))];
  const key = ({ kind, lanes: n }: Type): string => `${kind}${n}`;
  const values = new Map<string, Reg[]>();
  const of = (type: Type): Reg => pick(values.get(key(type)) as Reg[]);
  const one = (kind: Kind): Reg => of({ kind, lanes: 1 });

  const fresh = (type: Type): Reg => {
    const { kind, lanes: n } = type;
    const offset = 4 * below(200);
    if (below(4) === 0) return w.constant(kind, n, kind === "int" ? below(50) : below(9) - 4);
    if (kind === "float32") return w.load(floats, "float32", n, offset, pick([0, 4, 4, 8, -4]));
    if (kind === "int32") return w.load(ints, "int32", n, offset + 64, pick([0, 4, 4, 12]));
    if (kind === "bool") return w.alu("lt", w.load(ints, "int32", n, offset), w.load(ints, "int32", n, offset + 4));
    if (kind === "float64") return w.to("float64", 1, (dst) => convert(dst, w.load(floats, "float32", 1, offset)));
    return w.int(
      "mod",
      w.int(
        "max",
        w.to("int", 1, (dst) => ({ op: "toInt", dst, a: w.load(ints, "int32", 1, offset) })),
        0,
      ),
      97,
    );
  };
  for (const type of types)
    values.set(
      key(type),
      Array.from({ length: registers }, () => fresh(type)),
    );

  /** An instruction that writes a register which is there already. */
  const change = (): Ins => {
    const type = pick(types);
    const { kind, lanes: n } = type;
    const dst = of(type);
    const say = (ins: Ins): void => void w.body.push(ins);
    if (kind === "int") {
      const a = one("int");
      // Indices stay small, and so may stand in addresses.
      if (below(3) === 0)
        say({ op: "int", f: pick(["min", "max", "sub"]), dst, a, b: below(2) ? one("int") : below(60) });
      else say({ op: "int", f: pick(["add", "mul"]), dst, a, b: below(2) ? one("int") : below(7) });
      say({ op: "int", f: "max", dst, a: dst, b: 0 });
      say({ op: "int", f: pick(["mod", "mod", "div"]), dst, a: dst, b: pick([1, 64, 97, 100]) });
      return { op: "int", f: "min", dst, a: dst, b: 99 };
    }
    switch (below(9)) {
      case 0:
        return { op: "copy", dst, a: of(type) };
      case 1:
        if (n > 1) return { op: "splat", dst, a: one(kind) };
        if (kind !== "float64") return { op: "extract", dst, a: of({ kind, lanes }), lane: below(lanes) };
        break;
      case 2:
        if (n > 1) return { op: "insert", dst, a: of(type), b: one(kind), lane: below(n) };
        if (kind === "bool") return { op: "compare", f: pick(["lt", "ge", "eq"]), dst, a: one("int"), b: one("int") };
        break;
      case 3:
        if (kind === "int32") return { op: "lanes", dst, a: one("int"), step: below(5) - 2 };
        if (kind === "float32") {
          const ptr = w.int("add", floats, w.int("mul", one("int"), 4));
          const load = { op: "load", dst, ptr, offset: 4 * below(20), from: "float32" } as const;
          if (n > 4 && below(3) === 0) return { ...load, stride: 4, mask: of({ kind: "bool", lanes: n }) };
          return { ...load, stride: pick([0, 4, 8, 12]) };
        }
        break;
      case 4:
        if (kind !== "bool") {
          const other = pick(n > 1 ? (["float32", "int32"] as const) : (["float32", "int32", "float64"] as const));
          return convert(dst, of({ kind: other, lanes: n }));
        }
        break;
      case 5:
        return { op: "alu", f: "where", dst, src: [of({ kind: "bool", lanes: n }), of(type), of(type)] };
    }
    if (kind === "bool" && below(2)) {
      const compared: Type = {
        kind: pick(n > 1 ? (["float32", "int32"] as const) : (["float64", "int32"] as const)),
        lanes: n,
      };
      return { op: "alu", f: pick(["lt", "eq"]), dst, src: [of(compared), of(compared)] };
    }
    const able = (Object.keys(aluRules) as Alu[]).filter((f) => {
      const { on, gives } = aluRules[f];
      return on.includes(kind) && !gives && !["where", "convert", "bitcast"].includes(f);
    });
    const f = pick(able);
    return { op: "alu", f, dst, src: Array.from({ length: aluRules[f].sources }, () => of(type)) };
  };

  const block = (depth: number, length: number): void => {
    for (let i = 0; i < length; i++) {
      const what = depth < 3 ? below(12) : 9;
      if (what === 0) w.loop(below(2) ? below(4) : w.int("mod", one("int"), 3), () => block(depth + 1, 1 + below(6)));
      else if (what === 1)
        w.if(
          one("bool"),
          () => block(depth + 1, 1 + below(4)),
          below(2) ? () => block(depth + 1, 1 + below(4)) : undefined,
        );
      else w.body.push(change());
    }
  };
  block(0, 4 * registers);

  for (const type of types)
    for (const r of values.get(key(type)) as Reg[]) {
      // The bits of a NaN are of no importance, but two words of a float64 would be compared as they are.
      w.result(type.kind === "float64" ? w.alu("where", w.alu("eq", r, r), r, w.constant("float64", 1, 0)) : r, out);
      w.advance(out, 4 * Math.max(type.lanes, 2));
    }
  return w.program(name);
}

const convert = (dst: Reg, a: Reg): Ins => ({ op: "alu", f: "convert", dst, src: [a] });
