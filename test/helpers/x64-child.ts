/**
 * Runs the cases of vector-cases.ts as x86-64 machine code: `node x64-child.ts <lanes> <file> [case]`. It is a process of
 * its own, for machine code that is wrong may end it; the file says then which program was the last. Prints a line of
 * JSON for each case.
 */
import { openSync, writeSync } from "node:fs";
import { openNative } from "../../src/device/native.ts";
import { emitX64 } from "../../src/emit/x64.ts";
import { cases, type Emitter, regionBytes } from "./vector-cases.ts";

const [lanes, file, only] = process.argv.slice(2);
const log = openSync(file, "w");
const native = await openNative();
const bytes = 1 << 20;
const guard = 1 << 16;
const map = (): number => {
  const address = native.reserve(bytes + 2 * guard) as number;
  native.protect(address + guard, bytes, "write");
  return address + guard;
};
const [base, code] = [map(), map()];
const codeView = new Uint8Array(native.view(code, bytes));
const tableAddress = map();
const list = new BigInt64Array(native.view(tableAddress, 4096));

// Calls a kernel with what the table holds: mov rax, rdi; mov rdi, [rax]; mov rsi, [rax+8]; mov rdx, [rax+16]; jmp [rax+24]
const trampoline = map();
new Uint8Array(native.view(trampoline, 4096)).set([
  0x48, 0x89, 0xf8, 0x48, 0x8b, 0x38, 0x48, 0x8b, 0x70, 0x08, 0x48, 0x8b, 0x50, 0x10, 0xff, 0x60, 0x18,
]);
native.protect(trampoline, 4096, "execute");
const call = native.function(trampoline);

const emitter: Emitter = {
  lanes: Number(lanes),
  memory: new DataView(native.view(base, bytes), 0, regionBytes),
  base,
  pointerBytes: 8,
  fma: true,
  prepare: (program) => {
    writeSync(log, `${program.name}\n`.padEnd(120), 0);
    const made = emitX64(program, { lanes: Number(lanes) as 8 | 16 });
    native.protect(code, bytes, "write");
    codeView.set(made);
    native.protect(code, bytes, "execute");
    return (args, item, scratch) => {
      list.set([BigInt(args), BigInt(item), BigInt(scratch), BigInt(code)]);
      call(tableAddress);
    };
  },
};

for (const [name, run] of Object.entries(cases)) {
  if (only && name !== only) continue;
  try {
    run(emitter);
    console.log(JSON.stringify({ name }));
  } catch (error) {
    console.log(JSON.stringify({ name, error: (error as Error).stack }));
  }
}
