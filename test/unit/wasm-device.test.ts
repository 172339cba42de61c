/** The WebAssembly device: memory, command lists, and threads. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import type { Ins, Program } from "../../src/compile/vector-ir.ts";
import { openWasm, type WasmDevice } from "../../src/device/wasm.ts";
import { OutOfMemoryError, ValueError } from "../../src/errors.ts";
import {
  at,
  command,
  floats,
  hex,
  item,
  put,
  reg,
  scratchy,
  source,
  step,
  who,
  x,
} from "../helpers/device-programs.ts";

/** Reads at an address far outside of memory, in the item that is told. Slots: item. */
const trap: Program = {
  name: "trap",
  body: [
    { op: "param", dst: source, slot: 0 },
    { op: "item", dst: item },
    { op: "compare", f: "eq", dst: reg(3, "bool"), a: item, b: source },
    {
      op: "if",
      cond: reg(3, "bool"),
      then: [
        { op: "const", dst: at, value: 0xfffffff0 },
        { op: "load", dst: x, ptr: at, offset: 0, stride: 0, from: "float32" },
        { op: "store", src: x, ptr: at, offset: 0, stride: 0, to: "float32" },
      ],
      else: [],
    },
  ],
};

/** Waits until all workers run, so that a test is one of threads. */
async function allStarted(device: WasmDevice): Promise<void> {
  for (let i = 0; i < 1000 && device.startedWorkers < device.workers.length; i++)
    await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(device.startedWorkers, device.threads - 1);
}

test("bytes that are written are read, as a copy, and memory grows under them", async () => {
  for (const threads of [1, 2]) {
    await using device = await openWasm({ threads });
    const small = device.alloc(16);
    put(device, small, Float32Array.of(1, 2, 3, 4));
    const copy = await floats(device, small);
    const large = device.alloc(50_000_000);
    assert.equal(large.address % 64, 0);
    device.write(large, large.bytes - 3, Uint8Array.of(7, 8, 9));
    assert.deepEqual(await device.read(large, large.bytes - 3, 3), Uint8Array.of(7, 8, 9));
    assert.deepEqual(await floats(device, small), Float32Array.of(1, 2, 3, 4));
    device.write(small, 4, new Uint8Array(8));
    assert.deepEqual(copy, Float32Array.of(1, 2, 3, 4));
    assert.deepEqual(await floats(device, small), Float32Array.of(1, 0, 0, 4));
    assert.throws(() => device.write(small, 12, new Uint8Array(8)), /wasm: 8 bytes at 12 are not inside/);
  }
});

test("buffers are counted, and memory that is freed is used again", async () => {
  await using device = await openWasm({ threads: 1 });
  const a = device.alloc(1000);
  const b = device.alloc(24);
  assert.deepEqual([device.bytesInUse, device.allocations], [1024, 2]);
  device.free(a);
  assert.equal(device.bytesInUse, 24);
  assert.throws(() => device.free(a), /nothing is allocated/);
  assert.equal(device.alloc(1000).address, a.address);
  device.free(b);
  assert.deepEqual([device.bytesInUse, device.allocations], [1000, 3]);
});

test("a request for more than there is an OutOfMemoryError, and leaves the rest as it was", async () => {
  for (const threads of [1, 2]) {
    await using device = await openWasm({ threads });
    assert.throws(() => device.alloc(5e9), OutOfMemoryError);
    device.alloc(1e9);
    assert.throws(() => device.alloc(4e9), {
      name: "OutOfMemoryError",
      message: /^wasm: got a request for 4000000000 bytes with 1000\d+ in use, but it takes at most 4294967296 bytes/,
    });
    device.alloc(1e9);
  }
});

test("what asks for more scratch memory than there is leaves that of other lists to them", async () => {
  await using device = await openWasm({ threads: 1 });
  const [executable] = await device.compile([who("scratch")]);
  const out = device.alloc(4);
  const args = Float64Array.of(out.address, 1);
  const list = device.prepare([{ executable, args, kinds: ["pointer", "int32"], items: 1 }], 128);
  const whereabouts = async (): Promise<number> => {
    list.run();
    return new Int32Array((await device.read(out, 0, 4)).buffer)[0];
  };
  const before = await whereabouts();
  assert.throws(() => device.prepare([], 5e9), OutOfMemoryError);
  assert.equal(await whereabouts(), before);
});

