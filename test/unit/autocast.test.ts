/** Products in bfloat16: what is rounded, for how long, and that nets learn as well with it. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { BatchNorm2d, Conv2d, Flatten, Linear, MaxPool2d, type Module, ReLU, Sequential } from "../../src/nn/index.ts";
import { Adam } from "../../src/optim/index.ts";
import {
  autocast,
  checkpoint,
  conv2d,
  crossEntropy,
  einsum,
  interpolate,
  jit,
  linear,
  Parameter,
  randn,
  seed,
  type Tensor,
  tensor,
} from "../../src/tensor.ts";
import { computeOn, devices, use } from "../helpers/devices.ts";
import { gives, onDevices, says } from "../helpers/errors.ts";
import { gradientsOf } from "../helpers/gradcheck.ts";
import { sample } from "../helpers/numbers.ts";
import { assertWithin, bounds, values } from "../helpers/oracle.ts";
import { type Products, turnedProducts } from "../helpers/products.ts";

/** The error bound of a product of factors that have been rounded, which is that of a float32 product. */
function afterRounding(product: (a: Tensor, b: Tensor) => Tensor, a: Tensor, b: Tensor): ReturnType<typeof bounds>[0] {
  const round = (x: Tensor): Tensor => {
    const [rounded] = values([x.to("bfloat16").node], "rounded");
    return tensor(Array.from(rounded), x.shape);
  };
  return bounds([product(round(a), round(b)).node])[0];
}

describe("autocast", () => {
  test("rounds the factors of products to the nearest, ties to even, and gives float32", async () => {
    await use("reference");
    const third = 1 + 2 ** -8; // between two bfloat16: a tie
    const a = tensor([[third, 1 + 3 * 2 ** -8, 1 + 2 ** -8 + 2 ** -20, -third]]).T;
    const one = tensor([[1]]);
    for (const y of [
      autocast("bfloat16", () => a.matmul(one)),
      autocast("bfloat16", () => linear(a, one)),
      autocast("bfloat16", () => einsum("ij,jk->ik", a, one)),
    ]) {
      assert.equal(y.dtype, "float32");
      await gives([y, [[1], [1 + 2 ** -6], [1 + 2 ** -7], [-1]]]);
    }
    const x = autocast("bfloat16", () => conv2d(a.reshape([1, 1, 2, 2]), one.reshape([1, 1, 1, 1])));
    assert.equal(x.dtype, "float32");
    await gives([x.flatten(), [1, 1 + 2 ** -6, 1 + 2 ** -7, -1]]);
  });

  test("leaves alone what is no product, what is not float32, and what is outside", async () => {
    await use("reference");
    const x = tensor([[1 + 2 ** -20]]);
    await gives([autocast("bfloat16", () => x.mul(x).add(x).sub(x)), [[Math.fround((1 + 2 ** -20) ** 2)]]]);
    const image = tensor([1 + 2 ** -20, 1 + 2 ** -20]).reshape([1, 1, 2]);
    const larger = autocast("bfloat16", () => interpolate(image, { size: 3, mode: "linear", alignCorners: true }));
    await gives([larger.flatten(), [1 + 2 ** -20, 1 + 2 ** -20, 1 + 2 ** -20]]);
    const double = x.to("float64");
    await gives([autocast("bfloat16", () => double.matmul(double)), [[(1 + 2 ** -20) ** 2]]]);
    await gives([x.matmul(tensor([[1]])), [[1 + 2 ** -20]]]);
    assert.throws(() => autocast("bfloat16", () => x.matmul(tensor([[1, 2]]).T)));
    await gives([x.matmul(tensor([[1]])), [[1 + 2 ** -20]]]);
    const both = autocast("bfloat16", () => [autocast("float32", () => x.matmul(x)), x.matmul(x)]);
    await gives([both[0], [[Math.fround((1 + 2 ** -20) ** 2)]]], [both[1], [[1]]]);
  });

  test("refuses other types, and functions that do not record at once", () => {
    says('autocast: got "float16", but it takes "bfloat16", or "float32" for none. Choose one of them.', () =>
      autocast("float16" as "bfloat16", () => 0),
    );
    says("autocast: got 3, but it takes a function. Write autocast(dtype, () => model.forward(x)).", () =>
      autocast("bfloat16", 3 as unknown as () => number),
    );
    says(
      "autocast: got a function that returns a promise, but it takes one that records at once. Put autocast around the forward pass inside of it.",
      () => autocast("bfloat16", async () => randn([1])),
    );
  });

  const products: Products = {
    ...turnedProducts,
    "a product of many blocks": [(a, b) => a.matmul(b), [70, 1300], [1300, 45]],
    "an odd depth": [(a, b) => a.matmul(b), [9, 131], [131, 40]],
    "a great sum of few": [(a, b) => a.matmul(b), [5, 6000], [6000, 7]],
    "a row": [(a, b) => a.matmul(b), [1, 70], [70, 45]],
    batches: [(a, b) => a.matmul(b), [3, 20, 34], [3, 34, 18]],
    "a depthwise convolution": [(x, w) => conv2d(x, w, null, { groups: 8, padding: 1 }), [2, 8, 9, 9], [8, 1, 3, 3]],
  };
  for (const [name, [product, on, by]] of Object.entries(products))
    for (const device of devices)
      test(`${name}, on ${device}, is that of rounded factors, and so are its gradients`, async () => {
        const [a, b] = [sample(on, [-2, 2], 1, "float32"), sample(by, [-2, 2], 2, "float32")];
        const rounded = (p: Tensor, q: Tensor): Tensor => autocast("bfloat16", () => product(p, q));
        const nodes = [rounded(a, b), ...gradientsOf(rounded, [a, b]).grads].map((x) => x.node);
        const expected = [afterRounding(product, a, b), ...bounds(nodes).slice(1)];
        const actual = await computeOn(device, nodes);
        actual.forEach((values, i) => void assertWithin(values, expected[i], ["value", "of a", "of b"][i]));
      });

  test("gradients are the same wherever the backward pass is recorded", async () => {
    await use("wasm");
    const run = async (
      inside: boolean,
      wrap: (f: (x: Tensor) => Tensor) => (x: Tensor) => Tensor,
    ): Promise<unknown> => {
      seed(1);
      const [w, x] = [new Parameter(randn([8, 8])), randn([8, 8])];
      const f = wrap((x) => x.matmul(w).tanh().matmul(w));
      if (inside) autocast("bfloat16", () => f(x).sum().backward());
      else
        autocast("bfloat16", () => f(x))
          .sum()
          .backward();
      return (w.grad as Tensor).toArray();
    };
    const expected = await run(true, (f) => f);
    assert.deepEqual(await run(false, (f) => f), expected);
    assert.deepEqual(await run(false, checkpoint), expected, "computed again outside of the scope");
  });

  test("a compiled function keeps it", async () => {
    await use("wasm");
    const f = jit((x: Tensor) => autocast("bfloat16", () => x.matmul(x)));
    for (const value of [1 + 2 ** -8, 1 + 3 * 2 ** -8])
      await gives([await f(tensor([[value]])), [[value > 1.01 ? Math.fround((1 + 2 ** -6) ** 2) : 1]]]);
  });

  onDevices("infinities and NaN come through as they would", async () => {
    const x = tensor([Infinity, -Infinity, Number.NaN, 3e38, 1, 2, 3, 4]).reshape([4, 2]);
    const y = autocast("bfloat16", () => x.matmul(tensor([[1, 0, 1, 2]]).expand([2, 4])));
    const rows = (await y.toArray()) as number[][];
    assert.ok(rows[0].every(Number.isNaN) && rows[1].every(Number.isNaN));
    assert.deepEqual(rows.slice(2), [
      [3, 0, 3, 6],
      [7, 0, 7, 14],
    ]);
  });
});

