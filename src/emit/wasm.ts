/**
 * Vector IR → WebAssembly: one module for some kernels, each a function of its argument block, the number of a work
 * item, and the scratch memory of its thread. Registers are locals; the engine allocates machine registers.
 */
import { eachSource, type Ins, type Memory, memoryBytes, type Program, type Reg } from "../compile/vector-ir.ts";
import {
  Bytes,
  bitcasts,
  type Column,
  conversions,
  direct,
  op,
  opcode,
  types,
  type ValueType,
} from "./wasm-encoding.ts";

export interface AssembleOptions {
  /** Whether `fma` becomes a relaxed multiply-add, which may round once. Else it rounds twice. */
  readonly relaxed: boolean;
  /** Whether the imported memory is shared between threads. */
  readonly shared: boolean;
  /** The most pages of 64 KiB that the imported memory may have. */
  readonly maxPages: number;
}

/**
 * Kernels may not be given memory below this address: so a constant offset up to it can stand in an instruction. There
 * it adds without wrapping around, and what it is added to must not be negative.
 */
export const firstAddress: number = 1 << 20;

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
      const { locals, code } = new Assembler(program, options.relaxed).run();
      to.unsigned(locals.length + code.length);
      to.append(locals.view());
      to.append(code.view());
    }
  });
  return out.view().slice();
}

const parameters = { args: 0, item: 1, scratch: 2 };
const columns: Record<string, Column> = {
  int1: "i32",
  int321: "i32",
  bool1: "bool",
  float321: "f32",
  float641: "f64",
  int324: "i32x4",
  bool4: "mask",
  float324: "f32x4",
};
const valueTypes: Record<Column, ValueType> = {
  i32: "i32",
  bool: "i32",
  f32: "f32",
  f64: "f64",
  i32x4: "v128",
  mask: "v128",
  f32x4: "v128",
};
const commutative = new Set(["add", "mul", "max", "min", "and", "or", "xor", "eq"]);
const lanes = [0, 1, 2, 3] as const;
const intMin = -(2 ** 31);

/** Which bytes of two vectors make a third (4.3.5, shuffle). */
const swapHalves = [8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7];
const lowHalves = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];
const reversed = [12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3];
const lowBytes: Record<1 | 2, readonly number[]> = {
  1: [0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12],
  2: [0, 1, 4, 5, 8, 9, 12, 13, 0, 1, 4, 5, 8, 9, 12, 13],
};

const bits = new DataView(new ArrayBuffer(8));

/** One function. */
class Assembler {
  readonly #program: Program;
  readonly #relaxed: boolean;
  readonly #code = new Bytes();
  /** How often the program reads and writes each register. */
  readonly #uses: number[] = [];
  readonly #writes: number[] = [];
  /** The value of a register that is written once, and is constant. */
  readonly #constants: (number | undefined)[] = [];
  /** The value in every lane of a register that is written once. */
  readonly #splats: (Reg | undefined)[] = [];
  readonly #locals: (number | undefined)[] = [];
  readonly #types: ValueType[] = [];
  /** Hidden locals: the countdown of each level of loops, and what some instructions need in between. */
  readonly #counters: number[] = [];
  readonly #temporaries = new Map<string, number>();
  #depth = 0;
  /** The `local.set` that ends at `end`: a `local.get` that follows it at once needs no second instruction. */
  #last = { start: 0, end: -1, local: -1 };

  constructor(program: Program, relaxed: boolean) {
    this.#program = program;
    this.#relaxed = relaxed;
  }

