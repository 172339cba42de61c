/** Vector IR as WebAssembly against an interpreter of a page, instruction by instruction. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkVector } from "../../src/compile/check-vector.ts";
import { printVector } from "../../src/compile/print-vector.ts";
import type { Program } from "../../src/compile/vector-ir.ts";
import { assemble, firstAddress } from "../../src/emit/wasm.ts";
import { cases, clear, type Emitter, elementwise, operands, place, put, regionBytes } from "../helpers/vector-cases.ts";
import { roundedOnce, ProgramWriter as Writer } from "../helpers/vector-interpreter.ts";

const pages = 20;
/** One memory for all, since each reserves address space. */
const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });

function instantiate(program: Program, relaxed: boolean): (args: number, item: number, scratch: number) => void {
  const bytes = assemble([program], { relaxed, shared: false, maxPages: pages });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  return instance.exports.k0 as (args: number, item: number, scratch: number) => void;
}

const emitter: Emitter = {
  lanes: 4,
  memory: new DataView(memory.buffer, firstAddress, regionBytes),
  base: firstAddress,
  pointerBytes: 4,
  fma: false,
  dots: [],
  prepare: (program) => instantiate(program, false),
};

for (const [name, run] of Object.entries(cases)) test(name, () => run(emitter));

test("a relaxed multiply-add rounds once or twice, and a plain one twice", () => {
  const arrays = operands("float32", 3);
  clear(emitter);
  arrays.forEach((array, slot) => void put(emitter.memory, "float32", place(slot), array));
  instantiate(elementwise("fma", "float32", "float32", 4, arrays[0].length), true)(firstAddress, 0, 0);
  arrays[0].forEach((a, i) => {
    const [b, c] = [arrays[1][i], arrays[2][i]];
    const y = emitter.memory.getFloat32(place(4) + 4 * i, true);
    const allowed = [Math.fround(Math.fround(a * b) + c), roundedOnce(a * b, c)];
    assert.ok(
      allowed.some((z) => Object.is(y, z)),
      `${a}·${b} + ${c} is ${y}`,
    );
  });
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
