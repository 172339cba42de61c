/**
 * Vector IR → WebAssembly: one module for some kernels, each a function of its argument block, the number of a work
 * item, and the scratch memory of its thread. Registers are locals; the engine allocates machine registers.
 */
import type { Ins, Program, Reg } from "../compile/vector-ir.ts";
import { alu } from "./wasm-alu.ts";
import { Bytes, op, types } from "./wasm-encoding.ts";
import { bitsOf, FunctionWriter, lanes, parameters, valueTypes } from "./wasm-function.ts";
import { load, store } from "./wasm-memory.ts";

export { firstAddress } from "./wasm-memory.ts";

export interface AssembleOptions {
  /** Whether `fma` becomes a relaxed multiply-add, which may round once. Else it rounds twice. */
  readonly relaxed: boolean;
  /** Whether the imported memory is shared between threads. */
  readonly shared: boolean;
  /** The most pages of 64 KiB that the imported memory may have. */
  readonly maxPages: number;
}

/** A module that imports `env.memory` and exports functions `k0`, `k1`, … of (args, item, scratch), all i32. */
export function assemble(programs: readonly Program[], options: AssembleOptions): Uint8Array<ArrayBuffer> {
  const out = new Bytes(1024);
  out.append([0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]); // "\0asm", version 1 (5.5.16)
  const section = (id: number, write: (to: Bytes) => void): void => {
    const body = new Bytes(1024);
    write(body);
    out.byte(id);
    out.unsigned(body.length);
    out.append(body.view());
  };
  section(1, (to) => to.append([1, 0x60, 3, types.i32, types.i32, types.i32, 0]));
  section(2, (to) => {
    to.byte(1);
    to.string("env");
    to.string("memory");
    to.append([0x02, options.shared ? 0x03 : 0x01, 0]);
    to.unsigned(options.maxPages);
  });
  section(3, (to) => {
    to.unsigned(programs.length);
    for (const _ of programs) to.byte(0);
  });
  section(7, (to) => {
    to.unsigned(programs.length);
    for (let i = 0; i < programs.length; i++) {
      to.string(`k${i}`);
      to.byte(0x00);
      to.unsigned(i);
    }
  });
  section(10, (to) => {
    to.unsigned(programs.length);
    for (const program of programs) {
      const w = new FunctionWriter(program, options.relaxed);
      block(w, program.body, 0);
      w.op(op.end);
      w.writeTo(to);
    }
  });
  return out.view().slice();
}

/** Instructions inside of `depth` loops. */
function block(w: FunctionWriter, body: readonly Ins[], depth: number): void {
  for (const ins of body) write(w, ins, depth);
}

function write(w: FunctionWriter, ins: Ins, depth: number): void {
  switch (ins.op) {
    case "const":
      constant(w, ins.dst, ins.value);
      break;
    case "param":
      param(w, ins.dst, ins.slot);
      break;
    case "item":
    case "scratch":
      if (!w.alias(ins.dst, parameters[ins.op])) {
        w.getLocal(parameters[ins.op]);
        w.set(ins.dst);
      }
      break;
    case "copy":
    case "toInt":
      w.get(ins.a);
      w.set(ins.dst);
      break;
    case "splat":
      splat(w, ins.dst, ins.a);
      break;
    case "extract":
      w.get(ins.a);
      extract(w, ins.a, ins.lane);
      w.set(ins.dst);
      break;
    case "insert":
      insert(w, ins);
      break;
    case "int":
      int(w, ins);
      break;
    case "compare":
      w.get(ins.a);
      number(w, ins.b);
      w.op({ lt: op.i32LtS, ge: op.i32GeS, eq: op.i32Eq }[ins.f]);
      w.set(ins.dst);
      break;
    case "lanes":
      indices(w, ins);
      break;
    case "load":
      refuseParts(ins);
      load(w, ins);
      break;
    case "store":
      refuseParts(ins);
      store(w, ins);
      break;
    case "alu":
      alu(w, ins);
      break;
    case "dot":
    case "tiles":
      throw new Error("wasm: no sums of narrow products");
    case "loop":
      loop(w, ins.count, ins.body, depth);
      break;
    case "if":
      w.get(ins.cond);
      w.op(op.if);
      w.byte(types.none);
      block(w, ins.then, depth);
      if (ins.else.length > 0) {
        w.op(op.else);
        block(w, ins.else, depth);
      }
      w.op(op.end);
      break;
    default:
      ins satisfies never;
  }
}

