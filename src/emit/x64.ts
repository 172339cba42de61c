/**
 * Vector IR → x86-64 machine code: a kernel is a function of its argument block, the number of a work item, and the
 * scratch memory of its thread. It takes AVX2, FMA and BMI2; or AVX-512 F, BW, DQ and VL, where vectors may have 16 lanes.
 */
import type { Ins, Program, Reg } from "../compile/vector-ir.ts";
import { alu, dot } from "./x64-alu.ts";
import { assembleRoutine, type Convention, conventions } from "./x64-assemble.ts";
import { withoutCopies } from "./x64-copies.ts";
import { type Assembler, condition } from "./x64-encoding.ts";
import { allOnes, binary, setCondition } from "./x64-general.ts";
import type { Place, Routine } from "./x64-machine.ts";
import { copyLanes, load, quarter, splatGeneral, store, storePairs } from "./x64-memory.ts";
import { ListingAssembler } from "./x64-text.ts";
import { tiles } from "./x64-tiles.ts";
import { fitsInt32, float32Bits, float64Bits, Writer } from "./x64-writer.ts";

export { conventions } from "./x64-assemble.ts";

export interface EmitOptions {
  readonly avx512: boolean;
  readonly convention?: Convention;
  /** What writes the instructions, such as one that notes them. */
  readonly assembler?: Assembler;
}

/** The bytes of a function. They may lie anywhere, at a multiple of 64. */
export function emitX64(program: Program, options: EmitOptions): Uint8Array<ArrayBuffer> {
  return assembleRoutine(select(program, options.avx512), { convention: conventions.systemV, ...options });
}

/** The same as text: each instruction with its address, and the constants. */
export function listX64(program: Program, options: EmitOptions): string {
  const assembler = new ListingAssembler();
  emitX64(program, { ...options, assembler });
  return assembler.listing();
}

/** Machine instructions for a program. */
export function select(program: Program, avx512: boolean): Routine {
  const { body, counts } = withoutCopies(program.body);
  const lanes = lanesOf(body);
  if (lanes !== 8 && !(lanes === 16 && avx512)) throw new Error(`x64: ${program.name} has vectors of ${lanes} lanes`);
  const w = new Writer(counts, lanes, avx512);
  block(w, body);
  return w.routine;
}

/** Lanes of a program's vectors: all have the same. */
function lanesOf(body: readonly Ins[]): number {
  for (const ins of body) {
    const inner = ins.op === "loop" ? lanesOf(ins.body) : ins.op === "if" ? lanesOf([...ins.then, ...ins.else]) : 8;
    if (inner !== 8) return inner;
    if ("dst" in ins && ins.dst.lanes > 1) return ins.dst.lanes;
  }
  return 8;
}

function block(w: Writer, body: readonly Ins[]): void {
  for (let i = 0; i < body.length; i++) {
    if (copyLanes(w, body[i], body[i + 1]) || storePairs(w, body[i], body[i + 1])) i++;
    else write(w, body[i]);
  }
}

function write(w: Writer, ins: Ins): void {
  switch (ins.op) {
    case "const":
      constant(w, ins.dst, ins.value);
      break;
    case "param":
      param(w, ins.dst, ins.slot);
      break;
    case "item":
    case "scratch":
      if (!w.alias(ins.dst, w[ins.op])) w.move(ins.dst, w.of(ins.dst), w[ins.op]);
      break;
    case "copy":
      w.copy(ins.dst, ins.a);
      break;
    case "toInt":
      w.op("movsxd", 128, w.of(ins.dst), -1, w.of(ins.a));
      break;
    case "splat":
      splat(w, ins.dst, w.of(ins.a));
      break;
    case "extract":
      extract(w, ins);
      break;
    case "insert":
      insert(w, ins);
      break;
    case "int":
      int(w, ins);
      break;
    case "compare":
      if (typeof ins.b !== "number") w.op("cmp.64", 128, w.of(ins.a), -1, w.of(ins.b));
      else if (fitsInt32(ins.b)) w.op("cmp.imm64", 128, -1, -1, w.of(ins.a), { imm: ins.b });
      else w.op("cmp.64", 128, w.of(ins.a), -1, w.number(ins.b));
      setCondition(w, ins.dst, { lt: condition.l, ge: condition.ge, eq: condition.e }[ins.f]);
      break;
    case "lanes":
      indices(w, ins);
      break;
    case "load":
      load(w, ins);
      break;
    case "store":
      store(w, ins);
      break;
    case "alu":
      alu(w, ins);
      break;
    case "dot":
      dot(w, ins);
      break;
    case "tiles":
      tiles(w, ins);
      break;
    case "loop":
      loop(w, ins.count, ins.body);
      break;
    case "if":
      branch(w, ins);
      break;
    default:
      ins satisfies never;
  }
}

