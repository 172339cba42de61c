/** Every instruction that we encode, with registers and memory of every kind, as a disassembler reads it. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  type Address,
  Assembler,
  condition,
  type Length,
  memoryBytes,
  type Row,
  rip,
} from "../../src/emit/x64-encoding.ts";
import { row, rows } from "../../src/emit/x64-rows.ts";

const skip = spawnSync("objdump", ["--version"]).status === 0 ? false : "objdump is not installed";

/** The instructions in some bytes, in Intel's syntax, without what its versions write differently. */
function disassemble(bytes: Uint8Array): string[] {
  const folder = mkdtempSync(join(tmpdir(), "tsumiki-x64-"));
  const file = join(folder, "code");
  writeFileSync(file, bytes);
  const text = execFileSync("objdump", ["-D", "-b", "binary", "-m", "i386:x86-64", "-M", "intel", "-w", file], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  rmSync(folder, { recursive: true });
  return text
    .split("\n")
    .filter((line) => /^\s+[0-9a-f]+:\t/.test(line))
    .map((line) => plain(line.split("\t")[2] ?? ""));
}
const plain = (line: string): string =>
  line
    .replace(/\s*#.*$/, "")
    .replace(/\{1to\d+\}/, "")
    .replace(" BCST ", " PTR ")
    .replace("+0x0]", "]")
    .replace(/\s+/g, " ")
    .trim();

const names64 = "rax rcx rdx rbx rsp rbp rsi rdi r8 r9 r10 r11 r12 r13 r14 r15".split(" ");
const names32 = "eax ecx edx ebx esp ebp esi edi r8d r9d r10d r11d r12d r13d r14d r15d".split(" ");
const names16 = "ax cx dx bx sp bp si di r8w r9w r10w r11w r12w r13w r14w r15w".split(" ");
const names8 = "al cl dl bl spl bpl sil dil r8b r9b r10b r11b r12b r13b r14b r15b".split(" ");

type Kind = "r64" | "r32" | "r16" | "r8" | "k" | "vector" | "half" | "quarter" | "xmm" | "ymm";

const vectors: Record<number, string> = { 128: "xmm", 256: "ymm", 512: "zmm" };
function nameOf(r: number, kind: Kind, length: Length): string {
  if (kind === "r64") return names64[r];
  if (kind === "r32") return names32[r];
  if (kind === "r16") return names16[r];
  if (kind === "r8") return names8[r];
  if (kind === "k") return `k${r}`;
  const bits = { vector: length, half: length / 2, quarter: length / 4, xmm: 128, ymm: 256 }[kind];
  return `${vectors[Math.max(bits, 128)]}${r}`;
}

/** What the operands in reg, vvvv and rm are, where they are not all vectors. */
const kinds: Record<string, readonly [Kind, Kind, Kind]> = {
  vmovd: ["xmm", "-" as Kind, "r32"],
  "vmovd.general": ["xmm", "-" as Kind, "r32"],
  "vpbroadcastd.general": ["vector", "-" as Kind, "r32"],
  vpextrb: ["xmm", "-" as Kind, "r32"],
  vpextrw: ["xmm", "-" as Kind, "r32"],
  vpextrd: ["xmm", "-" as Kind, "r32"],
  vextractps: ["xmm", "-" as Kind, "r32"],
  vpinsrb: ["xmm", "xmm", "r32"],
  vpinsrw: ["xmm", "xmm", "r32"],
  vmovmskps: ["r32", "-" as Kind, "vector"],
  "kmovw.from": ["k", "-" as Kind, "r32"],
  "kmovw.to": ["r32", "-" as Kind, "k"],
  vcvtdq2pd: ["vector", "-" as Kind, "half"],
  vcvttpd2dq: ["half", "-" as Kind, "vector"],
  vpmovzxbd: ["vector", "-" as Kind, "quarter"],
  vpmovzxwd: ["vector", "-" as Kind, "half"],
  vpmovdb: ["vector", "-" as Kind, "quarter"],
  vpmovdw: ["vector", "-" as Kind, "half"],
  vextractf128: ["vector", "-" as Kind, "xmm"],
  vinsertf128: ["vector", "vector", "xmm"],
  vextractf32x8: ["vector", "-" as Kind, "ymm"],
  vinsertf32x8: ["vector", "vector", "ymm"],
  vbroadcastss: ["vector", "-" as Kind, "xmm"],
  vpbroadcastd: ["vector", "-" as Kind, "xmm"],
  "movzx.8": ["r32", "-" as Kind, "r8"],
  "movzx.16": ["r32", "-" as Kind, "r16"],
  movsxd: ["r64", "-" as Kind, "r32"],
  "mov.store8": ["r8", "-" as Kind, "r8"],
  "mov.store16": ["r16", "-" as Kind, "r16"],
  "call.64": ["r64", "r64", "r64"],
};
function kindsOf({ name, prefix }: Row): readonly [Kind, Kind, Kind] {
  if (kinds[name]) return kinds[name];
  if (name.endsWith(".mask")) return ["k", "vector", "vector"];
  if (name.startsWith("k")) return ["k", "k", "k"];
  if (name.endsWith("lx") || name.endsWith("rx")) return ["r32", "r32", "r32"];
  if (prefix !== "legacy") return ["vector", "vector", "vector"];
  const general = name.startsWith("set") ? "r8" : name.endsWith("64") || name === "movabs" ? "r64" : "r32";
  return [general, general, general];
}

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

const sizes: Record<number, string> = {
  1: "BYTE",
  2: "WORD",
  4: "DWORD",
  8: "QWORD",
  16: "XMMWORD",
  32: "YMMWORD",
  64: "ZMMWORD",
};
function addressText(r: Row, length: Length, { base, disp, index, scale = 1, broadcast = false }: Address): string {
  const hex = (x: number): string => (x === 0 ? "" : x < 0 ? `-0x${(-x).toString(16)}` : `+0x${x.toString(16)}`);
  const place = `[${names64[base]}${index === undefined ? "" : `+${names64[index]}*${scale}`}${hex(disp)}]`;
  if (r.name.startsWith("lea")) return place;
  return `${sizes[memoryBytes(r, length, broadcast)]} PTR ${place}`;
}

/** What one encoding is to read as. */
function textOf(
  r: Row,
  length: Length,
  operands: { reg: number; vvvv: number; rm: number | Address; imm: number; mask: number; zero: boolean },
): string {
  const { reg, vvvv, rm, imm, mask, zero } = operands;
  const [regKind, vvvvKind, rmKind] = kindsOf(r);
  const isEvex = r.prefix === "evex" || (r.prefix === "any" && isHigh(length, operands));
  const mnemonic = (isEvex ? r.evexName : r.name).split(".")[0];
  const masked = (text: string): string =>
    mask > 0 && r.imm !== "is4" ? `${text}{k${mask}}${zero ? "{z}" : ""}` : text;
  const last = typeof rm === "number" ? nameOf(rm, rmKind, length) : addressText(r, length, rm);
  const parts: string[] = [];
  if (r.reg !== "-") parts.push(nameOf(reg, regKind, length));
  if (r.vvvv !== "-") parts.push(nameOf(vvvv, vvvvKind, length));
  if (r.name === "vmaskmovps.store") parts.reverse(); // the mask comes before what is stored
  // Counts of shifts of general registers stand after what is shifted.
  const exchanged = r.rm === "w" || (r.rm === "x" && r.reg !== "-") || /^(sh[lr]x|sarx)$/.test(r.name);
  if (r.rm !== "-") parts.splice(exchanged ? (/x$/.test(r.name) ? 1 : 0) : parts.length, 0, last);
  if (
    r.name.startsWith("xadd") ||
    r.name.startsWith("test") ||
    r.name.startsWith("xchg") ||
    r.name.startsWith("cmpxchg")
  )
    parts.sort((a) => (a === last ? -1 : 1));
  parts[0] = masked(parts[0]);
  if (r.imm === "is4") parts.push(nameOf(mask, "vector", length));
  else if (r.imm !== "") parts.push(`0x${imm.toString(16)}`);
  return plain(`${mnemonic} ${parts.join(",")}`);
}
const isHigh = (
  length: Length,
  { reg, vvvv, rm, mask }: { reg: number; vvvv: number; rm: number | Address; mask: number },
): boolean =>
  length === 512 || reg > 15 || vvvv > 15 || (typeof rm === "number" ? rm > 15 : rm.broadcast === true) || mask > 0;

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
    const mayBeHigh = r.prefix === "any" || r.prefix === "evex";
    const isVector = r.prefix !== "legacy" && !/^(k|sh[lr]x|sarx)/.test(r.name);
    const imm = r.imm === "8" ? 0x3f : r.imm === "" || r.imm === "is4" ? 0 : 0x12345;
    for (const length of lengthsOf(r)) {
      const add = (reg: number, vvvv: number, rm: number | Address, mask = 0, zero = false, value = imm): void => {
        const place = typeof rm === "number" ? null : rm;
        if (place && (r.memory === 0 || r.plus)) return;
        const [regKind, vvvvKind, rmKind] = kindsOf(r);
        const fit = (x: number, kind: Kind): number => (kind === "k" ? x & 7 : kind.startsWith("r") ? x & 15 : x);
        const operands = {
          reg: r.reg === "-" ? -1 : fit(reg, regKind),
          vvvv: r.vvvv === "-" ? -1 : fit(vvvv, vvvvKind),
          rm: typeof rm === "number" ? fit(rm, rmKind) : rm,
          imm: value,
          mask,
          zero,
        };
        a.encode(r, length, operands.reg, operands.vvvv, operands.rm, { imm: value, mask, zero });
        expected.push(textOf(r, length, operands));
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
  const found = disassemble(a.bytes());
  const wrong = expected.flatMap((text, i) => (found[i] === text ? [] : [`${text} reads ${found[i]}`]));
  assert.deepEqual(wrong.slice(0, 20), []);
  assert.equal(found.length, expected.length);
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
