/** Vector IR as WebAssembly against an interpreter of a page, instruction by instruction. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { aluRules, checkVector } from "../../src/compile/check-vector.ts";
import { printVector } from "../../src/compile/print-vector.ts";
import {
  type Alu,
  type Ins,
  type Kind,
  type Memory,
  memoryBytes,
  type Program,
  type Reg,
} from "../../src/compile/vector-ir.ts";
import { assemble, firstAddress } from "../../src/emit/wasm.ts";

// the interpreter

type Registers = Map<number, number[]>;
const scratchAddress = firstAddress + 0x30000;

function access(memory: DataView, type: Memory, at: number, value?: number): number {
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
function scalar(f: Alu, kind: Kind, to: Kind, x: readonly number[]): number {
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
      return a < b ? b : a;
    case "pmin":
      return b < a ? b : a;
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
      return round(kind, a * b) + c;
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
function round(kind: Kind, x: number): number {
  if (kind === "float32") return Math.fround(x);
  return kind === "int32" || kind === "int" ? x | 0 : x;
}

function interpret(body: readonly Ins[], memory: DataView, given: { args: number; item: number }, r: Registers): void {
  const get = (x: Reg): number[] => {
    const value = r.get(x.id);
    assert.ok(value, `r${x.id} is not written`);
    return value;
  };
  const one = (x: Reg | number): number => (typeof x === "number" ? x : get(x)[0]);
  const set = (x: Reg, value: (lane: number) => number): void => {
    r.set(
      x.id,
      Array.from({ length: x.lanes }, (_, lane) => round(x.kind, value(lane))),
    );
  };
  for (const ins of body)
    switch (ins.op) {
      case "const":
        set(ins.dst, () => (ins.dst.kind === "bool" ? Number(ins.value !== 0) : ins.value));
        break;
      case "param": {
        const { kind } = ins.dst;
        const type = kind === "int" || kind === "bool" ? "int32" : kind;
        const value = access(memory, type, given.args + 8 * ins.slot);
        set(ins.dst, () => (kind === "bool" ? Number(value !== 0) : value));
        break;
      }
      case "item":
        set(ins.dst, () => given.item);
        break;
      case "scratch":
        set(ins.dst, () => scratchAddress);
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
          mul: Math.imul(a, b),
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
        const at = one(ins.ptr) + ins.offset;
        set(ins.dst, (lane) => access(memory, ins.from, at + lane * ins.stride));
        break;
      }
      case "store":
        get(ins.src).forEach((x, lane) => {
          access(memory, ins.to, one(ins.ptr) + ins.offset + lane * ins.stride, x);
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
          ),
        );
        break;
      }
      case "loop":
        for (let n = one(ins.count); n > 0; n--) interpret(ins.body, memory, given, r);
        break;
      case "if":
        interpret(one(ins.cond) ? ins.then : ins.else, memory, given, r);
        break;
      default:
        ins satisfies never;
    }
}

// programs

/** Writes programs. Its pointers are in slots 0, 1, … of the argument block. */
class Writer {
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
  load(ptr: Reg, from: Memory, lanes = 1, offset = 0, stride = memoryBytes[from]): Reg {
    const kind = from === "uint8" || from === "uint16" ? "int32" : from;
    return this.to(kind, lanes, (dst) => ({ op: "load", dst, ptr, offset, stride, from }));
  }
  store(src: Reg, ptr: Reg, to: Memory = src.kind as Memory, offset = 0, stride = memoryBytes[to]): void {
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

const pages = 20;
const end = firstAddress + 0x31000;
/** One memory for all, since each reserves address space. */
const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
const real = new DataView(memory.buffer);

/** Empties the memory, but for the pointers in the argument block. */
function clear(): void {
  new Uint8Array(memory.buffer).fill(0, firstAddress, end);
  for (let slot = 0; slot < 5; slot++) real.setInt32(args + 8 * slot, place(slot), true);
}
function instantiate(program: Program, relaxed: boolean): (args: number, item: number, scratch: number) => void {
  const bytes = assemble([program], { relaxed, shared: false, maxPages: pages });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  return instance.exports.k0 as (args: number, item: number, scratch: number) => void;
}
const args = firstAddress;
/** Where the data of pointer `slot` is. */
const place = (slot: number): number => firstAddress + 0x1000 + slot * 0x8000;

/** Fills memory, runs a program by both, and compares all that was written: as `type`, any NaN being like any other. */
function agree(
  program: Program,
  type: Memory,
  { fill, relaxed = false, items = 1 }: { fill: (memory: DataView) => void; relaxed?: boolean; items?: number },
): void {
  checkVector(program);
  clear();
  fill(real);
  const expected = new DataView(memory.buffer.slice(0, end));
  const kernel = instantiate(program, relaxed);
  for (let item = 0; item < items; item++) {
    kernel(args, item, scratchAddress);
    interpret(program.body, expected, { args, item }, new Map());
  }
  for (let at = firstAddress; at < end; at += memoryBytes[type]) {
    const [x, y] = [access(real, type, at), access(expected, type, at)];
    if (!Object.is(x, y)) assert.fail(`${x} is not ${y} at ${at - firstAddress}\n${printVector(program)}`);
  }
}

let state = 12345;
/** xorshift32 (Marsaglia 2003): a whole number below 2³². */
function random(): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return state >>> 0;
}

const floats = [
  0,
  -0,
  1,
  -1,
  0.5,
  -1.5,
  2.5,
  NaN,
  Infinity,
  -Infinity,
  1e-45,
  -1e-45,
  1e-39,
  3e38,
  -3e38,
  2147483648,
  -2147483904,
  16777217,
  1e10,
  0.1,
];
const ints = [0, 1, -1, 2, -2, 3, 7, -7, 31, 32, 33, 2147483647, -2147483648, -2147483647, 65536, 123456789];
const values: Record<string, readonly number[]> = {
  float32: floats.map(Math.fround),
  float64: [...floats, 1e300, 5e-324, -(2 ** 31) - 0.5, 2 ** 31 - 0.5],
  int32: ints,
  bool: [0, 1],
};

/** Arrays that pair every value with every value, as long as a multiple of 4; a third is random. */
function operands(kind: Kind, count: number): number[][] {
  const of = values[kind];
  const arrays: number[][] = [[], [], []];
  for (const a of of) for (const b of of) [a, b, of[random() % of.length]].forEach((x, i) => void arrays[i].push(x));
  while (arrays[0].length % 4 !== 0) for (const array of arrays) array.push(of[random() % of.length]);
  return arrays.slice(0, count);
}
function put(memory: DataView, type: Memory, at: number, array: readonly number[]): void {
  array.forEach((x, i) => void access(memory, type, at + i * memoryBytes[type], x));
}
const stored = (kind: Kind): Memory => (kind === "bool" || kind === "int" ? "int32" : (kind as Memory));

/** A program that applies `f` to arrays in slots 0, 1 and 2, and writes slot 4. */
function elementwise(f: Alu, kind: Kind, to: Kind, lanes: number, count: number): Program {
  const w = new Writer();
  const { sources } = aluRules[f];
  const kinds = f === "where" ? (["bool", kind, kind] as const) : Array.from({ length: sources }, () => kind);
  const pointers = kinds.map((_, slot) => w.param(slot));
  const out = w.param(4);
  w.loop(count / lanes, () => {
    const src = kinds.map((k, slot) => w.value(k, pointers[slot], lanes));
    const gives = f === "convert" || f === "bitcast" ? to : (aluRules[f].gives ?? kind);
    w.result(
      w.to(gives, lanes, (dst) => ({ op: "alu", f, dst, src })),
      out,
    );
    kinds.forEach((k, slot) => void w.advance(pointers[slot], lanes * memoryBytes[stored(k)]));
    w.advance(out, lanes * memoryBytes[stored(gives)]);
  });
  return w.program(`${f} ${kind} ${lanes}`);
}

/** Every operation on every kind with 1 lane and with 4; `see` gets each with the kind of its result. */
function everyAlu(see: (f: Alu, kind: Kind, to: Kind, lanes: number) => void): void {
  for (const [f, rule] of Object.entries(aluRules) as [Alu, (typeof aluRules)[Alu]][])
    for (const kind of rule.on)
      for (const to of f === "convert" || f === "bitcast" ? rule.on : [kind])
        for (const lanes of kind === "float64" || to === "float64" ? [1] : [1, 4]) see(f, kind, to, lanes);
}

test("every operation, on every kind and number of lanes, gives what the interpreter gives", () => {
  everyAlu((f, kind, to, lanes) => {
    const arrays = operands(kind, 3);
    if (f === "where") arrays[0] = arrays[0].map((_, i) => ((i * 7) % 3) & 1);
    const result = stored(f === "convert" || f === "bitcast" ? to : (aluRules[f].gives ?? kind));
    agree(elementwise(f, kind, to, lanes, arrays[0].length), result, {
      fill: (memory) =>
        arrays.forEach(
          (array, slot) => void put(memory, f === "where" && slot === 0 ? "int32" : stored(kind), place(slot), array),
        ),
    });
  });
});

test("a constant operand, as a constant or as a splat, on either side, changes nothing", () => {
  everyAlu((f, kind, to, lanes) => {
    if (aluRules[f].sources !== 2) return;
    for (const value of values[kind])
      for (const side of [0, 1])
        for (const splat of lanes > 1 ? [false, true] : [false]) {
          const w = new Writer();
          const [from, out] = [w.param(0), w.param(4)];
          const c = splat
            ? w.to(kind, lanes, (dst) => ({ op: "splat", dst, a: w.constant(kind, 1, value) }))
            : w.constant(kind, lanes, value);
          const array = operands(kind, 1)[0].filter((_, i, all) => i % Math.round(Math.sqrt(all.length)) === 0);
          while (array.length % 4 !== 0) array.push(array[0]);
          w.loop(array.length / lanes, () => {
            const x = w.value(kind, from, lanes);
            w.result(w.alu(f, ...(side === 0 ? [c, x] : [x, c])), out);
            w.advance(from, lanes * memoryBytes[stored(kind)]);
            w.advance(out, lanes * memoryBytes[stored(aluRules[f].gives ?? to)]);
          });
          agree(w.program(`${f} ${kind} ${lanes} constant ${value} on side ${side}`), stored(aluRules[f].gives ?? to), {
            fill: (memory) => put(memory, stored(kind), place(0), array),
          });
        }
  });
});

test("a vector shift by a splat of a register uses that register, even where it is used nowhere else", () => {
  for (const f of ["shl", "shr", "sar"] as const) {
    const w = new Writer();
    const [from, out] = [w.param(0), w.param(4)];
    const scalarCount = w.load(from, "int32");
    const count = w.to("int32", 4, (dst) => ({ op: "splat", dst, a: scalarCount }));
    w.store(w.alu(f, w.load(from, "int32", 4, 16), count), out);
    agree(w.program(f), "int32", { fill: (memory) => put(memory, "int32", place(0), [37, 1, 2, 3, -5, 6, -7, 8]) });
  }
});

/** The float32 nearest to p + c, also where the float64 sum has lost what decides between two that are equally near. */
function roundedOnce(p: number, c: number): number {
  const sum = p + c;
  const lost = p - (sum - (sum - p)) + (c - (sum - p)); // Knuth 1969: exact
  const y = Math.fround(sum);
  if (!Number.isFinite(y) || lost === 0) return y;
  const half = sum - y;
  const other = Math.fround(y + 2 * half);
  const isTie = half !== 0 && Math.abs(other - sum) === Math.abs(half);
  return isTie && Math.sign(lost) === Math.sign(half) ? other : y;
}

test("a relaxed multiply-add rounds once or twice, and a plain one twice", () => {
  const arrays = operands("float32", 3);
  clear();
  arrays.forEach((array, slot) => void put(real, "float32", place(slot), array));
  instantiate(elementwise("fma", "float32", "float32", 4, arrays[0].length), true)(args, 0, 0);
  arrays[0].forEach((a, i) => {
    const [b, c] = [arrays[1][i], arrays[2][i]];
    const y = real.getFloat32(place(4) + 4 * i, true);
    const allowed = [Math.fround(Math.fround(a * b) + c), roundedOnce(a * b, c)];
    assert.ok(
      allowed.some((z) => Object.is(y, z)),
      `${a}·${b} + ${c} is ${y}`,
    );
  });
});

const memories = Object.keys(memoryBytes) as Memory[];
/** Bytes from which any type reads sensible values, NaNs included for some. */
function noise(memory: DataView): void {
  for (let i = 0; i < 0x2000; i++) memory.setUint8(place(0) + i, random() & 255);
  for (let i = 0; i < 0x200; i++) memory.setFloat32(place(1) + 4 * i, (random() % 2000) / 7 - 100, true);
}

test("loads and stores of every type, with any stride and any offset", () => {
  for (const type of memories)
    for (const lanes of type === "float64" ? [1] : [1, 4])
      for (const stride of lanes === 1 ? [0] : [0, 1, 2, 4, 8, 12, 100, -1, -2, -4, -8, 4096])
        for (const offset of [0, 4, 6, -4, -3, 1 << 20, (1 << 20) + 12, -(1 << 20) - 8]) {
          const size = memoryBytes[type];
          const w = new Writer();
          const [from, out] = [w.param(0), w.param(4)];
          // So far from the pointer that the sum is where the data is.
          const near = w.int("sub", w.int("add", from, 0x1000), offset);
          const x = w.load(near, type, lanes, offset, stride);
          w.store(x, out, type);
          const far = w.int("sub", w.int("add", out, 0x4000), offset);
          w.store(x, far, type, offset, Math.abs(stride) < size ? size : stride);
          agree(w.program(`${type} ${lanes} ${stride} ${offset}`), type, { fill: noise });
        }
});

test("a pointer may lie below the offset that is added to it", () => {
  const w = new Writer();
  const [from, out] = [w.param(0), w.param(4)];
  // Below 0, and so high as a u32: the sum has to wrap around.
  const offset = firstAddress + 0x1_0000_000;
  const x = w.load(w.int("sub", from, offset), "float32", 4, offset);
  w.store(x, w.int("sub", out, offset), "float32", offset);
  agree(w.program("below zero"), "float32", { fill: (memory) => put(memory, "float32", place(0), [1, 2, 3, 4]) });
});

test("lanes go in and come out, of every kind", () => {
  for (const kind of ["int32", "float32", "bool"] as const)
    for (let lane = 0; lane < 4; lane++) {
      const w = new Writer();
      const [from, out] = [w.param(0), w.param(4)];
      const a = w.value(kind, from, 4);
      const extracted = w.to(kind, 1, (dst) => ({ op: "extract", dst, a, lane }));
      w.result(extracted, out);
      w.advance(out, 16);
      const other = w.alu("eq", extracted, extracted);
      const b = kind === "bool" ? other : extracted;
      for (let to = 0; to < 4; to++) {
        w.result(
          w.to(kind, 4, (dst) => ({ op: "insert", dst, a, b, lane: to })),
          out,
        );
        w.advance(out, 16);
      }
      w.result(
        w.to(kind, 4, (dst) => ({ op: "splat", dst, a: extracted })),
        out,
      );
      agree(w.program(`${kind} lane ${lane}`), stored(kind), {
        fill: (memory) => put(memory, stored(kind), place(0), [3, -1, 7, 0]),
      });
    }
});

test("arithmetic on indices, with registers and with numbers", () => {
  const numbers = [0, 1, 5, -3, 1000, 123456];
  for (const f of ["add", "sub", "mul", "div", "mod", "min", "max"] as const)
    for (const a of numbers)
      for (const b of numbers) {
        const divides = f === "div" || f === "mod";
        if (divides && (a < 0 || b <= 0)) continue;
        const w = new Writer();
        const [from, out] = [w.param(0), w.param(4)];
        const [x, y] = [0, 4].map((offset) => w.load(from, "int32", 1, offset));
        const [i, j] = [x, y].map((r) => w.to("int", 1, (dst) => ({ op: "toInt", dst, a: r })));
        w.result(w.int(f, i, b), out);
        w.advance(out, 4);
        if (!divides) w.result(w.int(f, i, j), out);
        w.advance(out, 4);
        for (const c of ["lt", "ge", "eq"] as const)
          for (const right of [j, b]) {
            w.result(
              w.to("bool", 1, (dst) => ({ op: "compare", f: c, dst, a: i, b: right })),
              out,
            );
            w.advance(out, 4);
          }
        for (const step of [0, 1, -4]) {
          w.result(
            w.to("int32", 4, (dst) => ({ op: "lanes", dst, a: i, step })),
            out,
          );
          w.advance(out, 16);
        }
        agree(w.program(`${f} ${a} ${b}`), "int32", { fill: (memory) => put(memory, "int32", place(0), [a, b]) });
      }
});

test("arguments of every kind come from their slots, the item and the scratch address from the caller", () => {
  const w = new Writer();
  const out = w.param(4);
  const item = w.to("int", 1, (dst) => ({ op: "item", dst }));
  const scratch = w.to("int", 1, (dst) => ({ op: "scratch", dst }));
  const at = w.int("add", out, w.int("mul", item, 256));
  let offset = 0;
  const show = (r: Reg): void => {
    w.result(r, w.int("add", at, offset));
    offset += 16;
  };
  show(item);
  show(scratch);
  for (const lanes of [1, 4]) {
    show(w.param(1, "int32", lanes));
    show(w.param(2, "float32", lanes));
    show(w.param(0, "bool", lanes));
    show(w.param(5, "bool", lanes));
  }
  show(w.param(3, "float64"));
  agree(w.program("arguments"), "int32", {
    items: 3,
    fill: (memory) => {
      memory.setFloat32(args + 16, -0.1, true);
      memory.setFloat64(args + 24, Math.PI, true);
    },
  });
});

test("constants come bit by bit", () => {
  for (const kind of ["float32", "float64", "int32", "bool"] as const)
    for (const value of [...values[kind], ...(kind === "int32" ? [4294967295, -64, 64, 63, -65] : [])])
      for (const lanes of kind === "float64" ? [1] : [1, 4]) {
        const w = new Writer();
        w.result(w.constant(kind, lanes, value), w.param(4));
        agree(w.program(`${kind} ${value}`), stored(kind), { fill: () => {} });
      }
});

test("a loop runs as often as it says, and not at all for counts that are not positive", () => {
  for (const outer of [-5, 0, 1, 2, 3])
    for (const inner of [-1, 0, 1, 4])
      for (const constant of [false, true]) {
        const w = new Writer();
        const [from, out] = [w.param(0), w.param(4)];
        const [i, j] = [0, 4].map((offset) =>
          w.to("int", 1, (dst) => ({ op: "toInt", dst, a: w.load(from, "int32", 1, offset) })),
        );
        const n = w.constant("int", 1, 0);
        const sum = w.to("int", 1, (dst) => ({ op: "copy", dst, a: n }));
        w.loop(constant ? outer : i, () => {
          w.advance(sum, 100);
          w.loop(constant ? inner : j, () => w.advance(sum, 1));
          w.loop(constant ? inner : j, () => w.advance(sum, 1000));
        });
        w.result(sum, out);
        agree(w.program(`loops ${outer} ${inner}`), "int32", {
          fill: (memory) => put(memory, "int32", place(0), [outer, inner]),
        });
      }
});

test("branches nest, and leave one value whichever was taken", () => {
  const w = new Writer();
  const out = w.param(4);
  const item = w.to("int", 1, (dst) => ({ op: "item", dst }));
  const bit = (n: number): Reg =>
    w.to("bool", 1, (dst) => ({ op: "compare", f: "eq", dst, a: w.int("mod", w.int("div", item, n), 2), b: 1 }));
  const bits = [1, 2, 4].map(bit);
  const x = w.reg("float32", 4);
  const say = (value: number): void => void w.body.push({ op: "const", dst: x, value });
  say(0);
  w.if(
    bits[0],
    () => {
      w.if(bits[1], () => say(1));
      w.if(
        bits[2],
        () => w.loop(3, () => w.body.push({ op: "alu", f: "add", dst: x, src: [x, x] })),
        () => say(2),
      );
    },
    () =>
      w.if(bits[1], () =>
        w.if(
          bits[2],
          () => say(3),
          () => say(4),
        ),
      ),
  );
  w.store(x, w.int("add", out, w.int("mul", item, 16)));
  agree(w.program("branches"), "float32", { items: 8, fill: () => {} });
});

test("a register that is written twice is no constant, whatever each write says", () => {
  for (const kind of ["int32", "bool", "int"] as const) {
    const w = new Writer();
    const [from, out] = [w.param(0), w.param(4)];
    const item = w.to("int", 1, (dst) => ({ op: "item", dst }));
    const is = (value: number): Reg => w.to("bool", 1, (dst) => ({ op: "compare", f: "eq", dst, a: item, b: value }));
    const x = w.reg(kind);
    const limit = w.reg("float32", 4);
    const say = (n: number): void => {
      w.body.push({ op: "const", dst: x, value: n });
      w.body.push({ op: "const", dst: limit, value: n });
    };
    say(1);
    w.if(is(1), () => say(0));
    const at = w.int("add", out, w.int("mul", item, 64));
    w.result(x, at);
    const loaded = w.load(from, "float32", 4);
    w.store(w.alu("max", loaded, limit), at, "float32", 16);
    if (kind === "int") w.loop(x, () => w.store(loaded, at, "float32", 32));
    if (kind === "int32") w.store(w.alu("div", w.load(from, "int32"), x), at, "int32", 32);
    agree(w.program(`two writes of ${kind}`), "int32", {
      items: 2,
      fill: (memory) => put(memory, "float32", place(0), [-0, 0.5, 3, -2]),
    });
  }
});

test("a value on the stack is taken from there once, and kept where it is read again", () => {
  const w = new Writer();
  const [from, out] = [w.param(0), w.param(4)];
  const a = w.load(from, "float32", 4);
  const once = w.alu("neg", a);
  const twice = w.alu("sqrt", once); // `once` is used nowhere else
  const sum = w.alu("sub", twice, w.alu("mul", twice, twice));
  w.store(w.alu("add", sum, w.alu("max", a, a)), out);
  const b = w.load(from, "int32");
  w.store(w.alu("max", w.alu("neg", b), b), out, "int32", 16);
  agree(w.program("stack"), "float32", { fill: (memory) => put(memory, "float32", place(0), [-4, -9, -2, 4]) });
});

test("a program that is not well formed is refused, with its text", () => {
  const w = new Writer();
  const x = w.reg("float32", 4);
  w.store(x, w.param(0));
  assert.throws(
    () => checkVector(w.program("bad")),
    /vector: r0 may not have been written in "\[r1 by 4\] = float32 r0"/,
  );
  const v = new Writer();
  v.loop(
    v.to("int", 1, (dst) => ({ op: "item", dst })),
    () => v.constant("int32", 1, 1),
  );
  v.store({ id: 1, kind: "int32", lanes: 1 }, v.param(0));
  assert.throws(() => checkVector(v.program("bad")), /r1 may not have been written/);
  const u = new Writer();
  const one = u.constant("float32", 4, 1);
  u.body.push({ op: "alu", f: "and", dst: u.reg("float32", 4), src: [one, one] });
  assert.throws(() => checkVector(u.program("bad")), /and is not defined on float32/);
});

test("a program prints as text", () => {
  const w = new Writer();
  const from = w.param(0);
  w.loop(4, () => {
    w.store(w.alu("mul", w.load(from, "float32", 4), w.constant("float32", 4, -0)), from, "float32", 8);
    w.advance(from, 16);
  });
  assert.equal(
    printVector(w.program("scale")),
    `kernel scale
  r0: int = param 0
  loop 4
    r1: float32×4 = float32 [r0 by 4]
    r2: float32×4 = -0
    r3: float32×4 = mul r1, r2
    [r0 + 8 by 4] = float32 r3
    r0 = add r0, 16`,
  );
});