/** Losses of a net that learns which of three sums of its inputs is the greatest, or where a bar is. */
async function losses(
  precision: "float32" | "bfloat16",
  make: () => Module<[Tensor]>,
  on: number[],
): Promise<number[]> {
  seed(4);
  const model = make();
  const optimizer = new Adam(model.parameters(), { lr: 0.01 });
  const x = randn([192, ...on]);
  const y = x.flatten(1).slice(1, { stop: 3 }).argmax(1);
  const all: number[] = [];
  for (let step = 0; step < 60; step++) {
    const loss = autocast(precision, () => crossEntropy(model.forward(x), y));
    loss.backward();
    await optimizer.step();
    all.push(await loss.item());
  }
  return all;
}

const nets: Record<string, readonly [() => Module<[Tensor]>, number[]]> = {
  "a perceptron": [
    () => new Sequential(new Linear(16, 64), new ReLU(), new Linear(64, 64), new ReLU(), new Linear(64, 3)),
    [16],
  ],
  "a convolutional network": [
    () =>
      new Sequential(
        new Conv2d(1, 8, 3, { padding: 1, bias: false }),
        new BatchNorm2d(8),
        new ReLU(),
        new MaxPool2d(2),
        new Conv2d(8, 16, 3, { padding: 1 }),
        new ReLU(),
        new Flatten(),
        new Linear(256, 3),
      ),
    [1, 8, 8],
  ],
};

for (const [name, [make, on]] of Object.entries(nets))
  for (const device of devices.filter((d) => d !== "reference"))
    test(`${name} learns in bfloat16 as it does in float32, on ${device}`, async (t) => {
      await use(device);
      const [full, half] = [await losses("float32", make, on), await losses("bfloat16", make, on)];
      const apart = Math.max(...full.map((loss, i) => Math.abs(half[i] - loss)));
      t.diagnostic(`losses ${full.at(-1)} and ${half.at(-1)}, at most ${apart} apart`);
      assert.ok((full.at(-1) as number) < 0.15, `${full.at(-1)}`);
      assert.ok(Math.abs((half.at(-1) as number) - (full.at(-1) as number)) < 0.01);
      assert.notEqual(half.at(-1), full.at(-1));
      full.forEach((loss, i) => {
        assert.ok(Math.abs(half[i] - loss) < 0.06, `step ${i}: ${half[i]} instead of ${loss}`);
      });
    });
