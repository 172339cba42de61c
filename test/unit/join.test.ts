/** Which kernels become one. */
import { test } from "node:test";
import * as g from "../../src/graph/ops.ts";
import { agree, leaf } from "../fuzz/agree.ts";

test("two parts of a concatenation stay two kernels, though rows of both are at hand", async () => {
  const x = leaf([4, 5, 3], [-1, 4, 3, 0, -4, -3, 2]);
  const top = g.neg(g.expand(g.reduce(x, "max", [2]), x.shape));
  const moved = g.add(x, top);
  const squares = g.mul(moved, moved);
  const shares = g.div(squares, g.expand(g.sum(squares, [2]), x.shape));
  await agree(g.concat([shares, top], 1));
});
