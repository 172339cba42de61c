/** Made data sets: what they are statistically, and that they are the same bits for ever. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { describe, test } from "node:test";
import {
  ArrayDataset,
  animals,
  blobs,
  booleanFunction,
  booleanFunctions,
  circles,
  curve,
  curves,
  flips,
  gates,
  HostRandom,
  imageDataset,
  linear2d,
  moons,
  noisySine,
  type Sample,
  type SampleOptions,
  separableFunctions,
  shapeNames,
  shapes32,
  sparseRegression,
  spirals,
  statistics,
  xor,
} from "../../src/data/index.ts";
import { normalQuantile } from "../../src/data/normal.ts";
import { ValueError } from "../../src/errors.ts";

function hash(...arrays: readonly (Float32Array | Int32Array | Uint8Array)[]): string {
  const all = createHash("sha256");
  for (const { buffer, byteOffset, byteLength } of arrays) all.update(new Uint8Array(buffer, byteOffset, byteLength));
  return all.digest("hex").slice(0, 16);
}
const mean = (values: ArrayLike<number>): number => statistics(values, 1).mean[0];
const near = (got: number, want: number, by: number): void =>
  assert.ok(Math.abs(got - want) <= by, `${got} instead of ${want} ± ${by}`);
/** The points of a class, as pairs. */
function pairs({ x, y }: Sample<Int32Array>, label: number): [number, number][] {
  return Array.from(y.keys())
    .filter((i) => y[i] === label)
    .map((i) => [x[2 * i], x[2 * i + 1]]);
}
const distance = ([x, y]: readonly number[], [u, v]: readonly number[] = [0, 0]): number => Math.hypot(x - u, y - v);

describe("random numbers on the host", () => {
  test("normal ones have the quantiles of their distribution", () => {
    const known = [
      [0.5, 0],
      [0.975, 1.959963984540054],
      [0.8413447460685429, 1],
      [0.001, -3.090232306167813],
    ];
    for (const [p, x] of [...known, [1e-9, -5.997807015007687], [1 - 2 ** -33, 6.337957754553789]])
      near(normalQuantile(p), x, 1e-6);
    for (const [p, x] of known) near(normalQuantile(p), x, 1e-14);
    const random = new HostRandom(1);
    const drawn = Float64Array.from({ length: 20_000 }, () => random.normal()).sort();
    for (const p of [0.01, 0.1, 0.3, 0.5, 0.8, 0.99]) near(drawn[p * 20_000], normalQuantile(p), 0.06);
    near(mean(drawn), 0, 0.02);
    near(statistics(drawn, 1).std[0], 1, 0.02);
  });
});

/** Each world with its options, by the hash of seed 0: x and y. */
const worlds: Record<string, [(options: SampleOptions, seed: number) => Sample<Float32Array | Int32Array>, string]> = {
  sin: [(options, seed) => curve("sin", { noise: 0.1, random: true, ...options }, seed), "e4c097713e20dd35"],
  noisySine: [noisySine, "02f3fc182bb20dd4"],
  moons: [moons, "53cdb4945192ae87"],
  circles: [circles, "405a9ffec244ed4d"],
  blobs: [blobs, "54cdbb49e845640b"],
  spirals: [spirals, "e9394c5631d04ec4"],
  sparseRegression: [sparseRegression, "aa0288a5526fea69"],
  linear2d: [(options, seed) => linear2d({ noise: 0.1, drift: 1, ...options }, seed), "602e42b9245bf50d"],
};

for (const [name, [make, bits]] of Object.entries(worlds)) {
  describe(name, () => {
    test("has the same bits for ever", () => {
      const { x, y } = make({ count: 20 }, 0);
      assert.equal(hash(x, y), bits);
    });

    test("depends on seed and sample, and its first examples not on how many there are", () => {
      const few = make({ count: 8 }, 3);
      const many = make({ count: 30 }, 3);
      const size = few.x.length / 8;
      assert.equal(
        size,
        few.shape.reduce((a, b) => a * b, 1),
      );
      assert.deepEqual(few.x, many.x.slice(0, 8 * size));
      assert.deepEqual(few.y, many.y.slice(0, 8));
      for (const other of [make({ count: 8 }, 4), make({ count: 8, sample: 1 }, 3)])
        assert.notDeepEqual(other.x, few.x);
    });

    test("makes a data set, and takes no options that are none", () => {
      const { x, y, shape } = make({ count: 5 }, 0);
      const { y: labels } = new ArrayDataset({ x: { data: x, shape }, y }).batch(Uint32Array.of(0), {
        seed: 0,
        epoch: 0,
      });
      assert.equal(labels.dtype, y instanceof Int32Array ? "int32" : "float32");
      for (const bad of [{ count: 0 }, { count: 1.5 }, { sample: -1 }, { size: 3 } as SampleOptions]) {
        assert.throws(() => make(bad, 0), ValueError);
      }
      for (const seed of [-1, 0.5, Number.NaN]) assert.throws(() => make({}, seed), ValueError);
    });
  });
}

