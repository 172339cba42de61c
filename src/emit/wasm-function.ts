/** A function of a WebAssembly module while it is written: its code, and the locals that its registers become. */
import { eachSource, type Ins, type Program, type Reg } from "../compile/vector-ir.ts";
import { Bytes, type Column, op, opcode, types, type ValueType } from "./wasm-encoding.ts";

/** Locals that are the function's parameters. */
export const parameters = { args: 0, item: 1, scratch: 2 } as const;
const parameterCount = 3;

/** Numbers of the lanes of a vector. */
export const lanes = [0, 1, 2, 3] as const;

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
/** The types of locals. */
export const valueTypes: Record<Column, ValueType> = {
  i32: "i32",
  bool: "i32",
  f32: "f32",
  f64: "f64",
  i32x4: "v128",
  mask: "v128",
  f32x4: "v128",
};
const bits = new DataView(new ArrayBuffer(8));
/** The bits of a float32. */
export function bitsOf(x: number): number {
  bits.setFloat32(0, x);
  return bits.getInt32(0);
}

/** One function. What the methods write is named after the instructions. */
export class FunctionWriter {
  readonly name: string;
  /** Whether a multiply-add may round once. */
  readonly relaxed: boolean;
  readonly #code = new Bytes();
  /** How often the program reads and writes each register. */
  readonly #uses: number[] = [];
  readonly #writes: number[] = [];
  /** The value of a register that is written once and is constant, in each of its lanes. */
  readonly #constants: (number | undefined)[] = [];
  /** The one value that is in every lane of a register that is written once. */
  readonly #splats: (Reg | undefined)[] = [];
  readonly #locals: (number | undefined)[] = [];
  readonly #types: ValueType[] = [];
  /** Hidden locals, for what some instructions need in between. */
  readonly #temporaries = new Map<string, number>();
  /** The `local.set` that ends at `end`: a `local.get` that follows it at once needs no second instruction. */
  #last = { start: 0, end: -1, local: -1 };

  constructor({ name, body }: Program, relaxed: boolean) {
    this.name = name;
    this.relaxed = relaxed;
    this.#survey(body);
  }

  /** The function, as it stands in a module (5.4.13): its size, its locals, its code. */
  writeTo(out: Bytes): void {
    // Runs of equal types, in the order of the locals' numbers.
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
    out.unsigned(locals.length + this.#code.length);
    out.append(locals.view());
    out.append(this.#code.view());
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

  op(code: number): void {
    opcode(this.#code, code);
  }
  byte(b: number): void {
    this.#code.byte(b);
  }
  i32(value: number): void {
    this.#code.byte(op.i32Const);
    this.#code.signed(value);
  }
  f32(value: number): void {
    this.#code.byte(op.f32Const);
    this.#word(bitsOf(value));
  }
  f64(value: number): void {
    this.#code.byte(op.f64Const);
    bits.setFloat64(0, value);
    const [high, low] = [bits.getInt32(0), bits.getInt32(4)];
    this.#word(low);
    this.#word(high);
  }
  v128(values: readonly number[]): void {
    this.op(op.v128Const);
    for (const value of values) this.#word(value);
  }
  /** Four bytes, the lowest first. */
  #word(value: number): void {
    for (const i of lanes) this.#code.byte((value >>> (8 * i)) & 255);
  }
  shuffle(from: readonly number[]): void {
    this.op(op.shuffle);
    this.#code.append(from);
  }
  lane(code: number, lane: number): void {
    this.op(code);
    this.#code.byte(lane);
  }
  /** A load or store; no alignment is promised (5.4.6). */
  memory(code: number, offset: number): void {
    this.op(code);
    this.#code.byte(0);
    this.#code.unsigned(offset);
  }

  #local(r: Reg): number {
    let local = this.#locals[r.id];
    if (local === undefined) {
      local = this.#newLocal(valueTypes[this.column(r)]);
      this.#locals[r.id] = local;
    }
    return local;
  }
  #newLocal(type: ValueType): number {
    return parameterCount + this.#types.push(type) - 1;
  }
  /** A hidden local, the same for the same name. */
  temporary(type: ValueType, name: string): number {
    let local = this.#temporaries.get(name);
    if (local === undefined) {
      local = this.#newLocal(type);
      this.#temporaries.set(name, local);
    }
    return local;
  }
  /** How a register's values are computed on. */
  column(r: Reg): Column {
    const column = columns[r.kind + r.lanes];
    if (!column) throw new Error(`wasm: no ${r.kind} of ${r.lanes} lanes in ${this.name}`);
    return column;
  }

  /** Puts a register on the stack. `again`: the same instruction of the program will read it once more. */
  get(r: Reg, again = false): void {
    const constant = this.#constants[r.id];
    const column = this.column(r);
    if (constant !== undefined && (column === "i32" || column === "bool")) this.i32(constant);
    else this.getLocal(this.#local(r), !again && this.#uses[r.id] === 1);
  }
  /** Puts a local on the stack. `dies`: nothing reads it after. */
  getLocal(local: number, dies = false): void {
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
  set(r: Reg): void {
    this.setLocal(this.#local(r));
  }
  setLocal(local: number): void {
    const start = this.#code.length;
    this.#code.byte(op.set);
    this.#code.unsigned(local);
    this.#last = { start, end: this.#code.length, local };
  }

  /** The constant that a register holds in each lane, as far as is known. */
  constantOf(r: Reg): number | undefined {
    return this.#constants[r.id];
  }
  /** The register whose value another holds in each lane, as far as is known. */
  splatOf(r: Reg): Reg | undefined {
    return this.#splats[r.id];
  }
  /** Notes what a register holds, and tells whether that is all that it ever holds, and so is known from here on. */
  know(r: Reg, constant: number | undefined, splat?: Reg): boolean {
    if (!this.#writtenOnce(r)) return false;
    this.#constants[r.id] = constant;
    if (splat && this.#writtenOnce(splat)) this.#splats[r.id] = splat;
    return true;
  }
  /** Has a register be a parameter, and tells whether it can be: it must never hold anything else. */
  alias(r: Reg, parameter: number): boolean {
    if (this.#writtenOnce(r)) this.#locals[r.id] = parameter;
    return this.#writtenOnce(r);
  }
  #writtenOnce(r: Reg): boolean {
    return this.#writes[r.id] === 1;
  }
  /** Whether a register is what was just computed, so that it costs nothing to take it first. */
  isOnStack(r: Reg): boolean {
    return this.#last.end === this.#code.length && this.#last.local === this.#locals[r.id];
  }
}
