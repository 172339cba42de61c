/**
 * Products on the tiles of AMX. Instructions are held against fixed bytes and a disassembler, what is made of them against
 * the interpreter of vector IR: on an interpreter of instructions everywhere, and where there is Bochs, as bytes on a whole
 * machine. So are kernels of products and convolutions, and those against the oracle.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, test } from "node:test";
import { bounded } from "../../src/compile/bounded.ts";
import { checkVector } from "../../src/compile/check-vector.ts";
import { lower } from "../../src/compile/lower.ts";
import { vectorize } from "../../src/compile/vector.ts";
import type { Ins, Program } from "../../src/compile/vector-ir.ts";
import { CheckedDevice } from "../../src/device/checked.ts";
import { machines } from "../../src/device/machines.ts";
import { emitX64 } from "../../src/emit/x64.ts";
import { features, probe, probeWords } from "../../src/emit/x64-control.ts";
import type { Address } from "../../src/emit/x64-encoding.ts";
import { rows } from "../../src/emit/x64-rows.ts";
import { isTiles, ListingAssembler } from "../../src/emit/x64-text.ts";
import { toBfloat16 } from "../../src/graph/dtype.ts";
import { setDevice } from "../../src/runtime/devices.ts";
import { kernelTexts } from "../../src/runtime/explain.ts";
import { read, realize } from "../../src/runtime/realize.ts";
import { autocast, conv2d, type Tensor, tensor } from "../../src/tensor.ts";
import { bochsLacks, memoryBase, runInBochs } from "../helpers/bochs.ts";
import { reg } from "../helpers/device-programs.ts";
import { disassemble, plainText } from "../helpers/disassemble.ts";
import { gradientsOf } from "../helpers/gradcheck.ts";
import { HeldDevice, inBochs, inInterpreter } from "../helpers/held-device.ts";
import { numbers, sample } from "../helpers/numbers.ts";
import { assertWithin, bounds, toFloat64, values } from "../helpers/oracle.ts";
import { type Products, turnedProducts } from "../helpers/products.ts";
import { runOnTiles } from "../helpers/tile-machine.ts";
import { interpret } from "../helpers/vector-interpreter.ts";

const noDisassembler = spawnSync("objdump", ["--version"]).status === 0 ? false : "objdump is not installed";
if (bochsLacks) console.error(`AMX is not tested on a whole machine here: ${bochsLacks}`);

describe("instructions", () => {
  const places: readonly Address[] = [
    { base: 0, disp: 0, index: 1, scale: 1 },
    { base: 13, disp: -64, index: 14, scale: 4 },
    { base: 4, disp: 4096, index: 8, scale: 1 },
  ];

  /** All of them with some operands, as text and bytes. */
  function written(): ListingAssembler {
    const a = new ListingAssembler();
    for (const r of rows()) {
      if (!isTiles(r.name)) continue;
      const add = (reg: number, vvvv: number, rm: number | Address): void => a.encode(r, 128, reg, vvvv, rm);
      if (r.name === "ldtilecfg") for (const { base, disp } of places) add(-1, -1, { base, disp });
      else if (r.memory !== 0) for (const [i, place] of places.entries()) add(7 - i, -1, place);
      else if (r.vvvv === "r")
        for (const [c, b, a] of [
          [0, 7, 5],
          [3, 6, 4],
          [7, 1, 2],
        ])
          add(c, b, a);
      else if (r.reg === "w") for (const t of [0, 7]) add(t, -1, 0);
      else add(-1, -1, 0);
    }
    return a;
  }

  test("read as what they are meant to be", { skip: noDisassembler }, () => {
    const a = written();
    const found = disassemble(a.bytes());
    assert.deepEqual(
      found,
      a.instructions().map(({ at, text }) => ({ at, text: plainText(text) })),
    );
  });

  test("are these bytes", () => {
    const a = written();
    const listed = a.instructions();
    const bytes = Buffer.from(a.bytes());
    const lines = listed.map(({ at, text }, i) => `${bytes.toString("hex", at, listed[i + 1]?.at)} ${text}`);
    assert.equal(lines.length, 3 + 1 + 2 + 3 * 3 + 5 * 3);
    for (const line of [
      "c4e2784900 ldtilecfg [rax]",
      "c4c2784945c0 ldtilecfg [r13-0x40]",
      "c4e27849c0 tilerelease",
      "c4e27b49c0 tilezero tmm0",
      "c4e27b49f8 tilezero tmm7",
      "c4e27b4b3c08 tileloadd tmm7,[rax+rcx*1]",
      "c482794b74b5c0 tileloaddt1 tmm6,[r13+r14*4-0x40]",
      "c4a27a4bac0400100000 tilestored [rsp+r8*1+0x1000],tmm5",
      "c4e2425cc5 tdpbf16ps tmm0,tmm5,tmm7",
      "c4e24a5edc tdpbsud tmm3,tmm4,tmm6",
      "c4e24b5edc tdpbssd tmm3,tmm4,tmm6",
      "c4e2495edc tdpbusd tmm3,tmm4,tmm6",
      "c4e2485edc tdpbuud tmm3,tmm4,tmm6",
    ])
      assert.ok(lines.includes(line), `${line} in\n${lines.join("\n")}`);
  });
});

