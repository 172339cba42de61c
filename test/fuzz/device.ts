/** A device for the fuzzer: another's, but with other limits for the compiler, and a look at what it is given. */
import { checkVector } from "../../src/compile/check-vector.ts";
import type { Program } from "../../src/compile/vector-ir.ts";
import type { Buffer, Command, CommandList, Device, Executable, Target } from "../../src/device/device.ts";

export interface Taps {
  program?(made: Program): Program;
  items?(found: number): number;
}

export class Tapped implements Device {
  readonly name: string;
  readonly target: Target;
  readonly #inner: Device;
  readonly #taps: Taps;

  constructor(inner: Device, target: Partial<Target> = {}, taps: Taps = {}) {
    this.name = inner.name;
    this.target = { ...inner.target, ...target };
    this.#inner = inner;
    this.#taps = taps;
  }

  alloc(bytes: number): Buffer {
    return this.#inner.alloc(bytes);
  }
  free(buffer: Buffer): void {
    this.#inner.free(buffer);
  }
  write(buffer: Buffer, offset: number, data: Uint8Array): void {
    this.#inner.write(buffer, offset, data);
  }
  read(buffer: Buffer, offset: number, bytes: number): Promise<Uint8Array> {
    return this.#inner.read(buffer, offset, bytes);
  }
  compile(programs: readonly Program[]): Promise<Executable[]> {
    const tapped = programs.map((p) => this.#taps.program?.(p) ?? p);
    tapped.forEach(checkVector);
    return this.#inner.compile(tapped);
  }
  release(executables: readonly Executable[]): void {
    this.#inner.release(executables);
  }
  codeOf(program: Program): Uint8Array | string {
    return this.#inner.codeOf(program);
  }
  prepare(commands: readonly Command[], scratchBytes: number): CommandList {
    const tapped = commands.map((c) => ({ ...c, items: this.#taps.items?.(c.items) ?? c.items }));
    return this.#inner.prepare(tapped, scratchBytes);
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#inner[Symbol.asyncDispose]();
  }
}
