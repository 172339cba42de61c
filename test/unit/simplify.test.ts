/** Rewriting a graph does not change what it means. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { structureOf } from "../../src/compile/hash.ts";
import { simplify } from "../../src/compile/simplify.ts";
import { evaluate } from "../../src/device/reference.ts";
import { type DType, dtypes, type HostArray, write } from "../../src/graph/dtype.ts";
import { vjpOrZero } from "../../src/graph/grad.ts";
import { is, type Node, topo } from "../../src/graph/node.ts";
import * as g from "../../src/graph/ops.ts";
import { agree, leaf } from "../fuzz/agree.ts";
import { generate } from "../fuzz/generate.ts";
import { buffer } from "../fuzz/kernels.ts";
import { hostOf, type Leaf, nodesOf, print } from "../fuzz/program.ts";
import { check, resultsOf } from "../fuzz/run.ts";

function toHost({ dtype }: Node, values: Float64Array): HostArray {
  const host = new dtypes[dtype].array(values.length);
  values.forEach((x, i) => {
    write(host, i, x, dtype);
  });
  return host;
}

/** Names of the operations of a graph, in order. */
const operations = (...roots: readonly Node[]): string =>
  topo(simplify(roots))
    .map((n) => n.op)
    .join(" ");

test("3000 random graphs mean to the oracle what they mean when they are rewritten, and nothing is left to rewrite", () => {
  for (let seed = 4_000_000; seed < 4_003_000; seed++) {
    const p = generate(seed, Number.POSITIVE_INFINITY);
    const nodes = nodesOf(p);
    const roots = resultsOf(p).map((v) => nodes[v]);
    const simple = simplify(roots);
    const values = evaluate(simple, (l) => hostOf(l as Leaf));
    const wrong = check(
      p,
      values.map((v, i) => toHost(roots[i], v)),
    );
    assert.equal(wrong, null, `seed ${seed}: ${JSON.stringify(wrong)}\n${print(p)}`);
    simple.forEach((n, i) => {
      assert.deepEqual([n.shape, n.dtype], [roots[i].shape, roots[i].dtype], `seed ${seed}`);
    });
    const key = (of: readonly Node[]): string =>
      structureOf(
        of,
        of.map(() => "new"),
        () => false,
      ).key;
    assert.equal(key(simplify(simple)), key(simple), `seed ${seed}`);
  }
});

const x = buffer([4, 6]);

test("views of views are one view, and views of constants are constants", () => {
  assert.equal(operations(g.reshape(g.reshape(x, [24]), [2, 12])), "buffer reshape");
  assert.equal(
    operations(g.permute(g.permute(g.reshape(x, [2, 2, 6]), [2, 0, 1]), [0, 2, 1])),
    "buffer reshape permute",
  );
  assert.equal(operations(g.mul(x, g.expand(g.fill(2, [1, 6], "float32"), [4, 6]))), "buffer const mul");
});

test("a number that is given at launch stays what it is, for views of it could not be told apart", () => {
  assert.equal(operations(g.expand(g.fill(0.3, [1, 6], "float32"), [4, 6])), "const expand");
});

test("what changes nothing is left out", () => {
  assert.equal(operations(g.neg(g.neg(x))), "buffer");
  assert.equal(operations(g.mul(x, g.like(x, 1))), "buffer");
  assert.equal(operations(g.div(x, g.like(x, 1))), "buffer");
  assert.equal(operations(g.detach(x)), "buffer");
  assert.equal(operations(g.concat([x], 0)), "buffer");
});

test("x + 0 is not left out, for −0 + 0 is 0", () => {
  assert.equal(operations(g.add(x, g.like(x, 0))), "buffer const add");
});

test("what two roots share stays shared", () => {
  const shared = g.matmul(x, g.transpose(x));
  const [a, b] = simplify([g.exp(shared), g.neg(shared)]);
  assert.equal(a.src[0], b.src[0]);
});

test("a graph of 20,000 operations is rewritten without deep recursion", () => {
  let y: Node = x;
  for (let i = 0; i < 20000; i++) y = g.add(y, g.mul(x, g.like(x, 1)));
  assert.equal(topo(simplify([y])).length, 20001);
});

test("a reduction of no elements gives the identity of its operation", async () => {
  for (const dtype of ["float32", "int32", "uint8", "bool"] as DType[])
    await agree(...(["add", "mul", "max", "min"] as const).map((op) => g.reduce(leaf([2, 0], [], dtype), op, [1])));
});

test("the padding of a convolution is zeros, which are multiplied like any others", async () => {
  const arg = { stride: [1], padding: [[1, 1]] as const, dilation: [1], inputDilation: [2], groups: 1 };
  await agree(g.conv(leaf([1, 2, 3], [1, 2]), leaf([4, 2, 2], [1, 2, Infinity]), arg));
});

test("the gradient of depthwise filters, of wide images and of narrow ones", async () => {
  for (const [images, groups, filters, size] of [
    [3, 5, 1, 40],
    [2, 4, 2, 37],
    [4, 3, 1, 9],
  ]) {
    const arg = {
      stride: [1, 1],
      padding: [[0, 0] as const, [0, 0] as const],
      dilation: [1, 1],
      inputDilation: [1, 1],
    };
    // As the chain rule makes it: images are what is summed over, and the gradient's pixels are the filter.
    const x = leaf([1, groups * images, size + 2, size + 2], [1, -4, 2, 3, 5, -7, 9, 11, 0, 13]);
    const w = leaf([groups * filters, images, size, size], [2, 1, -3, 0, 4, 1, -1]);
    await agree(g.conv(x, w, { ...arg, groups }));
  }
});

test("what is the same twice is computed once, but random numbers and numbers of a launch are not", () => {
  const x = leaf([3, 4], [1, 2, 3]);
  const [a, b] = simplify([g.exp(g.neg(x)), g.exp(g.neg(x))]);
  assert.equal(a, b);
  const [p, q] = simplify([g.fill(2, [3], "float32"), g.fill(2, [3], "float32")]);
  assert.notEqual(p, q);
});

test("a convolution and the gradient of its filters have their padding in common", () => {
  const arg = { padding: [[1, 1] as const, [2, 2] as const], stride: [1, 1], dilation: [1, 1], inputDilation: [1, 1] };
  const [x, w] = [leaf([2, 3, 8, 9], [1, -2, 3]), leaf([5, 3, 3, 3], [1, 2, -1])];
  const y = g.conv(x, w, { ...arg, groups: 1 });
  const roots = simplify([y, ...vjpOrZero([y], [y], [x, w])]);
  const pads = topo(roots).filter((n) => is(n, "pad") && n.src[0] === x);
  assert.equal(pads.length, 1);
});
