/**
 * x86-64 instructions as bytes: legacy, VEX and EVEX prefixes, addresses, and labels. Numbers of sections are those of
 * the Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2.
 */

/** What an instruction does with an operand: reads it, writes it, or both. */
export type Role = "r" | "w" | "x" | "-";

/** An instruction: how it is encoded, and what it does with its operands. The table of them is in x64-rows.ts. */
export interface Row {
  /** The mnemonic, and after a dot what tells its forms apart. */
  readonly name: string;
  /** The mnemonic where the prefix is EVEX, if it is another one. */
  readonly evexName: string;
  /** `any` has both prefixes: VEX where that suffices. */
  readonly prefix: "legacy" | "vex" | "evex" | "any";
  /** The mandatory prefix, the map of opcodes, and the bit W: 0, 1, or 2 for what VEX ignores and EVEX has as 1. */
  readonly pp: 0 | 1 | 2 | 3;
  readonly map: 0 | 1 | 2 | 3;
  readonly w: 0 | 1 | 2;
  readonly opcode: number;
  /** What stands in place of the register, or −1. */
  readonly digit: number;
  readonly reg: Role;
  readonly vvvv: Role;
  readonly rm: Role;
  /** Bytes that the last operand has in memory, or the part of the vector's; 0 where it cannot be in memory. */
  readonly memory: number | "full" | "half" | "quarter";
  /** Bytes of the element that EVEX can load into all lanes instead; 0 where it cannot. */
  readonly broadcast: 0 | 4 | 8;
  /** `+`: the register is part of the opcode; `is4`: the last register is in the immediate byte. */
  readonly imm: "" | "8" | "32" | "64" | "8|32" | "is4";
  readonly plus: boolean;
  /** Whether general registers are used by their low byte. */
  readonly byte: boolean;
}

/** An operand in memory: `[base + index · scale + disp]`, or a place relative to the code's end if base is `rip`. */
export interface Address {
  readonly base: number;
  readonly disp: number;
  readonly index?: number;
  readonly scale?: 1 | 2 | 4 | 8;
  readonly broadcast?: boolean;
}
export const rip = -1;

export const general = {
  rax: 0,
  rcx: 1,
  rdx: 2,
  rbx: 3,
  rsp: 4,
  rbp: 5,
  rsi: 6,
  rdi: 7,
  r8: 8,
  r9: 9,
  r10: 10,
  r11: 11,
  r12: 12,
  r13: 13,
  r14: 14,
  r15: 15,
} as const;

/** Condition codes (appendix B.1). A condition and its opposite differ in the lowest bit. */
export const condition = { b: 2, ae: 3, e: 4, ne: 5, be: 6, a: 7, s: 8, ns: 9, l: 12, ge: 13, le: 14, g: 15 } as const;

export type Length = 128 | 256 | 512;

/** What an instruction may have besides its operands. */
export interface Extra {
  readonly imm?: number;
  /** The mask register (0 for none), and whether lanes outside of it become 0 or are kept. */
  readonly mask?: number;
  readonly zero?: boolean;
}
const nothing: Extra = {};

/** How many bytes an instruction reads or writes at its address. */
export function memoryBytes(row: Row, length: Length, broadcast = false): number {
  if (broadcast) return row.broadcast;
  if (typeof row.memory === "number") return row.memory;
  return length / { full: 8, half: 16, quarter: 32 }[row.memory];
}

/** A place in the code to which jumps go. */
export interface Label {
  at: number;
  /** Where displacements to it are still missing. */
  readonly from: number[];
}

