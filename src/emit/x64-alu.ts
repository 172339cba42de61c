/** Arithmetic of the vector IR as x86-64: what is not one instruction is made of several here. */
import type { Ins, Reg } from "../compile/vector-ir.ts";
import { allOnes, general, logic } from "./x64-general.ts";
import { quarter } from "./x64-memory.ts";
import { float32Bits, type Writer } from "./x64-writer.ts";

/** Predicates of comparisons of floats (table 3-1, VCMPPD): ordered, signalling nothing. */
const predicate = { eq: 0x00, unordered: 0x03, ordered: 0x07, lt: 0x11, ge: 0x1d } as const;
const two31 = float32Bits(2 ** 31);

type AluIns = Extract<Ins, { op: "alu" }>;

export function alu(w: Writer, ins: AluIns): void {
  const { f, dst, src } = ins;
  if (f === "where") where(w, dst, src);
  else if (f === "convert") convert(w, dst, src[0]);
  else if (f === "bitcast") bitcast(w, dst, src[0]);
  else if (src[0].kind === "float32" || src[0].kind === "float64") float(w, ins);
  else if (src[0].lanes === 1) general(w, ins);
  else if (src[0].kind === "bool") masks(w, ins);
  else integers(w, ins);
}

/** The endings of mnemonics for values of a register's type, and for all of a vector register. */
const suffixOf = ({ kind, lanes }: Reg): string => (kind === "float64" ? "sd" : lanes > 1 ? "ps" : "ss");
const packedOf = ({ kind }: Reg): string => (kind === "float64" ? "pd" : "ps");

// floats

function float(w: Writer, { f, dst, src }: AluIns): void {
  const length = w.lengthOf(src[0]);
  const s = suffixOf(src[0]);
  const p = packedOf(src[0]);
  const [a, b, c] = src.map((r) => w.of(r));
  const single = s.startsWith("s");
  const to = w.of(dst);
  switch (f) {
    case "add":
    case "sub":
    case "mul":
    case "div":
      w.op(`v${f}${s}`, length, to, a, b);
      return;
    case "sqrt":
      w.op(`vsqrt${s}`, length, to, single ? a : -1, a);
      return;
    case "floor":
      w.op(`vround${s}`, length, to, single ? a : -1, a, { imm: 9 }); // down, and no exception if it is inexact
      return;
    case "neg": {
      const sign = -(2 ** 31);
      const words = src[0].kind === "float64" ? w.routine.constant([0, sign, 0, sign]) : w.every(sign, length);
      w.op(`vxor${p}`, length, to, a, words);
      return;
    }
    case "pmax":
    case "pmin":
      // The second operand is what comes out where neither is greater.
      w.op(`v${f.slice(1)}${s}`, length, to, b, a);
      return;
    case "max":
    case "min":
      extreme(w, f, dst, src);
      return;
    case "fma":
      if (s === "sd") w.op("vaddsd", length, to, w.make("vmulsd", length, a, b), c);
      else multiplyAdd(w, dst, src);
      return;
    case "lt":
    case "eq":
      compare(w, f, dst, src[0], a, b);
      return;
    default:
      throw new Error(`x64: no ${f} of ${src[0].kind}`);
  }
}

/** The machine overwrites the sum, or a factor: one that is used nowhere else, if there is one. */
function multiplyAdd(w: Writer, dst: Reg, src: readonly Reg[]): void {
  const s = suffixOf(dst);
  const [a, b, c] = src;
  const isSpare = (r: Reg): boolean => r.id === dst.id || (w.readsOf(r) === 1 && w.constantOf(r) === undefined);
  const factor = c.id === dst.id ? undefined : [a, b].find(isSpare);
  const [over, others] = factor ? [factor, [factor === a ? b : a, c]] : [c, [a, b]];
  const t = w.free(dst, others);
  w.move(dst, t, w.of(over));
  w.op(`vfmadd${factor ? "213" : "231"}${s}`, w.lengthOf(dst), t, w.of(others[0]), w.of(others[1]));
  w.move(dst, w.of(dst), t);
}