function constant(w: Writer, dst: Reg, value: number): void {
  const { kind, lanes } = dst;
  if (kind === "bool") value = value === 0 ? 0 : 1;
  else if (kind === "float32") value = Math.fround(value);
  else if (kind === "int32") value |= 0;
  w.know(dst, value);
  const to = w.of(dst);
  const load = (name: string, words: number[], length = w.lengthOf(dst)): void =>
    w.op(name, length, to, -1, w.routine.constant(words), { constant: true });
  if (kind === "float64") load("vmovsd", float64Bits(value));
  else if (kind === "float32") load(lanes > 1 ? "vbroadcastss" : "vmovss", [float32Bits(value)]);
  else if (lanes === 1) w.numberInto(to, kind === "int32" ? value >>> 0 : value);
  else if (w.routine.files[to] === "mask") load("kmovw", [-value], 128);
  else load("vbroadcastss", [kind === "bool" ? -value : value]);
}

function param(w: Writer, dst: Reg, slot: number): void {
  const { kind, lanes } = dst;
  const to = w.of(dst);
  const place: Place = { base: w.args, disp: 8 * slot, broadcast: false };
  if (kind === "bool") {
    w.op("cmp.imm32", 128, -1, -1, place, { imm: 0 });
    if (lanes === 1) setCondition(w, dst, condition.ne);
    else {
      const t = w.general();
      w.op("setne", 128, -1, -1, t);
      const bool = w.makeGeneral("movzx.8", t);
      splat(w, dst, bool);
    }
    return;
  }
  const scalar = { int: "mov.64", int32: "mov.32", float32: "vmovss", float64: "vmovsd" }[kind];
  w.op(lanes > 1 ? "vbroadcastss" : scalar, w.lengthOf(dst), to, -1, place, { constant: true });
}

function splat(w: Writer, dst: Reg, a: number): void {
  const to = w.of(dst);
  if (dst.lanes === 1) w.move(dst, to, a);
  else if (dst.kind === "float32") w.op("vbroadcastss", w.wide, to, -1, a);
  else if (dst.kind === "int32") splatGeneral(w, to, a);
  else if (w.avx512) w.op("kmovw.from", 128, to, -1, allOnes(w, a));
  else splatGeneral(w, to, allOnes(w, a));
}

function extract(w: Writer, { dst, a, lane }: Extract<Ins, { op: "extract" }>): void {
  const [to, from] = [w.of(dst), w.of(a)];
  if (a.lanes === 1) w.move(dst, to, from);
  else if (a.kind === "bool") {
    const bits = w.avx512 ? w.makeGeneral("kmovw.to", from) : w.general();
    if (!w.avx512) w.op("vmovmskps", 256, bits, -1, from);
    if (lane > 0) w.op("shr.imm32", 128, -1, -1, bits, { imm: lane });
    w.op("and.imm32", 128, -1, -1, bits, { imm: 1 });
    w.op("mov.32", 128, to, -1, bits);
  } else {
    const part = lane < 4 ? from : quarter(w, from, lane >> 2, w.wide);
    const at = lane & 3;
    if (a.kind === "int32") {
      if (at === 0) w.op("vmovd.general", 128, part, -1, to);
      else w.op("vpextrd", 128, part, -1, to, { imm: at });
    } else if (at === 0) w.op("vmovaps", 128, to, -1, part);
    else w.op("vpermilps", 128, to, -1, part, { imm: at });
  }
}

function insert(w: Writer, { dst, a, b, lane }: Extract<Ins, { op: "insert" }>): void {
  const [to, from, value] = [w.of(dst), w.of(a), w.of(b)];
  if (a.lanes === 1) w.move(dst, to, value);
  else if (w.routine.files[to] === "mask") {
    const bits = w.makeGeneral("kmovw.to", from);
    w.op("and.imm32", 128, -1, -1, bits, { imm: ~(1 << lane) });
    const bit = w.makeGeneral("mov.32", value);
    if (lane > 0) w.op("shl.imm32", 128, -1, -1, bit, { imm: lane });
    w.op("or.32", 128, bits, -1, bit);
    w.op("kmovw.from", 128, to, -1, bits);
  } else if (w.avx512) {
    const mask = w.makeMask("kmovw", 128, -1, w.routine.constant([1 << lane]), { constant: true });
    w.move(dst, to, from);
    const name = dst.kind === "float32" ? "vbroadcastss" : "vpbroadcastd.general";
    w.op(name, w.wide, to, -1, value, { mask });
  } else {
    const t = w.vector(256);
    if (dst.kind === "float32") w.op("vbroadcastss", 256, t, -1, value);
    else splatGeneral(w, t, dst.kind === "bool" ? allOnes(w, value) : value);
    w.op("vblendps", 256, to, from, t, { imm: 1 << lane });
  }
}

