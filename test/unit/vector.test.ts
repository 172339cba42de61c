/** Loop IR as three-address code. */
import { test } from "node:test";
import * as g from "../../src/graph/ops.ts";
import { agree, leaf } from "../fuzz/agree.ts";

test("a pointer that advances with a loop does not start from what is computed in that loop", async () => {
  await agree(g.gather(leaf([2, 3, 2], [1, 2, 3, 4, 5, 6, 7], "int32"), leaf([2, 2, 2], [2, 0, 1], "int32"), 1));
});
