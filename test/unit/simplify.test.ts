/** Rewriting a graph does not change what it means. */
import { test } from "node:test";
import type { DType } from "../../src/graph/dtype.ts";
import * as g from "../../src/graph/ops.ts";
import { agree, leaf } from "../fuzz/agree.ts";

test("a reduction of no elements gives the identity of its operation", async () => {
  for (const dtype of ["float32", "int32", "uint8", "bool"] as DType[])
    await agree(...(["add", "mul", "max", "min"] as const).map((op) => g.reduce(leaf([2, 0], [], dtype), op, [1])));
});

test("the padding of a convolution is zeros, which are multiplied like any others", async () => {
  const arg = { stride: [1], padding: [[1, 1]] as const, dilation: [1], inputDilation: [2], groups: 1 };
  await agree(g.conv(leaf([1, 2, 3], [1, 2]), leaf([4, 2, 2], [1, 2, Infinity]), arg));
});
