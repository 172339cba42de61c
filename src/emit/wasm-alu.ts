/** Arithmetic of the vector IR as WebAssembly: what is not one instruction is made of several here. */
import type { Ins, Reg } from "../compile/vector-ir.ts";
import { bitcasts, type Column, conversions, direct, op } from "./wasm-encoding.ts";
import { type FunctionWriter, lanes } from "./wasm-function.ts";

const commutative = new Set(["add", "mul", "max", "min", "and", "or", "xor", "eq"]);
const intMin = -(2 ** 31);

/** Which bytes of a vector, or of two, make another (4.3.5, shuffle). */
const swapHalves = [8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7];
const lowHalves = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];

export function alu(w: FunctionWriter, ins: Extract<Ins, { op: "alu" }>): void {
  const { f, dst, src } = ins;
  const column = w.column(src[0]);
  switch (f) {
    case "convert":
    case "bitcast": {
      const table = f === "convert" ? conversions : bitcasts;
      const code = table[`${column} ${w.column(dst)}`];
      if (code === undefined) throw new Error(`wasm: no ${f} of ${column} to ${w.column(dst)}`);
      w.get(src[0]);
      if (code !== null) w.op(code);
      break;
    }
    case "where": {
      const [cond, a, b] = src;
      w.get(a);
      w.get(b);
      w.get(cond);
      w.op(cond.lanes > 1 ? op.v128Select : op.select);
      break;
    }
    case "fma":
      fma(w, src);
      break;
    case "shl":
    case "shr":
    case "sar":
      if (column === "i32x4") shift(w, f, src[0], src[1]);
      else plain(w, f, column, src);
      break;
    case "div":
      if (column === "i32") divide(w, src[0], src[1]);
      else if (column === "i32x4") divideVector(w, src[0], src[1]);
      else plain(w, f, column, src);
      break;
    case "max":
    case "min":
      if (column === "f32x4") extreme(w, f, src[0], src[1]);
      else if (column === "i32") {
        const [a, b] = src;
        w.get(a, true);
        w.get(b, true);
        w.get(a);
        w.get(b);
        w.op(f === "min" ? op.i32LtS : op.i32GtS);
        w.op(op.select);
      } else plain(w, f, column, src);
      break;
    case "pmax":
    case "pmin":
      pseudo(w, f, column, src);
      break;
    case "neg":
      if (column === "i32") {
        w.i32(0);
        w.get(src[0]);
        w.op(op.i32Sub);
      } else plain(w, f, column, src);
      break;
    case "lt":
      if (column === "mask") {
        w.get(src[1]);
        w.get(src[0]);
        w.op(op.v128AndNot); // the first and not the second
      } else plain(w, f, column, src);
      break;
    default:
      plain(w, f, column, src);
  }
  w.set(dst);
}

function plain(w: FunctionWriter, f: string, column: Column, src: readonly Reg[]): void {
  const code = direct[f]?.[column];
  if (code === undefined) throw new Error(`wasm: no ${f} of ${column} in ${w.name}`);
  let [a, b] = src;
  // What has just been computed goes first, since it is on the stack already.
  if (b && commutative.has(f) && w.isOnStack(b)) [a, b] = [b, a];
  w.get(a);
  if (b) w.get(b);
  w.op(code);
}

/** There is a fused one for vectors only; a single value goes through one, so that it does not matter where it stands. */
function fma(w: FunctionWriter, [a, b, c]: readonly Reg[]): void {
  const column = w.column(a);
  if (w.relaxed && (column === "f32x4" || column === "f32")) {
    for (const r of [a, b, c]) {
      w.get(r);
      if (column === "f32") w.op(op.f32x4Splat);
    }
    w.op(op.relaxedMadd);
    if (column === "f32") w.lane(op.f32x4Extract, 0);
  } else {
    plain(w, "mul", column, [a, b]);
    w.get(c);
    w.op(direct.add[column] as number);
  }
}

