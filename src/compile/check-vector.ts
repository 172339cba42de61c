/** States what is well-formed vector IR. Tests and `CHECK=1` run it between the lowering and an emitter. */
import { printIns, printVector } from "./print-vector.ts";
import {
  type Alu,
  eachSource,
  type Ins,
  type Kind,
  type Memory,
  memoryBytes,
  mostTileRows,
  type Program,
  type Reg,
} from "./vector-ir.ts";

const data: readonly Kind[] = ["bool", "int32", "float32", "float64"];
const numbers: readonly Kind[] = ["int32", "float32", "float64"];
const floats: readonly Kind[] = ["float32", "float64"];
const whole: readonly Kind[] = ["bool", "int32"];

/** On which kinds an operation is defined, how many sources it has, and its result where that is not of their kind. */
export const aluRules: {
  readonly [F in Alu]: { readonly on: readonly Kind[]; readonly sources: number; readonly gives?: Kind };
} = {
  neg: { on: numbers, sources: 1 },
  sqrt: { on: floats, sources: 1 },
  floor: { on: floats, sources: 1 },
  add: { on: data, sources: 2 },
  sub: { on: numbers, sources: 2 },
  mul: { on: data, sources: 2 },
  div: { on: numbers, sources: 2 },
  max: { on: data, sources: 2 },
  min: { on: data, sources: 2 },
  pmax: { on: floats, sources: 2 },
  pmin: { on: floats, sources: 2 },
  lt: { on: data, sources: 2, gives: "bool" },
  eq: { on: data, sources: 2, gives: "bool" },
  and: { on: whole, sources: 2 },
  or: { on: whole, sources: 2 },
  xor: { on: whole, sources: 2 },
  shl: { on: ["int32"], sources: 2 },
  shr: { on: ["int32"], sources: 2 },
  sar: { on: ["int32"], sources: 2 },
  fma: { on: floats, sources: 3 },
  where: { on: data, sources: 3 },
  bitcast: { on: ["int32", "float32"], sources: 1 },
  convert: { on: numbers, sources: 1 },
};

const loaded: Record<Memory, Kind> = {
  uint8: "int32",
  uint16: "int32",
  int32: "int32",
  float32: "float32",
  float64: "float64",
};

