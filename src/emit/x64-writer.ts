/** A program while machine instructions are selected for it: its registers as virtual ones, and what is known of them. */
import type { Reg } from "../compile/vector-ir.ts";
import type { Counts } from "./x64-copies.ts";
import type { Length } from "./x64-encoding.ts";
import { type OpExtra, type Place, Routine } from "./x64-machine.ts";

const bits = new DataView(new ArrayBuffer(8));
/** The bits of a float32, and those of a float64 as two words. */
export function float32Bits(x: number): number {
  bits.setFloat32(0, x, true);
  return bits.getInt32(0, true);
}
export function float64Bits(x: number): [number, number] {
  bits.setFloat64(0, x, true);
  return [bits.getInt32(0, true), bits.getInt32(4, true)];
}

export const fitsInt32 = (x: number): boolean => x >= -(2 ** 31) && x < 2 ** 31;

export class Writer {
  readonly routine: Routine = new Routine();
  /** Whether there are 32 vector registers, of up to 512 bits, and masks; else 16 of 256. */
  readonly avx512: boolean;
  /** The length of a vector. */
  readonly wide: Length;
  readonly args: number;
  readonly item: number;
  readonly scratch: number;
  readonly #counts: Counts;
  readonly #registers: number[] = [];
  readonly #constants: (number | undefined)[] = [];
  /** The comparison that was written last: its result, its condition, and how many instructions there were then. */
  #compared = { id: -1, cc: 0, count: -1 };

  constructor(counts: Counts, lanes: 8 | 16, avx512: boolean) {
    this.avx512 = avx512;
    this.wide = lanes === 16 ? 512 : 256;
    this.#counts = counts;
    [this.args, this.item, this.scratch] = [0, 1, 2].map(() => this.routine.reg("general"));
    this.routine.firm.add(this.args);
    this.routine.pseudo("enter", { reg: this.args, vvvv: this.item, rm: this.scratch });
  }

  // registers

  /** The virtual register of one of the program's. */
  of(r: Reg): number {
    this.#registers[r.id] ??= this.like(r);
    return this.#registers[r.id];
  }
  /** A new one of the same kind. */
  like({ kind, lanes }: Reg): number {
    if (lanes === 1) return kind === "float32" || kind === "float64" ? this.vector(128) : this.general();
    return kind === "bool" && this.avx512 ? this.mask() : this.vector(this.wide);
  }
  general(): number {
    return this.routine.reg("general");
  }
  mask(): number {
    return this.routine.reg("mask");
  }
  vector(length: Length): number {
    return this.routine.reg("vector", length / 8);
  }
  lengthOf({ lanes }: Reg): Length {
    return lanes > 1 ? this.wide : 128;
  }
  readsOf(r: Reg): number {
    return this.#counts.reads[r.id] ?? 0;
  }

  /** Copies a register to another; where each holds only ever one value, they become the same. */
  copy(dst: Reg, a: Reg): void {
    if (!this.alias(dst, this.of(a), this.#isFixed(a))) this.move(dst, this.of(dst), this.of(a));
  }
  /** Has a register be the virtual one `v`, if it is written only here, and so is `v`. */
  alias(dst: Reg, v: number, isFixed = true): boolean {
    if (!isFixed || !this.#isFixed(dst) || this.#registers[dst.id] !== undefined) return false;
    this.#registers[dst.id] = v;
    return true;
  }
  #isFixed(r: Reg): boolean {
    return this.#counts.writes[r.id] === 1;
  }

  /** A register into which a result may be put before all of its sources are read. */
  free(dst: Reg, sources: readonly Reg[]): number {
    return sources.some((s) => s.id === dst.id) ? this.like(dst) : this.of(dst);
  }
  /** Copies a register of `r`'s kind, if they are two. */
  move(r: Reg, to: number, from: number): void {
    if (to === from) return;
    const file = this.routine.files[to];
    if (file === "vector") this.op("vmovaps", this.lengthOf(r), to, -1, from);
    else if (file === "mask") this.op("kmovw", 128, to, -1, from);
    else this.op(r.kind === "int" ? "mov.64" : "mov.32", 128, to, -1, from);
  }

  // what is known

  /** The constant that a register holds in each lane, as far as is known. */
  constantOf(r: Reg): number | undefined {
    return this.#constants[r.id];
  }
  know(r: Reg, constant: number): void {
    if (this.#isFixed(r)) this.#constants[r.id] = constant;
  }

  // instructions

  op(name: string, length: Length, reg: number, vvvv: number, rm: number | Place, extra?: OpExtra): void {
    this.routine.emit(name, length, reg, vvvv, rm, extra);
  }
  /** One whose result goes into a new vector register, which is returned. */
  make(name: string, length: Length, vvvv: number, rm: number | Place, extra?: OpExtra): number {
    const t = this.vector(length);
    this.op(name, length, t, vvvv, rm, extra);
    return t;
  }
  /** The same, into a new general or mask register. */
  makeGeneral(name: string, rm: number | Place, extra?: OpExtra): number {
    const t = this.general();
    this.op(name, 128, t, -1, rm, extra);
    return t;
  }
  makeMask(name: string, length: Length, vvvv: number, rm: number | Place, extra?: OpExtra): number {
    const t = this.mask();
    this.op(name, length, t, vvvv, rm, extra);
    return t;
  }
  /** A number in a general register. */
  number(x: number): number {
    const t = this.general();
    this.numberInto(t, x);
    return t;
  }
  numberInto(t: number, x: number): void {
    const short = x >= 0 && x < 2 ** 32;
    this.op(short ? "mov.const32" : "movabs", 128, -1, -1, t, { imm: x, constant: true });
  }

  /** A word in all lanes of a vector, as an operand of an instruction that can load one into them. */
  every(word: number, length: Length): Place {
    const broadcast = this.avx512 && length > 128;
    return this.routine.constant(broadcast ? [word] : Array.from({ length: length / 32 }, () => word), broadcast);
  }

  /** Notes that the result of a comparison, just written, is `r`. */
  compared(r: Reg, cc: number): void {
    this.#compared = { id: r.id, cc, count: this.routine.ops.length };
  }
  /** The condition that holds where `r` does, if the flags still say so; nothing else needs the register then. */
  takeCondition(r: Reg): number | undefined {
    const { id, cc, count } = this.#compared;
    if (id !== r.id || count !== this.routine.ops.length || this.readsOf(r) > 1) return undefined;
    this.routine.ops.length -= 2; // setcc and movzx
    return cc;
  }
}