describe("curves", () => {
  test("go through their points", () => {
    const { x, y, clean } = curve("sawtooth", { from: -3, to: 3, count: 7 });
    assert.deepEqual([...x], [-3, -2, -1, 0, 1, 2, 3]);
    assert.deepEqual([...y], [-1, 0, -1, 0, -1, 0, -1]);
    assert.deepEqual(y, clean);
    assert.deepEqual([...curve("step", { from: -1, to: 1, count: 3 }).y], [0, 1, 1]);
    assert.deepEqual([...curve("abs", { from: -1, to: 1, count: 3 }).y], [1, 0, 1]);
    for (const at of [-2, 0.3, 9]) near(curves.sin(at), Math.sin(at), 1e-14);
    assert.deepEqual([...curve((x) => x * x, { from: 2, to: 4, count: 3 }).y], [4, 9, 16]);
    assert.deepEqual([...curve("abs", { from: 2, to: 4, count: 1 }).x], [3]);
  });

  test("have the noise that is asked for", () => {
    const { y, clean } = curve("sin", { count: 4000, noise: 0.5 });
    const errors = y.map((value, i) => value - clean[i]);
    near(mean(errors), 0, 0.03);
    near(statistics(errors, 1).std[0], 0.5, 0.02);
    const sine = noisySine({ count: 4000 });
    near(
      statistics(
        sine.y.map((value, i) => value - sine.clean[i]),
        1,
      ).std[0],
      0.3,
      0.02,
    );
    near(sine.clean[5], Math.sin(Math.PI * sine.x[5]), 1e-6);
    assert.equal(noisySine().count, 15);
  });

  test("of no function, or not of numbers, are refused", () => {
    assert.throws(() => curve("cos" as "sin"), ValueError);
    assert.throws(() => curve("toString" as "sin"), ValueError);
    assert.throws(() => curve((x) => 1 / x, { from: 0, to: 1 }), ValueError);
    for (const options of [{ from: 1, to: 0 }, { noise: -1 }, { to: Number.POSITIVE_INFINITY }, { from: Number.NaN }]) {
      assert.throws(() => curve("sin", options), ValueError);
    }
  });
});

describe("points in classes", () => {
  test("moons are half circles", () => {
    const clean = moons({ count: 1000, noise: 0 });
    for (const at of pairs(clean, 0)) {
      near(distance(at), 1, 1e-6);
      assert.ok(at[1] >= -1e-6);
    }
    for (const at of pairs(clean, 1)) {
      near(distance(at, [1, 0.5]), 1, 1e-6);
      assert.ok(at[1] <= 0.5 + 1e-6);
    }
    assert.equal(pairs(clean, 0).length, 500);
  });

  test("circles have their radii and their noise", () => {
    const points = circles({ count: 4000, inner: 0.3 });
    near(mean(pairs(points, 0).map((at) => distance(at))), 1, 0.01);
    near(mean(pairs(points, 1).map((at) => distance(at))), 0.3, 0.01);
    near(
      statistics(
        pairs(points, 0).map((at) => distance(at)),
        1,
      ).std[0],
      0.05,
      0.005,
    );
    assert.throws(() => circles({ inner: 2 }), ValueError);
  });

  test("blobs lie about their middles, which a sample shares with the others of its seed", () => {
    const middles = (sample: number, seed: number): number[][] => {
      const points = blobs({ count: 4000, classes: 4, spread: 0.2, sample }, seed);
      return [0, 1, 2, 3].map((label) => [0, 1].map((axis) => mean(pairs(points, label).map((at) => at[axis]))));
    };
    const [first, second, other] = [middles(0, 5), middles(1, 5), middles(0, 6)];
    for (const [label, at] of first.entries()) {
      near(distance(at), 2, 0.03);
      near(distance(at, second[label]), 0, 0.04);
      near(distance(at, first[(label + 1) % 4]), 2 * Math.SQRT2, 0.05);
    }
    assert.ok(distance(first[0], other[0]) > 0.1);
    const spread = statistics(
      pairs(blobs({ count: 3000 }), 1).map(([x]) => x),
      1,
    ).std[0];
    near(spread, 0.5, 0.03);
  });

  test("spirals wind as often as they are told to", () => {
    const { x, y } = spirals({ count: 900, classes: 3, turns: 2, noise: 0 });
    for (let i = 0; i < 900; i++) {
      const radius = distance([x[2 * i], x[2 * i + 1]]);
      const angle = 2 * Math.PI * (2 * radius + y[i] / 3);
      near(distance([x[2 * i], x[2 * i + 1]], [radius * Math.cos(angle), radius * Math.sin(angle)]), 0, 1e-5);
    }
    near(mean(Array.from({ length: 900 }, (_, i) => distance([x[2 * i], x[2 * i + 1]]))), 0.5, 0.03);
    assert.throws(() => spirals({ classes: 0 }), ValueError);
  });
});

