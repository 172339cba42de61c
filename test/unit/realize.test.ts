/** What is computed when, and what is left where something cannot be. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Buffer } from "../../src/device/device.ts";
import { openWasm } from "../../src/device/wasm.ts";
import { OutOfMemoryError } from "../../src/errors.ts";
import { currentDevice, setDevice } from "../../src/runtime/devices.ts";
import { jit, Parameter, realize, type Tensor, tensor } from "../../src/tensor.ts";
import { Tapped } from "../fuzz/device.ts";

/** A device that lends so many bytes at once. */
class Small extends Tapped {
  readonly lent = new Set<Buffer>();
  most = Number.POSITIVE_INFINITY;

  get bytes(): number {
    return [...this.lent].reduce((sum, { bytes }) => sum + bytes, 0);
  }
  override alloc(bytes: number): Buffer {
    if (this.bytes + bytes > this.most)
      throw new OutOfMemoryError({ in: "small", got: `${bytes} bytes`, want: "fewer", fix: "Ask for less" });
    const buffer = super.alloc(bytes);
    this.lent.add(buffer);
    return buffer;
  }
  override free(buffer: Buffer): void {
    assert.ok(this.lent.delete(buffer), "freed once");
    super.free(buffer);
  }
}

test("a loss that was left alone on another device stops nobody", async () => {
  await using first = await openWasm({ threads: 1 });
  await setDevice(first);
  const p = new Parameter(tensor([1, 2]));
  await p.realize();
  p.mul(3).sum().backward(); // keeps its value, which nothing asks for
  await using second = await openWasm({ threads: 1 });
  await setDevice(second);
  assert.deepEqual(await tensor([1, 2]).mul(2).toArray(), [2, 4]);
  await setDevice("wasm");
});

test("what lacks memory takes none, and what comes after it is computed", async () => {
  const before = await currentDevice();
  await using small = new Small(await openWasm({ threads: 1 }));
  await setDevice(small);
  const x = await tensor(new Float32Array(1000).fill(2), [1000]).realize();
  /** Results of 4 kB, by way of a product that is in memory meanwhile. */
  const make = (rows: number): Tensor[] => {
    const outer = x
      .reshape([1000, 1])
      .matmul(x.narrow(0, 0, rows).reshape([1, rows]))
      .cumsum(1)
      .cumsum(0);
    return [outer.sum(1), outer.max(1).values];
  };
  const three = jit((x: Tensor) => [x.mul(2), x.mul(3), x.mul(4)]);
  await realize(...make(10));
  for (const t of await three(x)) t.dispose();
  const lent = small.bytes;
  for (const more of [3000, 7000, 11_000, 100_000]) {
    small.most = lent + more;
    await assert.rejects(realize(...make(500)), OutOfMemoryError);
    small.most = small.bytes + Math.min(more, 11_000);
    await assert.rejects(three(x), OutOfMemoryError);
    assert.ok(small.bytes <= lent, `${small.bytes} of ${lent} bytes after a request for ${more} more`);
  }
  small.most = Number.POSITIVE_INFINITY;
  const [sum] = make(10);
  assert.equal((await sum.data())[0], 4 * 55);
  await setDevice(before);
});
