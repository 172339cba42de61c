/** The contract between the runtime and a machine that runs kernels: bytes, programs, and lists of commands. */
import type { Dot, Program } from "../compile/vector-ir.ts";

/** What the compiler must know of a machine. */
export interface Target {
  readonly name: string;
  /** Lanes of a float32 vector. */
  readonly lanes: number;
  /** Vector registers, which bound a matmul's tile. */
  readonly registers: number;
  /** Whether `fma` is one instruction. */
  readonly fma: boolean;
  /** Buffers that a kernel may bind. */
  readonly maxBuffers: number;
  /** Narrow types of which products are added up by one instruction. */
  readonly dots: readonly Dot[];
  /** Those of them that it multiplies as tiles, many sums at once. */
  readonly tiles: readonly Dot[];
}

/** Device memory: a range of bytes whose meaning is known only above. */
export interface Buffer {
  readonly address: number;
  readonly bytes: number;
}

/** A compiled kernel, ready to run. */
export interface Executable {
  readonly name: string;
  /** Its place in the device's table. */
  readonly id: number;
}

/** A kernel's run: its arguments in slots of 8 bytes, and how many independent items it has. */
export interface Command {
  readonly executable: Executable;
  /** Addresses of buffers, then numbers; `kinds` says how each is stored. */
  readonly args: Float64Array;
  readonly kinds: readonly ArgKind[];
  /** For those that are pointers: how many bytes the kernel takes there. Only checks need it. */
  readonly bytes?: readonly number[];
  readonly items: number;
}
export type ArgKind = "pointer" | "int32" | "float32" | "float64";

/** A machine that runs kernels. Buffers are bytes; what they mean is known only above. */
export interface Device extends AsyncDisposable {
  /** `"wasm"`, `"x64"` … */
  readonly name: string;
  readonly target: Target;
  /** Memory, aligned to 64 bytes; throws OutOfMemoryError where there is none left. Its bytes are unspecified. */
  alloc(bytes: number): Buffer;
  free(buffer: Buffer): void;
  write(buffer: Buffer, offset: number, data: Uint8Array): void;
  /** A copy of the bytes; waits for the work submitted before it. */
  read(buffer: Buffer, offset: number, bytes: number): Promise<Uint8Array>;
  compile(programs: readonly Program[]): Promise<Executable[]>;
  /** Gives compiled kernels up: no list that runs them may be run from then on. */
  release(executables: readonly Executable[]): void;
  /** What it makes of one kernel, for people to look at: machine code, or text in its language. */
  codeOf(program: Program): Uint8Array | string;
  /** Makes a command list ready to run again and again. `scratchBytes` is what one thread needs for its kernels. */
  prepare(commands: readonly Command[], scratchBytes: number): CommandList;
}

/** Commands that run in order; the items of one run in any order, on any thread. */
export interface CommandList {
  /** Submits the commands with the present values of their `args`; returns at once where the device is asynchronous. */
  run(): void;
  dispose(): void;
}
