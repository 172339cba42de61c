/**
 * The table of operations. Each row says what is particular to an operation; from it follow, mechanically, its value against
 * plain JavaScript, its derivatives against differences, odd shapes and strides, and every device against the oracle.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isFloat } from "../src/graph/dtype.ts";
import { read } from "../src/runtime/realize.ts";
import { type DType, jit, seed, type Tensor, tensor } from "../src/tensor.ts";
import { computeOn, devices, use } from "./helpers/devices.ts";
import { gradcheck, gradientsOf, secondcheck } from "./helpers/gradcheck.ts";
import { countOf, sample, shapeOf } from "./helpers/numbers.ts";
import { assertClose, assertWithin, bounds, toFloat64, values } from "./helpers/oracle.ts";
import { elementwise } from "./helpers/rows/elementwise.ts";
import { indexed } from "./helpers/rows/index.ts";
import { layers } from "./helpers/rows/layers.ts";
import { products } from "./helpers/rows/products.ts";
import { recurrents } from "./helpers/rows/recurrent.ts";
import { reductions } from "./helpers/rows/reduce.ts";
import type { Row, Rows } from "./helpers/rows/row.ts";
import { shapes } from "./helpers/rows/shape.ts";

const table: Rows = { ...elementwise, ...reductions, ...shapes, ...indexed, ...products, ...layers, ...recurrents };

const range = ({ in: given = [-2, 2] }: Row, dtype: DType): readonly [number, number] =>
  isFloat(dtype)
    ? given
    : dtype === "int32" || dtype === "int8"
      ? [Math.min(given[0], -9), 9]
      : [dtype === "bool" ? -1 : 0, 9];

const inputsOf = (row: Row, dtype: DType): Tensor[] =>
  row.on.map((shape, k) => sample(shapeOf(shape), range(row, dtype), k + 1, dtype));

/** The same tensor as a view of a leaf that lies otherwise in memory: each pair undoes itself. */
const layouts: Record<string, { store: (x: Tensor) => Tensor; view: (x: Tensor) => Tensor }> = {
  transposed: { store: (x) => x.T, view: (x) => x.T },
  flipped: { store: (x) => x.flip(axesOf(x)), view: (x) => x.flip(axesOf(x)) },
  spread: {
    store: (x) =>
      few(x)
        .reduce((y, axis) => y.repeatInterleave(2, axis), x)
        .pad(axesOf(x).flatMap((_, i) => (few(x).includes(x.ndim - 1 - i) ? [1, 2] : [0, 0]))),
    view: (x) => few(x).reduce((y, axis) => y.slice(axis, { start: 1, stop: -2, step: 2 }), x),
  },
};
const axesOf = (x: Tensor): number[] => x.shape.map((_, i) => i);
/** The last axes: to spread eight of them would take too long. */
const few = (x: Tensor): number[] => axesOf(x).slice(-3);

/** `x` as a view of a leaf in another layout. */
function laidOut(x: Tensor, { store, view }: (typeof layouts)[string]): Tensor {
  const stored = store(x);
  return view(tensor(Array.from(values([stored.node], "rounded")[0]), stored.shape, { dtype: x.dtype }));
}

for (const [name, row] of Object.entries(table)) {
  describe(name, () => {
    test("agrees with plain JavaScript", () => {
      const inputs = inputsOf(row, "float64");
      const y = row.f(...inputs);
      const [actual] = values([y.node]);
      const flat = values(inputs.map((x) => x.node)).map((v) => Array.from(v));
      if (row.value) assertClose(actual, row.value(...flat), 1e-9, "value");
      if (row.ref) assertClose(actual, elementwiseOf(row.ref, inputs, y.shape), 1e-9, "value");
      assert.equal(actual.length, countOf(y.shape));
    });

    if (row.gradient !== false) {
      test("derivative agrees with differences", () => gradcheck(row.f, inputsOf(row, "float64")));
      if (row.second !== false) {
        test("second derivative agrees with differences", () => secondcheck(row.f, inputsOf(row, "float64")));
      }
    }
    if (row.ref) test("takes sizes 0 and 1", () => smallSizes(row));

    for (const device of devices) {
      test(`${device} agrees with the oracle`, async () => {
        seed(5);
        const inputs = inputsOf(row, "float32");
        const nodes = [row.f(...inputs).node];
        if (row.gradient !== false) nodes.push(...gradientsOf(row.f, inputs).grads.map((x) => x.node));
        const expected = bounds(nodes);
        const actual = await computeOn(device, nodes);
        actual.forEach((values, i) => {
          assertWithin(values, expected[i], i === 0 ? "value" : `gradient ${i - 1}`, i === 0 ? 1 : 4);
        });
      });
      test(`${device} takes other layouts`, async () => {
        const views = Object.values(layouts).map((layout) => {
          seed(5);
          return row.f(...inputsOf(row, "float32").map((x) => laidOut(x, layout))).node;
        });
        const expected = bounds(views);
        const actual = await computeOn(device, views);
        Object.keys(layouts).forEach((how, i) => {
          assertWithin(actual[i], expected[i], how);
        });
      });
      test(`${device} gives the same when it replays a recording`, async () => {
        await use(device);
        seed(5);
        const [expected] = bounds([row.f(...inputsOf(row, "float32")).node]);
        const compiled = jit((...xs: Tensor[]) => row.f(...xs));
        for (const call of ["first", "second"]) {
          seed(5);
          const y = await compiled(...inputsOf(row, "float32"));
          assertWithin(toFloat64(await read(y.node), y.dtype), expected, `${call} call`);
        }
      });
      for (const dtype of row.also ?? []) {
        test(`${device} gives the bits of the oracle in ${dtype}`, async () => {
          const n = row.f(...inputsOf(row, dtype)).node;
          const [expected, bound] = [values([n], "rounded"), bounds([n])[0]]; // before a leaf moves to the device
          const actual = await computeOn(device, [n]);
          if (isFloat(n.dtype)) assertWithin(actual[0], bound, "value");
          else assert.deepEqual(actual, expected);
        });
      }
    }
  });
}

/** `f` of each element of the broadcast inputs. */
function elementwiseOf(f: (...x: number[]) => number, inputs: readonly Tensor[], shape: readonly number[]): number[] {
  const flat = values(inputs.map((x) => x.broadcastTo(shape).node));
  return Array.from({ length: countOf(shape) }, (_, i) => f(...flat.map((v) => v[i])));
}

function smallSizes(row: Row): void {
  for (const d of [0, 1]) {
    const inputs = row.on.map((shape, k) =>
      sample(
        shapeOf(shape).map(() => d),
        range(row, "float64"),
        k + 1,
        "float64",
      ),
    );
    const y = row.f(...inputs);
    const [actual] = values([y.node]);
    assertClose(actual, elementwiseOf(row.ref!, inputs, y.shape), 1e-9, `size ${d}`);
    if (row.gradient !== false && d === 0 && countOf(y.shape) === 0)
      values(gradientsOf(row.f, inputs).grads.map((g) => g.node));
  }
}
