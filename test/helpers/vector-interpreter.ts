/** An interpreter of the vector IR, by which its emitters are judged, and a writer of programs for it. */
import assert from "node:assert/strict";
import { aluRules } from "../../src/compile/check-vector.ts";
import {
  type Alu,
  type Ins,
  type Kind,
  type Memory,
  memoryBytes,
  type Program,
  type Reg,
  tileColumns,
  tileDepth,
} from "../../src/compile/vector-ir.ts";
import { fromBfloat16 } from "../../src/graph/dtype.ts";

type Registers = Map<number, number[]>;

/** What a program runs on. */
export interface Machine {
  /** Memory, and the address of its first byte. */
  readonly memory: DataView;
  readonly base: number;
  readonly pointerBytes: 4 | 8;
  /** Whether a multiply-add of float32 rounds once. */
  readonly fma: boolean;
  readonly args: number;
  readonly item: number;
  readonly scratch: number;
}

/** Reads a value from memory, after writing one if it is given. */
export function access(memory: DataView, type: Memory, at: number, value?: number): number {
  const store = value !== undefined;
  switch (type) {
    case "uint8":
      if (store) memory.setUint8(at, value);
      return memory.getUint8(at);
    case "uint16":
      if (store) memory.setUint16(at, value, true);
      return memory.getUint16(at, true);
    case "int32":
      if (store) memory.setInt32(at, value, true);
      return memory.getInt32(at, true);
    case "float32":
      if (store) memory.setFloat32(at, value, true);
      return memory.getFloat32(at, true);
    case "float64":
      if (store) memory.setFloat64(at, value, true);
      return memory.getFloat64(at, true);
    default:
      return type satisfies never;
  }
}

const buffer = new DataView(new ArrayBuffer(8));
const saturate = (x: number): number =>
  Number.isNaN(x) ? 0 : Math.min(Math.max(Math.trunc(x), -(2 ** 31)), 2 ** 31 - 1);

/** One lane of an operation, in float64 where that is exact enough to be rounded once more. */
function scalar(f: Alu, kind: Kind, to: Kind, x: readonly number[], fused: boolean): number {
  const [a, b, c] = x;
  const bool = kind === "bool";
  switch (f) {
    case "neg":
      return -a;
    case "sqrt":
      return Math.sqrt(a);
    case "floor":
      return Math.floor(a);
    case "add":
      return bool ? a | b : a + b;
    case "sub":
      return a - b;
    case "mul":
      return bool ? a & b : kind === "int32" ? Math.imul(a, b) : a * b;
    case "div":
      return kind !== "int32" ? a / b : b === 0 || (a === -(2 ** 31) && b === -1) ? a : Math.trunc(a / b);
    case "max":
      return Math.max(a, b);
    case "min":
      return Math.min(a, b);
    case "pmax":
    case "pmin": {
      const second = f === "pmax" ? a < b : b < a;
      return second ? b : a;
    }
    case "lt":
      return Number(a < b);
    case "eq":
      return Number(a === b);
    case "and":
      return a & b;
    case "or":
      return a | b;
    case "xor":
      return a ^ b;
    case "shl":
      return a << b;
    case "shr":
      return a >>> b;
    case "sar":
      return a >> b;
    case "fma":
      return fused && kind === "float32" ? roundedOnce(a * b, c) : round(kind, a * b) + c;
    case "where":
      return a ? b : c;
    case "bitcast":
      access(buffer, kind as Memory, 0, a);
      return access(buffer, to as Memory, 0);
    case "convert":
      return to === "int32" ? saturate(a) : a;
    default:
      return f satisfies never;
  }
}
const flush = (x: number): number => (Math.abs(x) < 2 ** -126 ? 0 * x : x);
/** sum + a·b of the low or the high bfloat16 of two words. */
function addProduct(sum: number, a: number, b: number, high: boolean): number {
  const part = (x: number): number => flush(fromBfloat16(high ? x >>> 16 : x & 0xffff));
  return flush(roundedOnce(part(a) * part(b), flush(sum)));
}
/** c + Σ a·b over what is in two words: the second of two bfloat16 first, or four bytes. */
function dot(kind: Kind, a: number, b: number, c: number): number {
  if (kind === "int32")
    return [0, 8, 16, 24].reduce((sum, at) => sum + ((a >>> at) & 255) * ((b << (24 - at)) >> 24), c);
  return addProduct(addProduct(c, a, b, true), a, b, false);
}
/** c + Σ a·b over pairs of words, as tiles sum them. */
export function tiled(kind: "float32" | "int32", pairs: readonly (readonly [number, number])[], c = 0): number {
  if (kind === "int32") return pairs.reduce((sum, [a, b]) => dot(kind, b, a, sum) | 0, c);
  const add = (x: number, y: number): number => flush(Math.fround(flush(x) + y));
  let sum = c;
  for (let at = 0; at < pairs.length; at += tileDepth) {
    const run = pairs.slice(at, at + tileDepth);
    const [low, high] = [false, true].map((half) => run.reduce((part, [x, y]) => addProduct(part, x, y, half), 0));
    sum = add(sum, add(low, high));
  }
  return sum;
}
function round(kind: Kind, x: number): number {
  if (kind === "float32") return Math.fround(x);
  return kind === "int32" ? x | 0 : x;
}

