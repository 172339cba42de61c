/** `CHECK=1`: what is out of bounds is found, and said of which kernel, argument and item; what is not, is not disturbed. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, test } from "node:test";
import { bounded } from "../../src/compile/bounded.ts";
import type { Ins, Program } from "../../src/compile/vector-ir.ts";
import { CheckedDevice } from "../../src/device/checked.ts";
import type { Buffer, Command, Device, Executable } from "../../src/device/device.ts";
import { openWasm } from "../../src/device/wasm.ts";
import { openX64 } from "../../src/device/x64.ts";
import { setDevice } from "../../src/runtime/devices.ts";
import { conv2d, maxPool2d, randn, seed, type Tensor } from "../../src/tensor.ts";
import { command, floats, put, reg, scratchy, step } from "../helpers/device-programs.ts";
import { devices, use } from "../helpers/devices.ts";

const open: Record<string, () => Promise<Device>> = {
  wasm: () => openWasm({ threads: 1 }),
  ...(devices.includes("x64") ? { x64: () => openX64({ threads: 2 }) } : {}),
};

/** A kernel that copies lanes from one buffer to another: all of them, those of a mask, or so many, so many bytes apart. */
function copying(lanes: number, stride: number, part: { mask?: boolean; count?: number } = {}): Program {
  const [from, to, value] = [reg(0), reg(1), reg(2, "float32", lanes)];
  const [index, four, mask] = [reg(3, "int32", lanes), reg(4, "int32", lanes), reg(5, "bool", lanes)];
  const zero = reg(6);
  const more = part.mask ? { mask } : part.count ? { count: part.count } : {};
  const body: Ins[] = [
    { op: "param", dst: from, slot: 0 },
    { op: "param", dst: to, slot: 1 },
    { op: "int", f: "sub", dst: zero, a: from, b: from },
    { op: "lanes", dst: index, a: zero, step: 1 },
    { op: "const", dst: four, value: 5 },
    { op: "alu", f: "lt", dst: mask, src: [index, four] },
    { op: "load", dst: value, ptr: from, offset: 0, stride, from: "float32", ...more },
    { op: "store", src: value, ptr: to, offset: 0, stride, to: "float32", ...more },
  ];
  return { name: "copying", body };
}