test("kernels work on addresses above 2 GiB", async () => {
  await using device = await openWasm({ threads: 2 });
  const [program] = await device.compile([step("high", 0)]);
  const hole = device.alloc(2 ** 31);
  const pair = [device.alloc(1024), device.alloc(1024)] as const;
  assert.ok(pair[0].address > 2 ** 31);
  device.free(hole);
  put(device, pair[0], new Float32Array(256).fill(8));
  const list = device.prepare([command(program, 256, pair)], 0);
  list.run();
  await allStarted(device);
  list.run();
  assert.deepEqual(await floats(device, pair[1]), new Float32Array(256).fill(5));
});

test("a list runs with the values that its arguments have then", async () => {
  await using device = await openWasm({ threads: 1 });
  const [n, f, d] = [reg(1, "int32"), reg(2, "float32"), reg(3, "float64")];
  const ptr = reg(0);
  const body: Ins[] = [
    { op: "param", dst: ptr, slot: 0 },
    { op: "param", dst: n, slot: 1 },
    { op: "param", dst: f, slot: 2 },
    { op: "param", dst: d, slot: 3 },
    { op: "store", src: n, ptr, offset: 0, stride: 0, to: "int32" },
    { op: "store", src: f, ptr, offset: 4, stride: 0, to: "float32" },
    { op: "store", src: d, ptr, offset: 8, stride: 0, to: "float64" },
  ];
  const [executable] = await device.compile([{ name: "kinds", body }]);
  const out = device.alloc(16);
  const args = Float64Array.of(out.address, -7, 0.1, Math.PI);
  const list = device.prepare([{ executable, args, kinds: ["pointer", "int32", "float32", "float64"], items: 1 }], 0);
  list.run();
  const view = new DataView((await device.read(out, 0, 16)).buffer);
  assert.deepEqual(
    [view.getInt32(0, true), view.getFloat32(4, true), view.getFloat64(8, true)],
    [-7, Math.fround(0.1), Math.PI],
  );
  args[1] = 2 ** 31 - 1;
  list.run();
  assert.deepEqual((await device.read(out, 0, 4)).join(), "255,255,255,127");
});

test("a thousand runs leave the same bytes with 1, 2 and 4 threads", async () => {
  const results: string[] = [];
  for (const threads of [1, 2, 4]) {
    await using device = await openWasm({ threads });
    const [same, shifted, late] = await device.compile([step("same", 0), step("shifted", 1), scratchy]);
    const [a, b, c] = [260, 260, 256].map((bytes) => device.alloc(bytes));
    for (const buffer of [a, b])
      put(
        device,
        buffer,
        Float32Array.from({ length: 65 }, (_, i) => i / 7),
      );
    put(device, c, new Int32Array(64));
    // Each phase reads what other items of the one before have written.
    const list = device.prepare(
      [
        command(same, 64, [a, b], 3, 0.9),
        command(shifted, 64, [b, a], 20, 0.99),
        command(same, 1, [b, a]),
        command(same, 65, [a, b], 2, -0.7),
        { executable: late, args: Float64Array.of(c.address, 300), kinds: ["pointer", "int32"], items: 64 },
        command(shifted, 64, [b, a], 5, 0.8),
      ],
      128,
    );
    list.run();
    if (threads > 1) await allStarted(device);
    for (let i = 1; i < 1000; i++) list.run();
    const bytes = await Promise.all([a, b, c].map((buffer) => device.read(buffer, 0, buffer.bytes)));
    results.push(bytes.map(hex).join(" "));
    const sums = new Int32Array(bytes[2].buffer);
    sums.forEach((sum, i) => void assert.equal(sum, 1000 * i, "each item was done once a run, in its own scratch"));
  }
  assert.equal(results[1], results[0]);
  assert.equal(results[2], results[0]);
});