/** The float32 nearest to p + c, also where the float64 sum has lost what decides between two that are equally near. */
export function roundedOnce(p: number, c: number): number {
  const sum = p + c;
  const lost = p - (sum - (sum - p)) + (c - (sum - p)); // Knuth 1969: exact
  const y = Math.fround(sum);
  if (!Number.isFinite(y) || lost === 0) return y;
  const half = sum - y;
  const other = Math.fround(y + 2 * half);
  const isTie = half !== 0 && Math.abs(other - sum) === Math.abs(half);
  return isTie && Math.sign(lost) === Math.sign(half) ? other : y;
}

export function interpret(body: readonly Ins[], machine: Machine, r: Registers = new Map()): void {
  const { memory, base, pointerBytes } = machine;
  const wide = pointerBytes === 8;
  const get = (x: Reg): number[] => {
    const value = r.get(x.id);
    assert.ok(value, `r${x.id} is not written`);
    return value;
  };
  const one = (x: Reg | number): number => (typeof x === "number" ? x : get(x)[0]);
  const set = (x: Reg, value: (lane: number) => number): void => {
    const rounded = (v: number): number => (x.kind === "int" && !wide ? v | 0 : round(x.kind, v));
    r.set(
      x.id,
      Array.from({ length: x.lanes }, (_, lane) => rounded(value(lane))),
    );
  };
  const isThere = ({ mask, count }: { mask?: Reg; count?: number }) => {
    const lanes = mask && get(mask);
    return (lane: number): boolean => (lanes ? lanes[lane] !== 0 : lane < (count ?? Number.POSITIVE_INFINITY));
  };
  for (const ins of body)
    switch (ins.op) {
      case "const":
        set(ins.dst, () => (ins.dst.kind === "bool" ? Number(ins.value !== 0) : ins.value));
        break;
      case "param": {
        const { kind } = ins.dst;
        const at = machine.args - base + 8 * ins.slot;
        const pointer = (): number => Number(memory.getBigInt64(at, true));
        const type = kind === "int" || kind === "bool" ? "int32" : kind;
        const value = kind === "int" && wide ? pointer() : access(memory, type, at);
        set(ins.dst, () => (kind === "bool" ? Number(value !== 0) : value));
        break;
      }
      case "item":
        set(ins.dst, () => machine.item);
        break;
      case "scratch":
        set(ins.dst, () => machine.scratch);
        break;
      case "copy": {
        const a = get(ins.a);
        set(ins.dst, (lane) => a[lane]);
        break;
      }
      case "splat":
      case "toInt":
        set(ins.dst, () => one(ins.a));
        break;
      case "extract":
        set(ins.dst, () => get(ins.a)[ins.lane]);
        break;
      case "insert": {
        const [a, b] = [get(ins.a), one(ins.b)];
        set(ins.dst, (lane) => (lane === ins.lane ? b : a[lane]));
        break;
      }
      case "int": {
        const [a, b] = [one(ins.a), one(ins.b)];
        const value = {
          add: a + b,
          sub: a - b,
          mul: wide ? a * b : Math.imul(a, b),
          div: Math.floor(a / b),
          mod: a % b,
          min: Math.min(a, b),
          max: Math.max(a, b),
        }[ins.f];
        set(ins.dst, () => value);
        break;
      }
      case "compare": {
        const [a, b] = [one(ins.a), one(ins.b)];
        set(ins.dst, () => Number({ lt: a < b, ge: a >= b, eq: a === b }[ins.f]));
        break;
      }
      case "lanes": {
        const a = one(ins.a);
        set(ins.dst, (lane) => a + lane * ins.step);
        break;
      }
      case "load": {
        const at = one(ins.ptr) + ins.offset - base;
        const there = isThere(ins);
        set(ins.dst, (lane) => (there(lane) ? access(memory, ins.from, at + lane * ins.stride) : 0));
        break;
      }
      case "store":
        get(ins.src).forEach((x, lane) => {
          if (isThere(ins)(lane)) access(memory, ins.to, one(ins.ptr) + ins.offset - base + lane * ins.stride, x);
        });
        break;
      case "alu": {
        const src = ins.src.map(get);
        const { kind } = src.length === 3 && ins.f === "where" ? ins.src[1] : ins.src[0];
        set(ins.dst, (lane) =>
          scalar(
            ins.f,
            kind,
            ins.dst.kind,
            src.map((s) => s[lane]),
            machine.fma,
          ),
        );
        break;
      }
      case "dot": {
        const [a, b, c] = [get(ins.a), get(ins.b), get(ins.c)];
        set(ins.dst, (lane) => dot(ins.dst.kind, a[lane], b[lane], c[lane]));
        break;
      }
      case "tiles": {
        const word = (from: "a" | "b", row: number, column: number): number =>
          access(memory, "int32", one(ins[from]) - base + row * ins.pitches[from] + 4 * column);
        for (let i = 0; i < ins.rows; i++)
          for (let j = 0; j < tileColumns; j++) {
            const pairs = Array.from({ length: ins.depth }, (_, k) => [word("a", i, k), word("b", k, j)] as const);
            access(memory, ins.type, one(ins.to) - base + i * ins.pitches.to + 4 * j, tiled(ins.type, pairs));
          }
        break;
      }
      case "loop":
        for (let n = one(ins.count); n > 0; n--) interpret(ins.body, machine, r);
        break;
      case "if":
        interpret(one(ins.cond) ? ins.then : ins.else, machine, r);
        break;
      default:
        ins satisfies never;
    }
}