type Tiles = Extract<Ins, { op: "tiles" }>;

/** `tiles` alone, of pointers that are the arguments. */
function alone(type: Tiles["type"], rows: number, depth: number): { program: Program; ins: Tiles } {
  const [a, b, to] = [reg(0), reg(1), reg(2)];
  const pitches = { a: 4 * depth + 12, b: 4 * 48, to: 4 * 33 };
  const ins: Tiles = { op: "tiles", type, rows, depth, a, b, to, pitches };
  const program = {
    name: "tiles",
    body: [...[a, b, to].map((dst, slot): Ins => ({ op: "param", dst, slot })), ins],
  };
  checkVector(program);
  return { program, ins };
}

const kinds = [
  ["float32", 1, 1],
  ["float32", 16, 16],
  ["float32", 32, 64],
  ["float32", 17, 15],
  ["float32", 31, 33],
  ["float32", 5, 50],
  ["int32", 1, 3],
  ["int32", 32, 32],
  ["int32", 19, 47],
] as const;

type Kind = (typeof kinds)[number];

/** Words of factors: all bytes, or bfloat16 of which some are subnormal, 0, large or infinite. */
function words(type: Tiles["type"], count: number, seed: number): Int32Array {
  const random = numbers(2 * count, [-2, 2], seed);
  if (type === "int32") return Int32Array.from({ length: count }, (_, i) => random[i] * 2 ** 30);
  const special = [0, -0, 2 ** -130, -(2 ** -100), 2 ** -66, 2 ** 100, 2 ** -126, Infinity];
  const half = (i: number): number => toBfloat16(i % 37 === 5 ? special[(i / 37) & 7] : random[i]);
  return Int32Array.from({ length: count }, (_, i) => half(2 * i) | (half(2 * i + 1) << 16));
}

/** Where things lie in the memory of a case. */
const [argsAt, codeAt, aAt, bAt, toAt, caseBytes] = [0, 64, 0x2000, 0x6000, 0xa000, 0x10000];

/** Memory with everything that a case takes, from an address on. */
function memoryOf([type, rows, depth]: Kind, base: number, mask = -1) {
  const { program, ins } = alone(type, rows, depth);
  const assembler = new ListingAssembler();
  const code = emitX64(program, { avx512: true, assembler });
  assert.ok(codeAt + code.length <= aAt);
  const memory = new DataView(new ArrayBuffer(caseBytes));
  new Uint8Array(memory.buffer).fill(0xa5, toAt);
  [aAt, bAt, toAt].forEach((at, slot) => void memory.setBigInt64(argsAt + 8 * slot, BigInt(base + at), true));
  new Uint8Array(memory.buffer, codeAt).set(code);
  new Int32Array(memory.buffer, aAt, (rows * ins.pitches.a) / 4).set(
    words(type, (rows * ins.pitches.a) / 4, 1).map((word) => (type === "int32" ? word & mask : word)),
  );
  new Int32Array(memory.buffer, bAt, (depth * ins.pitches.b) / 4).set(words(type, (depth * ins.pitches.b) / 4, 2));
  return { program, memory, assembler };
}

/** The same memory after the interpreter of vector IR has run the case. */
function expectedOf(kind: Kind, base: number, mask?: number): Uint8Array {
  const { program, memory } = memoryOf(kind, base, mask);
  interpret(program.body, { memory, base, pointerBytes: 8, fma: true, args: base + argsAt, item: 0, scratch: 0 });
  return new Uint8Array(memory.buffer);
}

