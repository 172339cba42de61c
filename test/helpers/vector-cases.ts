/**
 * Cases that every emitter of the vector IR must do as the interpreter does: each instruction on each kind and with one
 * lane and with many, on values that are hard.
 */
import assert from "node:assert/strict";
import { aluRules, checkVector } from "../../src/compile/check-vector.ts";
import { printVector } from "../../src/compile/print-vector.ts";
import {
  type Alu,
  type Dot,
  type Kind,
  type Memory,
  memoryBytes,
  type Program,
  type Reg,
} from "../../src/compile/vector-ir.ts";
import { access, interpret, type Machine, ProgramWriter as Writer } from "./vector-interpreter.ts";
import { randomProgram } from "./vector-random.ts";

/** An emitter and the machine that runs what it makes. */
export interface Emitter {
  /** Lanes of a vector. */
  readonly lanes: number;
  /** The memory that programs may use, and the address of its first byte. */
  readonly memory: DataView;
  readonly base: number;
  readonly pointerBytes: 4 | 8;
  readonly fma: boolean;
  /** Of which narrow types it sums products. */
  readonly dots: readonly Dot[];
  /** Makes a function of a program. */
  prepare(program: Program): (args: number, item: number, scratch: number) => void;
}

/** Bytes of the memory of an emitter. */
export const regionBytes = 0x31000;
/** Where the data of pointer `slot` is in it; its argument block is at its start. */
export const place = (slot: number): number => 0x1000 + slot * 0x8000;
const scratchPlace = 0x30000;

/** Empties the memory, but for the pointers in the argument block. */
export function clear({ memory, base, pointerBytes }: Emitter): void {
  new Uint8Array(memory.buffer, memory.byteOffset, regionBytes).fill(0);
  for (let slot = 0; slot < 5; slot++)
    if (pointerBytes === 8) memory.setBigInt64(8 * slot, BigInt(base + place(slot)), true);
    else memory.setInt32(8 * slot, base + place(slot), true);
}