/** No-operations of 1 to 9 bytes (table 4-12). */
const nops: readonly (readonly number[])[] = [
  [0x90],
  [0x66, 0x90],
  [0x0f, 0x1f, 0x00],
  [0x0f, 0x1f, 0x40, 0x00],
  [0x0f, 0x1f, 0x44, 0x00, 0x00],
  [0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00],
  [0x0f, 0x1f, 0x80, 0x00, 0x00, 0x00, 0x00],
  [0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
  [0x66, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
];

export class Assembler {
  #bytes = new Uint8Array(4096);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  /** Displacements from the end of an instruction to data: where they are, where it ends, and to which data. */
  readonly data: { readonly at: number; readonly end: number; readonly entry: number }[] = [];

  get length(): number {
    return this.#length;
  }

  bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  byte(x: number): void {
    if (this.#length === this.#bytes.length) this.#reserve(1);
    this.#bytes[this.#length++] = x;
  }
  int32(x: number): void {
    this.#reserve(4);
    this.#view.setInt32(this.#length, x, true);
    this.#length += 4;
  }
  append(bytes: ArrayLike<number>): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }
  patch(at: number, x: number): void {
    this.#view.setInt32(at, x, true);
  }
  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const larger = new Uint8Array(2 * (this.#length + bytes));
    larger.set(this.#bytes);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }

  /** Fills up with instructions that do nothing. */
  align(to: number): void {
    for (let rest = (to - (this.#length % to)) % to; rest > 0; ) {
      const nop = nops[Math.min(rest, nops.length) - 1];
      this.append(nop);
      rest -= nop.length;
    }
  }

  // jumps

  label(): Label {
    return { at: -1, from: [] };
  }
  bind(label: Label): void {
    label.at = this.#length;
    for (const at of label.from) this.patch(at, label.at - (at + 4));
  }
  /** Jumps if a condition holds, or in any case. */
  jump(label: Label, cc?: number): void {
    const near = label.at - (this.#length + 2);
    if (label.at >= 0 && near >= -128) {
      this.byte(cc === undefined ? 0xeb : 0x70 | cc);
      this.byte(near & 255);
      return;
    }
    if (cc === undefined) this.byte(0xe9);
    else {
      this.byte(0x0f);
      this.byte(0x80 | cc);
    }
    if (label.at < 0) label.from.push(this.#length);
    this.int32(label.at < 0 ? 0 : label.at - (this.#length + 4));
  }

  push(r: number): void {
    if (r > 7) this.byte(0x41);
    this.byte(0x50 | (r & 7));
  }
  pop(r: number): void {
    if (r > 7) this.byte(0x41);
    this.byte(0x58 | (r & 7));
  }
  ret(): void {
    this.byte(0xc3);
  }
  /** `vzeroupper`. */
  zeroUpper(): void {
    this.append([0xc5, 0xf8, 0x77]);
  }

  // instructions

  /** One instruction. Operands that its row does not have are −1; masks are registers k1 to k7. */
  encode(
    row: Row,
    length: Length,
    reg: number,
    vvvv: number,
    rm: number | Address,
    { imm = 0, mask = 0, zero = false }: Extra = nothing,
  ): void {
    const fits = imm >= -128 && imm <= 127;
    const place = typeof rm === "number" ? null : rm;
    const field = row.digit >= 0 ? row.digit : Math.max(reg, 0);
    let scale = 1;
    if (row.prefix === "legacy") this.#legacy(row, fits, field, rm);
    else {
      const high = reg > 15 || vvvv > 15 || (typeof rm === "number" && rm > 15);
      const is4 = row.imm === "is4";
      const evex =
        row.prefix === "evex" ||
        (row.prefix === "any" && (length === 512 || high || (mask > 0 && !is4) || place?.broadcast === true));
      if (evex) {
        scale = place ? memoryBytes(row, length, place.broadcast) : 1;
        this.#evex(row, length, field, vvvv, rm, mask, zero);
      } else if (high) throw new Error(`x64: ${row.name} cannot name register 16 or higher`);
      else this.#vex(row, length, field, vvvv, rm);
      if (is4) imm = mask << 4;
    }
    let displacement = -1;
    if (!row.plus) {
      if (place) displacement = this.#address(field, place, scale);
      else this.byte(0xc0 | ((field & 7) << 3) | ((rm as number) & 7));
    }
    if (row.imm === "8" || row.imm === "is4" || (row.imm === "8|32" && fits)) this.byte(imm & 255);
    else if (row.imm === "64") {
      this.#reserve(8);
      this.#view.setBigInt64(this.#length, BigInt(imm), true);
      this.#length += 8;
    } else if (row.imm !== "") this.int32(imm | 0);
    if (displacement >= 0 && place) this.data.push({ at: displacement, end: this.#length, entry: place.disp });
  }

  /** 2.1 and 2.2.1: prefixes, REX, opcode. */
  #legacy(row: Row, fits: boolean, field: number, rm: number | Address): void {
    const b = typeof rm === "number" ? rm : rm.base;
    const x = typeof rm === "number" ? 0 : (rm.index ?? 0);
    if (row.pp > 0) this.byte([0, 0x66, 0xf3, 0xf2][row.pp]);
    const rex = ((row.w & 1) << 3) | ((field >> 3) << 2) | ((x >> 3) << 1) | (b > 7 ? 1 : 0);
    const low = row.byte && ((row.reg === "r" && field > 3) || (typeof rm === "number" && rm > 3));
    if (rex > 0 || low) this.byte(0x40 | rex);
    if (row.map > 0) this.byte(0x0f);
    if (row.map === 2) this.byte(0x38);
    if (row.plus) this.byte(row.opcode | (b & 7));
    // The forms with an immediate byte are 2 higher than those with 4 (and `imul`'s, too).
    else this.byte(row.imm === "8|32" && fits ? row.opcode | 2 : row.opcode);
  }

  /** 2.3.5. */
  #vex(row: Row, length: Length, field: number, vvvv: number, rm: number | Address): void {
    const b = typeof rm === "number" ? rm : rm.base;
    const x = typeof rm === "number" ? 0 : (rm.index ?? 0);
    const notR = field > 7 ? 0 : 0x80;
    const notX = x > 7 ? 0 : 0x40;
    const notB = b > 7 ? 0 : 0x20;
    const w = row.w === 1 ? 0x80 : 0;
    const rest = ((~Math.max(vvvv, 0) & 15) << 3) | (length === 256 ? 4 : 0) | row.pp;
    if (row.map === 1 && w === 0 && notX > 0 && notB > 0) {
      this.byte(0xc5);
      this.byte(notR | rest);
    } else {
      this.byte(0xc4);
      this.byte(notR | notX | notB | row.map);
      this.byte(w | rest);
    }
    this.byte(row.opcode);
  }

  /** 2.7.1. */
  #evex(
    row: Row,
    length: Length,
    field: number,
    vvvv: number,
    rm: number | Address,
    mask: number,
    zero: boolean,
  ): void {
    const v = Math.max(vvvv, 0);
    const b = typeof rm === "number" ? rm : rm.base;
    const x = typeof rm === "number" ? (rm & 16) >> 1 : (rm.index ?? 0);
    const bits = (field & 8 ? 0 : 0x80) | (x & 8 ? 0 : 0x40) | (b > 0 && b & 8 ? 0 : 0x20) | (field & 16 ? 0 : 0x10);
    this.byte(0x62);
    this.byte(bits | row.map);
    this.byte((row.w > 0 ? 0x80 : 0) | ((~v & 15) << 3) | 4 | row.pp);
    const broadcast = typeof rm !== "number" && rm.broadcast ? 0x10 : 0;
    const lengths = { 128: 0, 256: 0x20, 512: 0x40 };
    this.byte((zero ? 0x80 : 0) | lengths[length] | broadcast | (v & 16 ? 0 : 8) | mask);
    this.byte(row.opcode);
  }

  /** ModR/M, SIB and displacement (2.1.5), which EVEX scales if it is a byte (2.7.5). Returns where one to data is, or −1. */
  #address(field: number, { base, disp, index, scale = 1 }: Address, unit: number): number {
    const reg = (field & 7) << 3;
    if (base === rip) {
      this.byte(reg | 5);
      this.int32(0);
      return this.#length - 4;
    }
    const short = disp % unit === 0 && disp / unit >= -128 && disp / unit <= 127;
    const mod = disp === 0 && (base & 7) !== 5 ? 0 : short ? 0x40 : 0x80;
    if (index !== undefined) {
      this.byte(mod | reg | 4);
      this.byte(({ 1: 0, 2: 0x40, 4: 0x80, 8: 0xc0 }[scale] ?? 0) | ((index & 7) << 3) | (base & 7));
    } else {
      this.byte(mod | reg | (base & 7));
      if ((base & 7) === 4) this.byte(0x24);
    }
    if (mod === 0x40) this.byte((disp / unit) & 255);
    else if (mod === 0x80) this.int32(disp);
    return -1;
  }
}
