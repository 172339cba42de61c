/** Hands out ranges of an address space that can grow: best fit, and free neighbours become one. */

/** A free range. */
interface Range {
  readonly start: number;
  readonly bytes: number;
}

export interface AllocatorOptions {
  readonly start: number;
  readonly end: number;
  /** Makes the space end at `end` or later, and returns where; null where it cannot. */
  readonly grow: (end: number) => number | null;
}

/** Every range starts at a multiple of this: a cache line, and what any vector load likes. */
export const alignment = 64;

export class Allocator {
  readonly #grow: (end: number) => number | null;
  #end: number;
  /** Free ranges: by size and then address, and by where they start and end. */
  readonly #free: Range[] = [];
  readonly #starts = new Map<number, Range>();
  readonly #ends = new Map<number, Range>();
  readonly #used = new Map<number, number>();
  #bytesInUse = 0;
  #allocations = 0;

  constructor({ start, end, grow }: AllocatorOptions) {
    if (start % alignment !== 0) throw new Error(`allocator: ${start} is not aligned`);
    this.#grow = grow;
    this.#end = end - (end % alignment);
    if (this.#end > start) this.#insert({ start, bytes: this.#end - start });
  }

  /** Bytes that are handed out, as they are rounded up. */
  get bytesInUse(): number {
    return this.#bytesInUse;
  }
  /** How many ranges were ever handed out. */
  get allocations(): number {
    return this.#allocations;
  }

  /** The address of a range of `bytes`, or null where there is no more room. */
  alloc(bytes: number): number | null {
    const size = Math.max(alignment, Math.ceil(bytes / alignment) * alignment);
    let at = this.#position({ start: 0, bytes: size });
    if (at === this.#free.length) {
      if (!this.#extend(size)) return null;
      at = this.#position({ start: 0, bytes: size });
    }
    const { start, bytes: found } = this.#free[at];
    this.#remove(at);
    if (found > size) this.#insert({ start: start + size, bytes: found - size });
    this.#used.set(start, size);
    this.#bytesInUse += size;
    this.#allocations++;
    return start;
  }

  free(start: number): void {
    const bytes = this.#used.get(start);
    if (bytes === undefined) throw new Error(`allocator: nothing is allocated at ${start}`);
    this.#used.delete(start);
    this.#bytesInUse -= bytes;
    this.#release({ start, bytes });
  }

  /** Grows the space so that a range of `size` bytes is free at its end. */
  #extend(size: number): boolean {
    const last = this.#ends.get(this.#end);
    const end = this.#grow(this.#end + size - (last?.bytes ?? 0));
    if (end === null) return false;
    const start = this.#end;
    this.#end = end - (end % alignment);
    this.#release({ start, bytes: this.#end - start });
    return true;
  }

  #release({ start, bytes }: Range): void {
    const before = this.#ends.get(start);
    const after = this.#starts.get(start + bytes);
    for (const r of [before, after]) if (r) this.#remove(this.#position(r));
    this.#insert({ start: before?.start ?? start, bytes: (before?.bytes ?? 0) + bytes + (after?.bytes ?? 0) });
  }

  #insert(r: Range): void {
    this.#free.splice(this.#position(r), 0, r);
    this.#starts.set(r.start, r);
    this.#ends.set(r.start + r.bytes, r);
  }

  #remove(at: number): void {
    const [r] = this.#free.splice(at, 1);
    this.#starts.delete(r.start);
    this.#ends.delete(r.start + r.bytes);
  }

  /** Where `r` is, or would be, among the free ranges. */
  #position(r: Range): number {
    let low = 0;
    let high = this.#free.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const m = this.#free[middle];
      if (m.bytes < r.bytes || (m.bytes === r.bytes && m.start < r.start)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
