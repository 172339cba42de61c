/**
 * The WebAssembly device: kernels and buffers in one memory. It runs on every machine that runs JavaScript, and is
 * what the others fall back to.
 */
import type { Program } from "../compile/vector-ir.ts";
import { assemble, firstAddress } from "../emit/wasm.ts";
import { OutOfMemoryError, ValueError } from "../errors.ts";
import { Allocator, alignment } from "./allocator.ts";
import type { Buffer, Command, CommandList, Device, Executable, Target } from "./device.ts";
import { machines } from "./machines.ts";
import { type Kernel, moduleWords, word } from "./wasm-control.ts";
import { KernelError, Threads } from "./wasm-threads.ts";

export interface WasmOptions {
  /**
   * How many threads run kernels, the caller's included: by default as many as the machine runs at once, but at most
   * 8, or in Node what TSUMIKI_THREADS says. It is 1 where memory cannot be shared.
   */
  readonly threads?: number;
  /** Whether multiply-adds may round once. By default they do where the machine can. */
  readonly relaxed?: boolean;
}

const pageBytes = 65536;

interface Parts {
  readonly memory: WebAssembly.Memory;
  readonly maxPages: number;
  readonly relaxed: boolean;
  readonly threads: number;
}

export class WasmDevice implements Device {
  readonly name = "wasm";
  readonly target: Target;
  readonly #memory: WebAssembly.Memory;
  readonly #maxPages: number;
  readonly #relaxed: boolean;
  readonly #heap: Allocator;
  #views: Views;
  readonly #kernels: Kernel[] = [];
  readonly #names: string[] = [];
  /** The last module that workers are told of. */
  #lastModule = 0;
  /** Null where the caller is the only thread. */
  readonly #threads: Threads | null;
  /** A region for each thread, `stride` apart. */
  #scratch = { address: 0, stride: 0 };
  #bytesInUse = 0;
  #allocations = 0;

  constructor({ memory, maxPages, relaxed, threads }: Parts) {
    this.target = { ...machines.wasm, fma: relaxed };
    this.#memory = memory;
    this.#maxPages = maxPages;
    this.#relaxed = relaxed;
    this.#views = viewsOf(memory);
    this.#heap = new Allocator({ start: firstAddress, end: memory.buffer.byteLength, grow: (end) => this.#grow(end) });
    this.#threads = threads > 1 ? new Threads(memory, threads, this.#kernels) : null;
  }

  /** How many threads run kernels, the caller's included. */
  get threads(): number {
    return this.#threads?.count ?? 1;
  }
  /** The most bytes that its memory can grow to. */
  get maxBytes(): number {
    return this.#maxPages * pageBytes;
  }
  /** The workers that have been started, for tests. */
  get workers(): readonly { terminate(): unknown }[] {
    return this.#threads?.workers ?? [];
  }
  /** How many workers are there to claim work. */
  get startedWorkers(): number {
    return this.#threads?.started ?? 0;
  }
  /** Bytes of the buffers that are allocated. */
  get bytesInUse(): number {
    return this.#bytesInUse;
  }
  /** How many buffers were ever allocated. */
  get allocations(): number {
    return this.#allocations;
  }

