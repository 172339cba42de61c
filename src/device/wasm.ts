/**
 * The WebAssembly device: kernels and buffers in one memory. It runs on every machine that runs JavaScript, and is
 * what the others fall back to.
 */
import type { Program } from "../compile/vector-ir.ts";
import { assemble, firstAddress } from "../emit/wasm.ts";
import { OutOfMemoryError } from "../errors.ts";
import { Allocator } from "./allocator.ts";
import type { Buffer, Command, CommandList, Device, Executable, Target } from "./device.ts";

export interface WasmOptions {
  /** How many threads run kernels, the caller's included. */
  readonly threads?: number;
  /** Whether multiply-adds may round once. By default they do where the machine can. */
  readonly relaxed?: boolean;
}

type Kernel = (args: number, item: number, scratch: number) => void;

const pageBytes = 65536;

export class WasmDevice implements Device {
  readonly name = "wasm";
  readonly target: Target;
  readonly #memory: WebAssembly.Memory;
  readonly #maxPages: number;
  readonly #relaxed: boolean;
  readonly #heap: Allocator;
  #bytes: Uint8Array;
  #views: Views;
  readonly #kernels: Kernel[] = [];
  readonly #names: string[] = [];
  #scratch = { address: 0, bytes: 0 };
  #bytesInUse = 0;
  #allocations = 0;

  constructor({ memory, maxPages, relaxed }: { memory: WebAssembly.Memory; maxPages: number; relaxed: boolean }) {
    this.target = { name: "wasm", lanes: 4, registers: 16, fma: relaxed, maxBuffers: 64 };
    this.#memory = memory;
    this.#maxPages = maxPages;
    this.#relaxed = relaxed;
    this.#bytes = new Uint8Array(memory.buffer);
    this.#views = viewsOf(memory);
    this.#heap = new Allocator({ start: firstAddress, end: memory.buffer.byteLength, grow: (end) => this.#grow(end) });
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
    this.#bytes.set(data, buffer.address + offset);
  }

  async read(buffer: Buffer, offset: number, bytes: number): Promise<Uint8Array> {
    inside(buffer, offset, bytes);
    return this.#bytes.slice(buffer.address + offset, buffer.address + offset + bytes);
  }

  async compile(programs: readonly Program[]): Promise<Executable[]> {
    const first = this.#names.length;
    for (const { name } of programs) this.#names.push(name);
    const bytes = assemble(programs, {
      relaxed: this.#relaxed,
      shared: false,
      maxPages: this.#maxPages,
    });
    const instance = new WebAssembly.Instance(await WebAssembly.compile(bytes), { env: { memory: this.#memory } });
    programs.forEach((_, i) => {
      this.#kernels[first + i] = instance.exports[`k${i}`] as Kernel;
    });
    return programs.map(({ name }, i) => ({ name, id: first + i }));
  }

  prepare(commands: readonly Command[], scratchBytes: number): CommandList {
    let slots = 0;
    for (const c of commands) slots += c.args.length;
    const block = this.#take(8 * slots);
    if (scratchBytes > this.#scratch.bytes) {
      if (this.#scratch.bytes > 0) this.#heap.free(this.#scratch.address);
      this.#scratch = { address: this.#take(scratchBytes), bytes: scratchBytes };
    }
    let at = block;
    const steps = commands.map((command) => {
      const args = at;
      at += 8 * command.args.length;
      return { command, args, kernel: this.#kernels[command.executable.id] };
    });
    return {
      run: () => {
        for (const { command, args } of steps) this.#writeArgs(command, args);
        const { address } = this.#scratch;
        for (const { command, args, kernel } of steps)
          for (let item = 0; item < command.items; item++) kernel(args, item, address);
      },
      dispose: () => this.#heap.free(block),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {}

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
        this.#bytes = new Uint8Array(this.#memory.buffer);
        this.#views = viewsOf(this.#memory);
        return pages * pageBytes;
      } catch {
        // The machine has no more: less may do.
      }
    }
    return null;
  }
}

interface Views {
  readonly uint32: Uint32Array;
  readonly int32: Int32Array;
  readonly float32: Float32Array;
  readonly float64: Float64Array;
}
function viewsOf({ buffer }: WebAssembly.Memory): Views {
  return {
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

/** Opens the device. */
export async function openWasm(options: WasmOptions = {}): Promise<WasmDevice> {
  const relaxed = options.relaxed ?? hasRelaxed();
  const maxPages = 65536;
  const memory = new WebAssembly.Memory({ initial: (2 * firstAddress) / pageBytes, maximum: maxPages });
  return new WasmDevice({ memory, maxPages, relaxed: relaxed && hasRelaxed() });
}