function indices(w: Writer, { dst, a, step }: Extract<Ins, { op: "lanes" }>): void {
  const to = w.of(dst);
  if (dst.lanes === 1) w.op("mov.32", 128, to, -1, w.of(a));
  else if (step === 0) splatGeneral(w, to, w.of(a));
  else {
    const first = w.vector(w.wide);
    splatGeneral(w, first, w.of(a));
    const words = Array.from({ length: dst.lanes }, (_, lane) => (lane * step) | 0);
    const steps = w.make("vmovups", w.wide, -1, w.routine.constant(words), { constant: true });
    w.op("vpaddd", w.wide, to, first, steps);
  }
}

function int(w: Writer, { f, dst, a, b }: Extract<Ins, { op: "int" }>): void {
  const to = w.of(dst);
  const from = w.of(a);
  const constant = typeof b === "number" ? b : w.constantOf(b);
  switch (f) {
    case "add":
      if (constant !== undefined && dst.id !== a.id && fitsInt32(constant)) {
        w.op("lea.64", 128, to, -1, { base: from, disp: constant, broadcast: false });
        return;
      }
      break;
    case "mul":
      if (constant !== undefined && powerOf(constant) !== undefined) {
        w.move(dst, to, from);
        const shift = powerOf(constant) as number;
        if (shift > 0) w.op("shl.imm64", 128, -1, -1, to, { imm: shift });
        return;
      }
      break;
    case "div":
    case "mod": {
      const shift = powerOf(constant as number);
      if (shift !== undefined && (f === "div" || shift < 32)) {
        w.move(dst, to, from);
        if (f === "mod") w.op("and.imm64", 128, -1, -1, to, { imm: 2 ** shift - 1 });
        else if (shift > 0) w.op("shr.imm64", 128, -1, -1, to, { imm: shift });
      } else {
        const kind = f === "div" ? "divide" : "modulo";
        w.routine.pseudo(kind, { reg: to, vvvv: from, rm: w.number(constant as number) });
      }
      return;
    }
    case "min":
    case "max": {
      const other = typeof b === "number" ? w.number(b) : w.of(b);
      const t = typeof b === "number" ? to : w.free(dst, [b]);
      w.move(dst, t, from);
      w.op("cmp.64", 128, t, -1, other);
      w.op(f === "max" ? "cmovl.64" : "cmovg.64", 128, t, -1, other);
      w.move(dst, to, t);
      return;
    }
  }
  binary(w, f === "mul" ? "imul" : f, 64, dst, a, constant ?? b);
}

/** n where `x` is 2ⁿ. */
function powerOf(x: number): number | undefined {
  const n = Math.round(Math.log2(x));
  return n >= 0 && n < 53 && 2 ** n === x ? n : undefined;
}

/** A loop counts down in a register of its own. */
function loop(w: Writer, count: number | Reg, body: readonly Ins[]): void {
  const known = typeof count === "number" ? count : w.constantOf(count);
  if (known !== undefined && known <= 0) return;
  if (known === 1) {
    block(w, body);
    return;
  }
  const { routine } = w;
  const counter = w.general();
  const [top, after] = [routine.target(), routine.target()];
  if (known !== undefined) w.numberInto(counter, known);
  else {
    w.op("mov.64", 128, counter, -1, w.of(count as Reg));
    w.op("test.64", 128, counter, -1, counter);
    routine.pseudo("jump", { target: after, cc: condition.le });
  }
  routine.pseudo("loop", { target: top });
  block(w, body);
  routine.pseudo("end", { target: top, rm: counter });
  routine.pseudo("label", { target: after });
}

function branch(w: Writer, ins: Extract<Ins, { op: "if" }>): void {
  const { routine } = w;
  const [otherwise, after] = [routine.target(), routine.target()];
  const cc = w.takeCondition(ins.cond);
  if (cc === undefined) w.op("test.32", 128, w.of(ins.cond), -1, w.of(ins.cond));
  routine.pseudo("jump", { target: otherwise, cc: cc === undefined ? condition.e : cc ^ 1 });
  block(w, ins.then);
  if (ins.else.length > 0) routine.pseudo("jump", { target: after });
  routine.pseudo("label", { target: otherwise });
  block(w, ins.else);
  if (ins.else.length > 0) routine.pseudo("label", { target: after });
}