/** Fills memory, runs a program by both, and compares all that was written: as `type`, any NaN being like any other. */
function agree(
  e: Emitter,
  program: Program,
  type: Memory,
  { fill, items = 1 }: { fill: (memory: DataView) => void; items?: number },
): void {
  checkVector(program);
  const { memory, base } = e;
  clear(e);
  fill(memory);
  const expected = new DataView(memory.buffer.slice(memory.byteOffset, memory.byteOffset + regionBytes));
  const run = e.prepare(program);
  for (let item = 0; item < items; item++) {
    run(base, item, base + scratchPlace);
    const { pointerBytes, fma } = e;
    const machine: Machine = {
      memory: expected,
      base,
      pointerBytes,
      fma,
      args: base,
      item,
      scratch: base + scratchPlace,
    };
    interpret(program.body, machine);
  }
  for (let at = 0; at < regionBytes; at += 8) {
    if (memory.getBigInt64(at, true) === expected.getBigInt64(at, true)) continue;
    for (let i = at; i < at + 8; i += memoryBytes[type]) {
      const [x, y] = [access(memory, type, i), access(expected, type, i)];
      if (!Object.is(x, y)) assert.fail(`${x} is not ${y} at ${i.toString(16)}\n${printVector(program)}`);
    }
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

/** Arrays that pair every value with every value, as long as a multiple of 16; a third is random. */
export function operands(kind: Kind, count: number): number[][] {
  const of = values[kind];
  const arrays: number[][] = [[], [], []];
  for (const a of of) for (const b of of) [a, b, of[random() % of.length]].forEach((x, i) => void arrays[i].push(x));
  while (arrays[0].length % 16 !== 0) for (const array of arrays) array.push(of[random() % of.length]);
  return arrays.slice(0, count);
}
export function put(memory: DataView, type: Memory, at: number, array: readonly number[]): void {
  array.forEach((x, i) => void access(memory, type, at + i * memoryBytes[type], x));
}
const stored = (kind: Kind): Memory => (kind === "bool" || kind === "int" ? "int32" : (kind as Memory));

/** A program that applies `f` to arrays in slots 0, 1 and 2, and writes slot 4. */
export function elementwise(f: Alu, kind: Kind, to: Kind, lanes: number, count: number): Program {
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

/** Every operation on every kind with 1 lane and with `many`; `see` gets each with the kind of its result. */
function everyAlu(many: number, see: (f: Alu, kind: Kind, to: Kind, lanes: number) => void): void {
  for (const [f, rule] of Object.entries(aluRules) as [Alu, (typeof aluRules)[Alu]][])
    for (const kind of rule.on)
      for (const to of f === "convert" || f === "bitcast" ? rule.on : [kind])
        for (const lanes of kind === "float64" || to === "float64" ? [1] : [1, many]) see(f, kind, to, lanes);
}

const memories = Object.keys(memoryBytes) as Memory[];
/** Bytes from which any type reads sensible values, NaNs included for some. */
function noise(memory: DataView): void {
  for (let i = 0; i < 0x2000; i++) memory.setUint8(place(0) + i, random() & 255);
  for (let i = 0; i < 0x200; i++) memory.setFloat32(place(1) + 4 * i, (random() % 2000) / 7 - 100, true);
}

export const cases: Readonly<Record<string, (e: Emitter) => void>> = {
  "every operation, on every kind and number of lanes, gives what the interpreter gives": (e) => {
    everyAlu(e.lanes, (f, kind, to, lanes) => {
      const arrays = operands(kind, 3);
      if (f === "where") arrays[0] = arrays[0].map((_, i) => ((i * 7) % 3) & 1);
      const result = stored(f === "convert" || f === "bitcast" ? to : (aluRules[f].gives ?? kind));
      agree(e, elementwise(f, kind, to, lanes, arrays[0].length), result, {
        fill: (memory) =>
          arrays.forEach(
            (array, slot) => void put(memory, f === "where" && slot === 0 ? "int32" : stored(kind), place(slot), array),
          ),
      });
    });
  },

  "sums of products of narrow numbers are exact in bytes, and round once a product in bfloat16": (e) => {
    const words = (): number[] => Array.from({ length: 4096 }, () => random() | 0);
    const usual = [0x0001, 0x007f, 0x0080, 0x3f80, 0xbf80, 0x7f7f, 0xff7f, 0x7f80, 0x7fc0, 0x8000, 0x0000, 0x4049];
    const pairs = (): number[] =>
      words().map((w, i) => {
        const near = (x: number): number => (x & 0x807f) | ((120 + (x % 13)) << 7);
        if (i % 2 === 0) return (near(w >>> 16) << 16) | near(w & 0xffff);
        return (usual[(w >>> 8) % usual.length] << 16) | usual[(w & 255) % usual.length];
      });
    for (const dot of e.dots)
      for (const lanes of [1, e.lanes]) {
        const w = new Writer();
        const pointers = [0, 1, 2].map((slot) => w.param(slot));
        const out = w.param(4);
        const kind = dot === "bfloat16" ? "float32" : "int32";
        w.loop(4096 / lanes, () => {
          const [a, b] = [0, 1].map((i) => w.load(pointers[i], "int32", lanes));
          const c = w.load(pointers[2], kind, lanes);
          w.store(
            w.to(kind, lanes, (dst) => ({ op: "dot", dst, a, b, c })),
            out,
          );
          for (const p of [...pointers, out]) w.advance(p, 4 * lanes);
        });
        agree(e, w.program(`dot ${dot} ${lanes}`), kind, {
          fill: (memory) => {
            const [a, b] = dot === "bfloat16" ? [pairs(), pairs()] : [words(), words()];
            [0x80808080, 0x7f7f7f7f, 0xffffffff].forEach((word, i) => {
              a[i] = 0xffffffff | 0;
              b[i] = word | 0;
            });
            put(memory, "int32", place(0), a);
            put(memory, "int32", place(1), b);
            const c = dot === "bfloat16" ? pairs().map((x) => (x % 4096) / 64) : words();
            put(memory, kind, place(2), c);
          },
        });
      }
  },

  "a constant operand, as a constant or as a splat, on either side, changes nothing": (e) => {
    everyAlu(e.lanes, (f, kind, to, lanes) => {
      if (aluRules[f].sources !== 2) return;
      for (const value of values[kind])
        for (const side of [0, 1])
          for (const splat of lanes > 1 ? [false, true] : [false]) {
            const w = new Writer();
            const [from, out] = [w.param(0), w.param(4)];
            const c = splat
              ? w.to(kind, lanes, (dst) => ({ op: "splat", dst, a: w.constant(kind, 1, value) }))
              : w.constant(kind, lanes, value);
            const array: number[] = operands(kind, 1)[0].filter(
              (_, i, all) => i % Math.round(Math.sqrt(all.length)) === 0,
            );
            while (array.length % 16 !== 0) array.push(array[0]);
            w.loop(array.length / lanes, () => {
              const x = w.value(kind, from, lanes);
              w.result(w.alu(f, ...(side === 0 ? [c, x] : [x, c])), out);
              w.advance(from, lanes * memoryBytes[stored(kind)]);
              w.advance(out, lanes * memoryBytes[stored(aluRules[f].gives ?? to)]);
            });
            agree(
              e,
              w.program(`${f} ${kind} ${lanes} constant ${value} on side ${side}`),
              stored(aluRules[f].gives ?? to),
              {
                fill: (memory) => put(memory, stored(kind), place(0), array),
              },
            );
          }
    });
  },

  "a vector shift by a splat of a register uses that register, even where it is used nowhere else": (e) => {
    for (const f of ["shl", "shr", "sar"] as const) {
      const w = new Writer();
      const [from, out] = [w.param(0), w.param(4)];
      const scalarCount = w.load(from, "int32");
      const count = w.to("int32", e.lanes, (dst) => ({ op: "splat", dst, a: scalarCount }));
      w.store(w.alu(f, w.load(from, "int32", e.lanes, 16), count), out);
      agree(e, w.program(f), "int32", {
        fill: (memory) => put(memory, "int32", place(0), [37, 1, 2, 3, -5, 6, -7, 8, 9, 1 << 30]),
      });
    }
  },

  "loads and stores of every type, with any stride and any offset": (e) => {
    for (const type of memories)
      for (const lanes of type === "float64" ? [1] : [1, e.lanes])
        for (const stride of lanes === 1 ? [0] : [0, 1, 2, 4, 8, 12, 100, -1, -2, -4, -8, 16, -12, 1000])
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
            // What is loaded only to be stored, also where the two overlap.
            w.store(w.load(near, type, lanes, offset, stride), near, type, offset + 4, 3 * size);
            agree(e, w.program(`${type} ${lanes} ${stride} ${offset}`), type, { fill: noise });
          }
  },

  "parts of vectors are loaded and stored, and what is beside them stays": (e) => {
    if (e.lanes === 4) return; // WebAssembly has none
    for (const type of ["int32", "float32"] as const) {
      for (let count = 1; count < e.lanes; count++)
        for (const [stride, far] of [8, -4, -8, 12, 100].flatMap((s) => [8, 12, -4].map((t) => [s, t]))) {
          const w = new Writer();
          const [from, out] = [w.int("add", w.param(0), 0x1000), w.int("add", w.param(4), 0x1000)];
          const load = (): Reg =>
            w.to(type, e.lanes, (dst) => ({ op: "load", dst, ptr: from, offset: 4, stride, from: type, count }));
          w.body.push({ op: "store", src: load(), ptr: out, offset: 8, stride: far, to: type, count });
          // What is computed is put together, and what is only copied need not be.
          const more = w.alu("add", load(), load());
          w.body.push({ op: "store", src: more, ptr: out, offset: 0x800, stride: far, to: type, count });
          agree(e, w.program(`${type} ${count} ${stride} ${far}`), type, { fill: noise });
        }
      for (const limit of [-1000, -60, 0, 3, 50, 1000]) {
        const w = new Writer();
        const [from, out] = [w.param(0), w.param(4)];
        const x = w.load(from, "int32", e.lanes);
        const mask = w.alu("lt", x, w.constant("int32", e.lanes, limit));
        const y = w.to(type, e.lanes, (dst) => ({
          op: "load",
          dst,
          ptr: from,
          offset: 0x40,
          stride: 4,
          from: type,
          mask,
        }));
        w.body.push({ op: "store", src: y, ptr: out, offset: 4, stride: 4, to: type, mask });
        w.store(w.alu("add", y, y), out, type, 0x100);
        agree(e, w.program(`${type} below ${limit}`), type, {
          fill: (memory) => {
            noise(memory);
            put(memory, "int32", place(0), [37, 1, 2, -103, -5, 60, -7, 8, 9, 1 << 30, -1 << 30, 3, -61, 50, 49, 0]);
          },
        });
      }
    }
  },

  "parts of vectors of narrow numbers, too, where there are 16 lanes": (e) => {
    if (e.lanes !== 16) return;
    for (const type of ["uint8", "uint16"] as const)
      for (const limit of [-1000, -60, 0, 3, 50, 1000]) {
        const w = new Writer();
        const [from, out] = [w.param(0), w.param(4)];
        const mask = w.alu("lt", w.load(from, "int32", 16), w.constant("int32", 16, limit));
        const stride = memoryBytes[type];
        const y = w.to("int32", 16, (dst) => ({ op: "load", dst, ptr: from, offset: 0x40, stride, from: type, mask }));
        w.body.push({ op: "store", src: w.alu("add", y, y), ptr: out, offset: 4, stride, to: type, mask });
        w.store(y, out, "int32", 0x100);
        agree(e, w.program(`${type} below ${limit}`), "int32", {
          fill: (memory) => {
            noise(memory);
            put(memory, "int32", place(0), [37, 1, 2, -103, -5, 60, -7, 8, 9, 1 << 30, -1 << 30, 3, -61, 50, 49, 0]);
          },
        });
      }
  },

  "what goes to every second word, beside what goes to the others, is not mixed up": (e) => {
    for (const type of ["int32", "float32"] as const)
      for (let count = e.lanes === 4 ? e.lanes : 1; count <= e.lanes; count++)
        for (const second of [4, -4, 8]) {
          const w = new Writer();
          const [from, out] = [w.param(0), w.param(4)];
          const part = count < e.lanes ? { count } : {};
          const [x, y] = [0, 0x100].map((offset) => w.load(from, type, e.lanes, offset));
          const store = { op: "store", ptr: out, stride: 8, to: type, ...part } as const;
          w.body.push({ ...store, src: x, offset: 0x40 }, { ...store, src: y, offset: 0x40 + second });
          w.store(w.alu("add", x, y), out, type, 0x800);
          agree(e, w.program(`${type} ${count} ${second}`), type, { fill: noise });
        }
  },

  "a pointer may lie below the offset that is added to it": (e) => {
    const w = new Writer();
    const [from, out] = [w.param(0), w.param(4)];
    // Below 0, and so high as a u32: the sum has to wrap around.
    const offset = e.base + 0x1_0000_000;
    const x = w.load(w.int("sub", from, offset), "float32", e.lanes, offset);
    w.store(x, w.int("sub", out, offset), "float32", offset);
    agree(e, w.program("below zero"), "float32", {
      fill: (memory) => put(memory, "float32", place(0), [1, 2, 3, 4, 5, 6, 7, 8]),
    });
  },

  "lanes go in and come out, of every kind": (e) => {
    for (const kind of ["int32", "float32", "bool"] as const)
      for (let lane = 0; lane < e.lanes; lane++) {
        const w = new Writer();
        const [from, out] = [w.param(0), w.param(4)];
        const a = w.value(kind, from, e.lanes);
        const extracted = w.to(kind, 1, (dst) => ({ op: "extract", dst, a, lane }));
        w.result(extracted, out);
        w.advance(out, 4 * e.lanes);
        const other = w.alu("eq", extracted, extracted);
        const b = kind === "bool" ? other : extracted;
        for (let to = 0; to < e.lanes; to++) {
          w.result(
            w.to(kind, e.lanes, (dst) => ({ op: "insert", dst, a, b, lane: to })),
            out,
          );
          w.advance(out, 4 * e.lanes);
        }
        w.result(
          w.to(kind, e.lanes, (dst) => ({ op: "splat", dst, a: extracted })),
          out,
        );
        agree(e, w.program(`${kind} lane ${lane}`), stored(kind), {
          fill: (memory) => put(memory, stored(kind), place(0), [3, -1, 7, 0, 5, 0, -2, 9, 0, -8, 4, 1, 0, 0, -3, 6]),
        });
      }
  },

  "arithmetic on indices, with registers and with numbers": (e) => {
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
              w.to("int32", e.lanes, (dst) => ({ op: "lanes", dst, a: i, step })),
              out,
            );
            w.advance(out, 4 * e.lanes);
          }
          agree(e, w.program(`${f} ${a} ${b}`), "int32", { fill: (memory) => put(memory, "int32", place(0), [a, b]) });
        }
  },

  "arguments of every kind come from their slots, the item and the scratch address from the caller": (e) => {
    const w = new Writer();
    const out = w.param(4);
    const item = w.to("int", 1, (dst) => ({ op: "item", dst }));
    const scratch = w.to("int", 1, (dst) => ({ op: "scratch", dst }));
    const at = w.int("add", out, w.int("mul", item, 1024));
    let offset = 0;
    const show = (r: Reg): void => {
      w.result(r, w.int("add", at, offset));
      offset += 4 * e.lanes;
    };
    show(item);
    show(scratch);
    for (const lanes of [1, e.lanes]) {
      show(w.param(1, "int32", lanes));
      show(w.param(2, "float32", lanes));
      show(w.param(0, "bool", lanes));
      show(w.param(5, "bool", lanes));
    }
    show(w.param(3, "float64"));
    agree(e, w.program("arguments"), "int32", {
      items: 3,
      fill: (memory) => {
        memory.setFloat32(16, -0.1, true);
        memory.setFloat64(24, Math.PI, true);
      },
    });
  },

  "constants come bit by bit": (e) => {
    for (const kind of ["float32", "float64", "int32", "bool"] as const)
      for (const value of [...values[kind], ...(kind === "int32" ? [4294967295, -64, 64, 63, -65] : [])])
        for (const lanes of kind === "float64" ? [1] : [1, e.lanes]) {
          const w = new Writer();
          w.result(w.constant(kind, lanes, value), w.param(4));
          agree(e, w.program(`${kind} ${value}`), stored(kind), { fill: () => {} });
        }
  },

  "a loop runs as often as it says, and not at all for counts that are not positive": (e) => {
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
          agree(e, w.program(`loops ${outer} ${inner}`), "int32", {
            fill: (memory) => put(memory, "int32", place(0), [outer, inner]),
          });
        }
  },

  "branches nest, and leave one value whichever was taken": (e) => {
    const w = new Writer();
    const out = w.param(4);
    const item = w.to("int", 1, (dst) => ({ op: "item", dst }));
    const bit = (n: number): Reg =>
      w.to("bool", 1, (dst) => ({ op: "compare", f: "eq", dst, a: w.int("mod", w.int("div", item, n), 2), b: 1 }));
    const bits = [1, 2, 4].map(bit);
    const x = w.reg("float32", e.lanes);
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
    w.store(x, w.int("add", out, w.int("mul", item, 4 * e.lanes)));
    agree(e, w.program("branches"), "float32", { items: 8, fill: () => {} });
  },

  "a register that is written twice is no constant, whatever each write says": (e) => {
    for (const kind of ["int32", "bool", "int"] as const) {
      const w = new Writer();
      const [from, out] = [w.param(0), w.param(4)];
      const item = w.to("int", 1, (dst) => ({ op: "item", dst }));
      const is = (value: number): Reg => w.to("bool", 1, (dst) => ({ op: "compare", f: "eq", dst, a: item, b: value }));
      const x = w.reg(kind);
      const limit = w.reg("float32", e.lanes);
      const say = (n: number): void => {
        w.body.push({ op: "const", dst: x, value: n });
        w.body.push({ op: "const", dst: limit, value: n });
      };
      say(1);
      w.if(is(1), () => say(0));
      const at = w.int("add", out, w.int("mul", item, 1024));
      w.result(x, at);
      const loaded = w.load(from, "float32", e.lanes);
      w.store(w.alu("max", loaded, limit), at, "float32", 4 * e.lanes);
      if (kind === "int") w.loop(x, () => w.store(loaded, at, "float32", 8 * e.lanes));
      if (kind === "int32") w.store(w.alu("div", w.load(from, "int32"), x), at, "int32", 8 * e.lanes);
      agree(e, w.program(`two writes of ${kind}`), "int32", {
        items: 2,
        fill: (memory) => put(memory, "float32", place(0), [-0, 0.5, 3, -2, 0, 1, -1, 4]),
      });
    }
  },

  "a value on the stack is taken from there once, and kept where it is read again": (e) => {
    const w = new Writer();
    const [from, out] = [w.param(0), w.param(4)];
    const a = w.load(from, "float32", e.lanes);
    const once = w.alu("neg", a);
    const twice = w.alu("sqrt", once); // `once` is used nowhere else
    const sum = w.alu("sub", twice, w.alu("mul", twice, twice));
    w.store(w.alu("add", sum, w.alu("max", a, a)), out);
    const b = w.load(from, "int32");
    w.store(w.alu("max", w.alu("neg", b), b), out, "int32", 4 * e.lanes);
    agree(e, w.program("stack"), "float32", {
      fill: (memory) => put(memory, "float32", place(0), [-4, -9, -2, 4, 16, -25, 3, -7]),
    });
  },

  "random programs, with more values than there are registers": (e) => {
    for (let i = 0; i < 120; i++) {
      const registers = [2, 5, 9, 14, 20, 40][i % 6];
      const seed = state;
      agree(e, randomProgram(`random ${registers} from ${seed}`, e.lanes, registers, random), "float32", {
        fill: (memory) => {
          for (let at = 0; at < 0x1000; at += 4) {
            memory.setFloat32(
              place(0) + at,
              values.float32[random() % values.float32.length] * ((random() % 7) - 3),
              true,
            );
            memory.setInt32(place(1) + at, random() % 3 ? (random() % 400) - 200 : random(), true);
          }
        },
      });
    }
  },
};
