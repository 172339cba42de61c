/**
 * A device with AMX on machines that have none: what is launched is held until something is read or written, and then run
 * by somebody else, who is given the memory: an emulator of a whole machine, or the interpreter of vector IR.
 */
import type { Program } from "../../src/compile/vector-ir.ts";
import type { Buffer, Command, CommandList, Device, Executable, Target } from "../../src/device/device.ts";
import { machines } from "../../src/device/machines.ts";
import { emitX64 } from "../../src/emit/x64.ts";
import { memoryBase, mostMemory, runInBochs } from "./bochs.ts";
import { interpret } from "./vector-interpreter.ts";

/** A kernel's item: where its code and its arguments are, and its thread's scratch memory. */
export interface Launch {
  readonly program: Program;
  readonly code: number;
  readonly args: number;
  readonly item: number;
  readonly scratch: number;
}
/** Runs launches on memory that begins at `memoryBase`. */
export type Runner = (memory: Uint8Array, launches: readonly Launch[]) => void;

export const inBochs: Runner = (memory, launches) => {
  const calls = launches.map(({ code, args, item, scratch }) => ({
    function: code,
    args: [args, item, scratch] as const,
  }));
  memory.set(runInBochs(memory, calls));
};

export const inInterpreter: Runner = (bytes, launches) => {
  const memory = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (const { program, ...at } of launches)
    interpret(program.body, { memory, base: memoryBase, pointerBytes: 8, fma: true, ...at });
};

export class HeldDevice implements Device {
  readonly name = "x64";
  readonly target: Target = machines.amx;
  readonly programs: Program[] = [];
  readonly #run: Runner;
  readonly #memory = new Uint8Array(mostMemory);
  #used = 0;
  readonly #code: number[] = [];
  #held: Launch[] = [];

  constructor(run: Runner) {
    this.#run = run;
  }
  alloc(bytes: number): Buffer {
    const address = memoryBase + this.#used;
    this.#used += Math.ceil(bytes / 64) * 64;
    if (this.#used > mostMemory) throw new Error(`held: ${this.#used} bytes are more than there are`);
    return { address, bytes };
  }
  free(): void {}
  write({ address }: Buffer, offset: number, data: Uint8Array): void {
    this.#flush();
    this.#memory.set(data, address - memoryBase + offset);
  }
  async read({ address }: Buffer, offset: number, bytes: number): Promise<Uint8Array> {
    this.#flush();
    const at = address - memoryBase + offset;
    return this.#memory.slice(at, at + bytes);
  }
  async compile(programs: readonly Program[]): Promise<Executable[]> {
    return programs.map((program) => {
      const code = this.codeOf(program);
      const { address } = this.alloc(code.length);
      this.#memory.set(code, address - memoryBase);
      this.#code.push(address);
      return { name: program.name, id: this.programs.push(program) - 1 };
    });
  }
  release(): void {}
  codeOf(program: Program): Uint8Array {
    return emitX64(program, { avx512: true });
  }
  prepare(commands: readonly Command[], scratchBytes: number): CommandList {
    const scratch = this.alloc(scratchBytes).address;
    const hold = ({ executable: { id }, args, kinds, items }: Command): void => {
      const block = this.alloc(8 * args.length).address;
      const view = new DataView(this.#memory.buffer, block - memoryBase);
      args.forEach((value, i) => {
        if (kinds[i] === "pointer") view.setBigInt64(8 * i, BigInt(value), true);
        else if (kinds[i] === "int32") view.setInt32(8 * i, value, true);
        else if (kinds[i] === "float32") view.setFloat32(8 * i, value, true);
        else view.setFloat64(8 * i, value, true);
      });
      for (let item = 0; item < items; item++)
        this.#held.push({ program: this.programs[id], code: this.#code[id], args: block, item, scratch });
    };
    return { run: () => commands.forEach(hold), dispose: () => {} };
  }
  async [Symbol.asyncDispose](): Promise<void> {}

  #flush(): void {
    const launches = this.#held;
    this.#held = [];
    if (launches.length > 0) this.#run(this.#memory.subarray(0, this.#used), launches);
  }
}
