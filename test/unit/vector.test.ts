/** Loop IR as three-address code. */
import { test } from "node:test";
import * as g from "../../src/graph/ops.ts";
import { agree, leaf } from "../fuzz/agree.ts";

test("a pointer that advances with a loop does not start from what is computed in that loop", async () => {
  await agree(g.gather(leaf([2, 3, 2], [1, 2, 3, 4, 5, 6, 7], "int32"), leaf([2, 2, 2], [2, 0, 1], "int32"), 1));
});

test("at the edge of a guard, each lane sees its own value of a variable", async () => {
  const x = leaf([3, 9], [1, -2, 3, 4, 5, -6, 7]);
  const sum = g.sum(x, [0]);
  await agree(g.padAxis(g.take(sum, 1, 0, 6), 1, 0, 3), g.padAxis(g.take(g.mul(sum, sum), 1, 0, 7), 1, 0, 2));
});
