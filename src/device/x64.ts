/**
 * The x64 device: kernels are machine code, made here and called through a foreign-function interface. It runs in Node on
 * Linux, on x86-64 processors with AVX2, and uses AVX-512 where there is that.
 */
import type { Dot, Program } from "../compile/vector-ir.ts";
import { emitX64 } from "../emit/x64.ts";
import {
  command as commandAt,
  commandBytes,
  control,
  controlBytes,
  driver,
  header,
  headerBytes,
  maxChunks,
  stopper,
  threadBytes,
  worker,
} from "../emit/x64-control.ts";
import { OutOfMemoryError, ValueError } from "../errors.ts";
import { Allocator, alignment } from "./allocator.ts";
import type { Buffer, Command, CommandList, Device, Executable, Target } from "./device.ts";
import { machines } from "./machines.ts";
import { type Native, openNative, pageBytes, refusal } from "./native.ts";
import { featuresOf, isPermitted, tilesOf } from "./x64-abilities.ts";
import { Arena, CodePages } from "./x64-memory.ts";
import { Threads } from "./x64-threads.ts";

export interface X64Options {
  /**
   * How many threads run kernels, the caller's included: by default as many as the machine runs at once, but at most
   * 16, or what TSUMIKI_THREADS says.
   */
  readonly threads?: number;
  /** Whether AVX-512 is used. By default it is where the machine has it. */
  readonly avx512?: boolean;
  /**
   * Whether AMX is used. By default it is, for bfloat16, where the machine has it and the system lets this process, unless
   * TSUMIKI_AMX is 0; if it is asked for, also for bytes.
   */
  readonly amx?: boolean;
  /** Of which narrow types it sums products by itself. By default of those that the machine has instructions for. */
  readonly dots?: readonly Dot[];
}

interface Parts {
  readonly native: Native;
  readonly arena: Arena;
  readonly code: CodePages;
  readonly lanes: 8 | 16;
  readonly dots: readonly Dot[];
  readonly tiles: readonly Dot[];
  readonly threads: number;
}

export class X64Device implements Device {
  readonly name = "x64";
  readonly target: Target;
  readonly #arena: Arena;
  readonly #code: CodePages;
  readonly #heap: Allocator;
  /** Addresses of kernels, and their names. */
  readonly #kernels: number[] = [];
  readonly #names: (string | null)[] = [];
  /** Places of the two above that are free again. */
  readonly #freeIds: number[] = [];
  readonly #control: number;
  readonly #threads: Threads;
  readonly #drive: (list: number) => void;
  /** A region for each thread, `stride` apart. */
  #scratch = { address: 0, stride: 0 };
  #bytesInUse = 0;
  #allocations = 0;
  #closed = false;