for (const [name, openDevice] of Object.entries(open))
  describe(`CHECK=1 on ${name}`, () => {
    const run = async (
      program: Program,
      sizes: readonly [number, number],
      make: (e: Executable, pair: readonly [Buffer, Buffer]) => Command,
    ): Promise<{ device: CheckedDevice; pair: readonly [Buffer, Buffer] }> => {
      const device = new CheckedDevice(await openDevice());
      const [executable] = await device.compile([program]);
      const pair = [device.alloc(sizes[0]), device.alloc(sizes[1])] as const;
      put(device, pair[0], new Float32Array(sizes[0] / 4).fill(8));
      device.prepare([make(executable, pair)], 1024).run();
      return { device, pair };
    };
    const copy = (executable: Executable, [a, b]: readonly [Buffer, Buffer], bytes?: readonly number[]): Command => ({
      executable,
      args: Float64Array.of(a.address, b.address),
      kinds: ["pointer", "pointer"],
      items: 1,
      ...(bytes ? { bytes } : {}),
    });
    const lanes = name === "wasm" ? 4 : 8;

    test("an access within bounds is made, and one outside is not, but reported", async () => {
      const { device, pair } = await run(step("fits", 0), [64, 64], (e, p) => command(e, 16, p));
      assert.deepEqual(await floats(device, pair[1]), new Float32Array(16).fill(5));
      const late = await run(step("late", 1), [64, 64], (e, p) => command(e, 16, p));
      await assert.rejects(
        late.device.read(late.pair[1], 0, 4),
        /^Error: check: late reached out of argument 1 in item 15$/,
      );
      const early = await run(step("early", -1), [64, 64], (e, p) => command(e, 4, p));
      await assert.rejects(early.device.read(early.pair[1], 0, 4), /early reached out of argument 1 in item 0/);
      const long = await run(step("long", 0), [64, 128], (e, p) => command(e, 17, p));
      await assert.rejects(long.device.read(long.pair[1], 0, 4), /long reached out of argument 0 in item 16/);
      for (const d of [device, late.device, early.device, long.device]) await d[Symbol.asyncDispose]();
    });

    test("what was said is said once", async () => {
      const { device, pair } = await run(step("once", 1), [64, 64], (e, p) => command(e, 16, p));
      await assert.rejects(device.read(pair[1], 0, 4), /once reached out/);
      assert.equal((await device.read(pair[1], 0, 4)).length, 4);
      await device[Symbol.asyncDispose]();
    });

    test("parts of vectors take no more than their lanes", async (t) => {
      if (name === "wasm") return t.skip("it has no parts of vectors");
      for (const [program, bytes] of [
        [copying(lanes, 4), 4 * lanes],
        [copying(lanes, 4, { mask: true }), 20],
        [copying(lanes, 12, { count: 3 }), 28],
        [copying(lanes, 12), 12 * (lanes - 1) + 4],
      ] as const) {
        const fits = await run(program, [256, 256], (e, p) => copy(e, p, [bytes, bytes]));
        assert.equal((await floats(fits.device, fits.pair[1]))[0], 8);
        const short = await run(program, [256, 256], (e, p) => copy(e, p, [bytes, bytes - 1]));
        await assert.rejects(short.device.read(short.pair[1], 0, 4), /copying reached out of argument 1 in item 0/);
        for (const d of [fits.device, short.device]) await d[Symbol.asyncDispose]();
      }
    });

    test("scratch memory has an end, too", async () => {
      const device = new CheckedDevice(await openDevice());
      const [executable] = await device.compile([scratchy]);
      const out = device.alloc(256);
      put(device, out, new Int32Array(64));
      const list = (bytes: number): Promise<Uint8Array> => {
        const args = Float64Array.of(out.address, 300);
        device.prepare([{ executable, args, kinds: ["pointer", "int32"], items: 64 }], bytes).run();
        return device.read(out, 0, 4);
      };
      await list(128);
      await assert.rejects(list(0), /reached out of its scratch memory in item \d+/);
      await device[Symbol.asyncDispose]();
    });

    test("arguments are checked before a launch", async () => {
      const device = new CheckedDevice(await openDevice());
      const [executable] = await device.compile([step("args", 0)]);
      const pair = [device.alloc(64), device.alloc(64)] as const;
      const wrong = (at: number, bytes: readonly number[] = []): void => {
        const c = command(executable, 16, pair);
        c.args[1] = at;
        device.prepare([{ ...c, bytes }], 0).run();
      };
      assert.throws(() => wrong(pair[1].address + 64), /argument 1 of args is an address of no buffer/);
      assert.throws(() => wrong(64), /argument 1 of args is an address of no buffer/);
      assert.throws(() => wrong(pair[1].address, [64, 65]), /argument 1 of args takes 65 bytes, of which not all/);
      device.free(pair[1]);
      assert.throws(() => wrong(pair[1].address), /argument 1 of args is an address of no buffer/);
      assert.throws(() => device.free(pair[1]), /free of a buffer that is not allocated/);
      await device[Symbol.asyncDispose]();
    });

    test("memory is NaN until it is written, and what lies between buffers is guarded", async () => {
      const inner = await openDevice();
      const device = new CheckedDevice(inner);
      const [a] = [device.alloc(64)];
      assert.ok((await floats(device, a)).every(Number.isNaN));
      // As wrong code of an emitter would write.
      inner.write({ address: a.address, bytes: 128 }, 64, Uint8Array.of(1));
      await assert.rejects(device.read(a, 0, 4), /behind a buffer of 64 bytes something was written/);
      await device[Symbol.asyncDispose]();
    });

    test("whole programs give the same bits as without", async () => {
      const work = async (): Promise<number[]> => {
        seed(7);
        const x = randn([2, 3, 9, 11]);
        const y = maxPool2d(conv2d(x, randn([5, 3, 3, 3])).relu(), 2).flatten(1);
        const z = y.matmul(randn([y.shape[1], 13])).softmax(-1);
        const parts: Tensor[] = [z.argmax(1).float(), z.sum(0), z.slice(1, { start: 1, step: 3 }).flip(0)];
        const values: number[] = [];
        for (const p of parts) values.push(...(await p.data()));
        return values;
      };
      const plain = await openDevice();
      const checked = new CheckedDevice(await openDevice());
      try {
        await setDevice(plain);
        const wanted = await work();
        await setDevice(checked);
        assert.deepEqual(await work(), wanted);
      } finally {
        await use("wasm");
        await plain[Symbol.asyncDispose]();
        await checked[Symbol.asyncDispose]();
      }
    });
  });

test("an address that could be of two arguments, or of none, is a bug of the compiler", () => {
  const [a, b, x] = [reg(0), reg(1), reg(2, "float32")];
  const body: Ins[] = [
    { op: "param", dst: a, slot: 0 },
    { op: "param", dst: b, slot: 1 },
    { op: "loop", count: 2, body: [{ op: "copy", dst: a, a: b }] },
  ];
  assert.throws(() => bounded({ name: "two", body }, 0), /r0 of two is an address of two things/);
  const load: Ins = { op: "load", dst: x, ptr: a, offset: 0, stride: 0, from: "float32" };
  const item: Ins = { op: "item", dst: a };
  assert.throws(() => bounded({ name: "none", body: [item, load] }, 0), /r0 of none is an address of nothing/);
});

test("CHECK=1 in the environment is all it takes", () => {
  const module = JSON.stringify(new URL("../../src/index.ts", import.meta.url).href);
  const runtime = JSON.stringify(new URL("../../src/runtime/devices.ts", import.meta.url).href);
  const script = `
    const { ones, setDevice } = await import(${module});
    const { currentDevice } = await import(${runtime});
    await setDevice("wasm");
    console.log((await currentDevice()).constructor.name, await ones([5]).sum().item());`;
  const print = (env: Record<string, string>): string =>
    spawnSync(process.execPath, ["--input-type=module", "-e", script], {
      env: { ...process.env, ...env },
      encoding: "utf8",
      timeout: 30_000,
    }).stdout;
  assert.equal(print({ CHECK: "1" }), "CheckedDevice 5\n");
  assert.equal(print({ CHECK: "0" }), "WasmDevice 5\n");
});