/** The count of a vector shift is a scalar: where lanes may differ, they are shifted one by one. */
function shift(w: FunctionWriter, f: "shl" | "shr" | "sar", a: Reg, count: Reg): void {
  const constant = w.constantOf(count);
  const scalar = w.splatOf(count);
  if (constant !== undefined || scalar) {
    w.get(a);
    if (constant !== undefined) w.i32(constant);
    else w.get(scalar as Reg, true);
    w.op(direct[f].i32x4 as number);
    return;
  }
  w.get(a, true);
  for (const lane of lanes) {
    w.get(a, true);
    w.lane(op.i32x4Extract, lane);
    w.get(count, true);
    w.lane(op.i32x4Extract, lane);
    w.op(direct[f].i32 as number);
    w.lane(op.i32x4Replace, lane);
  }
}

function divide(w: FunctionWriter, a: Reg, b: Reg): void {
  const constant = w.constantOf(b);
  w.get(a, true);
  if (constant !== undefined && constant !== 0 && constant !== -1) w.get(b);
  else {
    w.i32(1);
    w.get(b, true);
    w.get(b, true);
    w.op(op.i32Eqz);
    w.get(b, true);
    w.i32(-1);
    w.op(op.i32Eq);
    w.get(a, true);
    w.i32(intMin);
    w.op(op.i32Eq);
    w.op(op.i32And);
    w.op(op.i32Or);
    w.op(op.select);
  }
  w.op(op.i32DivS);
}

/** In float64, two lanes at a time: the quotient of int32s, rounded to float64, has the whole part of the exact one. */
function divideVector(w: FunctionWriter, a: Reg, b: Reg): void {
  const constant = w.constantOf(b);
  const divisor = w.temporary("v128", "a");
  const low = w.temporary("v128", "b");
  if (constant !== undefined && constant !== 0 && constant !== -1) w.get(b, true);
  else {
    w.v128([1, 1, 1, 1]);
    w.get(b, true);
    w.get(b, true);
    w.v128([0, 0, 0, 0]);
    w.op(op.i32x4Eq);
    w.get(b, true);
    w.v128([-1, -1, -1, -1]);
    w.op(op.i32x4Eq);
    w.get(a, true);
    w.v128([intMin, intMin, intMin, intMin]);
    w.op(op.i32x4Eq);
    w.op(op.v128And);
    w.op(op.v128Or);
    w.op(op.v128Select);
  }
  w.setLocal(divisor);
  const half = (put: () => void, high: boolean): void => {
    put();
    if (high) {
      put();
      w.shuffle(swapHalves);
    }
    w.op(op.convertLow64);
  };
  for (const high of [false, true]) {
    half(() => w.get(a, true), high);
    half(() => w.getLocal(divisor), high);
    w.op(op.f64x2Div);
    w.op(op.truncLow64);
    if (!high) w.setLocal(low);
  }
  const upper = w.temporary("v128", "c");
  w.setLocal(upper);
  w.getLocal(low);
  w.getLocal(upper);
  w.shuffle(lowHalves);
}

/** The second where it is greater (or less), else the first. */
function pseudo(w: FunctionWriter, f: "pmax" | "pmin", column: Column, [a, b]: readonly Reg[]): void {
  if (column === "f32x4") {
    w.get(a);
    w.get(b);
    w.op(f === "pmax" ? op.f32x4PMax : op.f32x4PMin);
    return;
  }
  w.get(b, true);
  w.get(a, true);
  w.get(f === "pmax" ? a : b);
  w.get(f === "pmax" ? b : a);
  w.op(direct.lt[column] as number);
  w.op(op.select);
}

/**
 * `f32x4.max` is some eight instructions on x64. Where one side is a constant c, not NaN, `pmax(x, c)`, which is
 * c where x < c and else x, gives a NaN and the greater one; only of −0 and +0 it may give the wrong one.
 */
function extreme(w: FunctionWriter, f: "max" | "min", a: Reg, b: Reg): void {
  const [x, c] = w.constantOf(b) === undefined ? [b, a] : [a, b];
  const value = w.constantOf(c);
  const tie = Object.is(value, f === "max" ? 0 : -0);
  if (value === undefined || Number.isNaN(value) || (tie && f === "min")) {
    plain(w, f, "f32x4", [a, b]);
    return;
  }
  w.get(x);
  w.get(c);
  w.op(f === "max" ? op.f32x4PMax : op.f32x4PMin);
  if (tie) {
    w.v128([0, 0, 0, 0]); // −0 + 0 is +0, and nothing else changes
    w.op(op.f32x4Add);
  }
}