  constructor({ native, arena, code, lanes, dots, tiles, threads }: Parts) {
    this.target = { ...machines[lanes === 16 ? "avx512" : "avx2"], dots, tiles };
    this.#arena = arena;
    this.#code = code;
    this.#heap = new Allocator({ start: arena.start, end: arena.start, grow: (end) => arena.grow(end) });
    const addresses = code.install([driver(), worker(), stopper()]);
    if (!addresses) throw refusal("no permission to execute memory", "that");
    this.#drive = native.function(addresses[0]);
    this.#control = this.#take(controlBytes + threadBytes * threads);
    const words = { control: this.#control, blocks: this.#control + controlBytes };
    arena.uint8.fill(0, arena.at(this.#control, 1), arena.at(words.blocks, 1));
    this.#threads = new Threads(native, arena, words, threads, { worker: addresses[1], stopper: addresses[2] });
  }

  /** How many threads run kernels, the caller's included. */
  get threads(): number {
    return this.#threads.count;
  }
  /** The workers that have been created, and those of them that are there to claim work. */
  get createdWorkers(): number {
    return this.#threads.created;
  }
  get startedWorkers(): number {
    return this.#threads.started;
  }
  /** The most bytes that its memory can grow to. */
  get maxBytes(): number {
    return this.#arena.maxBytes;
  }
  /** Bytes of the buffers that are allocated. */
  get bytesInUse(): number {
    return this.#bytesInUse;
  }
  /** Bytes of the pages that hold machine code. */
  get codeBytes(): number {
    return this.#code.bytes;
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
    this.#arena.uint8.set(data, this.#inside(buffer, offset, data.length));
  }

  async read(buffer: Buffer, offset: number, bytes: number): Promise<Uint8Array> {
    const at = this.#inside(buffer, offset, bytes);
    return this.#arena.uint8.slice(at, at + bytes);
  }

  async compile(programs: readonly Program[]): Promise<Executable[]> {
    if (this.#closed) throw new Error("x64: the device is closed");
    const addresses = this.#code.install(programs.map((program) => this.codeOf(program)));
    if (!addresses)
      throw new OutOfMemoryError({
        in: "x64",
        got: "no more pages for code",
        want: "some for each kernel",
        fix: 'Let the system have more mappings, or use the device "wasm"',
      });
    return programs.map(({ name }, i) => {
      const id = this.#freeIds.pop() ?? this.#names.length;
      this.#names[id] = name;
      this.#kernels[id] = addresses[i];
      return { name, id };
    });
  }

  release(executables: readonly Executable[]): void {
    if (this.#closed) return;
    for (const { id, name } of executables) {
      if (this.#names[id] !== name) throw new Error(`x64: ${name} is not compiled`);
      this.#code.remove(this.#kernels[id]);
      this.#names[id] = null;
      this.#freeIds.push(id);
    }
  }

  codeOf(program: Program): Uint8Array {
    return emitX64(program, { avx512: this.target.lanes === 16 });
  }

  prepare(commands: readonly Command[], scratchBytes: number): CommandList {
    for (const { executable } of commands)
      if (this.#names[executable.id] !== executable.name) throw new Error(`x64: ${executable.name} is not compiled`);
    const some = commands.filter(({ items }) => items > 0);
    const slots = some.reduce((sum, { args }) => sum + args.length, 0);
    this.#reserveScratch(scratchBytes);
    const list = this.#take(headerBytes + commandBytes * (some.length + 1) + 8 * slots);
    if (some.some(({ items }) => items > 1)) this.#threads.start();

    this.#put(list + header.control, this.#control);
    this.#put(list + header.ticks, 0);
    let at = list + headerBytes;
    let args = at + commandBytes * (some.length + 1);
    const blocks = some.map((command) => {
      const block = args;
      const chunk = Math.ceil(command.items / maxChunks);
      this.#put(at + commandAt.function, this.#kernels[command.executable.id]);
      this.#put(at + commandAt.args, block);
      this.#put(at + commandAt.items, command.items);
      this.#put(at + commandAt.chunk, chunk);
      this.#put(at + commandAt.chunks, Math.ceil(command.items / chunk));
      at += commandBytes;
      args += 8 * command.args.length;
      return block;
    });
    this.#put(at + commandAt.function, 0);
    this.#put(at + commandAt.args, list);

    let disposed = false;
    return {
      run: () => {
        if (disposed) throw new Error("x64: the list is disposed of");
        if (this.#closed) throw new Error("x64: the device is closed");
        for (let i = 0; i < some.length; i++) this.#writeArgs(some[i], blocks[i]);
        this.#drive(list);
      },
      dispose: () => {
        if (!disposed) this.#heap.free(list);
        disposed = true;
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#threads.stop();
    this.#code.release();
    this.#arena.release();
  }

  /** Stores a whole number of 8 bytes. */
  #put(address: number, value: number): void {
    const { uint32 } = this.#arena;
    const at = this.#arena.at(address, 4);
    uint32[at] = value % 2 ** 32;
    uint32[at + 1] = Math.floor(value / 2 ** 32);
  }

  /** Stores arguments; a pointer to what is not memory is refused before anything runs. */
  #writeArgs({ args, kinds, executable }: Command, address: number): void {
    const { start, end } = this.#arena;
    const { uint32, int32, float32, float64 } = this.#arena;
    for (let i = 0, at = this.#arena.at(address, 4); i < args.length; i++, at += 2) {
      const value = args[i];
      switch (kinds[i]) {
        case "pointer":
          if (!(value >= start && value <= end))
            throw new Error(`x64: argument ${i} of ${executable.name} is ${value}, which is outside of memory`);
          uint32[at] = value % 2 ** 32;
          uint32[at + 1] = value / 2 ** 32;
          break;
        case "int32":
          int32[at] = value;
          break;
        case "float32":
          float32[at] = value;
          break;
        default:
          float64[at / 2] = value;
      }
    }
  }

  #reserveScratch(bytes: number): void {
    // The regions of two threads do not share what is fetched together.
    const stride = Math.ceil(bytes / pageBytes) * pageBytes + 2 * alignment;
    if (stride <= this.#scratch.stride) return;
    const address = this.#take(stride * this.threads); // first, for where there is no more, lists go on with what there is
    if (this.#scratch.stride > 0) this.#heap.free(this.#scratch.address);
    this.#scratch = { address, stride };
    this.#put(this.#control + control.scratch, this.#scratch.address);
    this.#put(this.#control + control.scratchStride, stride);
  }

  #take(bytes: number): number {
    const address = this.#closed ? null : this.#heap.alloc(bytes);
    if (address === null)
      throw new OutOfMemoryError({
        in: "x64",
        got: `a request for ${bytes} bytes with ${this.#heap.bytesInUse} in use`,
        want: `at most ${this.maxBytes} bytes in all`,
        fix: "Use smaller batches, or dispose of tensors that are no longer needed",
      });
    return address;
  }

  /** The place of bytes of a buffer in the memory's views. */
  #inside(buffer: Buffer, offset: number, bytes: number): number {
    if (offset < 0 || bytes < 0 || offset + bytes > buffer.bytes)
      throw new Error(`x64: ${bytes} bytes at ${offset} are not inside a buffer of ${buffer.bytes}`);
    if (this.#closed) throw new Error("x64: the device is closed");
    return this.#arena.at(buffer.address, 1) + offset;
  }
}

/** The number of threads that was asked for, or that suits the machine. */
function threadsOf(asked: number | undefined): number {
  const { availableParallelism } = process.getBuiltinModule("node:os");
  const set = process.env["TSUMIKI_THREADS"];
  const threads = asked ?? (set ? Number(set) : Math.min(availableParallelism(), 16));
  if (Number.isInteger(threads) && threads >= 1 && threads <= maxThreads) return threads;
  throw new ValueError({
    in: "openX64",
    got: `${asked === undefined ? `TSUMIKI_THREADS=${set}` : threads} threads`,
    want: `1 to ${maxThreads}`,
    fix: "Leave it out to use what the machine has",
  });
}
const maxThreads = 64;

/** Memory that the machine has, as far as a process may use it. */
function machineBytes(): number {
  const total = process.getBuiltinModule("node:os").totalmem();
  const allowed = process.constrainedMemory();
  return allowed > 0 ? Math.min(total, allowed) : total;
}
const mostBytes = 2 ** 36;

/** Opens the device; its threads start when there is first work for them. A DeviceError where it cannot run. */
export async function openX64(options: X64Options = {}): Promise<X64Device> {
  const threads = threadsOf(options.threads);
  const native = await openNative();
  const code = new CodePages(native);
  const { avx2, avx512, tiles: amx, ...has } = featuresOf(native, code);
  if (!avx2) throw refusal("a processor without AVX2, FMA and BMI2", "one with them");
  if (options.avx512 && !avx512) throw refusal("a processor without AVX-512 F, BW, DQ and VL", "one with them");
  const lanes = (options.avx512 ?? avx512) ? 16 : 8;
  const able = (["bfloat16", "int8"] as const).filter((dot) => lanes === 16 && has[dot]);
  const dots = able.filter((dot) => options.dots?.includes(dot) ?? true);
  const amxAble = dots.filter((dot) => amx[dot]);
  const tiles = tilesOf(amxAble, options.amx, () => isPermitted(native, code));
  return new X64Device({
    native,
    arena: new Arena(native, Math.min(machineBytes(), mostBytes)),
    code,
    lanes,
    dots,
    tiles,
    threads,
  });
}