/** Throws where a program is not well formed, and says which instruction and why. */
export function checkVector(program: Program): void {
  const types = new Map<number, Reg>();
  let width = 1;

  const block = (body: readonly Ins[], before: ReadonlySet<number>): Set<number> => {
    const defined = new Set(before);
    for (const ins of body) {
      const fail = (what: string): never => {
        throw new Error(`vector: ${what} in "${printIns(ins)}" of\n${printVector(program)}`);
      };
      const known = (r: Reg): void => {
        const type = types.get(r.id);
        if (type && (type.kind !== r.kind || type.lanes !== r.lanes)) fail(`r${r.id} has two types`);
        types.set(r.id, r);
        if (r.lanes === 1) return;
        if (r.kind === "int" || r.kind === "float64") fail(`r${r.id} has more than one lane`);
        if (width > 1 && r.lanes !== width) fail(`r${r.id} has ${r.lanes} lanes, others ${width}`);
        width = r.lanes;
      };
      const is = (r: Reg, kind: Kind, lanes: number): void => {
        if (r.kind !== kind || r.lanes !== lanes) fail(`r${r.id} is not ${kind} of ${lanes} lanes`);
      };
      const part = (i: Extract<Ins, { op: "load" | "store" }>, lanes: number, memory: Memory): void => {
        const { mask, count, stride } = i;
        if (!mask && count === undefined) return;
        if (mask) is(mask, "bool", lanes);
        const bytes = memoryBytes[memory];
        if (lanes === 1 || (bytes !== 4 && !(bytes < 4 && mask && lanes === 16))) fail("there are no parts of that");
        if (mask ? count !== undefined || stride !== bytes : stride === 0 || stride === 4)
          fail("the stride does not suit");
        if (count !== undefined && (count < 1 || count >= lanes)) fail("there are no such lanes");
      };

      eachSource(ins, (r) => {
        known(r);
        if (!defined.has(r.id)) fail(`r${r.id} may not have been written`);
      });
      if ("dst" in ins) known(ins.dst);

      switch (ins.op) {
        case "const":
          break;
        case "param":
          if (!Number.isInteger(ins.slot) || ins.slot < 0) fail("the slot is not a count");
          break;
        case "item":
        case "scratch":
          is(ins.dst, "int", 1);
          break;
        case "copy":
          is(ins.dst, ins.a.kind, ins.a.lanes);
          break;
        case "splat":
          if (ins.dst.lanes === 1) fail("the result is no vector");
          is(ins.a, ins.dst.kind, 1);
          break;
        case "extract":
          if (ins.lane < 0 || ins.lane >= ins.a.lanes) fail("there is no such lane");
          is(ins.dst, ins.a.kind, 1);
          break;
        case "insert":
          if (ins.lane < 0 || ins.lane >= ins.a.lanes) fail("there is no such lane");
          is(ins.dst, ins.a.kind, ins.a.lanes);
          is(ins.b, ins.a.kind, 1);
          break;
        case "int":
          is(ins.dst, "int", 1);
          is(ins.a, "int", 1);
          if (typeof ins.b !== "number") is(ins.b, "int", 1);
          if ((ins.f === "div" || ins.f === "mod") && !(typeof ins.b === "number" && ins.b > 0))
            fail("the divisor is not a positive constant");
          break;
        case "compare":
          is(ins.dst, "bool", 1);
          is(ins.a, "int", 1);
          if (typeof ins.b !== "number") is(ins.b, "int", 1);
          break;
        case "lanes":
          is(ins.a, "int", 1);
          is(ins.dst, "int32", ins.dst.lanes);
          break;
        case "toInt":
          is(ins.dst, "int", 1);
          is(ins.a, "int32", 1);
          break;
        case "load":
          is(ins.ptr, "int", 1);
          is(ins.dst, loaded[ins.from], ins.dst.lanes);
          part(ins, ins.dst.lanes, ins.from);
          break;
        case "store":
          is(ins.ptr, "int", 1);
          is(ins.src, loaded[ins.to], ins.src.lanes);
          part(ins, ins.src.lanes, ins.to);
          break;
        case "alu": {
          const { on, sources, gives } = aluRules[ins.f];
          if (ins.src.length !== sources) fail(`${ins.f} takes ${sources} sources`);
          const operands = ins.f === "where" ? ins.src.slice(1) : ins.src;
          if (ins.f === "where") is(ins.src[0], "bool", ins.dst.lanes);
          for (const r of operands) is(r, operands[0].kind, ins.dst.lanes);
          if (!on.includes(operands[0].kind)) fail(`${ins.f} is not defined on ${operands[0].kind}`);
          if (ins.f === "bitcast" || ins.f === "convert") {
            if (!on.includes(ins.dst.kind)) fail(`${ins.f} does not give ${ins.dst.kind}`);
          } else is(ins.dst, gives ?? operands[0].kind, ins.dst.lanes);
          break;
        }
        case "dot":
          if (ins.dst.kind !== "float32") is(ins.dst, "int32", ins.dst.lanes);
          is(ins.c, ins.dst.kind, ins.dst.lanes);
          for (const r of [ins.a, ins.b]) is(r, "int32", ins.dst.lanes);
          break;
        case "tiles":
          for (const r of [ins.a, ins.b, ins.to]) is(r, "int", 1);
          if (ins.rows < 1 || ins.rows > mostTileRows || ins.depth < 1) fail("there are no such tiles");
          break;
        case "loop": {
          if (typeof ins.count !== "number") is(ins.count, "int", 1);
          const after = block(ins.body, defined);
          // A count in a register may be 0, and then nothing is written.
          if (typeof ins.count === "number" && ins.count > 0) for (const id of after) defined.add(id);
          break;
        }
        case "if": {
          is(ins.cond, "bool", 1);
          const then = block(ins.then, defined);
          const otherwise = block(ins.else, defined);
          for (const id of then) if (otherwise.has(id)) defined.add(id);
          break;
        }
        default:
          ins satisfies never;
      }
      if ("dst" in ins) defined.add(ins.dst.id);
    }
    return defined;
  };
  block(program.body, new Set());
}