/** Takes AVX512-BF16 for float32, and AVX512-VNNI for int32. */
export function dot(w: Writer, { dst, a, b, c }: Extract<Ins, { op: "dot" }>): void {
  const name = dst.kind === "float32" ? "vdpbf16ps" : "vpdpbusd";
  if (dst.lanes === 1) {
    // What one lane has of int32 lies in general registers.
    const [x, y] = [a, b].map((r) => w.make("vmovd", 128, -1, w.of(r)));
    const t = w.make(dst.kind === "float32" ? "vmovaps" : "vmovd", 128, -1, w.of(c));
    w.op(name, 128, t, x, y);
    if (dst.kind === "float32") w.op("vmovaps", 128, w.of(dst), -1, t);
    else w.op("vmovd.general", 128, t, -1, w.of(dst));
    return;
  }
  const t = w.free(dst, [a, b]);
  w.move(dst, t, w.of(c));
  w.op(name, w.wide, t, w.of(a), w.of(b));
  w.move(dst, w.of(dst), t);
}

function compare(w: Writer, f: "lt" | "eq", dst: Reg, type: Reg, a: number, b: number): void {
  const length = w.lengthOf(type);
  const s = suffixOf(type);
  const to = w.of(dst);
  const extra = { imm: predicate[f] };
  if (dst.lanes > 1) {
    if (w.avx512) w.op(`vcmp${s}.mask`, length, to, a, b, extra);
    else w.op(`vcmp${s}`, length, to, a, b, extra);
  } else if (w.avx512) w.op("kmovw.to", 128, to, -1, w.makeMask(`vcmp${s}.mask`, length, a, b, extra));
  else {
    const bits = w.general();
    w.op("vmovd.general", 128, w.make(`vcmp${s}`, length, a, b, extra), -1, bits);
    w.op("and.imm32", 128, -1, -1, bits, { imm: 1 });
    w.op("mov.32", 128, to, -1, bits);
  }
}

/**
 * The machine's `max` gives its second operand where one is NaN or both are 0. Where one side is a constant c, not
 * NaN, `max(c, x)` gives the NaN, and only of −0 and +0 it may give the wrong one.
 */
function extreme(w: Writer, f: "max" | "min", dst: Reg, src: readonly Reg[]): void {
  const length = w.lengthOf(dst);
  const s = suffixOf(dst);
  const p = packedOf(dst);
  const to = w.of(dst);
  const [x, c] = w.constantOf(src[1]) === undefined ? [src[1], src[0]] : [src[0], src[1]];
  const value = w.constantOf(c);
  const tie = Object.is(value, f === "max" ? 0 : -0);
  if (value !== undefined && !Number.isNaN(value) && !(tie && f === "min")) {
    if (!tie) w.op(`v${f}${s}`, length, to, w.of(c), w.of(x));
    // −0 + 0 is +0, and nothing else changes.
    else w.op(`vadd${s}`, length, to, w.make(`v${f}${s}`, length, w.of(c), w.of(x)), w.of(c));
    return;
  }
  const [a, b] = src.map((r) => w.of(r));
  if (w.avx512) {
    const t = w.free(dst, src);
    w.op(`vrange${s}`, length, t, a, b, { imm: f === "max" ? 5 : 4 }); // knows −0 from +0, but prefers numbers to NaN
    const nan = w.makeMask(`vcmp${s}.mask`, length, a, b, { imm: predicate.unordered });
    w.op(`vadd${s}`, length, t, a, b, { mask: nan });
    w.move(dst, to, t);
    return;
  }
  // Either order gives the same number, or ±0, or one of them NaN: of which the bits are joined.
  const [one, other] = [w.make(`v${f}${s}`, length, a, b), w.make(`v${f}${s}`, length, b, a)];
  if (f === "min") w.op(`vor${p}`, length, to, one, other);
  else {
    const nan = w.make(`vcmp${s}`, length, a, b, { imm: predicate.unordered });
    w.op(`vor${p}`, length, to, w.make(`vand${p}`, length, one, other), nan);
  }
}

