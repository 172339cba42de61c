import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Approximators, pile } from "../../src/experiments/parts/approximators.ts";
import { curveOf, sampled } from "../../src/experiments/parts/curve-task.ts";
import { tensor } from "../../src/index.ts";

const sine = curveOf("sine", [], 1);

describe("approximators", () => {
  test("hinges of ReLU go through the points of a curve", async () => {
    const model = new Approximators([8], 1, "relu");
    model.build([pile(sine, 8, "relu", 1)]);
    const { x, y } = sampled(sine, 9);
    const output = await model.forward(tensor(x, [9, 1])).data();
    for (const [i, value] of output.entries()) assert.ok(Math.abs(value - y[i]) < 1e-5, `${x[i]}: ${value}`);
  });

  test("steep steps stand at the curve's levels, of sigmoid and of tanh", async () => {
    for (const bend of ["sigmoid", "tanh"] as const) {
      const model = new Approximators([3, 7], 1, bend);
      model.build([3, 7].map((width) => pile(sine, width, bend, 100)));
      const middles = Float32Array.from({ length: 8 }, (_, i) => -1 + (2 * i + 1) / 8);
      const output = await model
        .forward(tensor(middles, [8, 1]))
        .select(0, 1)
        .data();
      for (const [i, value] of output.entries()) assert.ok(Math.abs(value - sine(middles[i])) < 1e-4, bend);
    }
  });

  test("what units add makes the output, and units beyond the width add nothing", async () => {
    const model = new Approximators([2, 5], 2, "tanh");
    const x = tensor(sampled(sine, 11).x, [11, 1]);
    const sums = model.parts(x).sum(1).add(model.last.bias.squeeze(-1)).sub(model.forward(x).squeeze(-1));
    assert.ok((await sums.abs().max().item()) < 1e-5);
    assert.equal(await model.parts(x).at(0, [2, 5]).abs().max().item(), 0);
  });

  test("a drawn curve goes along straight lines, and stays at a single point", () => {
    assert.equal(curveOf("drawn", [0, 1, 0], 1)(-0.5), 0.5);
    assert.equal(curveOf("drawn", [0, 1, 0], 1)(1), 0);
    assert.equal(curveOf("drawn", [0.5], 1)(0.3), 0.5);
    assert.equal(curveOf("drawn", [], 1)(0.3), 0);
  });
});
