/**
 * The binary format of WebAssembly (core specification 3.0, chapter 5): a growing array of bytes, and the numbers of the
 * instructions that kernels use.
 */

/** Bytes that grow at the end. */
export class Bytes {
  #bytes: Uint8Array<ArrayBuffer>;
  length = 0;

  constructor(capacity = 4096) {
    this.#bytes = new Uint8Array(capacity);
  }

  #reserve(count: number): void {
    if (this.length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * this.#bytes.length, this.length + count));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }

  byte(b: number): void {
    if (this.length === this.#bytes.length) this.#reserve(1);
    this.#bytes[this.length++] = b;
  }

  append(bytes: ArrayLike<number>): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** An unsigned integer below 2³² in LEB128. */
  unsigned(n: number): void {
    n >>>= 0;
    while (n > 127) {
      this.byte((n & 127) | 128);
      n >>>= 7;
    }
    this.byte(n);
  }

  /** An integer, modulo 2³², in signed LEB128. */
  signed(n: number): void {
    n |= 0;
    while (n < -64 || n > 63) {
      this.byte((n & 127) | 128);
      n >>= 7;
    }
    this.byte(n & 127);
  }

  string(s: string): void {
    const bytes = new TextEncoder().encode(s);
    this.unsigned(bytes.length);
    this.append(bytes);
  }

  /** Changes a byte that is already there. */
  patch(at: number, b: number): void {
    this.#bytes[at] = b;
  }

  view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.length);
  }
}

/** Writes an instruction of the tables below; those with a prefix byte are `prefix · 4096 + number`. */
export function opcode(out: Bytes, code: number): void {
  if (code < 256) out.byte(code);
  else {
    out.byte(code >> 12);
    out.unsigned(code & 0xfff);
  }
}

/** Types of values, and the empty type of a block (5.3.1, 5.4.1). */
export const types = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b, none: 0x40 } as const;
export type ValueType = Exclude<keyof typeof types, "none">;

/** Control and variables (5.4.1, 5.4.4), loads and stores (5.4.6, 5.4.9), constants (5.4.7), lanes and conversions (5.4.8, 5.4.9). */
export const op = {
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  brIf: 0x0d,
  select: 0x1b,
  get: 0x20,
  set: 0x21,
  tee: 0x22,

  i32Load: 0x28,
  f32Load: 0x2a,
  f64Load: 0x2b,
  i32Load8: 0x2d,
  i32Load16: 0x2f,
  i32Store: 0x36,
  f32Store: 0x38,
  f64Store: 0x39,
  i32Store8: 0x3a,
  i32Store16: 0x3b,
  v128Load: 0xfd_000,
  v128Load16x4: 0xfd_004,
  v128Load32Splat: 0xfd_009,
  v128Store: 0xfd_00b,
  v128Load32Lane: 0xfd_056,
  v128Store8Lane: 0xfd_058,
  v128Store16Lane: 0xfd_059,
  v128Store32Lane: 0xfd_05a,
  v128Store64Lane: 0xfd_05b,
  v128Load32Zero: 0xfd_05c,

  i32Const: 0x41,
  f32Const: 0x43,
  f64Const: 0x44,
  v128Const: 0xfd_00c,

  i32Eqz: 0x45,
  i32Eq: 0x46,
  i32Ne: 0x47,
  i32LtS: 0x48,
  i32LtU: 0x49,
  i32GtS: 0x4a,
  i32GeS: 0x4e,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32Mul: 0x6c,
  i32DivS: 0x6d,
  i32DivU: 0x6e,
  i32RemU: 0x70,
  i32And: 0x71,
  i32Or: 0x72,
  i32Xor: 0x73,

  shuffle: 0xfd_00d,
  i32x4Splat: 0xfd_011,
  f32x4Splat: 0xfd_013,
  i32x4Extract: 0xfd_01b,
  i32x4Replace: 0xfd_01c,
  f32x4Extract: 0xfd_01f,
  f32x4Replace: 0xfd_020,
  i32x4Eq: 0xfd_037,
  i32x4Ne: 0xfd_038,
  v128Not: 0xfd_04d,
  v128And: 0xfd_04e,
  v128AndNot: 0xfd_04f,
  v128Or: 0xfd_050,
  v128Xor: 0xfd_051,
  v128Select: 0xfd_052,
  extendLow8: 0xfd_089,
  extendLow16: 0xfd_0a9,
  i32x4Add: 0xfd_0ae,
  f32x4Add: 0xfd_0e4,
  f32x4Mul: 0xfd_0e6,
  f32x4PMin: 0xfd_0ea,
  f32x4PMax: 0xfd_0eb,
  f64x2Div: 0xfd_0f3,
  truncLow64: 0xfd_0fc,
  convertLow64: 0xfd_0fe,
  relaxedMadd: 0xfd_105,
} as const;

