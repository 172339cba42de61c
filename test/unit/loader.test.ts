/** Data sets, loaders and transforms. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import {
  ArrayDataset,
  DataLoader,
  type Dataset,
  digitsDataset,
  type Example,
  HostRandom,
  normalize,
  randomFlip,
  randomShift,
  shuffled,
  split,
  statistics,
} from "../../src/data/index.ts";
import { DTypeError, ShapeError, ValueError } from "../../src/errors.ts";
import { ones, seed, type Tensor } from "../../src/tensor.ts";
import { use } from "../helpers/devices.ts";
import { says } from "../helpers/errors.ts";

/** Examples 0 … n − 1, whose x is [i, 2i] and whose y is i mod 3. */
function numbered(n: number): ArrayDataset {
  return new ArrayDataset({
    x: { data: Float32Array.from({ length: 2 * n }, (_, i) => (i >> 1) * (1 + (i % 2))), shape: [2] },
    y: { data: Uint8Array.from({ length: n }, (_, i) => i % 3), dtype: "int32" },
  });
}
const list = async (x: Tensor): Promise<number[]> => [...(await x.data())];
/** The first number of each example, batch by batch. */
async function epoch(loader: DataLoader): Promise<number[][]> {
  const batches: number[][] = [];
  for await (const { x } of loader) batches.push(await list(x.select(1, 0)));
  return batches;
}
const sorted = (batches: number[][]): number[] => batches.flat().sort((a, b) => a - b);
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

describe("a loader", () => {
  before(() => use("wasm"));

  test("gives batches in order, the last of which may be smaller, or is dropped", async () => {
    const loader = new DataLoader(numbered(5), { batchSize: 2 });
    assert.equal(loader.length, 3);
    assert.deepEqual(await epoch(loader), [[0, 1], [2, 3], [4]]);
    assert.deepEqual(await epoch(loader), [[0, 1], [2, 3], [4]]);
    const dropping = new DataLoader(numbered(5), { batchSize: 2, dropLast: true });
    assert.deepEqual(
      [dropping.length, await epoch(dropping)],
      [
        2,
        [
          [0, 1],
          [2, 3],
        ],
      ],
    );
    for await (const { x, y } of loader) {
      assert.deepEqual([x.dtype, y.dtype, x.shape, y.shape], ["float32", "int32", [2, 2], [2]]);
      break;
    }
  });

  test("shuffles each epoch anew, by its seed", async () => {
    const make = (): DataLoader => new DataLoader(numbered(50), { batchSize: 8, shuffle: true, seed: 3 });
    const [a, b] = [make(), make()];
    const [first, second] = [await epoch(a), await epoch(a)];
    assert.deepEqual([await epoch(b), await epoch(b)], [first, second]);
    assert.notDeepEqual(first, second);
    assert.deepEqual(sorted(first), upTo(50));
    const other = new DataLoader(numbered(50), { batchSize: 8, shuffle: true, seed: 4 });
    assert.notDeepEqual(await epoch(other), first);
  });

  test("without a seed depends on seed()", async () => {
    const make = async (): Promise<number[][]> => {
      seed(11);
      return epoch(new DataLoader(numbered(20), { shuffle: true }));
    };
    assert.deepEqual(await make(), await make());
  });

  test("goes on in the middle of an epoch from its state, with the same batches", async () => {
    const make = (): DataLoader => new DataLoader(numbered(20), { batchSize: 3, shuffle: true, seed: 1 });
    const whole = make();
    await epoch(whole);
    const wanted = [...(await epoch(whole)), ...(await epoch(whole))];
    const first = make();
    await epoch(first);
    let state = first.state;
    const seen: number[][] = [];
    for await (const { x } of first) {
      seen.push(await list(x.select(1, 0)));
      state = first.state;
      if (seen.length === 4) break;
    }
    assert.deepEqual(state, { epoch: 1, batch: 4 });
    assert.deepEqual(first.state, { epoch: 2, batch: 0 }); // a loop that is left ends its epoch
    const second = make();
    second.state = state;
    seen.push(...(await epoch(second)), ...(await epoch(second)));
    assert.deepEqual(seen, wanted);
    assert.throws(() => {
      second.state = { epoch: 0, batch: 99 };
    }, ValueError);
  });

  test("makes batches that later ones do not overwrite, and prepares one ahead", async () => {
    const asked: number[] = [];
    const inner = numbered(6);
    const dataset: Dataset = {
      length: 6,
      async batch(indices, draw) {
        asked.push(indices[0]);
        return inner.batch(indices, draw);
      },
    };
    const kept: Tensor[] = [];
    for await (const { x } of new DataLoader(dataset, { batchSize: 2 })) {
      kept.push(x);
      assert.deepEqual(asked, [0, 2, 4].slice(0, kept.length + 1));
    }
    assert.deepEqual(await Promise.all(kept.map((x) => list(x.select(1, 0)))), [
      [0, 1],
      [2, 3],
      [4, 5],
    ]);
  });

  test("passes on the error of a data set when its batch is asked for, and not before", async () => {
    const inner = numbered(6);
    const dataset: Dataset = {
      length: 6,
      async batch(indices, draw) {
        if (indices[0] === 2) throw new Error("unreadable");
        return inner.batch(indices, draw);
      },
    };
    const loader = new DataLoader(dataset, { batchSize: 2 });
    for await (const _ of loader) break; // the batch ahead has failed, and nobody needs it
    let seen = 0;
    await assert.rejects(async () => {
      for await (const _ of loader) seen++;
    }, /unreadable/);
    assert.equal(seen, 1);
  });

  test("lets timers run in a loop that awaits nothing slow", async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    const start = performance.now();
    for await (const _ of new DataLoader(numbered(4000), { batchSize: 1 })) {
      const until = performance.now() + 0.02;
      while (performance.now() < until);
    }
    clearInterval(timer);
    assert.ok(ticks > 2, `${ticks} ticks in ${performance.now() - start} ms`);
  });

  test("OPT-10, DATA-20, OPT-15: batches of no size, and no batch", () => {
    for (const batchSize of [0, -1, 1.5, Number.NaN]) {
      assert.throws(() => new DataLoader(numbered(4), { batchSize }), ValueError);
    }
    for (const options of [{}, { dropLast: false }, { dropLast: true }]) {
      says(
        "DataLoader: got 4 examples for batches of 5, but it takes enough for one batch. Use batchSize 4.",
        () => new DataLoader(numbered(4), { ...options, batchSize: 5 }),
      );
      says("DataLoader: got no examples, but it takes at least one. Check the data.", () => {
        new DataLoader(numbered(0), options);
      });
      const { length, batchSize } = new DataLoader(numbered(4), options);
      assert.deepEqual([length, batchSize], [1, 4], "nobody asked for 32");
    }
    assert.equal(new DataLoader(numbered(4), { batchSize: 4 }).length, 1);
    assert.throws(() => new DataLoader(numbered(4), { seed: -1 }), ValueError);
  });
});

