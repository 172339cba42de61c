/** Every instruction that we encode, with registers and memory of every kind, as a disassembler reads it. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { type Address, Assembler, condition, type Length, type Row, rip } from "../../src/emit/x64-encoding.ts";
import { row, rows } from "../../src/emit/x64-rows.ts";
import { instructionText, isTiles, type Named, operandsOf } from "../../src/emit/x64-text.ts";
import { disassemble as found, plainText } from "../helpers/disassemble.ts";

const skip = spawnSync("objdump", ["--version"]).status === 0 ? false : "objdump is not installed";
const disassemble = (bytes: Uint8Array): string[] => found(bytes).map(({ text }) => text);

/** The lengths that an instruction has: single values and masks have one. */
function lengthsOf({ name, prefix, memory }: Row): Length[] {
  if (prefix === "legacy" || /^(k[nmox]|k(and|not|or|xnor|xor)|sh[lr]x|sarx)/.test(name))
    return [/^k(and|or|x)/.test(name) ? 256 : 128];
  if (/s[sd](\.|$)/.test(name) && !/broadcast|blend|pack/.test(name)) return [128];
  if (/^v(movd|movq|pextr|pinsr|insertps|extractps)/.test(name)) return [128];
  if (/f32x8/.test(name)) return [512];
  if (/f128|^vpermps|^vpermq/.test(name)) return prefix === "vex" ? [256] : [256, 512];
  if (name === "vpmovdb" || name === "vpmovdw" || memory === "quarter") return [256, 512];
  return prefix === "vex" ? [128, 256] : [128, 256, 512];
}

const addresses: readonly Address[] = [
  { base: 0, disp: 0 },
  { base: 4, disp: 64 },
  { base: 5, disp: 0 },
  { base: 12, disp: -128 },
  { base: 13, disp: 12345 },
  { base: 9, disp: 8192 },
  { base: 7, disp: -8256 },
  { base: 3, disp: 8, index: 14, scale: 4 },
  { base: 13, disp: 0, index: 1, scale: 1 },
];

test("every instruction reads as what it is meant to be", { skip }, () => {
  const a = new Assembler();
  const expected: string[] = [];
  for (const r of rows()) {
    if (isTiles(r.name)) continue; // x64-tiles.test.ts
    const mayBeHigh = r.prefix === "any" || r.prefix === "evex";
    const isVector = r.prefix !== "legacy" && !/^(k|sh[lr]x|sarx)/.test(r.name);
    const imm = r.imm === "8" ? 0x3f : r.imm === "" || r.imm === "is4" ? 0 : 0x12345;
    for (const length of lengthsOf(r)) {
      const add = (reg: number, vvvv: number, rm: number | Address, mask = 0, zero = false, value = imm): void => {
        const place = typeof rm === "number" ? null : rm;
        if (place && (r.memory === 0 || r.plus)) return;
        const [regKind, vvvvKind, rmKind] = operandsOf(r);
        const fit = (x: number, kind: Named): number => (kind === "k" ? x & 7 : kind.startsWith("r") ? x & 15 : x);
        const operands = {
          reg: r.reg === "-" ? -1 : fit(reg, regKind),
          vvvv: r.vvvv === "-" ? -1 : fit(vvvv, vvvvKind),
          rm: typeof rm === "number" ? fit(rm, rmKind) : rm,
          imm: value,
          mask,
          zero,
        };
        a.encode(r, length, operands.reg, operands.vvvv, operands.rm, { imm: value, mask, zero });
        expected.push(plainText(instructionText(r, length, operands)));
      };
      const is4 = r.imm === "is4" ? 11 : 0;
      const onlyMemory = /^(vmovs[sd]|vmask|lea)/.test(r.name) || r.name === "kmovw.store";
      if (!onlyMemory) {
        add(1, 2, 3, is4);
        add(9, 10, 11, is4);
        add(0, 15, 8, is4);
        add(6, 5, 4, is4);
        if (r.imm === "8|32") add(1, 2, 3, 0, false, 0x7f);
        if (mayBeHigh && isVector) {
          add(17, 3, 5);
          add(2, 26, 7);
          add(3, 4, 31);
          add(24, 25, 23);
        }
        if (
          mayBeHigh &&
          isVector &&
          r.reg === "w" &&
          !r.name.endsWith(".mask") &&
          !/general|extr|ins/.test(r.name) &&
          !/^v(mov[dsq]|pextr|pinsr)/.test(r.name)
        ) {
          add(1, 2, 3, 4, false);
          add(1, 2, 3, 5, true);
        }
      }
      for (const at of addresses) add(12, 3, at, is4);
      if (mayBeHigh && isVector) for (const at of addresses) add(28, 19, at);
      if (r.broadcast > 0 && mayBeHigh) for (const at of addresses) add(3, 20, { ...at, broadcast: true });
    }
  }
  const read = disassemble(a.bytes());
  const wrong = expected.flatMap((text, i) => (read[i] === text ? [] : [`${text} reads ${read[i]}`]));
  assert.deepEqual(wrong.slice(0, 20), []);
  assert.equal(read.length, expected.length);
});

test("jumps go to their labels, near and far, back and forth", { skip }, () => {
  const a = new Assembler();
  const [top, end, far] = [a.label(), a.label(), a.label()];
  a.bind(top);
  a.jump(end, condition.le);
  a.jump(far);
  a.jump(top, condition.ne);
  a.jump(top);
  a.bind(end);
  a.align(256);
  a.bind(far);
  a.jump(top, condition.b);
  a.jump(top);
  assert.deepEqual(
    disassemble(a.bytes()).filter((line) => !line.includes("nop") && !line.includes("cs ")),
    ["jle 0xf", "jmp 0x100", "jne 0x0", "jmp 0x0", "jb 0x0", "jmp 0x0"],
  );
});

test("what fills up to an alignment does nothing, in as few instructions as can be", { skip }, () => {
  for (let rest = 1; rest < 32; rest++) {
    const a = new Assembler();
    for (let i = 0; i < 32 - rest; i++) a.byte(0xc3);
    a.align(32);
    const lines = disassemble(a.bytes()).slice(32 - rest);
    assert.equal(a.length, 32);
    assert.equal(lines.length, Math.ceil(rest / 9));
    for (const line of lines) assert.match(line, /nop|xchg ax,ax/);
  }
});

test("constants are found relative to the end of their instruction, whatever follows the displacement", {
  skip,
}, () => {
  const a = new Assembler();
  a.encode(row("vmovss"), 128, 3, -1, { base: rip, disp: 0 });
  a.encode(row("vroundps"), 128, 3, -1, { base: rip, disp: 1 }, { imm: 9 });
  a.encode(row("vaddps"), 512, 17, 18, { base: rip, disp: 2, broadcast: true });
  for (const { at, end, entry } of a.data) a.patch(at, 0x100 * (entry + 1) - end);
  const text = disassemble(a.bytes());
  assert.deepEqual(
    text.map((line) => line.replace(/\[rip.*\]/, "[rip]")),
    ["vmovss xmm3,DWORD PTR [rip]", "vroundps xmm3,XMMWORD PTR [rip],0x9", "vaddps zmm17,zmm18,DWORD PTR [rip]"],
  );
});
