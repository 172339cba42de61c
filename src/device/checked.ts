/**
 * A device that trusts nobody: what `CHECK=1` puts around another one. Kernels are checked before they are compiled, look
 * before every access, and leave a report where one is out of bounds; buffers stand apart, with bytes between them that
 * must not change, and hold NaN before they are written and after they are freed. It is many times slower, and what it
 * finds is thrown by the next read.
 */
import { type Bounded, bounded, boundSlots, reportBytes } from "../compile/bounded.ts";
import { checkVector } from "../compile/check-vector.ts";
import type { Program } from "../compile/vector-ir.ts";
import type { ArgKind, Buffer, Command, CommandList, Device, Executable, Target } from "./device.ts";

/** Bytes on either side of a buffer that nothing may touch. */
const margin = 64;
const canary = 0xa5;
/** NaN as a float of any size, −1 as an integer. */
const nothing = 0xff;

export interface CheckOptions {
  /** Whether kernels look before each access. Without, they are the code that runs otherwise, too. */
  readonly looks?: boolean;
}

interface Kernel {
  /** Null where it does not look. */
  readonly pointers: Bounded["pointers"] | null;
  readonly inner: Executable;
}

export class CheckedDevice implements Device {
  readonly name: string;
  readonly target: Target;
  readonly #inner: Device;
  readonly #looks: boolean;
  /** What is allocated, by its address here: the inner buffer has a margin on both sides. */
  readonly #live = new Map<number, { readonly buffer: Buffer; readonly inner: Buffer }>();
  readonly #kernels: Kernel[] = [];
  readonly #report: Buffer;

