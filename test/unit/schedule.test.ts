/** Which loops a kernel gets. */
import { test } from "node:test";
import * as g from "../../src/graph/ops.ts";
import { agree, leaf } from "../fuzz/agree.ts";

test("a sum of bytes wraps before another stage of its kernel reads it", async () => {
  const rows = g.sum(leaf([5, 6], [250, 9, 13], "uint8"), [1]);
  await agree(g.lt(rows, leaf([5, 1], [20, 250], "uint8")));
});

test("a sum of half floats is rounded before another stage of its kernel reads it", async () => {
  const rows = g.sum(leaf([5, 6], [1, 2048], "float16"), [1]);
  await agree(g.cast(rows, "float32"));
});