test("every thread takes a part, and learns kernels that are compiled after it has started", async () => {
  await using device = await openWasm({ threads: 3 });
  const out = device.alloc(4 * 64);
  for (let round = 0; round < 3; round++) {
    const [executable] = await device.compile([who(`who${round}`)]);
    const args = Float64Array.of(out.address, 10_000);
    const list = device.prepare([{ executable, args, kinds: ["pointer", "int32"], items: 64 }], 128);
    list.run();
    await allStarted(device);
    const seen = new Set<number>();
    for (let i = 0; i < 1000 && seen.size < 3; i++) {
      list.run();
      for (const address of new Int32Array((await device.read(out, 0, out.bytes)).buffer)) seen.add(address);
    }
    const addresses = [...seen].sort((a, b) => a - b);
    assert.equal(addresses.length, 3);
    assert.deepEqual([addresses[1] - addresses[0], addresses[2] - addresses[1]], [128, 128]);
  }
});

test("more items than a phase has chunks are each done once", async () => {
  await using device = await openWasm({ threads: 3 });
  const [executable] = await device.compile([scratchy]);
  for (const items of [2, 1022, 1023, 1024, 2047, 10_007]) {
    const out = device.alloc(4 * items);
    put(device, out, new Int32Array(items));
    const list = device.prepare(
      [{ executable, args: Float64Array.of(out.address, 3), kinds: ["pointer", "int32"], items }],
      128,
    );
    list.run();
    await allStarted(device);
    for (let i = 0; i < 9; i++) list.run();
    const sums = new Int32Array((await device.read(out, 0, out.bytes)).buffer);
    assert.ok(sums.every((sum, i) => sum === 10 * i));
  }
});

test("no worker is started for kernels of one item", async () => {
  await using device = await openWasm({ threads: 4 });
  const [program] = await device.compile([step("one", 0)]);
  const pair = [device.alloc(4), device.alloc(4)] as const;
  device.prepare([command(program, 1, pair), command(program, 1, pair)], 0).run();
  assert.equal(device.workers.length, 0);
  device.prepare([command(program, 2, pair)], 0);
  assert.equal(device.workers.length, 3);
});

test("kernels that are compiled while workers run, and after memory has grown, reach them", async () => {
  await using device = await openWasm({ threads: 2 });
  const pair = [device.alloc(1024), device.alloc(1024)] as const;
  put(device, pair[0], new Float32Array(256).fill(8));
  for (let round = 0; round < 30; round++) {
    const programs = await device.compile([step(`a${round}`, 0), step(`b${round}`, 0)]);
    const list = device.prepare(
      programs.map((p) => command(p, 256, pair, 1 + round)),
      0,
    );
    if (round === 0) await allStarted(device);
    if (round % 10 === 9) device.alloc(100_000_000);
    const fresh = [device.alloc(1024), device.alloc(1024)] as const;
    put(device, fresh[0], new Float32Array(256).fill(8));
    const high = device.prepare([command(programs[1], 256, fresh, 1)], 0);
    for (let i = 0; i < 20; i++) {
      list.run();
      high.run();
    }
    assert.deepEqual(await floats(device, fresh[1]), new Float32Array(256).fill(5));
    const expected = 6 * 0.5 ** (1 + round) + 2;
    assert.deepEqual(await floats(device, pair[1]), new Float32Array(256).fill(expected));
    list.dispose();
  }
});

test("a kernel that fails is an error on the caller's side, and the next list runs", async () => {
  for (const threads of [1, 2, 4]) {
    await using device = await openWasm({ threads });
    const [good, bad] = await device.compile([step("good", 0), trap]);
    const pair = [device.alloc(256), device.alloc(256)] as const;
    put(device, pair[0], new Float32Array(64).fill(8));
    const which = Float64Array.of(0);
    const failing = device.prepare([{ executable: bad, args: which, kinds: ["int32"], items: 64 }], 0);
    const working = device.prepare([command(good, 64, pair)], 0);
    working.run();
    if (threads > 1) await allStarted(device);
    for (let i = 0; i < 200; i++) {
      which[0] = (i * 37) % 64;
      assert.throws(() => failing.run(), /^Error: wasm: trap failed: memory access out of bounds$/);
      put(device, pair[1], new Float32Array(64));
      working.run();
      assert.deepEqual(await floats(device, pair[1]), new Float32Array(64).fill(5));
    }
    which[0] = -1;
    failing.run();
  }
});