describe("a data set", () => {
  before(() => use("wasm"));

  test("has columns of equally many whole examples", () => {
    const make = (x: number, y: number): unknown =>
      new ArrayDataset({ x: { data: new Float32Array(x), shape: [2] }, y: { data: new Uint8Array(y) } });
    assert.doesNotThrow(() => make(6, 3));
    for (const [x, y] of [
      [6, 2],
      [5, 2],
    ])
      assert.throws(() => make(x, y), ShapeError);
    assert.throws(() => new ArrayDataset({}), ShapeError);
  });

  test("has whole numbers from arrays of them, and the shape of nested arrays", async () => {
    const x = [
      [1, 2],
      [3, 4],
      [5, 6],
    ];
    for (const set of [
      new ArrayDataset({ x, y: Int32Array.of(0, 1, 2) }),
      new ArrayDataset({ x: { data: x }, y: { data: Int16Array.of(0, 1, 2) } }),
      new ArrayDataset({ x: { data: x.flat(), shape: [2] }, y: { data: [0, 1, 2], dtype: "int32" } }),
    ]) {
      const batch = set.batch(Uint32Array.of(2, 0), { seed: 0, epoch: 0 });
      assert.deepEqual([batch.x.dtype, await batch.x.toArray()], ["float32", [x[2], x[0]]]);
      assert.deepEqual([batch.y.dtype, await batch.y.toArray()], ["int32", [2, 0]]);
    }
    const bytes = new ArrayDataset({ x: { data: Uint8Array.of(255) }, y: { data: [0] } });
    assert.equal(bytes.batch(Uint32Array.of(0), { seed: 0, epoch: 0 }).x.dtype, "float32");
  });

  test("says in which form it takes a column", () => {
    const of = (x: unknown): unknown => new ArrayDataset({ x: x as number[] });
    const error = (message: string): object => ({ message: `ArrayDataset: ${message}` });
    assert.throws(
      () => of(ones([2, 2])),
      error(
        'got a tensor as "x", but it takes elements in host memory. ' +
          "Write { data: await x.data(), shape: x.shape.slice(1), dtype: x.dtype }.",
      ),
    );
    const want = "but it takes the elements of all examples, in an array of numbers. Write { data, shape, dtype }.";
    assert.throws(() => of(3), error(`got 3 as "x", ${want}`));
    assert.throws(() => of(undefined), error(`got undefined as "x", ${want}`));
    assert.throws(() => of(Promise.resolve([])), error(`got a promise as "x", ${want}`));
    assert.throws(
      () => of([[1, 2], [3]]),
      error('got 1 elements in "x", but it takes 2 elements there, as before it. Make all examples equally large.'),
    );
    assert.throws(() => of({ data: [1], dtype: "int64" }), DTypeError);
    assert.throws(() => of({ data: [1], shapes: [1] }), /Did you mean "shape"\?$/);
  });

  test("of digits has normalized images and whole labels", async () => {
    const digits = { images: Uint8Array.of(0, 255, 51, 0, 0, 0, 0, 255), labels: Uint8Array.of(7, 2), count: 2 };
    const set = digitsDataset({ ...digits, rows: 2, cols: 2 });
    const { x, y } = set.batch(Uint32Array.of(1, 0), { seed: 0, epoch: 0 });
    assert.deepEqual(
      [x.shape, await list(y)],
      [
        [2, 1, 2, 2],
        [2, 7],
      ],
    );
    const [black, white] = [(0 - 0.1307) / 0.3081, (1 - 0.1307) / 0.3081];
    const got = await list(x);
    [black, black, black, white, black, white, (0.2 - 0.1307) / 0.3081, black].forEach((v, i) => {
      assert.ok(Math.abs(got[i] - v) < 1e-6);
    });
    const flat = digitsDataset({ ...digits, rows: 2, cols: 2 }, { flat: true });
    assert.deepEqual(flat.batch(Uint32Array.of(0), { seed: 0, epoch: 0 }).x.shape, [1, 4]);
  });

  test("is split by fractions, at random, into parts that share nothing", async () => {
    const parts = split(numbered(10), [0.7, 0.3], { seed: 5 });
    assert.deepEqual(
      parts.map((p) => p.length),
      [7, 3],
    );
    assert.deepEqual(sorted(parts.map((p) => [...p.indices])), upTo(10));
    assert.deepEqual(split(numbered(10), [0.7, 0.3], { seed: 5 }), parts);
    const { x } = await parts[1].batch(Uint32Array.of(0), { seed: 0, epoch: 0 });
    assert.equal((await list(x))[0], parts[1].indices[0]);
    const labels = Uint8Array.from({ length: 100 }, (_, i) => Number(i < 90));
    const [, small] = split(numbered(100), [0.8, 0.2], { stratify: labels });
    assert.equal([...small.indices].filter((i) => labels[i] === 0).length, 2);
  });

  test("is asked for where something else is given", () => {
    const says = (f: () => unknown, message: string): void => assert.throws(f, { name: "ValueError", message });
    says(
      () => new DataLoader(Promise.resolve(numbered(2)) as never),
      "DataLoader: got a promise in the place of the data set, but it takes an object with length and batch(). Await it.",
    );
    says(
      () => new DataLoader([1, 2] as never),
      "DataLoader: got [1,2] in the place of the data set, but it takes an object with length and batch(). " +
        "Pass new ArrayDataset({ x, y }), for example.",
    );
    says(
      () => digitsDataset(Promise.resolve() as never),
      "digitsDataset: got a promise, but it takes images and labels. Await it.",
    );
    says(
      () => digitsDataset({ train: {}, test: {} } as never),
      "digitsDataset: got { train, test }, but it takes images and labels. Pass its train or its test.",
    );
    says(
      () => split(numbered(2000), [1600, 400]),
      "split: got [1600,400], but it takes fractions, such as [0.8, 0.2]. Write [0.8, 0.2].",
    );
    says(
      () => split(numbered(10), 0.8 as never),
      "split: got 0.8, but it takes fractions, such as [0.8, 0.2]. Write [0.8, 0.2].",
    );
  });

  test("DATA-20: fractions that do not add up, parts without examples", () => {
    for (const fractions of [[0.9, 0.2], [1, 0], [Number.NaN, 1], [-0.5, 1.5], []]) {
      assert.throws(() => split(numbered(10), fractions), ValueError, `${fractions}`);
    }
    assert.throws(() => split(numbered(2), [0.9, 0.1]), ValueError);
    assert.throws(() => split(numbered(3), [0.5, 0.5], { stratify: [0, 0, 1] }), ValueError);
    assert.throws(() => split(numbered(3), [0.5, 0.5], { stratify: [0, 0] }), ValueError);
  });
});