  constructor(inner: Device, { looks = true }: CheckOptions = {}) {
    this.#looks = looks;
    this.name = inner.name;
    this.target = looks ? { ...inner.target, tiles: [] } : inner.target; // tiles are not looked at
    this.#inner = inner;
    this.#report = inner.alloc(reportBytes);
    inner.write(this.#report, 0, new Uint8Array(reportBytes));
  }

  alloc(bytes: number): Buffer {
    const inner = this.#inner.alloc(bytes + 2 * margin);
    this.#inner.write(inner, 0, new Uint8Array(margin).fill(canary));
    this.#inner.write(inner, margin, new Uint8Array(bytes).fill(nothing));
    this.#inner.write(inner, margin + bytes, new Uint8Array(margin).fill(canary));
    const buffer = { address: inner.address + margin, bytes };
    this.#live.set(buffer.address, { buffer, inner });
    return buffer;
  }

  free(buffer: Buffer): void {
    const { inner } = this.#find(buffer, "free");
    this.#inner.write(inner, 0, new Uint8Array(inner.bytes).fill(nothing));
    this.#live.delete(buffer.address);
    this.#inner.free(inner);
  }

  write(buffer: Buffer, offset: number, data: Uint8Array): void {
    this.#inner.write(this.#within(buffer, offset, data.length), margin + offset, data);
  }

  async read(buffer: Buffer, offset: number, bytes: number): Promise<Uint8Array> {
    await this.check();
    return this.#inner.read(this.#within(buffer, offset, bytes), margin + offset, bytes);
  }

  async compile(programs: readonly Program[]): Promise<Executable[]> {
    const first = this.#kernels.length;
    const made = programs.map((program, i): { program: Program; pointers: Kernel["pointers"] } => {
      checkVector(program);
      if (!this.#looks) return { program, pointers: null };
      const result = bounded(program, first + i);
      checkVector(result.program);
      return result;
    });
    const compiled = await this.#inner.compile(made.map((m) => m.program));
    return made.map(({ pointers }, i) => {
      this.#kernels.push({ pointers, inner: compiled[i] });
      return { name: programs[i].name, id: first + i };
    });
  }

  release(executables: readonly Executable[]): void {
    this.#inner.release(executables.map(({ id }) => this.#kernels[id].inner));
  }

  codeOf(program: Program): Uint8Array | string {
    return this.#inner.codeOf(program);
  }

  prepare(commands: readonly Command[], scratchBytes: number): CommandList {
    const inner = commands.map((command): Command => {
      const { pointers, inner: executable } = this.#kernels[command.executable.id];
      if (!pointers) return { ...command, executable };
      const extra = boundSlots(pointers.length);
      const kinds: ArgKind[] = ["pointer", "int32", ...pointers.flatMap((): ArgKind[] => ["pointer", "pointer"])];
      const args = new Float64Array(extra + command.args.length);
      args.set([this.#report.address, scratchBytes]);
      return { executable, args, kinds: [...kinds, ...command.kinds], items: command.items };
    });
    const list = this.#inner.prepare(inner, scratchBytes);
    return {
      run: () => {
        commands.forEach((command, i) => void this.#arguments(command, inner[i].args));
        list.run();
      },
      dispose: () => list.dispose(),
    };
  }

  /** Throws what has been found since the last time. */
  async check(): Promise<void> {
    const bytes = await this.#inner.read(this.#report, 0, reportBytes);
    const [number, slot, item] = new Int32Array(bytes.buffer);
    if (number > 0) {
      this.#inner.write(this.#report, 0, new Uint8Array(reportBytes));
      const where = slot < 0 ? "its scratch memory" : `argument ${slot}`;
      throw new Error(`check: ${this.#kernels[number - 1].inner.name} reached out of ${where} in item ${item}`);
    }
    for (const { buffer, inner } of this.#live.values())
      for (const at of [0, margin + buffer.bytes]) {
        const between = await this.#inner.read(inner, at, margin);
        if (between.some((b) => b !== canary))
          throw new Error(
            `check: ${at === 0 ? "before" : "behind"} a buffer of ${buffer.bytes} bytes something was written`,
          );
      }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#inner[Symbol.asyncDispose]();
  }

  /** Fills in arguments, with the bounds of those that are addresses; throws where one is none of a buffer. */
  #arguments({ executable, args, kinds, bytes }: Command, to: Float64Array): void {
    const { pointers } = this.#kernels[executable.id];
    const bounds = kinds.map((kind, slot) =>
      kind === "pointer"
        ? this.#bounds(args[slot], bytes?.[slot] ?? 0, `argument ${slot} of ${executable.name}`)
        : { start: 0, end: 0 },
    );
    if (!pointers) return;
    pointers.forEach((slot, i) => void to.set([bounds[slot].start, bounds[slot].end], 2 + 2 * i));
    to.set(args, boundSlots(pointers.length));
  }

  /** What may be touched at an address: so many bytes, or all of the buffer that it is in. */
  #bounds(address: number, bytes: number, what: string): { start: number; end: number } {
    for (const { buffer } of this.#live.values()) {
      const end = buffer.address + buffer.bytes;
      if (address < buffer.address || address >= end) continue;
      if (address + bytes > end)
        throw new Error(`check: ${what} takes ${bytes} bytes, of which not all are in its buffer`);
      return bytes > 0 ? { start: address, end: address + bytes } : { start: buffer.address, end };
    }
    throw new Error(`check: ${what} is an address of no buffer`);
  }

  #find(buffer: Buffer, what: string): { readonly buffer: Buffer; readonly inner: Buffer } {
    const found = this.#live.get(buffer.address);
    if (found?.buffer !== buffer && found?.buffer.bytes !== buffer.bytes)
      throw new Error(`check: ${what} of a buffer that is not allocated`);
    return found as { readonly buffer: Buffer; readonly inner: Buffer };
  }

  #within(buffer: Buffer, offset: number, bytes: number): Buffer {
    const { inner } = this.#find(buffer, "use");
    if (offset < 0 || offset + bytes > buffer.bytes)
      throw new Error(`check: ${bytes} bytes at ${offset} are not inside a buffer of ${buffer.bytes}`);
    return inner;
  }
}
