/** The x64 device: memory, command lists, and threads. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import type { Ins } from "../../src/compile/vector-ir.ts";
import { openNative, systemOf } from "../../src/device/native.ts";
import { openX64, type X64Device } from "../../src/device/x64.ts";
import { featuresOf, isPermitted, tilesOf } from "../../src/device/x64-abilities.ts";
import { CodePages } from "../../src/device/x64-memory.ts";
import { features } from "../../src/emit/x64-control.ts";
import { DeviceError, OutOfMemoryError, ValueError } from "../../src/errors.ts";
import { command, floats, hex, put, reg, scratchy, step, who } from "../helpers/device-programs.ts";
import { devices } from "../helpers/devices.ts";

const skip = devices.includes("x64") ? false : "x64 does not open here";

/** Waits until all workers run, so that a test is one of threads. */
async function allStarted(device: X64Device): Promise<void> {
  for (let i = 0; i < 1000 && device.startedWorkers < device.threads - 1; i++)
    await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(device.startedWorkers, device.threads - 1);
}

/** What a process of its own prints, with the device's module as `openX64`. */
function print(
  script: string,
  env: Record<string, string | undefined> = {},
): { stdout: string; stderr: string; status: number | null } {
  const module = JSON.stringify(new URL("../../src/device/x64.ts", import.meta.url).href);
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ["--input-type=module", "-e", `const { openX64 } = await import(${module});\n${script}`],
    { env: { ...process.env, ...env }, encoding: "utf8", timeout: 20_000 },
  );
  return { stdout, stderr, status };
}

