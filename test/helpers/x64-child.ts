/**
 * Runs the cases of vector-cases.ts as x86-64 machine code: `node x64-child.ts <lanes> <avx2 | avx512> <convention> <file> [case]`. It is a
 * process of its own, for machine code that is wrong may end it; the file says then which program was the last. Prints a
 * line of JSON for each case.
 */
import assert from "node:assert/strict";
import { openSync, writeSync } from "node:fs";
import { openNative } from "../../src/device/native.ts";
import { openX64 } from "../../src/device/x64.ts";
import { conventions, emitX64 } from "../../src/emit/x64.ts";
import { type Address, Assembler, general } from "../../src/emit/x64-encoding.ts";
import { row } from "../../src/emit/x64-rows.ts";
import { cases, type Emitter, regionBytes } from "./vector-cases.ts";

const [lanes, set, name, file, only] = process.argv.slice(2);
const convention = conventions[name as keyof typeof conventions];
const log = openSync(file, "w");
const native = await openNative();
const size = 1 << 20;
const guard = 1 << 16;
/** Pages with nothing around them. */
const map = (): number => {
  const address = native.reserve(size + 2 * guard) as number;
  native.protect(address + guard, size, "write");
  return address + guard;
};
const [base, code, table, caller] = [map(), map(), map(), map()];
const codeBytes = new Uint8Array(native.view(code, size));
const words = new BigInt64Array(native.view(table, 4096));

/** The table: the function, its parameters, and then what registers hold that it must not change. */
const kept = 8;
const registers = [...convention.savedGeneral, ...convention.savedVectors.map((r) => -r)];
const placeOf = (i: number): number => 64 + 16 * i;

/** Calls the function in the table, with other things in the registers that it must leave as they are. */
function trampoline(): Uint8Array {
  const a = new Assembler();
  const { rax, rbx, rbp, rsp, rsi, rdi, r12, r13, r14, r15 } = general;
  const own = [rbx, rbp, rsi, rdi, r12, r13, r14, r15];
  const ins = (what: string, reg: number, rm: number | Address, imm = 0): void =>
    a.encode(row(what), 128, reg, -1, rm, { imm });
  const frame = 8 * own.length + 8 + 32; // what Windows calls the home of the parameters, at the bottom
  ins("sub.imm64", -1, rsp, frame);
  own.forEach((r, i) => void ins("mov.store64", r, { base: rsp, disp: 32 + 8 * i }));
  ins("mov.64", rax, rdi);
  registers.forEach((r, i) => {
    const at = { base: rax, disp: placeOf(i) };
    if (r > 0) ins("mov.64", r, at);
    else ins("vmovups", -r, at);
  });
  convention.parameters.forEach((r, i) => void ins("mov.64", r, { base: rax, disp: 8 + 8 * i }));
  ins("mov.store64", rax, { base: rsp, disp: frame - 8 });
  ins("call.64", -1, { base: rax, disp: 0 });
  ins("mov.64", rax, { base: rsp, disp: frame - 8 });
  registers.forEach((r, i) => {
    const at = { base: rax, disp: placeOf(i) };
    if (r > 0) ins("mov.store64", r, at);
    else ins("vmovups.store", -r, at);
  });
  own.forEach((r, i) => void ins("mov.64", r, { base: rsp, disp: 32 + 8 * i }));
  ins("add.imm64", -1, rsp, frame);
  a.byte(0xc3);
  return a.bytes();
}
new Uint8Array(native.view(caller, 4096)).set(trampoline());
native.protect(caller, 4096, "execute");
const call = native.function(caller);

const { target } = await openX64({ avx512: set === "avx512", threads: 1 });
const dots = target.lanes === Number(lanes) ? target.dots : [];

const emitter: Emitter = {
  lanes: Number(lanes),
  memory: new DataView(native.view(base, size), 0, regionBytes),
  base,
  pointerBytes: 8,
  fma: true,
  dots,
  prepare: (program) => {
    writeSync(log, `${program.name}\n`.padEnd(120), 0);
    const made = emitX64(program, { avx512: set === "avx512", convention });
    native.protect(code, size, "write");
    codeBytes.set(made);
    native.protect(code, size, "execute");
    return (args, item, scratch) => {
      words.set([BigInt(code), BigInt(args), BigInt(item), BigInt(scratch)]);
      for (let i = kept; i < kept + 2 * registers.length; i++) words[i] = BigInt(i) * 0x0123_4567_89abn;
      call(table);
      registers.forEach((r, k) => {
        for (let i = kept + 2 * k; i < kept + 2 * k + (r > 0 ? 1 : 2); i++)
          assert.equal(words[i], BigInt(i) * 0x0123_4567_89abn, `${program.name} changed register ${r}`);
      });
    };
  },
};

for (const [title, run] of Object.entries(cases)) {
  if (only && title !== only) continue;
  try {
    run(emitter);
    console.log(JSON.stringify({ name: title }));
  } catch (error) {
    console.log(JSON.stringify({ name: title, error: (error as Error).stack }));
  }
}
