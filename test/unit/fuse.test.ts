/** What becomes a kernel, and what it computes. */
import { test } from "node:test";
import * as g from "../../src/graph/ops.ts";
import { agree, leaf } from "../fuzz/agree.ts";

test("a value that is concatenated with itself is read by two kernels, each with axes of its own", async () => {
  const x = g.pad(leaf([3, 3], [1, 2, 3, 4, 5]), { lo: [0, 1], hi: [1, 0], interior: [0, 1], value: 7 });
  await agree(g.concat([x, x], 1));
});

test("a sum of one element is 0 plus that element, so that −0 becomes 0 in sums of any length", async () => {
  await agree(g.sum(leaf([3, 1], [-0, 0, 1]), [1]), g.sum(leaf([3, 2], [-0, -0, 1]), [1]));
});

test("a product of depth 1 gives the 0 that deeper ones give", async () => {
  await agree(
    g.matmul(leaf([2, 1], [0, 0]), leaf([1, 2], [2, -2])),
    g.matmul(leaf([5, 1], [0, 0]), leaf([1, 5], [2, -2])),
  );
});
