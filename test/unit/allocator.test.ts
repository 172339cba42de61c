import assert from "node:assert/strict";
import { test } from "node:test";
import { Allocator, alignment } from "../../src/device/allocator.ts";

const fixed = (bytes: number): Allocator => new Allocator({ start: 0, end: bytes, grow: () => null });

test("ranges are aligned, apart, and as large as asked for", () => {
  const heap = fixed(4096);
  assert.equal(heap.alloc(1), 0);
  assert.equal(heap.alloc(64), 64);
  assert.equal(heap.alloc(65), 128);
  assert.equal(heap.alloc(0), 256, "an empty range has an address of its own");
  assert.equal(heap.bytesInUse, 64 + 64 + 128 + 64);
  assert.equal(heap.allocations, 4);
});

test("the smallest hole that fits is filled, the lowest of equal ones", () => {
  const heap = fixed(4096);
  const at = [256, 64, 128, 64, 128, 64].map((bytes) => heap.alloc(bytes) as number);
  heap.free(at[0]);
  heap.free(at[4]);
  heap.free(at[2]);
  assert.equal(heap.alloc(100), at[2]);
  assert.equal(heap.alloc(100), at[4]);
  assert.equal(heap.alloc(100), at[0]);
});

test("free neighbours become one", () => {
  const heap = fixed(1024);
  const at = Array.from({ length: 16 }, () => heap.alloc(64) as number);
  assert.equal(heap.alloc(64), null);
  for (const i of [1, 3, 2, 0, 15, 14]) heap.free(at[i]);
  assert.equal(heap.alloc(256), at[0]);
  assert.equal(heap.alloc(128), at[14]);
  for (const i of [0, 14, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]) heap.free(at[i]);
  assert.equal(heap.bytesInUse, 0);
  assert.equal(heap.alloc(1024), 0);
});

test("the space grows by what is missing at its end", () => {
  const asked: number[] = [];
  const heap = new Allocator({
    start: 64,
    end: 512,
    grow: (end) => {
      asked.push(end);
      return end <= 2048 ? end + 70 : null; // more than asked for, and not aligned
    },
  });
  assert.equal(heap.alloc(256), 64);
  assert.equal(heap.alloc(512), 320);
  assert.deepEqual(asked, [832]);
  assert.equal(heap.alloc(64), 832, "what was given beyond is used");
  assert.equal(heap.alloc(64), 896);
  assert.equal(heap.alloc(4096), null);
  assert.equal(heap.alloc(64), 960, "a request that failed has changed nothing");
});

test("freeing what is not allocated is an error", () => {
  const heap = fixed(4096);
  const at = heap.alloc(64) as number;
  heap.free(at);
  assert.throws(() => heap.free(at), /allocator: nothing is allocated at 0/);
  assert.throws(() => heap.free(128), /allocator: nothing is allocated at 128/);
});

test("ten thousand random requests never overlap, and leave one free range", () => {
  let state = 1;
  const random = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0; // (Knuth 1997, 3.3.4)
    return Math.floor((state / 2 ** 32) * below);
  };
  let size = 4096;
  const heap = new Allocator({ start: 0, end: size, grow: (end) => (size = Math.ceil(end / 65536) * 65536) });
  const owner = new Map<number, number>();
  const live: { at: number; lines: number }[] = [];
  let lines = 0;
  for (let step = 0; step < 10_000; step++) {
    if (live.length > 0 && random(100) < 48) {
      const [gone] = live.splice(random(live.length), 1);
      heap.free(gone.at);
      for (let i = 0; i < gone.lines; i++) owner.delete(gone.at + i * alignment);
      lines -= gone.lines;
    } else {
      const bytes = 1 + random(random(10) === 0 ? 20_000 : 600);
      const at = heap.alloc(bytes) as number;
      const count = Math.ceil(bytes / alignment);
      assert.equal(at % alignment, 0);
      assert.ok(at + bytes <= size);
      for (let i = 0; i < count; i++) {
        assert.ok(!owner.has(at + i * alignment), "overlap");
        owner.set(at + i * alignment, step);
      }
      live.push({ at, lines: count });
      lines += count;
    }
    assert.equal(heap.bytesInUse, lines * alignment);
  }
  for (const { at } of live) heap.free(at);
  assert.equal(heap.bytesInUse, 0);
  assert.equal(heap.alloc(size), 0);
});
