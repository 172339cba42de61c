/** Machine instructions on virtual registers: what is selected for a program, before registers are allocated. */
import { type Length, memoryBytes, type Role, type Row } from "./x64-encoding.ts";
import { row } from "./x64-rows.ts";

/** Registers of the machine come in three files. */
export type File = "general" | "vector" | "mask";

/** A place in memory. Its base is a virtual register, or one of these: then `disp` is an entry, or an offset. */
export interface Place {
  readonly base: number;
  readonly disp: number;
  /** Whether its element goes into every lane (only where the instruction can do that). */
  readonly broadcast: boolean;
}
export const pool = -1;
export const stack = -2;

/**
 * `loop` is where a loop's body begins, and `end`, where a register counts down and all begins anew unless it is 0.
 * `enter` writes the function's parameters; `divide` and `modulo` take registers of their own, and `tiles` is many
 * instructions (x64-tiles.ts).
 */
export type OpKind = "plain" | "label" | "jump" | "loop" | "end" | "enter" | "divide" | "modulo" | "tiles";

/** What tiles multiply: pointers to `a`, `b` and the sums are in reg, vvvv and rm. */
export interface TileWork {
  readonly multiply: string;
  readonly rows: number;
  /** Bytes from a row to the next. */
  readonly pitches: { readonly a: number; readonly b: number; readonly to: number };
  /** Tiles of so many words of depth, one after the other, and where their shapes are described. */
  readonly runs: readonly { readonly tiles: number; readonly shapes: Place }[];
}

/** One instruction. Operands that it does not have are −1. */
export class Op {
  readonly kind: OpKind;
  readonly row: Row;
  readonly length: Length;
  reg: number;
  vvvv: number;
  rm: number;
  /** In place of `rm`. */
  place: Place | null;
  readonly imm: number;
  mask: number;
  readonly zero: boolean;
  /** A label or a loop, by number. */
  readonly target: number;
  readonly cc: number;
  /** Whether it loads what never changes while the routine runs. */
  readonly constant: boolean;
  readonly tiles: TileWork | null;

  constructor(kind: OpKind, r: Row, length: Length, o: Partial<Op>) {
    this.kind = kind;
    this.row = r;
    this.length = length;
    this.reg = o.reg ?? -1;
    this.vvvv = o.vvvv ?? -1;
    this.rm = o.rm ?? -1;
    this.place = o.place ?? null;
    this.imm = o.imm ?? 0;
    this.mask = o.mask ?? -1;
    this.zero = o.zero ?? false;
    this.target = o.target ?? -1;
    this.cc = o.cc ?? -1;
    this.constant = o.constant ?? false;
    this.tiles = o.tiles ?? null;
  }

  /** What it does with the register in `reg`: one that is written under a mask keeps some lanes, and so is read. */
  get regRole(): Role {
    const { reg } = this.row;
    return reg === "w" && this.mask >= 0 && !this.zero && this.row.imm !== "is4" ? "x" : reg;
  }
  /** Whether it only loads: so that its value can be had from its place at any time until that changes. */
  get isLoad(): boolean {
    return this.place !== null && this.mask < 0 && loads.has(this.row.name);
  }
  get isCopy(): boolean {
    return this.place === null && this.rm >= 0 && this.mask < 0 && copies.has(this.row.name);
  }
  /** Whether it does more than write registers. */
  get hasEffect(): boolean {
    if (this.kind !== "plain") return this.kind !== "divide" && this.kind !== "modulo";
    const { reg, vvvv, rm } = this.row;
    const writes = (role: Role): boolean => role === "w" || role === "x";
    return this.place !== null && writes(rm) ? true : !(writes(reg) || writes(vvvv) || writes(rm));
  }
}

const loads = new Set(["vmovups", "vmovss", "vmovsd", "vbroadcastss", "mov.32", "mov.64", "kmovw"]);
const copies = new Set(["vmovaps", "mov.32", "mov.64", "kmovw"]);

