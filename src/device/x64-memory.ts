/** Memory of the x64 device: one range of addresses that buffers are in, and pages of code. */
import { type Native, pageBytes } from "./native.ts";

const gib = 2 ** 30;
/** What large pages are aligned to. */
const large = 2 ** 21;

const up = (x: number, to: number): number => Math.ceil(x / to) * to;

/** A range of addresses of which the first part is memory. Around it are pages that cannot be touched. */
export class Arena {
  readonly start: number;
  /** The most bytes that it can have. */
  readonly maxBytes: number;
  readonly uint8: Uint8Array;
  readonly uint32: Uint32Array;
  readonly int32: Int32Array;
  readonly float32: Float32Array;
  readonly float64: Float64Array;
  readonly #native: Native;
  readonly #reserved: { readonly address: number; readonly bytes: number };
  #bytes = 0;

  constructor(native: Native, wanted: number) {
    this.#native = native;
    for (let bytes = up(wanted, large); ; bytes = up(bytes / 2, large)) {
      const reserved = bytes + 2 * large;
      const address = native.reserve(reserved);
      if (address !== null) {
        const start = up(address + pageBytes, large);
        try {
          const view = native.view(start, bytes);
          this.uint8 = new Uint8Array(view);
          this.uint32 = new Uint32Array(view);
          this.int32 = new Int32Array(view);
          this.float32 = new Float32Array(view);
          this.float64 = new Float64Array(view);
          this.start = start;
          this.maxBytes = bytes;
          this.#reserved = { address, bytes: reserved };
          return;
        } catch {
          native.release(address, reserved); // more than a view can have
        }
      }
      if (bytes < gib / 8) throw new Error("x64: no address space");
    }
  }

  /** Where memory ends, as far as it has grown. */
  get end(): number {
    return this.start + this.#bytes;
  }

  /** The place of an address in the views, in elements of `bytes`. */
  at(address: number, bytes: number): number {
    return (address - this.start) / bytes;
  }

  /** Makes memory of the addresses up to `end` or further, and returns up to where; null where there is no more. */
  grow(end: number): number | null {
    const needed = end - this.start;
    if (needed > this.maxBytes) return null;
    for (const wanted of [Math.max(needed, 1.25 * this.#bytes), needed]) {
      const bytes = Math.min(up(wanted, large), this.maxBytes);
      if (!this.#native.protect(this.start + this.#bytes, bytes - this.#bytes, "write")) continue;
      this.#native.preferLargePages(this.start + this.#bytes, bytes - this.#bytes);
      this.#bytes = bytes;
      return this.start + bytes;
    }
    return null;
  }

  release(): void {
    this.#native.release(this.#reserved.address, this.#reserved.bytes);
  }
}

/** Pages of machine code: they are written, and from then on only executed. */
export class CodePages {
  readonly #native: Native;
  /** Pages by where they begin, with the functions in them that are still in use. */
  readonly #ranges = new Map<number, { readonly bytes: number; readonly functions: Set<number> }>();
  #bytes = 0;

  constructor(native: Native) {
    this.#native = native;
  }

  /** Bytes of all pages. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Where functions are, once they can be called; null where the system does not allow that. */
  install(functions: readonly Uint8Array[]): number[] | null {
    let bytes = 0;
    const offsets = functions.map((f) => {
      const offset = bytes;
      bytes = up(bytes + f.length, 64);
      return offset;
    });
    bytes = up(Math.max(bytes, 1), pageBytes);
    const address = this.#native.reserve(bytes);
    if (address === null) return null;
    const addresses = offsets.map((offset) => address + offset);
    this.#ranges.set(address, { bytes, functions: new Set(addresses) });
    this.#bytes += bytes;
    if (!this.#native.protect(address, bytes, "write")) return null;
    const view = new Uint8Array(this.#native.view(address, bytes));
    // What is not code stops a program that strays there.
    view.fill(0xcc);
    functions.forEach((f, i) => void view.set(f, offsets[i]));
    if (!this.#native.protect(address, bytes, "execute")) return null;
    return addresses;
  }

  /** Gives up a function that nothing calls any more, and its pages with the last of theirs. */
  remove(address: number): void {
    for (const [start, { bytes, functions }] of this.#ranges) {
      if (!functions.delete(address)) continue;
      if (functions.size > 0) return;
      this.#ranges.delete(start);
      this.#bytes -= bytes;
      this.#native.release(start, bytes);
      return;
    }
    throw new Error("x64: no function begins there");
  }

  release(): void {
    for (const [start, { bytes }] of this.#ranges) this.#native.release(start, bytes);
    this.#ranges.clear();
    this.#bytes = 0;
  }
}