  run(): { locals: Bytes; code: Bytes } {
    this.#survey(this.#program.body);
    this.#block(this.#program.body);
    this.#op(op.end);

    // Runs of equal types, in the order of the locals' numbers (5.4.13).
    const locals = new Bytes(64);
    const runs: { count: number; type: ValueType }[] = [];
    for (const type of this.#types) {
      const last = runs.at(-1);
      if (last?.type === type) last.count++;
      else runs.push({ count: 1, type });
    }
    locals.unsigned(runs.length);
    for (const { count, type } of runs) {
      locals.unsigned(count);
      locals.byte(types[type]);
    }
    return { locals, code: this.#code };
  }

  #survey(body: readonly Ins[]): void {
    const use = (r: Reg): void => {
      this.#uses[r.id] = (this.#uses[r.id] ?? 0) + 1;
    };
    for (const ins of body) {
      eachSource(ins, use);
      if ("dst" in ins) this.#writes[ins.dst.id] = (this.#writes[ins.dst.id] ?? 0) + 1;
      else if (ins.op === "loop") this.#survey(ins.body);
      else if (ins.op === "if") {
        this.#survey(ins.then);
        this.#survey(ins.else);
      }
    }
  }

  // pieces of code

  #op(code: number): void {
    opcode(this.#code, code);
  }
  #i32(value: number): void {
    this.#code.byte(op.i32Const);
    this.#code.signed(value);
  }
  #v128(values: readonly number[]): void {
    this.#op(op.v128Const);
    for (const value of values) {
      bits.setInt32(0, value, true);
      for (const i of lanes) this.#code.byte(bits.getUint8(i));
    }
  }
  #shuffle(from: readonly number[]): void {
    this.#op(op.shuffle);
    this.#code.append(from);
  }
  #lane(code: number, lane: number): void {
    this.#op(code);
    this.#code.byte(lane);
  }
  /** A load or store; no alignment is promised (5.4.6). */
  #memory(code: number, offset: number): void {
    this.#op(code);
    this.#code.byte(0);
    this.#code.unsigned(offset);
  }

  #local(r: Reg): number {
    let local = this.#locals[r.id];
    if (local === undefined) {
      local = this.#newLocal(valueTypes[this.#column(r)]);
      this.#locals[r.id] = local;
    }
    return local;
  }
  #newLocal(type: ValueType): number {
    return 3 + this.#types.push(type) - 1;
  }
  #temporary(type: ValueType, name: string): number {
    let local = this.#temporaries.get(name);
    if (local === undefined) {
      local = this.#newLocal(type);
      this.#temporaries.set(name, local);
    }
    return local;
  }
  #column(r: Reg): Column {
    const column = columns[r.kind + r.lanes];
    if (!column) throw new Error(`wasm: no ${r.kind} of ${r.lanes} lanes in ${this.#program.name}`);
    return column;
  }

  /** Puts a register on the stack. `again`: the same instruction of the program will read it once more. */
  #get(r: Reg, again = false): void {
    const constant = this.#constants[r.id];
    const column = this.#column(r);
    if (constant !== undefined && (column === "i32" || column === "bool")) this.#i32(constant);
    else this.#getLocal(this.#local(r), !again && this.#uses[r.id] === 1);
  }
  #getLocal(local: number, dies = false): void {
    const { start, end, local: last } = this.#last;
    if (end === this.#code.length && last === local) {
      if (dies) this.#code.length = start;
      else this.#code.patch(start, op.tee);
      this.#last.end = -1;
      return;
    }
    this.#code.byte(op.get);
    this.#code.unsigned(local);
  }
  #set(r: Reg): void {
    this.#setLocal(this.#local(r));
  }
  #setLocal(local: number): void {
    const start = this.#code.length;
    this.#code.byte(op.set);
    this.#code.unsigned(local);
    this.#last = { start, end: this.#code.length, local };
  }

  #constantOf(r: Reg): number | undefined {
    return this.#constants[r.id];
  }
  #writtenOnce(r: Reg): boolean {
    return this.#writes[r.id] === 1;
  }

  // instructions

  #block(body: readonly Ins[]): void {
    for (const ins of body) this.#ins(ins);
  }

  #ins(ins: Ins): void {
    switch (ins.op) {
      case "const":
        this.#constant(ins.dst, ins.value);
        break;
      case "param":
        this.#param(ins.dst, ins.slot);
        break;
      case "item":
      case "scratch":
        if (this.#writtenOnce(ins.dst)) this.#locals[ins.dst.id] = parameters[ins.op];
        else {
          this.#getLocal(parameters[ins.op]);
          this.#set(ins.dst);
        }
        break;
      case "copy":
      case "toInt":
        this.#get(ins.a);
        this.#set(ins.dst);
        break;
      case "splat":
        this.#splat(ins.dst, ins.a);
        break;
      case "extract":
        this.#get(ins.a);
        this.#extract(ins.a, ins.lane);
        this.#set(ins.dst);
        break;
      case "insert":
        this.#insert(ins);
        break;
      case "int":
        this.#int(ins);
        break;
      case "compare":
        this.#get(ins.a);
        this.#number(ins.b);
        this.#op({ lt: op.i32LtS, ge: op.i32GeS, eq: op.i32Eq }[ins.f]);
        this.#set(ins.dst);
        break;
      case "lanes":
        this.#lanes(ins);
        break;
      case "load":
        if (ins.dst.lanes > 1) this.#loadVector(ins);
        else this.#load(ins);
        break;
      case "store":
        if (ins.src.lanes > 1) this.#storeVector(ins);
        else this.#store(ins);
        break;
      case "alu":
        this.#alu(ins);
        break;
      case "loop":
        this.#loop(ins.count, ins.body);
        break;
      case "if":
        this.#get(ins.cond);
        this.#op(op.if);
        this.#code.byte(types.none);
        this.#block(ins.then);
        if (ins.else.length > 0) {
          this.#op(op.else);
          this.#block(ins.else);
        }
        this.#op(op.end);
        break;
      default:
        ins satisfies never;
    }
  }

  #constant(dst: Reg, value: number): void {
    const column = this.#column(dst);
    const once = this.#writtenOnce(dst);
    if (column === "bool" || column === "mask") value = value === 0 ? 0 : 1;
    else if (column === "f32" || column === "f32x4") value = Math.fround(value);
    else if (column !== "f64") value |= 0;
    if (once) this.#constants[dst.id] = value;
    switch (column) {
      case "i32":
      case "bool":
        if (once) return; // stands where it is used
        this.#i32(value);
        break;
      case "f32":
        this.#op(op.f32Const);
        bits.setFloat32(0, value, true);
        for (const i of lanes) this.#code.byte(bits.getUint8(i));
        break;
      case "f64":
        this.#op(op.f64Const);
        bits.setFloat64(0, value, true);
        for (let i = 0; i < 8; i++) this.#code.byte(bits.getUint8(i));
        break;
      default:
        if (column === "f32x4") {
          bits.setFloat32(0, value, true);
          value = bits.getInt32(0, true);
        } else if (column === "mask") value = -value;
        this.#v128([value, value, value, value]);
    }
    this.#set(dst);
  }

  #param(dst: Reg, slot: number): void {
    const column = this.#column(dst);
    this.#getLocal(parameters.args);
    const load = { i32: op.i32Load, f32: op.f32Load, f64: op.f64Load, v128: op.v128Load32Splat }[valueTypes[column]];
    this.#memory(load, 8 * slot);
    if (column === "bool") {
      this.#i32(0);
      this.#op(op.i32Ne);
    } else if (column === "mask") {
      this.#v128([0, 0, 0, 0]);
      this.#op(op.i32x4Ne);
    }
    this.#set(dst);
  }

  #splat(dst: Reg, a: Reg): void {
    if (this.#writtenOnce(dst)) {
      this.#constants[dst.id] = this.#constants[a.id];
      if (this.#writtenOnce(a)) this.#splats[dst.id] = a;
    }
    const column = this.#column(dst);
    if (column === "mask") this.#i32(0);
    this.#get(a, true); // a shift may read it again
    if (column === "mask") this.#op(op.i32Sub);
    if (dst.lanes > 1) this.#op(column === "f32x4" ? op.f32x4Splat : op.i32x4Splat);
    this.#set(dst);
  }

  /** Lane `lane` of the vector of `r`'s type that is on the stack. */
  #extract(r: Reg, lane: number): void {
    const column = this.#column(r);
    if (r.lanes === 1) return;
    this.#lane(column === "f32x4" ? op.f32x4Extract : op.i32x4Extract, lane);
    if (column === "mask") {
      this.#i32(1);
      this.#op(op.i32And);
    }
  }

  #insert({ dst, a, b, lane }: Extract<Ins, { op: "insert" }>): void {
    const column = this.#column(a);
    this.#get(a);
    if (column === "mask") this.#i32(0);
    this.#get(b);
    if (column === "mask") this.#op(op.i32Sub);
    this.#lane(column === "f32x4" ? op.f32x4Replace : op.i32x4Replace, lane);
    this.#set(dst);
  }

  #lanes({ dst, a, step }: Extract<Ins, { op: "lanes" }>): void {
    this.#get(a);
    if (dst.lanes > 1) {
      this.#op(op.i32x4Splat);
      if (step !== 0) {
        this.#v128(lanes.map((lane) => lane * step));
        this.#op(op.i32x4Add);
      }
    }
    this.#set(dst);
  }

  #number(b: Reg | number, again = false): void {
    if (typeof b === "number") this.#i32(b);
    else this.#get(b, again);
  }

  #int({ f, dst, a, b }: Extract<Ins, { op: "int" }>): void {
    const minmax = f === "min" || f === "max";
    this.#get(a, minmax);
    this.#number(b, minmax);
    if (minmax) {
      this.#get(a);
      this.#number(b);
      this.#op(f === "min" ? op.i32LtS : op.i32GtS);
      this.#op(op.select);
    } else {
      // Quotients are of what is not negative, and so may be an address.
      const codes = { add: op.i32Add, sub: op.i32Sub, mul: op.i32Mul, div: op.i32DivU, mod: op.i32RemU };
      this.#op(codes[f]);
    }
    this.#set(dst);
  }

  #loop(count: number | Reg, body: readonly Ins[]): void {
    const constant = typeof count === "number" ? count : this.#constantOf(count);
    if (constant !== undefined && constant <= 0) return;
    if (constant === 1) {
      this.#block(body);
      return;
    }
    this.#counters[this.#depth] ??= this.#newLocal("i32");
    const counter = this.#counters[this.#depth++];
    if (constant !== undefined) this.#i32(constant);
    else this.#get(count as Reg);
    this.#setLocal(counter);
    if (constant === undefined) {
      this.#getLocal(counter);
      this.#i32(0);
      this.#op(op.i32GtS);
      this.#op(op.if);
      this.#code.byte(types.none);
    }
    this.#op(op.loop);
    this.#code.byte(types.none);
    this.#block(body);
    this.#getLocal(counter);
    this.#i32(1);
    this.#op(op.i32Sub);
    this.#code.byte(op.tee);
    this.#code.unsigned(counter);
    this.#op(op.brIf);
    this.#code.byte(0);
    this.#op(op.end);
    if (constant === undefined) this.#op(op.end);
    this.#depth--;
  }

  // memory

  /**
   * Readies an address for accesses at `ptr + offset + l · step` for several l: returns what puts the base on the
   * stack, and the offset from it of the first. The base is `ptr` where all offsets may stand in the instructions.
   */
  #address(ptr: Reg, offset: number, span: number): { base: () => void; offset: number } {
    const low = Math.min(offset, offset + span);
    const high = Math.max(offset, offset + span);
    if (low >= 0 && high <= firstAddress) return { base: () => this.#get(ptr, true), offset };
    this.#get(ptr);
    this.#i32(low);
    this.#op(op.i32Add);
    const at = this.#temporary("i32", "address");
    this.#setLocal(at);
    return { base: () => this.#getLocal(at), offset: offset - low };
  }

  /** Puts the address of one access on the stack, and returns its offset. */
  #one(ptr: Reg, offset: number): number {
    this.#get(ptr);
    if (offset >= 0 && offset <= firstAddress) return offset;
    this.#i32(offset);
    this.#op(op.i32Add);
    return 0;
  }

  #load({ dst, ptr, offset, from }: Extract<Ins, { op: "load" }>): void {
    const at = this.#one(ptr, offset);
    this.#memory(scalarLoads[from], at);
    this.#set(dst);
  }

  #loadVector({ dst, ptr, offset, stride, from }: Extract<Ins, { op: "load" }>): void {
    const bytes = memoryBytes[from];
    if (stride === 0) {
      const at = this.#one(ptr, offset);
      this.#memory(bytes === 4 ? op.v128Load32Splat : scalarLoads[from], at);
      if (bytes < 4) this.#op(op.i32x4Splat);
    } else if (stride === bytes) {
      const at = this.#one(ptr, offset);
      if (bytes === 4) this.#memory(op.v128Load, at);
      else if (bytes === 2) this.#memory(op.v128Load16x4, at);
      else {
        this.#memory(op.v128Load32Zero, at);
        this.#op(op.extendLow8);
        this.#op(op.extendLow16);
      }
    } else if (stride === -4 && bytes === 4) {
      const at = this.#one(ptr, offset - 12);
      this.#memory(op.v128Load, at);
      const t = this.#temporary("v128", "a");
      this.#setLocal(t);
      this.#getLocal(t);
      this.#getLocal(t);
      this.#shuffle(reversed);
    } else {
      const { base, offset: first } = this.#address(ptr, offset, 3 * stride);
      // Each lane is put into the vector before it, which an instruction wants above the address.
      const vector = this.#temporary("v128", "a");
      base();
      this.#memory(bytes === 4 ? op.v128Load32Zero : scalarLoads[from], first);
      if (bytes < 4) this.#op(op.i32x4Splat);
      for (const lane of lanes.slice(1)) {
        const at = first + lane * stride;
        if (bytes === 4) {
          this.#setLocal(vector);
          base();
          this.#code.byte(op.get);
          this.#code.unsigned(vector);
          this.#memory(op.v128Load32Lane, at);
          this.#code.byte(lane);
        } else {
          base();
          this.#memory(scalarLoads[from], at);
          this.#lane(op.i32x4Replace, lane);
        }
      }
    }
    this.#set(dst);
  }

  #store({ src, ptr, offset, to }: Extract<Ins, { op: "store" }>): void {
    const at = this.#one(ptr, offset);
    this.#get(src);
    this.#memory(scalarStores[to], at);
  }

  #storeVector({ src, ptr, offset, stride, to }: Extract<Ins, { op: "store" }>): void {
    const bytes = memoryBytes[to];
    if (stride === bytes) {
      const at = this.#one(ptr, offset);
      if (bytes === 1 || bytes === 2) {
        this.#get(src, true);
        this.#get(src);
        this.#shuffle(lowBytes[bytes]);
        this.#memory(bytes === 1 ? op.v128Store32Lane : op.v128Store64Lane, at);
        this.#code.byte(0);
      } else {
        this.#get(src);
        this.#memory(op.v128Store, at);
      }
      return;
    }
    const { base, offset: first } = this.#address(ptr, offset, 3 * stride);
    const [code, lanesPerValue] =
      bytes === 4 ? [op.v128Store32Lane, 1] : bytes === 2 ? [op.v128Store16Lane, 2] : [op.v128Store8Lane, 4]; // the low part of each value
    for (const lane of lanes) {
      base();
      this.#get(src, true);
      this.#memory(code, first + lane * stride);
      this.#code.byte(lane * lanesPerValue);
    }
  }

  // arithmetic

  #alu(ins: Extract<Ins, { op: "alu" }>): void {
    const { f, dst, src } = ins;
    const column = this.#column(src[0]);
    switch (f) {
      case "convert":
      case "bitcast": {
        const table = f === "convert" ? conversions : bitcasts;
        const code = table[`${column} ${this.#column(dst)}`];
        if (code === undefined) throw new Error(`wasm: no ${f} of ${column} to ${this.#column(dst)}`);
        this.#get(src[0]);
        if (code !== null) this.#op(code);
        break;
      }
      case "where": {
        const [cond, a, b] = src;
        this.#get(a);
        this.#get(b);
        this.#get(cond);
        this.#op(cond.lanes > 1 ? op.v128Select : op.select);
        break;
      }
      case "fma":
        this.#fma(src);
        break;
      case "shl":
      case "shr":
      case "sar":
        if (column === "i32x4") this.#shift(f, src[0], src[1]);
        else this.#direct(f, column, src);
        break;
      case "div":
        if (column === "i32") this.#divide(src[0], src[1]);
        else if (column === "i32x4") this.#divideVector(src[0], src[1]);
        else this.#direct(f, column, src);
        break;
      case "max":
      case "min":
        if (column === "f32x4") this.#extreme(f, src[0], src[1]);
        else if (column === "i32") {
          const [a, b] = src;
          this.#get(a, true);
          this.#get(b, true);
          this.#get(a);
          this.#get(b);
          this.#op(f === "min" ? op.i32LtS : op.i32GtS);
          this.#op(op.select);
        } else this.#direct(f, column, src);
        break;
      case "neg":
        if (column === "i32") {
          this.#i32(0);
          this.#get(src[0]);
          this.#op(op.i32Sub);
        } else this.#direct(f, column, src);
        break;
      case "lt":
        if (column === "mask") {
          this.#get(src[1]);
          this.#get(src[0]);
          this.#op(op.v128AndNot); // the first and not the second
        } else this.#direct(f, column, src);
        break;
      default:
        this.#direct(f, column, src);
    }
    this.#set(dst);
  }

  #direct(f: string, column: Column, src: readonly Reg[]): void {
    const code = direct[f]?.[column];
    if (code === undefined) throw new Error(`wasm: no ${f} of ${column} in ${this.#program.name}`);
    let [a, b] = src;
    // What has just been computed goes first, since it is on the stack already.
    if (b && commutative.has(f) && this.#last.end === this.#code.length && this.#last.local === this.#locals[b.id])
      [a, b] = [b, a];
    this.#get(a);
    if (b) this.#get(b);
    this.#op(code);
  }

  #fma([a, b, c]: readonly Reg[]): void {
    const column = this.#column(a);
    if (column === "f32x4" && this.#relaxed) {
      this.#get(a);
      this.#get(b);
      this.#get(c);
      this.#op(op.relaxedMadd);
    } else {
      this.#direct("mul", column, [a, b]);
      this.#get(c);
      this.#op(direct.add[column] as number);
    }
  }

  /** The count of a vector shift is a scalar: where lanes may differ, they are shifted one by one. */
  #shift(f: "shl" | "shr" | "sar", a: Reg, count: Reg): void {
    const constant = this.#constantOf(count);
    const scalar = this.#splats[count.id];
    if (constant !== undefined || scalar) {
      this.#get(a);
      if (constant !== undefined) this.#i32(constant & 31);
      else this.#get(scalar as Reg, true);
      this.#op(direct[f].i32x4 as number);
      return;
    }
    this.#get(a, true);
    for (const lane of lanes) {
      this.#get(a, true);
      this.#lane(op.i32x4Extract, lane);
      this.#get(count, true);
      this.#lane(op.i32x4Extract, lane);
      this.#op(direct[f].i32 as number);
      this.#lane(op.i32x4Replace, lane);
    }
  }

  #divide(a: Reg, b: Reg): void {
    const constant = this.#constantOf(b);
    this.#get(a, true);
    if (constant !== undefined && constant !== 0 && constant !== -1) this.#get(b);
    else {
      this.#i32(1);
      this.#get(b, true);
      this.#get(b, true);
      this.#op(op.i32Eqz);
      this.#get(b, true);
      this.#i32(-1);
      this.#op(op.i32Eq);
      this.#get(a, true);
      this.#i32(intMin);
      this.#op(op.i32Eq);
      this.#op(op.i32And);
      this.#op(op.i32Or);
      this.#op(op.select);
    }
    this.#op(op.i32DivS);
  }

  /** In float64, two lanes at a time: the quotient of int32s, rounded to float64, has the whole part of the exact one. */
  #divideVector(a: Reg, b: Reg): void {
    const constant = this.#constantOf(b);
    const divisor = this.#temporary("v128", "a");
    const low = this.#temporary("v128", "b");
    if (constant !== undefined && constant !== 0 && constant !== -1) this.#get(b, true);
    else {
      this.#v128([1, 1, 1, 1]);
      this.#get(b, true);
      this.#get(b, true);
      this.#v128([0, 0, 0, 0]);
      this.#op(op.i32x4Eq);
      this.#get(b, true);
      this.#v128([-1, -1, -1, -1]);
      this.#op(op.i32x4Eq);
      this.#get(a, true);
      this.#v128([intMin, intMin, intMin, intMin]);
      this.#op(op.i32x4Eq);
      this.#op(op.v128And);
      this.#op(op.v128Or);
      this.#op(op.v128Select);
    }
    this.#setLocal(divisor);
    const half = (put: () => void, high: boolean): void => {
      put();
      if (high) {
        put();
        this.#shuffle(swapHalves);
      }
      this.#op(op.convertLow64);
    };
    for (const high of [false, true]) {
      half(() => this.#get(a, true), high);
      half(() => this.#getLocal(divisor), high);
      this.#op(op.f64x2Div);
      this.#op(op.truncLow64);
      if (!high) this.#setLocal(low);
    }
    const upper = this.#temporary("v128", "c");
    this.#setLocal(upper);
    this.#getLocal(low);
    this.#getLocal(upper);
    this.#shuffle(lowHalves);
  }

  /**
   * `f32x4.max` is some eight instructions on x64. Where one side is a constant c, not NaN, `pmax(x, c)`, which is
   * c where x < c and else x, gives a NaN and the greater one; only of −0 and +0 it may give the wrong one.
   */
  #extreme(f: "max" | "min", a: Reg, b: Reg): void {
    const [x, c] = this.#constantOf(b) === undefined ? [b, a] : [a, b];
    const value = this.#constantOf(c);
    const tie = Object.is(value, f === "max" ? 0 : -0);
    if (value === undefined || Number.isNaN(value) || (tie && f === "min")) {
      this.#direct(f, "f32x4", [a, b]);
      return;
    }
    this.#get(x);
    this.#get(c);
    this.#op(f === "max" ? op.f32x4PMax : op.f32x4PMin);
    if (tie) {
      this.#v128([0, 0, 0, 0]); // −0 + 0 is +0, and nothing else changes
      this.#op(op.f32x4Add);
    }
  }
}

const scalarLoads: Record<Memory, number> = {
  uint8: op.i32Load8,
  uint16: op.i32Load16,
  int32: op.i32Load,
  float32: op.f32Load,
  float64: op.f64Load,
};
const scalarStores: Record<Memory, number> = {
  uint8: op.i32Store8,
  uint16: op.i32Store16,
  int32: op.i32Store,
  float32: op.f32Store,
  float64: op.f64Store,
};
