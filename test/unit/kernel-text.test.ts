/** Kernels as text: what the emitters print is what other people's disassemblers read in the bytes. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { lower } from "../../src/compile/lower.ts";
import { vectorize } from "../../src/compile/vector.ts";
import type { Ins, Program, Reg } from "../../src/compile/vector-ir.ts";
import type { Target } from "../../src/device/device.ts";
import { machines } from "../../src/device/machines.ts";
import { assemble } from "../../src/emit/wasm.ts";
import { printWasm } from "../../src/emit/wasm-text.ts";
import { conventions, emitX64, listX64 } from "../../src/emit/x64.ts";
import { ListingAssembler } from "../../src/emit/x64-text.ts";
import { ValueError } from "../../src/errors.ts";
import { isFloat } from "../../src/graph/dtype.ts";
import { sizeOf } from "../../src/graph/shape.ts";
import { explain, kernelTexts, printExplanation } from "../../src/runtime/explain.ts";
import { type DType, randn, tensor, vjp } from "../../src/tensor.ts";
import { devices, use } from "../helpers/devices.ts";
import { disassemble, type Found, plainText } from "../helpers/disassemble.ts";
import { sample, shapeOf } from "../helpers/numbers.ts";
import { elementwise } from "../helpers/rows/elementwise.ts";
import { indexed } from "../helpers/rows/index.ts";
import { layers } from "../helpers/rows/layers.ts";
import { products } from "../helpers/rows/products.ts";
import { reductions } from "../helpers/rows/reduce.ts";
import type { Rows } from "../helpers/rows/row.ts";
import { shapes } from "../helpers/rows/shape.ts";

const lacks = (program: string): string | false =>
  spawnSync(program, ["--version"]).status === 0 ? false : `${program} is not installed`;

const table: Rows = { ...elementwise, ...reductions, ...shapes, ...indexed, ...products, ...layers };

/** Every kernel of the table of operations for a machine, and of their derivatives. */
function programsOf(target: Target): Program[] {
  const { lanes, registers, maxBuffers } = target;
  const known = made.get(target);
  if (known) return known;
  const programs: Program[] = [];
  for (const row of Object.values(table))
    for (const dtype of new Set<DType>(["float32", "float64", ...(row.also ?? [])])) {
      const inputs = row.on.map((shape, k) =>
        sample(shapeOf(shape), isFloat(dtype) ? (row.in ?? [-2, 2]) : [0, 1], k + 1, dtype),
      );
      const y = row.f(...inputs);
      const roots = [y.node];
      if (row.gradient !== false && isFloat(dtype) && isFloat(y.dtype))
        for (const g of vjp(row.f, ...inputs).pullback(y.mul(0.5))) roots.push(g.node);
      programs.push(
        ...lower(
          roots.filter((n) => sizeOf(n.shape) > 0),
          { lanes, registers, maxBuffers },
        ).loops.map(vectorize),
      );
    }
  made.set(target, programs);
  return programs;
}
const made = new Map<Target, Program[]>();

describe("x86-64", () => {
  const skip = lacks("objdump");
  for (const [machine, convention] of [
    ["avx2", "systemV"],
    ["avx512", "windows"],
  ] as const)
    test(`kernels of all operations read as they are printed: ${machine}, ${convention}`, { skip }, (t) => {
      const code: Uint8Array[] = [];
      const expected = new Map<number, string>();
      let base = 0;
      for (const program of programsOf(machines[machine])) {
        const assembler = new ListingAssembler();
        const options = { avx512: machine === "avx512", convention: conventions[convention], assembler };
        code.push(emitX64(program, options).subarray(0, assembler.codeBytes));
        for (const { at, text } of assembler.instructions()) expected.set(base + at, absolute(plainText(text), base));
        base += assembler.codeBytes;
      }
      const found = disassemble(Buffer.concat(code));
      const wrong = found.flatMap(({ at, text }) => {
        const wanted = expected.get(at) ?? "nop";
        expected.delete(at);
        return text === wanted || (wanted === "nop" && /nop|xchg ax,ax/.test(text)) ? [] : [`${wanted} reads ${text}`];
      });
      assert.deepEqual(wrong.slice(0, 20), []);
      assert.equal(expected.size, 0, "every instruction was found");
      t.diagnostic(`${found.length} instructions of ${formsIn(found)} forms in ${code.length} kernels`);
      assert.ok(formsIn(found) > 300, "most of what is ever emitted");
    });

  test("a listing has addresses, jumps and constants", () => {
    const [{ loops }] = [lower([randn([33]).mul(3).node], machines.avx2)];
    const text = listX64(vectorize(loops[0]), { avx512: false });
    assert.match(text, /^ *0: \w+ /);
    assert.match(text, /vmulps +ymm\d+, /);
    assert.match(text, /\n *[0-9a-f]+: vzeroupper\n *[0-9a-f]+: ret\n/);
    assert.match(text, /: \.long +0x/);
  });
});

/** Jumps go to places in all of the bytes. */
const absolute = (text: string, base: number): string =>
  text.replace(/^(j\w+) 0x([0-9a-f]+)$/, (_, jump, to) => `${jump} 0x${(base + Number.parseInt(to, 16)).toString(16)}`);