/** Writes programs. Its pointers are in slots 0, 1, … of the argument block. */
export class ProgramWriter {
  readonly body: Ins[] = [];
  #count = 0;
  reg(kind: Kind, lanes = 1): Reg {
    return { id: this.#count++, kind, lanes };
  }
  to(kind: Kind, lanes: number, make: (dst: Reg) => Ins): Reg {
    const dst = this.reg(kind, lanes);
    this.body.push(make(dst));
    return dst;
  }
  param(slot: number, kind: Kind = "int", lanes = 1): Reg {
    return this.to(kind, lanes, (dst) => ({ op: "param", dst, slot }));
  }
  constant(kind: Kind, lanes: number, value: number): Reg {
    return this.to(kind, lanes, (dst) => ({ op: "const", dst, value }));
  }
  int(f: Extract<Ins, { op: "int" }>["f"], a: Reg, b: Reg | number): Reg {
    return this.to("int", 1, (dst) => ({ op: "int", f, dst, a, b }));
  }
  alu(f: Alu, ...src: Reg[]): Reg {
    const { kind, lanes } = src.at(-1) as Reg;
    return this.to(aluRules[f].gives ?? kind, lanes, (dst) => ({ op: "alu", f, dst, src }));
  }
  load(ptr: Reg, from: Memory, lanes = 1, offset = 0, stride: number = memoryBytes[from]): Reg {
    const kind = from === "uint8" || from === "uint16" ? "int32" : from;
    return this.to(kind, lanes, (dst) => ({ op: "load", dst, ptr, offset, stride, from }));
  }
  store(src: Reg, ptr: Reg, to: Memory = src.kind as Memory, offset = 0, stride: number = memoryBytes[to]): void {
    this.body.push({ op: "store", src, ptr, offset, stride, to });
  }
  /** Runs what `write` writes `count` times. */
  loop(count: number | Reg, write: () => void): void {
    this.body.push({ op: "loop", count, body: this.#inside(write) });
  }
  if(cond: Reg, then: () => void, otherwise?: () => void): void {
    this.body.push({ op: "if", cond, then: this.#inside(then), else: otherwise ? this.#inside(otherwise) : [] });
  }
  advance(r: Reg, by: number): void {
    this.body.push({ op: "int", f: "add", dst: r, a: r, b: by });
  }
  #inside(write: () => void): Ins[] {
    const outer = this.body.splice(0);
    write();
    return this.body.splice(0, this.body.length, ...outer);
  }
  /** A value of any kind, from int32 or float memory. */
  value(kind: Kind, ptr: Reg, lanes: number): Reg {
    if (kind !== "bool") return this.load(ptr, kind as Memory, lanes);
    return this.alu("lt", this.constant("int32", lanes, 0), this.load(ptr, "int32", lanes));
  }
  /** Stores a value of any kind; a bool as 5 or −7, which also tells whether its mask is whole. */
  result(src: Reg, ptr: Reg): void {
    const { kind, lanes } = src;
    if (kind === "int")
      this.store(
        this.to("int32", 1, (dst) => ({ op: "lanes", dst, a: src, step: 0 })),
        ptr,
      );
    else if (kind !== "bool") this.store(src, ptr);
    else this.store(this.alu("where", src, this.constant("int32", lanes, 5), this.constant("int32", lanes, -7)), ptr);
  }
  program(name: string): Program {
    return { name, body: this.body };
  }
}
