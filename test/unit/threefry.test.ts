import assert from "node:assert/strict";
import { test } from "node:test";
import { keyOf, threefry2x32 } from "../../src/graph/threefry.ts";

test("the known answers that Random123 publishes for threefry2x32 with 20 rounds", () => {
  const f = 0xffffffff;
  assert.deepEqual(threefry2x32([0, 0], [0, 0]), [0x6b200159, 0x99ba4efe]);
  assert.deepEqual(threefry2x32([f, f], [f, f]), [0x1cb996fc, 0xbb002be7]);
  assert.deepEqual(threefry2x32([0x13198a2e, 0x03707344], [0x243f6a88, 0x85a308d3]), [0xc4923a9c, 0x483df7a0]);
});

test("a key is the two words of its seed", () => {
  assert.deepEqual(keyOf(7), [0, 7]);
  assert.deepEqual(keyOf(Number.MAX_SAFE_INTEGER), [2 ** 21 - 1, 0xffffffff]);
});