/** Runs cases in the emulator, one behind the other. */
function inEmulator(some: readonly Kind[], mask?: number): { memory: Uint8Array; bases: number[] } {
  const bases = some.map((_, i) => memoryBase + i * caseBytes);
  const memory = new Uint8Array(some.length * caseBytes);
  some.forEach((kind, i) => {
    memory.set(new Uint8Array(memoryOf(kind, bases[i], mask).memory.buffer), i * caseBytes);
  });
  const calls = bases.map((base) => ({ function: base + codeAt, args: [base + argsAt, 0, 0] as const }));
  return { memory: runInBochs(memory, calls), bases };
}

/** Bochs 3.0 takes bytes with a sign for such without one. Then only those are multiplied there that are neither. */
function hasSigns(): boolean {
  if (signs === null) {
    const { memory, bases } = inEmulator([["int32", 1, 3]]);
    const expected = expectedOf(["int32", 1, 3], bases[0]);
    signs = memory.every((byte, i) => byte === expected[i]);
    if (!signs) console.error("AMX is tested without negative bytes here: this version of Bochs has no signs");
  }
  return signs;
}
let signs: boolean | null = null;

/** Equal bytes, where a NaN is one whatever its bits are. */
function assertSame(actual: Uint8Array, expected: Uint8Array, what: string): void {
  const [x, y] = [actual, expected].map((bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length));
  for (let at = 0; at < caseBytes; at += 4) {
    if (x.getInt32(at, true) === y.getInt32(at, true)) continue;
    const [p, q] = [x, y].map((view) => view.getFloat32(at, true));
    assert.ok(Number.isNaN(p) && Number.isNaN(q), `${what}: ${p} instead of ${q} at ${at}`);
  }
}

describe("products of tiles", () => {
  for (const kind of kinds)
    test(`${kind.join(" ")} are what the interpreter gets, and write nothing else`, () => {
      const { memory, assembler } = memoryOf(kind, 0);
      runOnTiles(memory, assembler.instructions(), codeAt, argsAt);
      const expected = expectedOf(kind, 0);
      assertSame(new Uint8Array(memory.buffer), expected, kind.join());
      const sums = new Float32Array(expected.buffer, toAt, 33 * kind[1]);
      if (kind[0] === "float32" && kind[2] > 32) assert.ok(sums.some(Number.isNaN) && sums.some(Number.isFinite));
    });

  test("in Bochs, too", { skip: bochsLacks }, () => {
    const mask = hasSigns() ? -1 : 0x7f7f7f7f;
    const { memory, bases } = inEmulator(kinds, mask);
    for (const [i, kind] of kinds.entries())
      assertSame(memory.subarray(i * caseBytes, (i + 1) * caseBytes), expectedOf(kind, bases[i], mask), kind.join());
  });

  test("Bochs is a processor with AMX, of which the system saves tiles", { skip: bochsLacks }, () => {
    const memory = new Uint8Array(4096);
    memory.set(probe(), 1024);
    const found = runInBochs(memory, [{ function: memoryBase + 1024, args: [memoryBase, 0, 0] }]);
    const all = { avx2: true, avx512: true, bfloat16: true, int8: true, tiles: { bfloat16: true, int8: true } };
    assert.deepEqual(features(new Uint32Array(found.buffer, 0, probeWords)), all);
  });
});

/** Products in bfloat16, and of which shapes. */
const products: Products = {
  ...turnedProducts,
  "a few numbers": [(a, b) => a.matmul(b), [3, 9], [9, 5]],
  "whole tiles": [(a, b) => a.matmul(b), [64, 64], [64, 64]],
  "odd edges and some blocks": [(a, b) => a.matmul(b), [35, 1035], [1035, 37]],
  "more blocks than are added up in one turn": [(a, b) => a.matmul(b), [3, 4501], [4501, 3]],
  "batches with more behind them": [(a, b) => a.matmul(b).add(1).relu(), [3, 20, 34], [3, 34, 18]],
};

/** Computes graphs on a machine with AMX, on which products have to be tiles. */
async function compute(run: typeof inBochs, roots: readonly Tensor[]): Promise<Float64Array[]> {
  const device = new HeldDevice(run);
  await setDevice(device);
  const handles = roots.map(({ node }) => ({ node }));
  await realize(handles);
  const found: Float64Array[] = [];
  for (const { node } of handles) found.push(toFloat64(await read(node), node.dtype));
  const tiled = device.programs.filter(({ body }) => JSON.stringify(body).includes('"op":"tiles"'));
  assert.ok(tiled.length >= Math.min(roots.length, 2), "products are tiles");
  return found;
}

const runners = bochsLacks ? [inInterpreter] : [inInterpreter, inBochs];

