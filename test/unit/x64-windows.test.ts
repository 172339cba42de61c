/** Kernels as Windows calls them, byte by byte: where parameters come, what is saved, and how the stack grows. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Ins, Program, Reg } from "../../src/compile/vector-ir.ts";
import { conventions, type EmitOptions, emitX64 } from "../../src/emit/x64.ts";
import { ListingAssembler } from "../../src/emit/x64-text.ts";
import { reg } from "../helpers/device-programs.ts";

const windows: EmitOptions = { avx512: false, convention: conventions.windows };

function textOf(program: Program, options: EmitOptions): string[] {
  const assembler = new ListingAssembler();
  emitX64(program, { ...options, assembler });
  return assembler.instructions().map(({ text }) => text);
}

/** Adds up so many vectors, all of which are there before the first sum. */
function wide(count: number): Program {
  const [from, to] = [reg(0), reg(1)];
  const vectors = Array.from({ length: count }, (_, i): Reg => reg(2 + i, "float32", 8));
  const sum = reg(2 + count, "float32", 8);
  const body: Ins[] = [
    { op: "param", dst: from, slot: 0 },
    { op: "param", dst: to, slot: 1 },
    { op: "const", dst: sum, value: 0 },
    ...vectors.map((dst, i): Ins => ({ op: "load", dst, ptr: from, offset: 32 * i, stride: 4, from: "float32" })),
    ...vectors.map((dst, i): Ins => ({ op: "store", src: dst, ptr: to, offset: 32 * i, stride: 4, to: "float32" })),
    ...vectors.map((v): Ins => ({ op: "alu", f: "add", dst: sum, src: [sum, v] })),
    { op: "store", src: sum, ptr: to, offset: 0, stride: 4, to: "float32" },
  ];
  return { name: "wide", body };
}

test("parameters come in rcx, rdx and r8: the same kernel in the bytes of either convention", () => {
  const [slot, item] = [reg(0), reg(1)];
  const value = reg(2, "int32");
  const body: Ins[] = [
    { op: "param", dst: slot, slot: 0 },
    { op: "item", dst: item },
    { op: "lanes", dst: value, a: item, step: 0 },
    { op: "store", src: value, ptr: slot, offset: 0, stride: 0, to: "int32" },
  ];
  const bytes = (options: EmitOptions): string => Buffer.from(emitX64({ name: "k", body }, options)).toString("hex");
  // mov rax, [rdi]; mov [rax], esi; vzeroupper; ret
  assert.equal(bytes({ avx512: false }), "488b07" + "8930" + "c5f877" + "c3");
  // mov rax, [rcx]; mov [rax], edx; vzeroupper; ret
  assert.equal(bytes(windows), "488b01" + "8910" + "c5f877" + "c3");
});

test("rsi and rdi are the caller's, and kernels call nothing: so there is no home for parameters of others", () => {
  const pointers = Array.from({ length: 9 }, (_, i) => reg(i));
  const body: Ins[] = [
    ...pointers.map((dst, slot): Ins => ({ op: "param", dst, slot })),
    ...pointers.map(
      (ptr, i): Ins => ({
        op: "load",
        dst: reg(20 + i, "int32"),
        ptr,
        offset: 0,
        stride: 0,
        from: "int32",
      }),
    ),
    ...pointers.map(
      (ptr, i): Ins => ({
        op: "store",
        src: reg(20 + i, "int32"),
        ptr,
        offset: 4,
        stride: 0,
        to: "int32",
      }),
    ),
  ];
  const lines = textOf({ name: "many", body }, windows);
  const pushed = lines.filter((line) => line.startsWith("push ")).map((line) => line.slice(5));
  const popped = lines.filter((line) => line.startsWith("pop ")).map((line) => line.slice(4));
  assert.ok(pushed.includes("rsi") && pushed.includes("rdi"));
  assert.deepEqual(popped, pushed.toReversed());
  assert.ok(!lines.some((line) => line.startsWith("call")));
  const others = textOf({ name: "many", body }, { avx512: false });
  assert.ok(!others.some((line) => line === "push rsi" || line === "push rdi"), "they are free in System V");
});

test("registers 6 to 15 of vectors are kept, as far as they are used, and their upper halves are not", () => {
  for (const count of [3, 6, 12]) {
    const lines = textOf(wide(count), windows);
    const saves = lines
      .filter((line) => /^vmovups XMMWORD PTR \[rsp.*\],xmm/.test(line))
      .map((line) => line.split(",")[1]);
    const restores = lines
      .filter((line) => /^vmovups xmm\d+,XMMWORD PTR \[rsp/.test(line))
      .map((line) => line.slice(8, -1).split(",")[0]);
    const used = [
      ...new Set(lines.flatMap((line) => line.match(/\b[xyz]mm(\d+)/g) ?? []).map((r) => Number(r.slice(3)))),
    ];
    const kept = used
      .filter((r) => r >= 6 && r <= 15)
      .sort((a, b) => a - b)
      .map((r) => `xmm${r}`);
    assert.deepEqual(saves, kept);
    assert.deepEqual(restores, kept);
    assert.ok(
      !textOf(wide(count), { avx512: false }).some((line) => line.includes("XMMWORD PTR [rsp")),
      "System V keeps none",
    );
  }
});

test("a frame of more than a page is touched page by page before the stack is moved there", () => {
  const lines = textOf(wide(400), windows);
  const move = lines.findIndex((line) => line.startsWith("sub rsp,"));
  const frame = Number(lines[move].slice(8));
  assert.ok(frame > 3 * 4096);
  const probes = lines.slice(0, move).filter((line) => /^cmp QWORD PTR \[rsp-0x\w+\],0x0$/.test(line));
  assert.deepEqual(
    probes,
    Array.from(
      { length: Math.ceil((frame + 64) / 4096) - 1 },
      (_, i) => `cmp QWORD PTR [rsp-0x${(4096 * (i + 1)).toString(16)}],0x0`,
    ),
  );
  assert.equal(textOf(wide(400), { avx512: false }).filter((line) => line.startsWith("cmp ")).length, 0);
  assert.equal(textOf(wide(12), windows).filter((line) => line.startsWith("cmp ")).length, 0);
});
