/** The cases VIEW: views, broadcasting, assignment. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { cat, ones, stack, tensor, zeros } from "../../src/tensor.ts";
import { gives, onDevices, refuses, says } from "../helpers/errors.ts";
import { bounds } from "../helpers/oracle.ts";

describe("VIEW", () => {
  test("VIEW-01 shapes that do not meet", () => {
    says(
      "add: got [2,3] and [3,2], but it takes shapes whose sizes, from the right, are equal or 1. Reshape or transpose one of them.",
      () => ones([2, 3]).add(ones([3, 2])),
    );
    refuses("SHAPE", () => ones([3]).mul(ones([4])));
  });
  test("VIEW-02 broadcasting with sizes 0 and 1", () => {
    assert.deepEqual(ones([3, 1]).add(ones([1, 4])).shape, [3, 4]);
    assert.deepEqual(ones([0]).add(ones([1])).shape, [0]);
    refuses("SHAPE", () => ones([0]).add(ones([3])));
  });
  test("VIEW-03 reshapes that cannot be", () => {
    refuses(
      "SHAPE",
      () => ones([4]).reshape([-1, -1]),
      () => ones([15]).reshape([5, -1, 2]),
      () => zeros([0, 3]).reshape([0, -1]),
    );
    refuses(
      "SHAPE",
      () => ones([2]).reshape([]),
      () => ones([2]).reshape([-2]),
      () => ones([6]).unflatten(0, [4, -1]),
    );
    says(
      "reshape: got [15] → [5,-1,2], but it takes a shape of 15 elements. Check the sizes, or leave one as −1.",
      () => ones([15]).reshape([5, -1, 2]),
    );
  });
  test("VIEW-04 orders of axes", () => {
    const x = ones([2, 3]);
    refuses(
      "VALUE",
      () => x.permute([0, 0]),
      () => x.permute([0]),
      () => x.permute([0, 2]),
      () => x.permute([0.5, 1]),
    );
    refuses(
      "VALUE",
      () => x.movedim([0, 0], [0, 1]),
      () => x.movedim([0], [0, 1]),
      () => x.transpose(0, 2),
      () => x.flip([0, -2]),
    );
    assert.deepEqual(x.permute([-1, 0]).shape, [3, 2]);
  });
  test("VIEW-05 expansions that cannot be", () => {
    refuses(
      "SHAPE",
      () => ones([2]).expand([3]),
      () => ones([1]).expand([-1, 2]),
      () => ones([2, 1]).expand([2]),
    );
  });
  test("VIEW-06 slices", async () => {
    const x = tensor([0, 1, 2]);
    refuses(
      "VALUE",
      () => x.slice(0, { step: 0 }),
      () => x.slice(0, { start: 0.5 }),
      () => x.narrow(0, 2, 2),
      () => x.slice(1),
    );
    refuses(
      "INDEX",
      () => x.select(0, -4),
      () => x.select(0, 3),
      () => x.at(1.5),
    );
    refuses("SHAPE", () => x.at(0, 0));
    refuses("VALUE", () => x.at(x.gt(1) as never));
    refuses("VALUE", () => x.at("0:2" as never));
    await gives(
      [x.slice(0, { start: 2, stop: 1 }), []],
      [x.slice(0, { stop: 9 }), [0, 1, 2]],
      [x.at([null, null, -1]), [2, 1, 0]],
      [x.at(-1), 2],
    );
  });
  onDevices("VIEW-07 a chain of views with a pad of −∞, and its gradient", async () => {
    const x = tensor(
      Float32Array.from({ length: 24 }, (_, i) => i),
      [2, 3, 4],
    );
    x.requiresGrad = true;
    const y = x
      .flip(1)
      .permute([2, 0, 1])
      .slice(2, { step: 3 })
      .pad([1, 0], { value: -Infinity })
      .reshape([4, 4])
      .flip(0);
    const sum = y.maximum(-1).sum();
    sum.backward();
    const [expected, gradient] = bounds([sum.node, x.grad!.node]);
    assert.equal(await sum.item(), expected.value[0]);
    assert.deepEqual(Array.from(await x.grad!.data()), Array.from(gradient.value));
  });
  test("VIEW-08 assignment to a view leaves what it was made of alone", async () => {
    const x = tensor([1, 2]);
    const view = x.expand([3, 2]);
    await view.assign(0).realize();
    await gives(
      [x, [1, 2]],
      [
        view,
        [
          [0, 0],
          [0, 0],
          [0, 0],
        ],
      ],
    );
  });
  test("VIEW-12 paddings", async () => {
    const x = tensor([1, 2, 3]);
    refuses(
      "SHAPE",
      () => x.pad([3, 0], { mode: "reflect" }),
      () => tensor(1).pad([1, 1]),
      () => x.pad([1]),
      () => x.pad([-2, -2]),
    );
    refuses(
      "VALUE",
      () => x.pad([-1, 0], { mode: "reflect" }),
      () => x.pad([0.5, 0]),
      () => x.pad([-4, 0]),
    );
    await gives([x.pad([-1, 1]), [2, 3, 0]], [x.pad([-3, 0]), []]);
  });
  onDevices("VIEW-13 joining and splitting", async () => {
    const a = ones([2, 2]);
    refuses(
      "VALUE",
      () => cat([]),
      () => stack([]),
      () => cat([a, a], 5),
      () => a.split(0),
      () => a.split([-1, 3]),
    );
    refuses(
      "SHAPE",
      () => cat([a, ones([2])]),
      () => cat([a, ones([2, 3])]),
      () => ones([3]).split([1, 1]),
      () => stack([a, ones([2])]),
    );
    const x = tensor([1, 2]);
    await gives([cat([x, x]), [1, 2, 1, 2]]);
  });
  test("VIEW-14 a value that does not fit", () => {
    refuses(
      "SHAPE",
      () => zeros([3]).assign(zeros([2, 2])),
      () => zeros([2]).assign(zeros([2, 2])),
      () => tensor(1).assign(zeros([1])),
    );
  });
});
