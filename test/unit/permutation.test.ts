import assert from "node:assert/strict";
import { test } from "node:test";
import { permutation } from "../../src/data/permutation.ts";
import { ValueError } from "../../src/errors.ts";

test("every number comes once", () => {
  for (const count of [0, 1, 2, 3, 1000]) {
    const sorted = permutation(count, 1).toSorted();
    assert.deepEqual(
      sorted,
      Uint32Array.from({ length: count }, (_, i) => i),
    );
  }
});

test("a seed and a stream choose the order, on every machine the same", () => {
  assert.deepEqual([...permutation(10, 0)], [...permutation(10, 0)]);
  assert.notDeepEqual(permutation(10, 0), permutation(10, 1));
  assert.notDeepEqual(permutation(10, 0), permutation(10, 0, 1));
  assert.notDeepEqual(permutation(10, 1), permutation(10, 2 ** 32 + 1));
  assert.equal([...permutation(10, 0)].join(), "7,3,8,1,2,6,0,4,5,9");
});

test("each order is as likely as any other", () => {
  const counts = new Map<string, number>();
  const draws = 24_000;
  for (let seed = 0; seed < draws; seed++) {
    const order = permutation(4, seed).join();
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  const expected = draws / 24;
  const chiSquared = [...counts.values()].reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
  assert.equal(counts.size, 24);
  assert.ok(chiSquared < 49.7, `χ² = ${chiSquared}`); // 23 degrees of freedom: exceeded once in a thousand
});

test("counts, seeds and streams are whole numbers", () => {
  for (const [count, seed, stream] of [
    [-1, 0, 0],
    [1.5, 0, 0],
    [3, -1, 0],
    [3, Number.NaN, 0],
    [3, 2 ** 53, 0],
    [3, 0, 0.5],
  ]) {
    assert.throws(() => permutation(count, seed, stream), ValueError);
  }
});
