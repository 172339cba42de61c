/** Loop IR as three-address code. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkVector } from "../../src/compile/check-vector.ts";
import { lower } from "../../src/compile/lower.ts";
import { vectorize } from "../../src/compile/vector.ts";
import * as g from "../../src/graph/ops.ts";
import { read, realize } from "../../src/runtime/realize.ts";
import { agree, leaf, useChecked } from "../fuzz/agree.ts";

test("a pointer that advances with a loop does not start from what is computed in that loop", async () => {
  await agree(g.gather(leaf([2, 3, 2], [1, 2, 3, 4, 5, 6, 7], "int32"), leaf([2, 2, 2], [2, 0, 1], "int32"), 1));
});

test("at the edge of a guard, each lane sees its own value of a variable", async () => {
  const x = leaf([3, 9], [1, -2, 3, 4, 5, -6, 7]);
  const sum = g.sum(x, [0]);
  await agree(g.padAxis(g.take(sum, 1, 0, 6), 1, 0, 3), g.padAxis(g.take(g.mul(sum, sum), 1, 0, 7), 1, 0, 2));
});

test("a function gives the same bits in a vector and beside one", async () => {
  await useChecked();
  const x = leaf([4], [3.3409907817840576, 1.6704953908920288, -0.37, 0.11]);
  const handles = [x, g.reshape(g.expand(g.reshape(x, [4, 1]), [4, 9]), [36])].flatMap((node) =>
    [g.exp, g.tanh, g.sin, g.log, g.erf].map((f) => ({ node: f(node) })),
  );
  await realize(handles);
  const values = await Promise.all(handles.map((h) => read(h.node)));
  for (let f = 0; f < 5; f++)
    for (let i = 0; i < 36; i++) assert.ok(Object.is(values[5 + f][i], values[f][Math.floor(i / 9)]), `${f}: ${i}`);
});

test("a guard of which the lanes are never in doubt asks for no part of a vector", () => {
  const x = leaf([3, 9, 9, 6], [1, -2, 3]);
  const root = g.conv(x, leaf([6, 3, 3, 1], [0.5, 2]), {
    stride: [2, 1],
    padding: [
      [0, 2],
      [1, 0],
    ],
    dilation: [1, 1],
    inputDilation: [2, 2],
    groups: 3,
  });
  for (const lanes of [8, 16]) {
    const { loops } = lower([root], { lanes, registers: 32, maxBuffers: 64 });
    for (const k of loops) checkVector(vectorize(k));
  }
});

test("lanes that read the same element mostly, and two where they cross from one to the next, agree", async () => {
  const scale = leaf([1, 4, 1], [2, -1, 3, 0.5]);
  const spread = g.reshape(g.expand(scale, [3, 4, 69]), [3, 276]);
  const x = leaf([3, 276], [1, -2, 3, 4, 5, -6, 7]);
  await agree(g.sum(g.mul(x, spread), [1]), g.mul(g.sub(x, g.expand(g.reduce(x, "max", [1]), [3, 276])), spread));
});

test("a guard that is never in doubt is computed where the variable in it has its value", () => {
  const rows = g.sum(leaf([2, 3, 56], [1, 2, 3]), [0]);
  const row = g.reshape(rows, [3, 56]);
  const root = g.add(g.padAxis(g.take(row, 1, 0, 55), 1, 0, 1), g.padAxis(g.take(row, 1, 1, 55), 1, 1, 0));
  for (const lanes of [4, 8, 16]) {
    const { loops } = lower([root], { lanes, registers: 32, maxBuffers: 64 });
    for (const k of loops) checkVector(vectorize(k));
  }
});