describe("x64 device", { skip }, () => {
  test("bytes that are written are read, as a copy, and memory grows under them", async () => {
    await using device = await openX64({ threads: 1 });
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
    assert.throws(() => device.write(small, 12, new Uint8Array(8)), /x64: 8 bytes at 12 are not inside/);
  });

  test("buffers are counted, and memory that is freed is used again", async () => {
    await using device = await openX64({ threads: 1 });
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

  test("a request for more than there is is an OutOfMemoryError, and leaves the rest as it was", async () => {
    await using device = await openX64({ threads: 1 });
    const free = device.maxBytes - 1e6;
    device.alloc(1e5);
    assert.throws(() => device.alloc(device.maxBytes), OutOfMemoryError);
    const most = device.alloc(free); // that is not touched
    assert.throws(() => device.alloc(1e6), {
      name: "OutOfMemoryError",
      message: /^x64: got a request for 1000000 bytes with \d+ in use, but it takes at most \d+ bytes in all/,
    });
    device.free(most);
    device.alloc(1e6);
  });

  test("what asks for more scratch memory than there is leaves that of other lists to them", async () => {
    await using device = await openX64({ threads: 1 });
    const [executable] = await device.compile([scratchy]);
    const out = device.alloc(64);
    const args = Float64Array.of(out.address, 1);
    const list = device.prepare([{ executable, args, kinds: ["pointer", "int32"], items: 1 }], 128);
    assert.throws(() => device.prepare([], device.maxBytes), OutOfMemoryError);
    const others = Array.from({ length: 8 }, () => device.alloc(1024));
    for (const other of others) put(device, other, new Int32Array(256).fill(-1));
    list.run();
    for (const other of others)
      assert.deepEqual(new Int32Array((await device.read(other, 0, 1024)).buffer), new Int32Array(256).fill(-1));
  });

  test("kernels work on addresses beyond 4 GiB of the first", async () => {
    await using device = await openX64({ threads: 1 });
    const [program] = await device.compile([step("high", 0)]);
    const low = device.alloc(1024);
    device.alloc(2 ** 32);
    const pair = [low, device.alloc(1024)] as const;
    assert.ok(pair[1].address - low.address > 2 ** 32);
    put(device, low, new Float32Array(256).fill(8));
    device.prepare([command(program, 256, pair)], 0).run();
    assert.deepEqual(await floats(device, pair[1]), new Float32Array(256).fill(5));
  });

  test("a list runs with the values that its arguments have then", async () => {
    await using device = await openX64({ threads: 1 });
    const [ptr, n, f, d] = [reg(0), reg(1, "int32"), reg(2, "float32"), reg(3, "float64")];
    const body: Ins[] = [
      ...[ptr, n, f, d].map((dst, slot): Ins => ({ op: "param", dst, slot })),
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

  test("a list without commands, and commands without items, do nothing", async () => {
    await using device = await openX64({ threads: 2 });
    const [program] = await device.compile([step("none", 0)]);
    const pair = [device.alloc(4), device.alloc(4)] as const;
    put(device, pair[1], Float32Array.of(7));
    device.prepare([], 0).run();
    device.prepare([command(program, 0, pair)], 0).run();
    assert.deepEqual(await floats(device, pair[1]), Float32Array.of(7));
  });

  test("a thousand runs leave the same bytes with 1, 2 and 4 threads", async () => {
    const all: string[] = [];
    for (const threads of [1, 2, 4]) {
      await using device = await openX64({ threads });
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
      await allStarted(device);
      for (let i = 1; i < 1000; i++) list.run();
      const bytes = await Promise.all([a, b, c].map((buffer) => device.read(buffer, 0, buffer.bytes)));
      all.push(bytes.map(hex).join(" "));
      const sums = new Int32Array(bytes[2].buffer);
      sums.forEach((sum, i) => void assert.equal(sum, 1000 * i, "each item was done once a run, in its own scratch"));
    }
    assert.equal(all[1], all[0]);
    assert.equal(all[2], all[0]);
  });

  test("every thread takes a part, and runs kernels that are compiled after it has started", async () => {
    await using device = await openX64({ threads: 3 });
    const out = device.alloc(4 * 64);
    for (let round = 0; round < 3; round++) {
      const [executable] = await device.compile([who(`who${round}`)]);
      const args = Float64Array.of(out.address, 30_000);
      const list = device.prepare([{ executable, args, kinds: ["pointer", "int32"], items: 64 }], 128);
      list.run();
      await allStarted(device);
      const seen = new Set<number>();
      for (let i = 0; i < 1000 && seen.size < 3; i++) {
        list.run();
        for (const address of new Int32Array((await device.read(out, 0, out.bytes)).buffer)) seen.add(address);
      }
      const addresses = [...seen].sort((p, q) => p - q);
      assert.equal(addresses.length, 3);
      assert.equal(addresses[1] - addresses[0], addresses[2] - addresses[1]);
    }
  });

  test("more items than a phase has chunks are each done once", async () => {
    await using device = await openX64({ threads: 3 });
    const [executable] = await device.compile([scratchy]);
    for (const items of [2, 1022, 1023, 1024, 2047, 10_007]) {
      const out = device.alloc(4 * items);
      put(device, out, new Int32Array(items));
      const args = Float64Array.of(out.address, 3);
      const list = device.prepare([{ executable, args, kinds: ["pointer", "int32"], items }], 128);
      list.run();
      await allStarted(device);
      for (let i = 0; i < 9; i++) list.run();
      const sums = new Int32Array((await device.read(out, 0, out.bytes)).buffer);
      assert.ok(sums.every((sum, i) => sum === 10 * i));
    }
  });

  test("no thread is started for kernels of one item", async () => {
    await using device = await openX64({ threads: 4 });
    const [program] = await device.compile([step("one", 0)]);
    const pair = [device.alloc(4), device.alloc(4)] as const;
    device.prepare([command(program, 1, pair), command(program, 1, pair)], 0).run();
    assert.equal(device.createdWorkers, 0);
    device.prepare([command(program, 2, pair)], 0);
    assert.equal(device.createdWorkers, 3);
  });

  test("lists come and go while workers linger, and memory that was theirs is nobody's", async () => {
    await using device = await openX64({ threads: 4 });
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

  test("workers that sleep are woken, and work is done without them too", async () => {
    await using device = await openX64({ threads: 3 });
    const [program] = await device.compile([step("sleepy", 0)]);
    const pair = [device.alloc(256), device.alloc(256)] as const;
    put(device, pair[0], new Float32Array(64).fill(8));
    const list = device.prepare([command(program, 64, pair, 20_000)], 0);
    for (let i = 0; i < 30; i++) {
      put(device, pair[1], new Float32Array(64));
      list.run();
      assert.deepEqual(await floats(device, pair[1]), new Float32Array(64).fill(2));
      await new Promise((resolve) => setTimeout(resolve, i % 7));
    }
  });

  test("a device that is closed has no threads any more, and refuses what would touch its memory", async () => {
    const device = await openX64({ threads: 2 });
    const [program] = await device.compile([step("closed", 0)]);
    const pair = [device.alloc(256), device.alloc(256)] as const;
    const list = device.prepare([command(program, 64, pair)], 0);
    list.run();
    await device[Symbol.asyncDispose]();
    await device[Symbol.asyncDispose]();
    assert.equal(device.createdWorkers, 0);
    assert.throws(() => list.run(), /the device is closed/);
    assert.throws(() => device.write(pair[0], 0, new Uint8Array(4)), /the device is closed/);
    await assert.rejects(device.read(pair[0], 0, 4), /the device is closed/);
    list.dispose();
  });

  test("threads do not keep a process alive, and TSUMIKI_THREADS says how many there are", () => {
    const script = `
      const device = await openX64();
      const [program] = await device.compile([{ name: "nothing", body: [] }]);
      device.prepare([{ executable: program, args: new Float64Array(0), kinds: [], items: 100 }], 0).run();
      console.log(device.threads, device.createdWorkers);`;
    assert.deepEqual(print(script, { TSUMIKI_THREADS: "3" }), { stdout: "3 2\n", stderr: "", status: 0 });
  });

  test("code cannot be written, memory cannot be executed, and around memory is nothing", async () => {
    const native = await openNative();
    const code = new CodePages(native);
    const [first, second] = code.install([Uint8Array.of(0xc3), Uint8Array.of(0x90, 0xc3)]) as number[];
    assert.equal(second - first, 64);
    native.function(second)(0);
    await using device = await openX64({ threads: 1 });
    const { address } = device.alloc(64);
    const ranges = readFileSync("/proc/self/maps", "utf8")
      .split("\n")
      .map((line) => /^(\w+)-(\w+) (....)/.exec(line)?.slice(1) ?? ["0", "0", ""])
      .map(([start, end, access]) => ({ start: Number.parseInt(start, 16), end: Number.parseInt(end, 16), access }));
    const find = (at: number): number => ranges.findIndex(({ start, end }) => start <= at && at < end);
    assert.equal(ranges[find(first)].access, "r-xp");
    const around = ranges.slice(find(address) - 1, find(address) + 2).map(({ access }) => access);
    assert.deepEqual(around, ["---p", "rw-p", "---p"]);
    code.release();
  });

  test("a number of threads that is none is refused", async () => {
    for (const threads of [0, 1.5, 65, NaN]) await assert.rejects(openX64({ threads }), ValueError);
  });

  test("twenty small kernels are replayed within microseconds", async (t) => {
    await using device = await openX64({ threads: 2 });
    const programs = await device.compile(Array.from({ length: 20 }, (_, i) => step(`tiny${i}`, 0)));
    const pair = [device.alloc(256), device.alloc(256)] as const;
    const best = (items: number | null): number => {
      const commands = items === null ? [] : programs.map((p) => command(p, items, pair));
      const list = device.prepare(commands, 0);
      let least = Infinity;
      for (let i = 0; i < 3000; i++) {
        const start = performance.now();
        list.run();
        least = Math.min(least, performance.now() - start);
      }
      return 1000 * least;
    };
    t.diagnostic(`nothing: ${best(null).toFixed(2)} µs a run`);
    const single = best(1);
    t.diagnostic(`20 kernels of 1 item: ${single.toFixed(1)} µs a run`);
    best(64);
    await allStarted(device);
    t.diagnostic(`20 phases of 64 items on 2 threads: ${best(64).toFixed(1)} µs a run`);
    assert.ok(single < 50, "ten times what it takes where nothing else runs");
  });
});

test("a processor has what is used only if it has all of it, and the system saves its registers", () => {
  const bits = (...at: number[]): number => at.reduce((word, bit) => word | (1 << bit), 0);
  const words = [bits(5, 8, 16, 17, 30, 31), bits(12, 27, 28), bits(0, 1, 2, 5, 6, 7), bits(11), bits(5), 0];
  const tiles = { bfloat16: false, int8: false };
  const all = { avx2: true, avx512: true, bfloat16: true, int8: true, tiles };
  const none = { avx2: false, avx512: false, bfloat16: false, int8: false, tiles };
  const without = (word: number, bit: number): ReturnType<typeof features> =>
    features(words.map((w, i) => (i === word ? w & ~(1 << bit) : w)));
  assert.deepEqual(features(words), all);
  for (const [word, bit] of [0, 2].flatMap((w) => (w === 0 ? [16, 17, 30, 31] : [5, 6, 7]).map((b) => [w, b])))
    assert.deepEqual(without(word, bit), { ...none, avx2: true });
  for (const bit of [5, 8]) assert.deepEqual(without(0, bit), none);
  for (const bit of [12, 28]) assert.deepEqual(without(1, bit), none);
  for (const bit of [1, 2]) assert.deepEqual(without(2, bit), none);
  assert.deepEqual(without(3, 11), { ...all, int8: false });
  assert.deepEqual(without(4, 5), { ...all, bfloat16: false });
  assert.deepEqual(features([0, 0, 0, 0, 0, 0]), none);

  const amx = words.map((w, i) => [w, w, w | bits(17, 18), w, w, bits(22, 24, 25)][i]);
  const tilesWithout = (word: number, bit: number): unknown =>
    features(amx.map((w, i) => (i === word ? w & ~(1 << bit) : w))).tiles;
  assert.deepEqual(features(amx), { ...all, tiles: { bfloat16: true, int8: true } });
  for (const [word, bit] of [
    [5, 24],
    [2, 17],
    [2, 18],
    [2, 7],
  ])
    assert.deepEqual(tilesWithout(word, bit), tiles);
  for (const [word, bit] of [
    [5, 22],
    [4, 5],
  ])
    assert.deepEqual(tilesWithout(word, bit), { bfloat16: false, int8: true });
  for (const [word, bit] of [
    [5, 25],
    [3, 11],
  ])
    assert.deepEqual(tilesWithout(word, bit), { bfloat16: true, int8: false });
});

test("AMX is used for bfloat16 where it may be, for bytes if it is asked for, and not at all if TSUMIKI_AMX is 0", () => {
  const [able, yes, no] = [["bfloat16", "int8"] as const, () => true, () => false];
  const before = process.env["TSUMIKI_AMX"];
  try {
    delete process.env["TSUMIKI_AMX"];
    assert.deepEqual(tilesOf(able, undefined, yes), ["bfloat16"]);
    assert.deepEqual(tilesOf(able, true, yes), able);
    assert.deepEqual(
      tilesOf(able, false, () => assert.fail("nobody is asked")),
      [],
    );
    assert.deepEqual(tilesOf(able, undefined, no), []);
    assert.deepEqual(
      tilesOf(["int8"], undefined, () => assert.fail("nobody is asked")),
      [],
    );
    assert.throws(() => tilesOf(able, true, no), {
      message: /^device "x64": got no permission to use AMX, but it takes/,
    });
    assert.throws(() => tilesOf([], true, yes), {
      message: /^device "x64": got a processor without AMX, but it takes/,
    });
    process.env["TSUMIKI_AMX"] = "0";
    assert.deepEqual(
      tilesOf(able, undefined, () => assert.fail("nobody is asked")),
      [],
    );
    assert.deepEqual(tilesOf(able, true, yes), able);
  } finally {
    if (before === undefined) delete process.env["TSUMIKI_AMX"];
    else process.env["TSUMIKI_AMX"] = before;
  }
});

test("the system is asked for tiles, and says what the processor does", { skip }, async () => {
  const native = await openNative();
  const code = new CodePages(native);
  const { tiles } = featuresOf(native, code);
  const knows = /\bamx_tile\b/.test(readFileSync("/proc/cpuinfo", "utf8"));
  assert.equal(isPermitted(native, code), knows);
  if (!knows) assert.deepEqual(tiles, { bfloat16: false, int8: false });
  await using device = await openX64({ threads: 1 });
  assert.deepEqual(device.target.tiles, tiles.bfloat16 && process.env["TSUMIKI_AMX"] !== "0" ? ["bfloat16"] : []);
  await using without = await openX64({ threads: 1, amx: false });
  assert.deepEqual(without.target.tiles, []);
});

test("where machine code cannot run, a DeviceError says what to use instead", () => {
  const script = (lie: string): string => `${lie}
    try { await openX64(); } catch (error) { console.log(error.name + ": " + error.message); }`;
  const refuse = (lie: string): string => print(script(lie)).stdout;
  assert.equal(
    refuse('Object.defineProperty(process, "platform", { value: "plan9" });'),
    'DeviceError: device "x64": got plan9 on x64, but it takes Linux or macOS on x86-64. Use the device "wasm", which runs everywhere.\n',
  );
  assert.equal(
    refuse(`import { registerHooks } from "node:module";
      registerHooks({ resolve(name, context, next) { if (name === "koffi") throw Object.assign(new Error("not there"), { code: "ERR_MODULE_NOT_FOUND" }); return next(name, context); } });`),
    'DeviceError: device "x64": got no package koffi, but it takes it: "npm install koffi". Use the device "wasm", which runs everywhere.\n',
  );
  assert.equal(DeviceError.code, "DEVICE");
});

test("machine code is the default where it runs, and only who asks for it elsewhere is told that it does not", () => {
  const runtime = JSON.stringify(new URL("../../src/runtime/devices.ts", import.meta.url).href);
  const named = (lie: string, env: Record<string, string>): [string, string[]] => {
    const { stdout, stderr } = print(
      `${lie}
      const { currentDevice, defaultDevice, listDevices } = await import(${runtime});
      await defaultDevice();
      const { name } = await currentDevice();
      const all = (await listDevices()).map((d) => (d.isDefault ? d.name + "!" : d.name));
      console.log(name + ": " + all.join(" "));`,
      { TSUMIKI_DEVICE: undefined, NODE_NO_WARNINGS: "1", ...env },
    );
    return [stdout.trim(), stderr.split("\n").filter((line) => line !== "")];
  };
  const lie = 'Object.defineProperty(process, "arch", { value: "pdp11" });';
  assert.deepEqual(named(lie, {}), ["wasm: wasm! reference", []]);
  const [name, told] = named(lie, { TSUMIKI_DEVICE: "x64" });
  assert.equal(name, "wasm: wasm! reference");
  assert.equal(told.length, 1);
  assert.match(told[0], /^device "x64": got \w+ on pdp11, but it takes Linux or macOS on x86-64\./);
  // Windows falls back, and only who asks is told.
  const windows = 'Object.defineProperty(process, "platform", { value: "win32" });';
  assert.deepEqual(named(windows, {}), ["wasm: wasm! reference", []]);
  const [, toldThere] = named(windows, { TSUMIKI_DEVICE: "x64" });
  assert.match(
    toldThere.join("\n"),
    /^device "x64": got win32 on x64, but it takes Linux or macOS on x86-64\. Use the device "wasm"/,
  );
  // On macOS it has to be asked for, whether it would run or not.
  const mac = 'Object.defineProperty(process, "platform", { value: "darwin" });';
  assert.match(named(mac, {})[0], /^wasm: wasm! /);
  if (skip) return;
  assert.deepEqual(named("", {}), ["x64: wasm x64! reference", []]);
  assert.deepEqual(named("", { TSUMIKI_DEVICE: "x64" }), ["x64: wasm x64! reference", []]);
  assert.deepEqual(named("", { TSUMIKI_DEVICE: "wasm" }), ["wasm: wasm! x64 reference", []]);
});

test("macOS has its own numbers and no threads but the caller's; others have no machine code", () => {
  assert.deepEqual(systemOf("darwin", "x64"), {
    mapFlags: 0x1042,
    adviceLargePages: null,
    setSignalMask: 3,
    hasThreads: false,
  });
  assert.equal(systemOf("linux", "x64")?.hasThreads, true);
  for (const [platform, arch] of [
    ["win32", "x64"],
    ["darwin", "arm64"],
    ["linux", "arm64"],
  ])
    assert.equal(systemOf(platform, arch), null);
});