describe("kernels with tiles", () => {
  for (const [name, [product, on, by]] of Object.entries(products))
    test(`${name}, and its gradients, are as the oracle says${bochsLacks ? "" : ", in Bochs to the bit"}`, async () => {
      const [a, b] = [sample(on, [-2, 2], 1, "float32"), sample(by, [-2, 2], 2, "float32")];
      const make = (): Tensor[] => {
        const rounded = (p: Tensor, q: Tensor): Tensor => autocast("bfloat16", () => product(p, q));
        return [rounded(a, b), ...gradientsOf(rounded, [a, b]).grads];
      };
      const roots = make();
      const expected = bounds(roots.map(({ node }) => node));
      const found = await compute(inInterpreter, roots);
      found.forEach((value, i) => void assertWithin(value, expected[i], ["value", "of a", "of b"][i]));
      if (!bochsLacks) assert.deepEqual(await compute(inBochs, make()), found);
    });

  for (const [m, k, n] of [
    [3, 4, 3],
    [17, 129, 33],
    [35, 1030, 45],
  ])
    for (const dtype of ["int8", "uint8"] as const)
      test(`${dtype} ${m}×${k}×${n} is exact`, async () => {
        const [least, greatest] = dtype === "int8" ? [-128, 127] : [0, 255];
        const bytes = (shape: number[], least: number, seed: number): Tensor => {
          const count = shape[0] * shape[1];
          return tensor(numbers(count, [least, greatest + 1 - 1e-6], seed).map(Math.floor), shape, { dtype });
        };
        for (const run of runners) {
          // What is less than the middle of a type is negative in the left factor of an instruction.
          const from = run === inBochs && !hasSigns() ? Math.ceil((least + greatest) / 2) : least;
          const make = (): Tensor => bytes([m, k], from, 1).matmul(bytes([k, n], least, 2), { dtype: "int32" });
          assert.deepEqual(await compute(run, [make()]), values([make().node]));
        }
      });

  test("whole numbers come out as on every other device", async () => {
    const whole = (shape: number[], seed: number): Tensor => sample(shape, [-8, 8], seed, "float32").floor();
    const make = (): Tensor => autocast("bfloat16", () => whole([37, 200], 1).matmul(whole([200, 41], 2)));
    const expected = values([make().node]);
    for (const run of runners) assert.deepEqual(await compute(run, [make()]), expected);
  });

  test("their code reads as it is printed", { skip: noDisassembler }, () => {
    const [x, w] = [sample([2, 6, 11, 9], [-2, 2], 1, "float32"), sample([10, 6, 3, 3], [-2, 2], 2, "float32")];
    const y = autocast("bfloat16", () => conv2d(x, w, null, { padding: 1 }));
    let tilesFound = 0;
    for (const loops of lower([y.node], machines.amx).loops) {
      const assembler = new ListingAssembler();
      const code = emitX64(vectorize(loops), { avx512: true, assembler }).subarray(0, assembler.codeBytes);
      const printed = new Map(assembler.instructions().map(({ at, text }) => [at, plainText(text)]));
      const found = disassemble(code).filter(({ text }) => !/nop|xchg ax,ax/.test(text));
      assert.deepEqual(
        found.map(({ text }) => text),
        found.map(({ at }) => printed.get(at)),
      );
      assert.equal(found.length, printed.size);
      tilesFound += found.filter(({ text }) => text.startsWith("tdpbf16ps")).length;
    }
    assert.ok(tilesFound > 0);
  });

  test("are not made where every access is looked at, for theirs are not", () => {
    const device = new HeldDevice(inInterpreter);
    assert.deepEqual(new CheckedDevice(device).target, { ...machines.amx, tiles: [] });
    assert.deepEqual(new CheckedDevice(device, { looks: false }).target, machines.amx);
    const [program] = kinds.map(([type, rows, depth]) => alone(type, rows, depth).program);
    assert.throws(() => bounded(program, 0), /bounded: tiles has tiles, which are not looked at/);
  });

  test("can be shown by machines that could not run them", async () => {
    const y = autocast("bfloat16", () =>
      sample([64, 64], [-2, 2], 1, "float32").matmul(sample([64, 64], [-2, 2], 2, "float32")),
    );
    const texts = (await kernelTexts("amx", y)).map(({ text }) => text).join("\n");
    assert.match(texts, / tdpbf16ps +tmm0, tmm4, tmm6\n/);
    assert.match(texts, / tilerelease\n/);
  });
});