/** How many instructions differ in more than registers and numbers. */
const formsIn = (found: readonly Found[]): number =>
  new Set(found.map(({ text }) => text.replace(/\b[a-z]{1,3}\d+[dwb]?\b|-?0x[0-9a-f]+/g, (x) => x.replace(/\d.*/, ""))))
    .size;

describe("WebAssembly", () => {
  test("kernels of all operations read as they are printed", { skip: lacks("wasm-objdump") }, () => {
    const programs = programsOf(machines.wasm);
    const module = assemble(programs, { relaxed: true, shared: false, maxPages: 1 });
    const folder = mkdtempSync(join(tmpdir(), "tsumiki-wasm-"));
    const file = join(folder, "kernels.wasm");
    writeFileSync(file, module);
    const options = { encoding: "utf8", maxBuffer: 1 << 29 } as const;
    const text = execFileSync("wasm-objdump", ["-d", file], options);
    rmSync(folder, { recursive: true });
    const read = text.split("\n").flatMap((line) => /\| +([a-z]\w+(?:\.\w+)?.*)$/.exec(line)?.[1] ?? []);
    const wanted = read.filter((line) => !line.startsWith("local["));
    const printed = printWasm(module)
      .split("\n")
      .filter((line) => !/^\(func|^ {2}\(local/.test(line))
      .map((line) => (line === ")" ? "end" : line.trim()))
      .map((line) => line.replace(/^i32\.const (-\d+)$/, (_, n) => `i32.const ${n >>> 0}`))
      .map((line) => line.replace("$args", "0").replace("$item", "1").replace("$scratch", "2"))
      .map((line) => line.replace(/(?: offset=(\d+))? align=1/, (_, offset = "0") => ` 0 ${offset}`));
    const comparable = (line: string): string =>
      /^(local|br_if|i32\.const|.*(load|store)(?!.*_lane))/.test(line) ? line : line.split(" ")[0];
    assert.ok(wanted.length > 10_000);
    const wrong = wanted.flatMap((line, i) =>
      comparable(line) === comparable(printed[i] ?? "") ? [] : [`${line} is printed as ${printed[i]}`],
    );
    assert.deepEqual(wrong.slice(0, 20), []);
    assert.equal(printed.length, wanted.length);
  });

  test("every instruction of all operations is known, and ends where its function does", () => {
    for (const relaxed of [true, false])
      for (const program of programsOf(machines.wasm)) {
        const text = printWasm(assemble([program], { relaxed, shared: false, maxPages: 1 }));
        assert.match(text, /^\(func \$k0 \(param \$args i32\).*\n[\s\S]*\n\)$/);
      }
  });

  test("immediates are printed as the text format has them", () => {
    const r = (id: number, kind: "int" | "int32" | "float32" | "float64", lanes = 1): Reg => ({ id, kind, lanes });
    const body: Ins[] = [
      { op: "param", dst: r(0, "int"), slot: 0 },
      { op: "const", dst: r(1, "float32"), value: -0 },
      { op: "store", src: r(1, "float32"), ptr: r(0, "int"), offset: 4, stride: 0, to: "float32" },
      { op: "const", dst: r(2, "float64"), value: Number.NEGATIVE_INFINITY },
      { op: "store", src: r(2, "float64"), ptr: r(0, "int"), offset: 8, stride: 0, to: "float64" },
      { op: "const", dst: r(3, "int32", 4), value: -2 },
      { op: "store", src: r(3, "int32", 4), ptr: r(0, "int"), offset: 16, stride: 4, to: "int32" },
      { op: "const", dst: r(4, "int32"), value: -129 },
      { op: "store", src: r(4, "int32"), ptr: r(0, "int"), offset: 300, stride: 0, to: "int32" },
    ];
    const text = printWasm(assemble([{ name: "k", body }], { relaxed: false, shared: false, maxPages: 1 }));
    for (const line of [
      "local.get $args",
      "f32.const -0",
      "f64.const -inf",
      "v128.const i32x4 0xfffffffe 0xfffffffe 0xfffffffe 0xfffffffe",
      "i32.const -129",
      "i32.store offset=300 align=1",
    ])
      assert.ok(text.includes(`  ${line}\n`), `${line} in\n${text}`);
  });
});

describe("explain", () => {
  test("shows what the device makes of a kernel, and what other machines would", async () => {
    await use("wasm");
    const y = randn([64, 100]).softmax(-1);
    const explanation = await explain(y);
    assert.match(explanation.kernels[0].text, /^\(func /);
    assert.match(printExplanation(explanation, ["code"]), / {2}f32x4\.add\n/);
    const [wasm] = await kernelTexts("wasm", y);
    assert.equal(wasm.name, explanation.kernels[0].name);
    const [avx2] = await kernelTexts("avx2", y);
    assert.match(avx2.text, / vfmadd231ps +ymm\d+, /);
    const [avx512] = await kernelTexts("avx512", y);
    assert.match(avx512.text, / vfmadd231ps +zmm\d+, /);
    await assert.rejects(kernelTexts("avx512", tensor([1])), ValueError);
    if (!devices.includes("x64")) return;
    await use("x64");
    const { kernels } = await explain(randn([64, 100]).softmax(-1));
    assert.match(kernels[0].text, /^ *0: /);
  });
});