/** How a kind of value is computed on: which column of the table below. */
export type Column = "f32" | "f64" | "i32" | "bool" | "f32x4" | "i32x4" | "mask";

/** Operations that are one instruction, whose operands are on the stack in order (5.4.7, 5.4.8). */
export const direct: Record<string, Partial<Record<Column, number>>> = {
  neg: { f32: 0x8c, f64: 0x9a, f32x4: 0xfd_0e1, i32x4: 0xfd_0a1 },
  sqrt: { f32: 0x91, f64: 0x9f, f32x4: 0xfd_0e3 },
  floor: { f32: 0x8e, f64: 0x9c, f32x4: 0xfd_068 },
  add: { f32: 0x92, f64: 0xa0, i32: 0x6a, bool: 0x72, f32x4: 0xfd_0e4, i32x4: 0xfd_0ae, mask: 0xfd_050 },
  sub: { f32: 0x93, f64: 0xa1, i32: 0x6b, f32x4: 0xfd_0e5, i32x4: 0xfd_0b1 },
  mul: { f32: 0x94, f64: 0xa2, i32: 0x6c, bool: 0x71, f32x4: 0xfd_0e6, i32x4: 0xfd_0b5, mask: 0xfd_04e },
  div: { f32: 0x95, f64: 0xa3, f32x4: 0xfd_0e7 },
  max: { f32: 0x97, f64: 0xa5, bool: 0x72, f32x4: 0xfd_0e9, i32x4: 0xfd_0b8, mask: 0xfd_050 },
  min: { f32: 0x96, f64: 0xa4, bool: 0x71, f32x4: 0xfd_0e8, i32x4: 0xfd_0b6, mask: 0xfd_04e },
  lt: { f32: 0x5d, f64: 0x63, i32: 0x48, bool: 0x49, f32x4: 0xfd_043, i32x4: 0xfd_039 },
  eq: { f32: 0x5b, f64: 0x61, i32: 0x46, bool: 0x46, f32x4: 0xfd_041, i32x4: 0xfd_037, mask: 0xfd_037 },
  and: { i32: 0x71, bool: 0x71, i32x4: 0xfd_04e, mask: 0xfd_04e },
  or: { i32: 0x72, bool: 0x72, i32x4: 0xfd_050, mask: 0xfd_050 },
  xor: { i32: 0x73, bool: 0x73, i32x4: 0xfd_051, mask: 0xfd_051 },
  // Their counts are taken modulo 32; those of the vectors are one scalar.
  shl: { i32: 0x74, i32x4: 0xfd_0ab },
  sar: { i32: 0x75, i32x4: 0xfd_0ac },
  shr: { i32: 0x76, i32x4: 0xfd_0ad },
};

/** Conversions and reinterpretations, by the types from and to: those of no instruction are null. */
export const conversions: Record<string, number | null> = {
  "i32 f32": 0xb2,
  "i32 f64": 0xb7,
  "f64 f32": 0xb6,
  "f32 f64": 0xbb,
  "f32 i32": 0xfc_000,
  "f64 i32": 0xfc_002,
  "i32x4 f32x4": 0xfd_0fa,
  "f32x4 i32x4": 0xfd_0f8,
  "i32 i32": null,
  "f32 f32": null,
  "f64 f64": null,
  "i32x4 i32x4": null,
  "f32x4 f32x4": null,
};
export const bitcasts: Record<string, number | null> = {
  "i32 f32": 0xbe,
  "f32 i32": 0xbc,
  "i32x4 f32x4": null,
  "f32x4 i32x4": null,
  "i32 i32": null,
  "f32 f32": null,
  "i32x4 i32x4": null,
  "f32x4 f32x4": null,
};