describe("transforms", () => {
  before(() => use("wasm"));

  const example = (data: number[], shape: number[], stream = 0): Example => ({
    data: Float32Array.from(data),
    shape,
    random: new HostRandom(1, 0, stream),
  });

  test("normalize channel by channel", () => {
    const e = example([1, 2, 3, 4], [2, 2]);
    normalize([1, 3], [1, 2])(e);
    assert.deepEqual([...e.data], [0, 1, 0, 0.5]);
    assert.throws(() => normalize([1, 2, 3], 1)(example([1, 2], [2])), ValueError);
    assert.throws(() => normalize(0, 0), ValueError);
  });

  test("shift and flip at random, by the example's own numbers", () => {
    const image = [1, 2, 3, 4, 5, 6, 7, 8, 9];
    const shifts = new Set<string>();
    const flips = new Set<string>();
    for (let i = 0; i < 100; i++) {
      const [shift, again, flip] = [example(image, [3, 3], i), example(image, [3, 3], i), example(image, [3, 3], i)];
      randomShift(1)(shift);
      randomShift(1)(again);
      assert.deepEqual(shift.data, again.data);
      shifts.add([...shift.data].join());
      randomFlip()(flip);
      flips.add([...flip.data].join());
    }
    assert.equal(shifts.size, 9);
    assert.ok(shifts.has("0,0,0,0,1,2,0,4,5") && shifts.has("5,6,0,8,9,0,0,0,0"));
    assert.deepEqual([...flips].sort(), ["1,2,3,4,5,6,7,8,9", "3,2,1,6,5,4,9,8,7"]);
  });

  test("are drawn anew in each epoch, and the same whatever order examples come in", async () => {
    const data = Float32Array.from({ length: 40 * 9 }, (_, i) => (i % 9) + 1);
    const set = new ArrayDataset({ x: { data, shape: [3, 3], transforms: [randomShift(1)] }, y: { data: upTo(40) } });
    const of = async (order: number[], epoch: number): Promise<number[]> =>
      list(set.batch(Uint32Array.from(order), { seed: 2, epoch }).x);
    const [forward, backward] = [await of(upTo(40), 0), await of(upTo(40).reverse(), 0)];
    for (let i = 0; i < 40; i++)
      assert.deepEqual(forward.slice(9 * i, 9 * i + 9), backward.slice(9 * (39 - i), 9 * (40 - i)));
    assert.notDeepEqual(await of(upTo(40), 1), forward);
  });

  test("DATA-13 statistics of columns; a constant one gets a deviation of 1", () => {
    assert.deepEqual(statistics([1, 5, 3, 5], 2), { mean: [2, 5], std: [1, 1] });
    for (const value of [0.1, 1 / 3, 1234.567, -1e300]) {
      for (let count = 1; count < 30; count++) {
        const rows = Array<number>(count).fill(value);
        assert.deepEqual(statistics(rows, 1), { mean: [value], std: [1] }, `${count} times ${value}`);
      }
    }
    const constant = example([0.1, 0.1], [1, 2]);
    normalize(constant.data[0], 1)(constant);
    assert.deepEqual([...constant.data], [0, 0]);
    assert.throws(() => statistics([1, 2, 3], 2), ValueError);
    assert.throws(() => statistics([], 2), ValueError);
  });

  test("a stream is shuffled through a buffer; DATA-20: not through one of size 0", async () => {
    const take = async (size: number): Promise<number[]> => {
      const items: number[] = [];
      for await (const item of shuffled(upTo(30), size, new HostRandom(9))) items.push(item);
      return items;
    };
    const mixed = await take(8);
    assert.notDeepEqual(mixed, upTo(30));
    assert.deepEqual(
      mixed.toSorted((a, b) => a - b),
      upTo(30),
    );
    assert.deepEqual(await take(8), mixed);
    assert.deepEqual(await take(1), upTo(30));
    assert.equal(new Set(await take(100)).size, 30);
    for (const size of [0, -1, Number.NaN]) {
      assert.throws(() => shuffled(upTo(3), size, new HostRandom(9)), ValueError, "at the call");
    }
  });
});