function constant(w: FunctionWriter, dst: Reg, value: number): void {
  const column = w.column(dst);
  if (column === "bool" || column === "mask") value = value === 0 ? 0 : 1;
  else if (column === "f32" || column === "f32x4") value = Math.fround(value);
  else if (column !== "f64") value |= 0;
  if (w.know(dst, value) && (column === "i32" || column === "bool")) return; // stands where it is used
  if (column === "i32" || column === "bool") w.i32(value);
  else if (column === "f32") w.f32(value);
  else if (column === "f64") w.f64(value);
  else {
    if (column === "f32x4") value = bitsOf(value);
    if (column === "mask") value = -value;
    w.v128([value, value, value, value]);
  }
  w.set(dst);
}

const slotLoads = { i32: op.i32Load, f32: op.f32Load, f64: op.f64Load, v128: op.v128Load32Splat };

function param(w: FunctionWriter, dst: Reg, slot: number): void {
  const column = w.column(dst);
  w.getLocal(parameters.args);
  w.memory(slotLoads[valueTypes[column]], 8 * slot);
  if (column === "bool") {
    w.i32(0);
    w.op(op.i32Ne);
  } else if (column === "mask") {
    w.v128([0, 0, 0, 0]);
    w.op(op.i32x4Ne);
  }
  w.set(dst);
}

function splat(w: FunctionWriter, dst: Reg, a: Reg): void {
  w.know(dst, w.constantOf(a), a);
  const column = w.column(dst);
  if (column === "mask") w.i32(0);
  w.get(a, true); // a shift may read it again
  if (column === "mask") w.op(op.i32Sub);
  if (dst.lanes > 1) w.op(column === "f32x4" ? op.f32x4Splat : op.i32x4Splat);
  w.set(dst);
}

/** Lane `lane` of the vector of `r`'s type that is on the stack. */
function extract(w: FunctionWriter, r: Reg, lane: number): void {
  const column = w.column(r);
  if (r.lanes === 1) return;
  w.lane(column === "f32x4" ? op.f32x4Extract : op.i32x4Extract, lane);
  if (column === "mask") {
    w.i32(1);
    w.op(op.i32And);
  }
}

function insert(w: FunctionWriter, { dst, a, b, lane }: Extract<Ins, { op: "insert" }>): void {
  const column = w.column(a);
  w.get(a);
  if (column === "mask") w.i32(0);
  w.get(b);
  if (column === "mask") w.op(op.i32Sub);
  w.lane(column === "f32x4" ? op.f32x4Replace : op.i32x4Replace, lane);
  w.set(dst);
}

function indices(w: FunctionWriter, { dst, a, step }: Extract<Ins, { op: "lanes" }>): void {
  w.get(a);
  if (dst.lanes > 1) {
    w.op(op.i32x4Splat);
    if (step !== 0) {
      w.v128(lanes.map((lane) => lane * step));
      w.op(op.i32x4Add);
    }
  }
  w.set(dst);
}

/** Puts an index on the stack. */
function number(w: FunctionWriter, b: Reg | number, again = false): void {
  if (typeof b === "number") w.i32(b);
  else w.get(b, again);
}

function int(w: FunctionWriter, { f, dst, a, b }: Extract<Ins, { op: "int" }>): void {
  const minmax = f === "min" || f === "max";
  w.get(a, minmax);
  number(w, b, minmax);
  if (minmax) {
    w.get(a);
    number(w, b);
    w.op(f === "min" ? op.i32LtS : op.i32GtS);
    w.op(op.select);
  } else {
    // Quotients are of what is not negative, and so may be an address.
    const codes = { add: op.i32Add, sub: op.i32Sub, mul: op.i32Mul, div: op.i32DivU, mod: op.i32RemU };
    w.op(codes[f]);
  }
  w.set(dst);
}

/** A loop counts down in a local of its own, one for each depth. */
function loop(w: FunctionWriter, count: number | Reg, body: readonly Ins[], depth: number): void {
  const constant = typeof count === "number" ? count : w.constantOf(count);
  if (constant !== undefined && constant <= 0) return;
  if (constant === 1) {
    block(w, body, depth);
    return;
  }
  const counter = w.temporary("i32", `counter${depth}`);
  number(w, count);
  w.setLocal(counter);
  if (constant === undefined) {
    w.getLocal(counter);
    w.i32(0);
    w.op(op.i32GtS);
    w.op(op.if);
    w.byte(types.none);
  }
  w.op(op.loop);
  w.byte(types.none);
  block(w, body, depth + 1);
  w.getLocal(counter);
  w.i32(1);
  w.op(op.i32Sub);
  w.setLocal(counter);
  w.getLocal(counter);
  w.op(op.brIf);
  w.byte(0);
  w.op(op.end);
  if (constant === undefined) w.op(op.end);
}

/** There is no instruction that loads or stores some of the lanes. */
function refuseParts({ mask, count }: Extract<Ins, { op: "load" | "store" }>): void {
  if (mask || count !== undefined) throw new Error("wasm: a part of a vector");
}