/** Pseudo-instructions have rows too, which say what they do with registers. */
const bare: Row = { ...row("mov.64"), name: "", reg: "-", rm: "-", memory: 0 };
const pseudo: Partial<Record<OpKind, Row>> = {
  end: row("dec.64"),
  enter: { ...bare, name: "enter", reg: "w", vvvv: "w", rm: "w" },
  divide: { ...bare, name: "divide", reg: "w", vvvv: "r", rm: "r", memory: 8 },
  modulo: { ...bare, name: "modulo", reg: "w", vvvv: "r", rm: "r", memory: 8 },
  tiles: { ...bare, name: "tiles", reg: "r", vvvv: "r", rm: "r" },
};

/** Whether an instruction can have its last operand in memory that is read as `bytes`, or as one element for all lanes. */
export function takesMemory(op: Op, bytes: number, broadcast: boolean, canBroadcast: boolean): boolean {
  if (op.place !== null || op.row.memory === 0) return false;
  if (broadcast) return canBroadcast && op.row.broadcast === 4 && bytes === 4;
  return memoryBytes(op.row, op.length) === bytes;
}

/** Shows `see` each register that an instruction reads, and then each that it writes; some are both. */
export function eachOperand(op: Op, see: (v: number, reads: boolean, writes: boolean) => void): void {
  const { place } = op;
  const { rm, vvvv } = op.row;
  if (op.mask >= 0) see(op.mask, true, false);
  if (place !== null) {
    if (place.base >= 0) see(place.base, true, false);
  } else if (rm !== "-" && op.rm >= 0) see(op.rm, rm !== "w", rm !== "r");
  if (vvvv !== "-" && op.vvvv >= 0) see(op.vvvv, vvvv !== "w", vvvv !== "r");
  if (op.reg >= 0) {
    const reg = op.regRole;
    if (reg !== "-") see(op.reg, reg !== "w", reg !== "r");
  }
}

/** What an instruction may have besides its operands, in virtual registers. */
export interface OpExtra {
  readonly imm?: number;
  readonly mask?: number;
  readonly zero?: boolean;
  readonly constant?: boolean;
}

/** A function that is being made. */
export class Routine {
  ops: Op[] = [];
  /** By virtual register: its file, and the bytes that it takes when it is kept in memory. */
  readonly files: File[] = [];
  readonly bytes: number[] = [];
  /** Registers that must not be kept in memory. */
  readonly firm: Set<number> = new Set();
  /** Constants behind the code, as words of 4 bytes. */
  readonly pool: (readonly number[])[] = [];
  readonly #entries = new Map<string, number>();
  #targets = 0;
  /** Bytes of the stack that are taken. */
  frame = 0;

  reg(file: File, bytes: number = file === "vector" ? 16 : 8): number {
    this.files.push(file);
    this.bytes.push(bytes);
    return this.files.length - 1;
  }

  emit(name: string, length: Length, reg: number, vvvv: number, rm: number | Place, extra: OpExtra = {}): Op {
    const operand = typeof rm === "number" ? { rm } : { place: rm };
    const op = new Op("plain", row(name), length, { reg, vvvv, ...operand, ...extra });
    this.ops.push(op);
    return op;
  }
  pseudo(kind: Exclude<OpKind, "plain">, o: Partial<Op>): void {
    this.ops.push(new Op(kind, pseudo[kind] ?? bare, 128, o));
  }
  target(): number {
    return this.#targets++;
  }
  get targets(): number {
    return this.#targets;
  }

  /** A constant of some words of 4 bytes. */
  constant(words: readonly number[], broadcast = false): Place {
    const key = words.join();
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = this.pool.length;
      this.pool.push(words);
      this.#entries.set(key, entry);
    }
    return { base: pool, disp: entry, broadcast };
  }
  /** A place on the stack. */
  slot(bytes: number): Place {
    this.frame = Math.ceil(this.frame / bytes) * bytes;
    const place = { base: stack, disp: this.frame, broadcast: false };
    this.frame += bytes;
    return place;
  }
}