test("without its workers, all of them killed, a device does the work itself", async () => {
  await using device = await openWasm({ threads: 3 });
  const [program] = await device.compile([step("alone", 0)]);
  const pair = [device.alloc(256), device.alloc(256)] as const;
  put(device, pair[0], new Float32Array(64).fill(8));
  const list = device.prepare([command(program, 64, pair, 100, 0.5)], 0);
  list.run();
  await allStarted(device);
  list.run();
  await Promise.all(device.workers.map((worker) => worker.terminate()));
  put(device, pair[1], new Float32Array(64));
  for (let i = 0; i < 100; i++) list.run();
  assert.deepEqual(await floats(device, pair[1]), new Float32Array(64).fill(2));
});

test("lists come and go while workers linger, and memory that was theirs is nobody's", async () => {
  await using device = await openWasm({ threads: 4 });
  const [program] = await device.compile([step("brief", 0)]);
  const pair = [device.alloc(256), device.alloc(256)] as const;
  put(device, pair[0], new Float32Array(64).fill(8));
  for (let i = 0; i < 3000; i++) {
    const items = 2 + (i % 63);
    const list = device.prepare(
      [command(program, items, pair, 1 + (i % 4)), command(program, 64, pair, 2)],
      64 * (i % 5),
    );
    if (i === 0) await allStarted(device);
    list.run();
    list.dispose();
    assert.throws(() => list.run(), /disposed/);
    // What was the list's is overwritten: nobody may take work from it.
    const garbage = device.alloc(64);
    device.write(garbage, 0, new Uint8Array(64).fill(i));
    device.free(garbage);
  }
  assert.deepEqual(await floats(device, pair[1]), new Float32Array(64).fill(3.5));
  assert.equal(device.bytesInUse, 512);
});

test("a list runs on its caller alone after the device is closed", async () => {
  const device = await openWasm({ threads: 2 });
  const [program] = await device.compile([step("closed", 0)]);
  const pair = [device.alloc(256), device.alloc(256)] as const;
  put(device, pair[0], new Float32Array(64).fill(8));
  const list = device.prepare([command(program, 64, pair)], 0);
  list.run();
  const closed = device[Symbol.asyncDispose]();
  list.run();
  await closed;
  assert.deepEqual(await floats(device, pair[1]), new Float32Array(64).fill(5));
});

test("workers do not keep a process alive, and TSUMIKI_THREADS says how many there are", () => {
  const script = `
    const { openWasm } = await import(${JSON.stringify(new URL("../../src/device/wasm.ts", import.meta.url).href)});
    const device = await openWasm();
    const [program] = await device.compile([{ name: "nothing", body: [] }]);
    device.prepare([{ executable: program, args: new Float64Array(0), kinds: [], items: 100 }], 0).run();
    console.log(device.threads, device.workers.length);`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    env: { ...process.env, TSUMIKI_THREADS: "3" },
    encoding: "utf8",
    timeout: 20_000,
  });
  assert.equal(stderr, "");
  assert.equal(stdout, "3 2\n");
  assert.equal(status, 0);
});

test("a number of threads that is none is refused", async () => {
  for (const threads of [0, 1.5, 65, NaN]) await assert.rejects(openWasm({ threads }), ValueError);
});

test("twenty small kernels are replayed within microseconds", async (t) => {
  await using device = await openWasm({ threads: 2 });
  const programs = await device.compile(Array.from({ length: 20 }, (_, i) => step(`tiny${i}`, 0)));
  const pair = [device.alloc(256), device.alloc(256)] as const;
  const best = (items: number): number => {
    const list = device.prepare(
      programs.map((p) => command(p, items, pair)),
      0,
    );
    let least = Infinity;
    for (let i = 0; i < 3000; i++) {
      const start = performance.now();
      list.run();
      least = Math.min(least, performance.now() - start);
    }
    return 1000 * least;
  };
  const single = best(1);
  t.diagnostic(`20 kernels of 1 item: ${single.toFixed(1)} µs a run`);
  best(64);
  await allStarted(device);
  t.diagnostic(`20 phases of 64 items on 2 threads: ${best(64).toFixed(1)} µs a run`);
  assert.ok(single < 50, "ten times what it takes where nothing else runs");
});
