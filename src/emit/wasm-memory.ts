/** Loads and stores of the vector IR as WebAssembly. */
import { type Ins, type Memory, memoryBytes, type Reg } from "../compile/vector-ir.ts";
import { op } from "./wasm-encoding.ts";
import { type FunctionWriter, lanes } from "./wasm-function.ts";

/**
 * Kernels may not be given memory below this address: so a constant offset up to it can stand in an instruction. There
 * it adds without wrapping around, and what it is added to must not be negative.
 */
export const firstAddress: number = 1 << 20;

/** Which bytes of a vector, or of two, make another (4.3.5, shuffle). */
const reversed = [12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3];
const lowBytes: Record<1 | 2, readonly number[]> = {
  1: [0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12],
  2: [0, 1, 4, 5, 8, 9, 12, 13, 0, 1, 4, 5, 8, 9, 12, 13],
};

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

export function load(w: FunctionWriter, ins: Extract<Ins, { op: "load" }>): void {
  if (ins.dst.lanes > 1) loadVector(w, ins);
  else loadScalar(w, ins);
}
export function store(w: FunctionWriter, ins: Extract<Ins, { op: "store" }>): void {
  if (ins.src.lanes > 1) storeVector(w, ins);
  else storeScalar(w, ins);
}

/**
 * Readies an address for accesses at `ptr + offset + l · step` for several l: returns what puts the base on the
 * stack, and the offset from it of the first. The base is `ptr` where all offsets may stand in the instructions.
 */
function address(w: FunctionWriter, ptr: Reg, offset: number, span: number): { base: () => void; offset: number } {
  const low = Math.min(offset, offset + span);
  const high = Math.max(offset, offset + span);
  if (low >= 0 && high <= firstAddress) return { base: () => w.get(ptr, true), offset };
  w.get(ptr);
  w.i32(low);
  w.op(op.i32Add);
  const at = w.temporary("i32", "address");
  w.setLocal(at);
  return { base: () => w.getLocal(at), offset: offset - low };
}

/** Puts the address of one access on the stack, and returns its offset. */
function one(w: FunctionWriter, ptr: Reg, offset: number): number {
  w.get(ptr);
  if (offset >= 0 && offset <= firstAddress) return offset;
  w.i32(offset);
  w.op(op.i32Add);
  return 0;
}

function loadScalar(w: FunctionWriter, { dst, ptr, offset, from }: Extract<Ins, { op: "load" }>): void {
  const at = one(w, ptr, offset);
  w.memory(scalarLoads[from], at);
  w.set(dst);
}

function loadVector(w: FunctionWriter, { dst, ptr, offset, stride, from }: Extract<Ins, { op: "load" }>): void {
  const bytes = memoryBytes[from];
  if (stride === 0) {
    const at = one(w, ptr, offset);
    w.memory(bytes === 4 ? op.v128Load32Splat : scalarLoads[from], at);
    if (bytes < 4) w.op(op.i32x4Splat);
  } else if (stride === bytes) {
    const at = one(w, ptr, offset);
    if (bytes === 4) w.memory(op.v128Load, at);
    else if (bytes === 2) w.memory(op.v128Load16x4, at);
    else {
      w.memory(op.v128Load32Zero, at);
      w.op(op.extendLow8);
      w.op(op.extendLow16);
    }
  } else if (stride === -4 && bytes === 4) {
    const at = one(w, ptr, offset - 12);
    w.memory(op.v128Load, at);
    const t = w.temporary("v128", "a");
    w.setLocal(t);
    w.getLocal(t);
    w.getLocal(t);
    w.shuffle(reversed);
  } else {
    const { base, offset: first } = address(w, ptr, offset, 3 * stride);
    // Each lane is put into the vector before it, which an instruction wants above the address.
    const vector = w.temporary("v128", "a");
    base();
    w.memory(bytes === 4 ? op.v128Load32Zero : scalarLoads[from], first);
    if (bytes < 4) w.op(op.i32x4Splat);
    for (const lane of lanes.slice(1)) {
      const at = first + lane * stride;
      if (bytes === 4) {
        w.setLocal(vector);
        base();
        w.getLocal(vector);
        w.memory(op.v128Load32Lane, at);
        w.byte(lane);
      } else {
        base();
        w.memory(scalarLoads[from], at);
        w.lane(op.i32x4Replace, lane);
      }
    }
  }
  w.set(dst);
}

function storeScalar(w: FunctionWriter, { src, ptr, offset, to }: Extract<Ins, { op: "store" }>): void {
  const at = one(w, ptr, offset);
  w.get(src);
  w.memory(scalarStores[to], at);
}

function storeVector(w: FunctionWriter, { src, ptr, offset, stride, to }: Extract<Ins, { op: "store" }>): void {
  const bytes = memoryBytes[to];
  if (stride === bytes) {
    const at = one(w, ptr, offset);
    if (bytes === 1 || bytes === 2) {
      w.get(src, true);
      w.get(src);
      w.shuffle(lowBytes[bytes]);
      w.memory(bytes === 1 ? op.v128Store32Lane : op.v128Store64Lane, at);
      w.byte(0);
    } else {
      w.get(src);
      w.memory(op.v128Store, at);
    }
    return;
  }
  const { base, offset: first } = address(w, ptr, offset, 3 * stride);
  const [code, lanesPerValue] =
    bytes === 4 ? [op.v128Store32Lane, 1] : bytes === 2 ? [op.v128Store16Lane, 2] : [op.v128Store8Lane, 4]; // the low part of each value
  for (const lane of lanes) {
    base();
    w.get(src, true);
    w.memory(code, first + lane * stride);
    w.byte(lane * lanesPerValue);
  }
}
