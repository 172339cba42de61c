/**
 * A machine with AMX where there is none: Bochs emulates one, and runs our code on it without a system. It starts from a
 * ROM of ours, which turns on what Linux would have turned on, calls functions one after the other, and sends memory
 * out through the printer's port.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Assembler, general } from "../../src/emit/x64-encoding.ts";
import { row } from "../../src/emit/x64-rows.ts";

const { rax, rcx, rdx, rsi, rdi, rsp } = general;
/** The emulator: `BOCHS` may name another. Version 2.8 is the first that knows AMX. */
const program = process.env["BOCHS"] ?? "bochs";

/** Where memory that is given begins. Below it are tables of pages, the stack, and the code that calls. */
export const memoryBase = 0x400000;
/** All of it has to lie in the first block of the emulator's memory, which is one in its own. */
export const mostMemory = 0x400000;
const tables = 0x100000;
const code = 0x200000;
const stackTop = 0x3ff000;

/** A call: of a function at an address, with three arguments. */
export interface Call {
  readonly function: number;
  readonly args: readonly [number, number, number];
}

/** The bytes from `memoryBase` on after some calls that began with `memory` there. */
export function runInBochs(memory: Uint8Array, calls: readonly Call[], on: string = display): Uint8Array<ArrayBuffer> {
  const folder = mkdtempSync(join(tmpdir(), "tsumiki-bochs-"));
  try {
    const image = new Uint8Array(memoryBase - tables + memory.length);
    image.set(pageTables(), 0);
    image.set(caller(calls, memory.length), code - tables);
    image.set(memory, memoryBase - tables);
    writeFileSync(join(folder, "rom"), rom());
    writeFileSync(join(folder, "screen"), new Uint8Array(512));
    writeFileSync(join(folder, "ram"), image);
    writeFileSync(join(folder, "settings"), `${settings}display_library: ${on}\n`);
    const { stdout, stderr } = spawnSync(program, ["-q", "-f", "settings"], {
      cwd: folder,
      encoding: "utf8",
      input: "",
      env: { ...process.env, TERM: "xterm" },
      timeout: 240_000,
    });
    const read = (name: string): Buffer => {
      const file = join(folder, name);
      return existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
    };
    const out = new Uint8Array(read("printed"));
    if (out.length === memory.length) return out;
    const log = read("log")
      .toString()
      .split("\n")
      .filter((line) => /^\d+(p|e)/.test(line));
    throw new Error(
      `bochs: ${out.length} bytes of ${memory.length}\n${log.slice(-20).join("\n")}\n${stderr}${stdout.slice(-500)}`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const settings = `cpu: model=sapphire_rapids, ips=100000000, reset_on_triple_fault=0
memory: guest=32, host=32, block_size=8192
romimage: file=rom
vgaromimage: file=screen
optramimage1: file=ram, address=0x${tables.toString(16)}
parport1: enabled=1, file=printed
log: log
panic: action=fatal
error: action=report
info: action=ignore
debug: action=ignore
`;

/** Addresses are what they are, in pages of 2 MiB. */
function pageTables(): Uint8Array {
  const bytes = new Uint8Array(3 * 4096);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, (tables + 4096) | 3, true);
  view.setUint32(4096, (tables + 8192) | 3, true);
  for (let i = 0; i < 512; i++) view.setUint32(8192 + 8 * i, (i * 0x200000) | 0x83, true);
  return bytes;
}

/** From the first instruction at FFFF:FFF0 into 64-bit mode, without a stop in between. */
function rom(): Uint8Array {
  const bytes = new Uint8Array(0x10000).fill(0xf4);
  const put = (at: number, ...parts: (number | readonly number[])[]): void => bytes.set(parts.flat(), at);
  const word = (x: number): number[] => [x & 255, (x >>> 8) & 255, (x >>> 16) & 255, x >>> 24];
  const [descriptors, pointer] = [0x100, 0x140];
  put(descriptors + 8, [0xff, 0xff, 0, 0, 0, 0x9a, 0xaf, 0]); // code of 64 bits
  put(descriptors + 16, [0xff, 0xff, 0, 0, 0, 0x92, 0xcf, 0]); // data
  put(pointer, [23, 0], word(0xf0000 + descriptors));
  put(
    0,
    [0xfa], // cli
    [0x66, 0xb8, ...word((1 << 5) | (1 << 9) | (1 << 18))], // mov eax: PAE, OSFXSR, OSXSAVE
    [0x0f, 0x22, 0xe0], // mov cr4, eax
    [0x66, 0xb8, ...word(tables), 0x0f, 0x22, 0xd8], // mov cr3
    [0x66, 0xb9, ...word(0xc0000080), 0x0f, 0x32], // mov ecx: EFER; rdmsr
    [0x66, 0x0d, ...word(0x100), 0x0f, 0x30], // or eax: LME; wrmsr
    [0x2e, 0x66, 0x0f, 0x01, 0x16, pointer & 255, pointer >> 8], // lgdt cs:[pointer]
    [0x66, 0xb8, ...word(0x80000031 | 0), 0x0f, 0x22, 0xc0], // mov cr0: PG, NE, ET, PE
    [0x66, 0xea, ...word(code), 8, 0], // jmp 8:code
  );
  put(0xfff0, [0xea, 0, 0, 0, 0xf0]); // jmp F000:0000
  return bytes;
}

/** XCR0: x87, SSE, AVX, the three parts of AVX-512, and the two of AMX. */
const saved = 0x600e7;

function caller(calls: readonly Call[], length: number): Uint8Array {
  const a = new Assembler();
  const number = (r: number, imm: number): void => a.encode(row("movabs"), 128, -1, -1, r, { imm });
  number(rax, 16);
  a.append([0x8e, 0xd8, 0x8e, 0xc0, 0x8e, 0xd0]); // mov ds, ax; es; ss
  number(rsp, stackTop);
  number(rcx, 0);
  number(rax, saved);
  number(rdx, 0);
  a.append([0x0f, 0x01, 0xd1]); // xsetbv
  for (const { function: address, args } of calls) {
    [rdi, rsi, rdx].forEach((r, i) => void number(r, args[i]));
    number(rax, address);
    a.encode(row("call.64"), 128, -1, -1, rax);
  }
  const out = (port: number, value?: number): void => {
    number(rdx, port);
    if (value !== undefined) number(rax, value);
    a.byte(0xee);
  };
  const [data, strobe] = [0x378, 0x37a];
  out(strobe, 8);
  number(rsi, memoryBase);
  number(rcx, length);
  const again = a.label();
  a.bind(again);
  a.encode(row("movzx.8"), 128, rax, -1, { base: rsi, disp: 0 });
  out(data);
  out(strobe, 9);
  out(strobe, 8);
  a.encode(row("inc.64"), 128, -1, -1, rsi);
  a.encode(row("dec.64"), 128, -1, -1, rcx);
  a.jump(again, 5);
  for (const letter of "Shutdown") out(0x8900, letter.charCodeAt(0));
  a.byte(0xf4);
  return a.bytes();
}

/** What shows a screen, on which there is nothing: the first that the emulator has, none of which takes a real one. */
let display = "nogui";

/** Why nothing can be run in the emulator; false where it can. */
export const bochsLacks: string | false = (() => {
  const { stdout, stderr, error } = spawnSync(program, ["--help", "cpu"], { encoding: "utf8", timeout: 20_000 });
  if (error) return "Bochs is not installed";
  if (!`${stdout}${stderr}`.includes("sapphire_rapids")) return "this version of Bochs has no processor with AMX";
  const reasons: unknown[] = [];
  for (display of ["nogui", "term"])
    try {
      runInBochs(new Uint8Array(64), []);
      return false;
    } catch (reason) {
      reasons.push(reason);
    }
  return `Bochs runs nothing (on Debian it takes bochs-term): ${reasons.join("\n")}`;
})();