describe("Boolean functions", () => {
  test("of two bits are the gates", () => {
    assert.deepEqual([...xor().x], [0, 0, 0, 1, 1, 0, 1, 1]);
    const meanings: Record<keyof typeof gates, (a: number, b: number) => number> = {
      and: (a, b) => a & b,
      or: (a, b) => a | b,
      xor: (a, b) => a ^ b,
      nand: (a, b) => 1 - (a & b),
      nor: (a, b) => 1 - (a | b),
      xnor: (a, b) => 1 - (a ^ b),
    };
    for (const [name, meaning] of Object.entries(meanings)) {
      const { x, y } = booleanFunction(2, gates[name as keyof typeof gates]);
      for (let i = 0; i < 4; i++) assert.equal(y[i], meaning(x[2 * i], x[2 * i + 1]), name);
    }
    assert.deepEqual(xor().y, Int32Array.of(0, 1, 1, 0));
  });

  test("of three bits are 256, all different, each corner true in half of them", () => {
    const all = booleanFunctions();
    assert.equal(new Set(all.map(({ y }) => y.join())).size, 256);
    for (let corner = 0; corner < 8; corner++) assert.equal(all.filter(({ y }) => y[corner] === 1).length, 128);
    assert.deepEqual([...all[1].x.slice(18)], [1, 1, 0, 1, 1, 1]);
    assert.throws(() => booleanFunctions(5), ValueError);
    assert.throws(() => booleanFunction(2, 16), ValueError);
  });

  test("that a plane separates are as many as are known (OEIS A000609)", () => {
    assert.deepEqual(
      [1, 2, 3, 4].map((bits) => separableFunctions(bits).size),
      [4, 14, 104, 1882],
    );
    assert.ok(!separableFunctions(2).has(gates.xor) && separableFunctions(2).has(gates.nand));
  });

  test("change along no edge, or along every one", () => {
    assert.equal(flips(booleanFunction(3, 0)), 0);
    assert.equal(flips(booleanFunction(3, 0b10010110)), 12); // parity
    assert.equal(flips(booleanFunction(3, 0b10000000)), 3);
    assert.equal(flips(xor()), 4);
  });
});

describe("sums of weighted features", () => {
  test("sparse regression has few useful weights, the same in each sample, and its noise", () => {
    const train = sparseRegression({}, 2);
    assert.deepEqual([train.count, train.shape], [50, [60]]);
    assert.equal(train.weights.filter((weight) => weight !== 0).length, 5);
    for (const weight of train.weights) assert.ok(weight === 0 || (Math.abs(weight) >= 1 && Math.abs(weight) <= 2));
    const { x, y, weights } = sparseRegression({ count: 2000, sample: 1 }, 2);
    assert.deepEqual(weights, train.weights);
    const errors = y.map((value, i) => value - weights.reduce((sum, weight, k) => sum + weight * x[60 * i + k], 0));
    near(statistics(errors, 1).std[0], 0.5, 0.03);
    near(statistics(x, 1).std[0], 1, 0.01);
    assert.throws(() => sparseRegression({ features: 4 }), ValueError);
  });

  test("the stream of 3x₀ + 2x₁ drifts if it is told to", () => {
    const still = linear2d({ range: [-5, 5] });
    for (let i = 0; i < 1000; i++) near(still.y[i], 3 * still.x[2 * i] + 2 * still.x[2 * i + 1], 1e-5);
    assert.ok(still.x.every((value) => value >= -5 && value < 5) && still.x.some((value) => value < -4.9));
    const { weights, x, y } = linear2d({ count: 501, drift: 2 });
    assert.deepEqual([...weights.slice(1000)], [4, 1]);
    near(y[500], 4 * x[1000] + x[1001], 1e-6);
    for (const range of [[1, 0], [0], 3])
      assert.throws(() => linear2d({ range: range as [number, number] }), ValueError);
  });
});