  alloc(bytes: number): Buffer {
    const buffer = { address: this.#take(bytes), bytes };
    this.#bytesInUse += bytes;
    this.#allocations++;
    return buffer;
  }

  free({ address, bytes }: Buffer): void {
    this.#heap.free(address);
    this.#bytesInUse -= bytes;
  }

  write(buffer: Buffer, offset: number, data: Uint8Array): void {
    inside(buffer, offset, data.length);
    this.#views.uint8.set(data, buffer.address + offset);
  }

  async read(buffer: Buffer, offset: number, bytes: number): Promise<Uint8Array> {
    inside(buffer, offset, bytes);
    return this.#views.uint8.slice(buffer.address + offset, buffer.address + offset + bytes);
  }

  async compile(programs: readonly Program[]): Promise<Executable[]> {
    const first = this.#names.length;
    for (const { name } of programs) this.#names.push(name);
    const bytes = this.#assemble(programs);
    const instance = new WebAssembly.Instance(await WebAssembly.compile(bytes), { env: { memory: this.#memory } });
    programs.forEach((_, i) => {
      this.#kernels[first + i] = instance.exports[`k${i}`] as Kernel;
    });
    if (this.#threads) this.#publish(bytes, first, programs.length);
    return programs.map(({ name }, i) => ({ name, id: first + i }));
  }

  /** Workers keep their copies: they may still be learning of modules that came later. */
  release(executables: readonly Executable[]): void {
    for (const { id } of executables) delete this.#kernels[id];
  }

  codeOf(program: Program): Uint8Array {
    return this.#assemble([program]);
  }

  prepare(commands: readonly Command[], scratchBytes: number): CommandList {
    for (const { executable } of commands)
      if (!this.#kernels[executable.id]) throw new Error(`wasm: ${executable.name} is not compiled`);
    const slots = commands.reduce((sum, { args }) => sum + args.length, 0);
    this.#reserveScratch(scratchBytes);
    const block = this.#take(8 * slots);
    if (commands.some(({ items }) => items > 1)) this.#threads?.start();
    let at = block;
    const steps = commands.map((command): Step => {
      const args = at;
      at += 8 * command.args.length;
      const { id } = command.executable;
      return { command, id, args, items: command.items, kernel: this.#kernels[id] };
    });
    let disposed = false;
    return {
      run: () => {
        if (disposed) throw new Error("wasm: the list is disposed of");
        this.#run(steps);
      },
      dispose: () => {
        if (!disposed) this.#heap.free(block);
        disposed = true;
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#threads?.stop();
  }

  #assemble(programs: readonly Program[]): Uint8Array<ArrayBuffer> {
    const shared = this.#threads !== null;
    return assemble(programs, { relaxed: this.#relaxed, shared, maxPages: this.#maxPages });
  }

  #run(steps: readonly Step[]): void {
    for (const { command, args } of steps) this.#writeArgs(command, args);
    const threads = this.#threads;
    const { address: scratch, stride: scratchStride } = this.#scratch;
    let current = 0;
    try {
      for (const { id, args, items, kernel } of steps) {
        current = id;
        // Who does an item cannot change what it gives; so a single one is not worth a phase.
        if (items > 1 && threads && !threads.stopped) threads.run({ kernel: id, args, items, scratch, scratchStride });
        else for (let item = 0; item < items; item++) kernel(args, item, scratch);
      }
    } catch (cause) {
      const id = cause instanceof KernelError ? cause.kernel : current;
      throw new Error(`wasm: ${this.#names[id]} failed: ${(cause as Error).message}`, { cause });
    }
  }

  #writeArgs({ args, kinds }: Command, address: number): void {
    const { uint32, int32, float32, float64 } = this.#views;
    for (let i = 0; i < args.length; i++) {
      const at = (address >>> 2) + 2 * i;
      switch (kinds[i]) {
        case "pointer":
          uint32[at] = args[i];
          break;
        case "int32":
          int32[at] = args[i];
          break;
        case "float32":
          float32[at] = args[i];
          break;
        default:
          float64[at >>> 1] = args[i];
      }
    }
  }

  /** Tells the workers of a module, which each of them compiles when it first meets a kernel that it does not know. */
  #publish(bytes: Uint8Array, first: number, count: number): void {
    const address = this.#take(4 * moduleWords + bytes.length);
    const { uint8, uint32, int32 } = this.#views;
    uint32.set([0, bytes.length, first, count], address >>> 2);
    uint8.set(bytes, address + 4 * moduleWords);
    uint32[this.#lastModule === 0 ? word.firstModule : this.#lastModule >>> 2] = address;
    this.#lastModule = address;
    Atomics.add(int32, word.modules, 1);
  }

  #reserveScratch(bytes: number): void {
    const stride = Math.ceil(bytes / alignment) * alignment;
    if (stride <= this.#scratch.stride) return;
    const address = this.#take(stride * this.threads); // first, for where there is no more, lists go on with what there is
    if (this.#scratch.stride > 0) this.#heap.free(this.#scratch.address);
    this.#scratch = { address, stride };
  }

  #take(bytes: number): number {
    const address = this.#heap.alloc(bytes);
    if (address === null)
      throw new OutOfMemoryError({
        in: "wasm",
        got: `a request for ${bytes} bytes with ${this.#heap.bytesInUse} in use`,
        want: `at most ${this.#maxPages * pageBytes} bytes in all`,
        fix: "Use smaller batches, or dispose of tensors that are no longer needed",
      });
    return address;
  }

  #grow(end: number): number | null {
    const present = this.#memory.buffer.byteLength / pageBytes;
    const needed = Math.ceil(end / pageBytes);
    if (needed > this.#maxPages) return null;
    // By a quarter at least, so that many small requests do not grow it each time.
    for (const pages of [Math.min(Math.max(needed, Math.ceil(present * 1.25)), this.#maxPages), needed]) {
      try {
        this.#memory.grow(pages - present);
        this.#views = viewsOf(this.#memory);
        return pages * pageBytes;
      } catch {
        // The machine has no more: less may do.
      }
    }
    return null;
  }
}

/** A command that is ready to run: its kernel, and where its argument block is. */
interface Step {
  readonly command: Command;
  readonly id: number;
  readonly args: number;
  readonly items: number;
  readonly kernel: Kernel;
}

interface Views {
  readonly uint8: Uint8Array;
  readonly uint32: Uint32Array;
  readonly int32: Int32Array;
  readonly float32: Float32Array;
  readonly float64: Float64Array;
}
function viewsOf({ buffer }: WebAssembly.Memory): Views {
  return {
    uint8: new Uint8Array(buffer),
    uint32: new Uint32Array(buffer),
    int32: new Int32Array(buffer),
    float32: new Float32Array(buffer),
    float64: new Float64Array(buffer),
  };
}

function inside(buffer: Buffer, offset: number, bytes: number): void {
  if (offset < 0 || bytes < 0 || offset + bytes > buffer.bytes)
    throw new Error(`wasm: ${bytes} bytes at ${offset} are not inside a buffer of ${buffer.bytes}`);
}

/** Whether the machine has relaxed SIMD: it validates a function that is one `f32x4.relaxed_madd`. */
function hasRelaxed(): boolean {
  const r = { kind: "float32", lanes: 4 } as const;
  const [a, b] = [0, 1].map((id) => ({ id, ...r }));
  const probe: Program = {
    name: "probe",
    body: [
      { op: "const", dst: a, value: 0 },
      { op: "alu", f: "fma", dst: b, src: [a, a, a] },
    ],
  };
  return WebAssembly.validate(assemble([probe], { relaxed: true, shared: false, maxPages: 1 }));
}

/** The number of threads that was asked for, or that suits the machine. */
function threadsOf(asked: number | undefined): number {
  if (typeof SharedArrayBuffer !== "function" || globalThis.crossOriginIsolated === false) return 1;
  const set = typeof process === "object" ? process.env?.TSUMIKI_THREADS : undefined;
  const threads = asked ?? (set ? Number(set) : Math.min(processors(), 8));
  if (Number.isInteger(threads) && threads >= 1 && threads <= maxThreads) return threads;
  throw new ValueError({
    in: "openWasm",
    got: `${asked === undefined ? `TSUMIKI_THREADS=${set}` : threads} threads`,
    want: `1 to ${maxThreads}`,
    fix: "Leave it out to use what the machine has",
  });
}
const maxThreads = 64;

/** How many threads the machine runs at once. Node has no `navigator` before version 21. */
const processors = (): number =>
  globalThis.navigator?.hardwareConcurrency ||
  globalThis.process?.getBuiltinModule?.("node:os").availableParallelism() ||
  1;

/** Memory that may grow to 4 GiB, or to as much as the machine lets be reserved. */
function newMemory(shared: boolean): { memory: WebAssembly.Memory; maxPages: number } {
  const initial = (2 * firstAddress) / pageBytes;
  for (let maxPages = 65536; ; maxPages /= 2) {
    try {
      return { memory: new WebAssembly.Memory({ initial, maximum: maxPages, shared }), maxPages };
    } catch (error) {
      if (maxPages <= 1024) throw error;
    }
  }
}

/** Opens the device. Its workers start when there is first work for them. */
export async function openWasm(options: WasmOptions = {}): Promise<WasmDevice> {
  const threads = threadsOf(options.threads);
  return new WasmDevice({
    ...newMemory(threads > 1),
    relaxed: (options.relaxed ?? true) && hasRelaxed(),
    threads,
  });
}