// conversions

function bitcast(w: Writer, dst: Reg, a: Reg): void {
  if (dst.kind === a.kind || dst.lanes > 1) w.copy(dst, a);
  else if (dst.kind === "float32") w.op("vmovd", 128, w.of(dst), -1, w.of(a));
  else w.op("vmovd.general", 128, w.of(a), -1, w.of(dst));
}

function convert(w: Writer, dst: Reg, src: Reg): void {
  if (dst.kind === src.kind) {
    w.copy(dst, src);
    return;
  }
  const [to, a] = [w.of(dst), w.of(src)];
  if (src.kind === "int32") {
    const from = src.lanes > 1 ? a : w.make("vmovd", 128, -1, a);
    w.op(dst.kind === "float32" ? "vcvtdq2ps" : "vcvtdq2pd", w.lengthOf(src), to, -1, from);
  } else if (dst.kind === "float64") w.op("vcvtss2sd", 128, to, a, a);
  else if (dst.kind === "float32") w.op("vcvtsd2ss", 128, to, a, a);
  else if (dst.lanes > 1) truncate(w, src, a, to);
  else {
    const t = w.vector(128);
    truncate(w, src, a, t);
    w.op("vmovd.general", 128, t, -1, to);
  }
}

/** The machine gives INT_MIN for what is NaN or out of range: where that is wrong, it is put right. */
function truncate(w: Writer, src: Reg, a: number, to: number): void {
  const length = w.lengthOf(src);
  const double = src.kind === "float64";
  const [s, name] = double ? ["pd", "vcvttpd2dq"] : ["ps", "vcvttps2dq"];
  const high = 0x41e00000; // of the float64 2³¹
  const limit = double ? w.routine.constant([0, high, 0, high]) : w.every(two31, length);
  if (w.avx512) {
    const numbers = w.makeMask(`vcmp${s}.mask`, length, a, a, { imm: predicate.ordered });
    const large = w.makeMask(`vcmp${s}.mask`, length, a, limit, { imm: predicate.ge });
    const t = w.make(name, length, -1, a, { mask: numbers, zero: true });
    w.op("vblendmps", length, to, t, w.every(2 ** 31 - 1, length), { mask: large });
  } else {
    const numbers = w.make(`vcmp${s}`, length, a, a, { imm: predicate.ordered });
    const large = w.make(`vcmp${s}`, length, a, limit, { imm: predicate.ge });
    const t = w.make("vxorps", length, w.make(name, length, -1, a), large); // INT_MIN becomes INT_MAX
    w.op("vandps", length, to, t, numbers);
  }
}

// choices

function where(w: Writer, dst: Reg, [cond, a, b]: readonly Reg[]): void {
  const to = w.of(dst);
  const [c, x, y] = [cond, a, b].map((r) => w.of(r));
  const length = w.lengthOf(dst);
  const p = packedOf(dst);
  if (w.routine.files[to] === "general") {
    const t = w.free(dst, [cond, a]);
    w.move(dst, t, y);
    w.op("test.32", 128, c, -1, c);
    w.op("cmovne.32", 128, t, -1, x);
    w.move(dst, to, t);
  } else if (w.routine.files[to] === "mask") {
    const yes = w.makeMask("kandw", 256, c, x);
    w.op("korw", 256, to, yes, w.makeMask("kandnw", 256, c, y));
  } else if (w.avx512) {
    const mask = cond.lanes > 1 ? c : w.makeMask("kmovw.from", 128, -1, c);
    w.op(`vblendm${p}`, length, to, y, x, { mask });
  } else {
    const mask = cond.lanes > 1 ? c : w.make("vpermilps", 128, -1, w.make("vmovd", 128, -1, allOnes(w, c)), { imm: 0 });
    w.op(`vblendv${p}`, length, to, y, x, { mask });
  }
}