describe("shapes", () => {
  test("have the same bits for ever, and take turns", () => {
    const { images, labels, classes, channels, rows, cols } = shapes32({ count: 20 });
    assert.equal(hash(images, labels), "814eebb0fe3fdb4a");
    assert.deepEqual([channels, rows, cols, classes], [3, 32, 32, shapeNames]);
    assert.deepEqual([...labels.slice(8, 12)], [8, 9, 0, 1]);
    assert.deepEqual(shapes32({ count: 5 }).images, images.slice(0, 5 * 3072));
    assert.notDeepEqual(shapes32({ count: 5, sample: 1 }).images, images.slice(0, 5 * 3072));
    assert.deepEqual(shapes32({ count: 5, classes: 4 }).classes, ["circle", "square", "triangle", "cross"]);
    for (const options of [{ classes: 3 }, { classes: 11 }, { noise: 2 }])
      assert.throws(() => shapes32(options), ValueError);
  });

  test("use all colours, no pixel of which tells the class", () => {
    const count = 2000;
    const { images, labels } = shapes32({ count });
    const { mean: all, std } = statistics(images, 1);
    near(all[0] / 255, 0.5, 0.02);
    assert.ok(std[0] / 255 > 0.2 && std[0] / 255 < 0.3, `${std}`);
    // The mean image of each class, to which new ones are compared.
    const means = Array.from({ length: 10 }, () => new Float64Array(3072));
    for (let i = 0; i < count; i++)
      for (let k = 0; k < 3072; k++) means[labels[i]][k] += images[i * 3072 + k] / (count / 10);
    const fresh = shapes32({ count: 500, sample: 1 });
    let right = 0;
    for (let i = 0; i < 500; i++) {
      const errors = means.map((image) =>
        image.reduce((sum, value, k) => sum + (value - fresh.images[i * 3072 + k]) ** 2, 0),
      );
      if (errors.indexOf(Math.min(...errors)) === fresh.labels[i]) right++;
    }
    assert.ok(right / 500 < 0.25, `${right} of 500 by their mean image`);
  });

  test("are smooth at their edges, and as large as they should be", () => {
    const { images } = shapes32({ count: 10, noise: 0 });
    // Without noise a plane has as many different pixels as the light and the edge make.
    for (let i = 0; i < 10; i++) {
      const plane = images.slice(i * 3072, i * 3072 + 1024);
      assert.ok(new Set(plane).size > 10, `${shapeNames[i]}: ${new Set(plane).size} values`);
    }
    const { x } = imageDataset(shapes32({ count: 2 })).batch(Uint32Array.of(1), { seed: 0, epoch: 0 });
    assert.deepEqual(x.shape, [1, 3, 32, 32]);
  });
});

test("the animals are a table of 12 rows and 5 columns with units, in both languages", () => {
  const { x, y, count, shape, animals: names, features, classes } = animals();
  assert.deepEqual([x.length, y.length, count, shape], [60, 12, 12, [5]]);
  assert.equal(new Set(names.map(({ ja }) => ja)).size, 12);
  assert.deepEqual(
    features.map(({ ja, unit }) => ja + unit),
    ["体長cm", "体重kg", "足の本数", "最高速度km/h", "寿命y"],
  );
  assert.deepEqual(
    classes.map((_, label) => y.filter((other) => other === label).length),
    [6, 3, 3],
  );
  assert.ok(x.every((value) => Number.isFinite(value) && value >= 0));
  const legs = Array.from({ length: 12 }, (_, i) => x[5 * i + 2]);
  assert.ok(legs.every((count, i) => (y[i] === 1 ? count === 2 : count === 4 || count === 0)));
});

test("what makes data asks for nothing of Node's, nor does what it imports", () => {
  const root = resolve(import.meta.dirname, "../../src");
  const seen = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    const source = readFileSync(file, "utf8");
    for (const [, name] of source.matchAll(/^(?:import|export)\s(?!type\b)[^;"]*?from\s*"([^"]+)"/gm)) {
      assert.ok(name.startsWith("."), `${file} imports ${name}`);
      visit(join(dirname(file), name));
    }
  };
  const files = globSync("data/synthetic/*.ts", { cwd: root }).map((file) => join(root, file));
  assert.ok(files.length > 5);
  for (const file of files) {
    const source = readFileSync(file, "utf8");
    assert.doesNotMatch(source, /\bimport\(|\bprocess\b|\bMath\.(sin|cos|tan|exp|log|pow|hypot|random|tanh)\b/, file);
    visit(file);
  }
  assert.ok([...seen].some((file) => file.endsWith("random.ts")));
});