// masks

function masks(w: Writer, { f, dst, src }: AluIns): void {
  const [a, b] = src.map((r) => w.of(r));
  const to = w.of(dst);
  if (w.avx512) {
    const name = f === "lt" ? "kandnw" : f === "eq" ? "kxnorw" : `k${logic[f]}w`;
    w.op(name, 256, to, a, b);
  } else {
    const name = f === "lt" ? "vandnps" : f === "eq" ? "vpcmpeqd" : `v${logic[f]}ps`;
    w.op(name, w.wide, to, a, b);
  }
}

// vectors of integers

const vectorOps: Record<string, string> = {
  add: "vpaddd",
  sub: "vpsubd",
  mul: "vpmulld",
  max: "vpmaxsd",
  min: "vpminsd",
  and: "vpand",
  or: "vpor",
  xor: "vpxor",
};
const shifts: Record<string, readonly [string, string]> = {
  shl: ["vpslld", "vpsllvd"],
  shr: ["vpsrld", "vpsrlvd"],
  sar: ["vpsrad", "vpsravd"],
};

function integers(w: Writer, { f, dst, src }: AluIns): void {
  const [a, b] = src.map((r) => w.of(r));
  const to = w.of(dst);
  const zero = (): number => w.make("vbroadcastss", w.wide, -1, w.routine.constant([0]), { constant: true });
  switch (f) {
    case "neg":
      w.op("vpsubd", w.wide, to, zero(), a);
      return;
    case "div":
      divideVector(w, to, a, src[1]);
      return;
    case "lt":
      if (w.avx512) w.op("vpcmpd.mask", w.wide, to, a, b, { imm: 1 });
      else w.op("vpcmpgtd", w.wide, to, b, a);
      return;
    case "eq":
      if (w.avx512) w.op("vpcmpd.mask", w.wide, to, a, b, { imm: 0 });
      else w.op("vpcmpeqd", w.wide, to, a, b);
      return;
    case "shl":
    case "shr":
    case "sar": {
      const count = w.constantOf(src[1]);
      const [byConstant, byVector] = shifts[f];
      if (count !== undefined) w.op(byConstant, w.wide, -1, to, a, { imm: count & 31 });
      else w.op(byVector, w.wide, to, a, w.make("vpand", w.wide, b, w.every(31, w.wide)));
      return;
    }
    default:
      w.op(vectorOps[f], w.wide, to, a, b);
  }
}

/**
 * In float64, half a vector at a time: the quotient of int32s, rounded to float64, has the whole part of the exact one,
 * and that of INT_MIN by −1 becomes INT_MIN again.
 */
function divideVector(w: Writer, to: number, a: number, divisor: Reg): void {
  let b = w.of(divisor);
  const known = w.constantOf(divisor);
  if (known === undefined || known === 0) {
    if (w.avx512) {
      const zeros = w.makeMask("vptestnmd.mask", w.wide, b, b);
      b = w.make("vblendmps", w.wide, b, w.every(1, w.wide), { mask: zeros });
    } else b = w.make("vpsubd", 256, b, w.make("vpcmpeqd", 256, b, w.every(0, 256)));
  }
  const upper = (x: number): number => {
    if (w.wide === 256) return quarter(w, x, 1, 256);
    const t = w.vector(256);
    w.op("vextractf32x8", 512, x, -1, t, { imm: 1 });
    return t;
  };
  const quotient = (x: number, y: number): number => {
    const [p, q] = [x, y].map((r) => w.make("vcvtdq2pd", w.wide, -1, r));
    const t = w.vector(w.wide === 512 ? 256 : 128);
    w.op("vcvttpd2dq", w.wide, t, -1, w.make("vdivpd", w.wide, p, q));
    return t;
  };
  const low = quotient(a, b);
  const high = quotient(upper(a), upper(b));
  w.op(w.wide === 512 ? "vinsertf32x8" : "vinsertf128", w.wide, to, low, high, { imm: 1 });
}
