/** Images changed at random. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  colorJitter,
  cutout,
  type Example,
  HostRandom,
  randomAffine,
  randomCrop,
  randomRotation,
  type Transform,
} from "../../src/data/index.ts";
import { ShapeError, ValueError } from "../../src/errors.ts";

const nine = [1, 2, 3, 4, 5, 6, 7, 8, 9];

/** What a transform makes of an image, by the numbers of a stream. */
function apply(transform: Transform, data: readonly number[], shape: number[], stream = 0): number[] {
  const example: Example = { data: Float32Array.from(data), shape, random: new HostRandom(1, 0, stream) };
  transform(example);
  return [...example.data];
}

/** The same where every draw is so far from the low end to the high one: 0.5 is the middle. */
function drawn(share: number, transform: Transform, data: readonly number[], shape: number[]): number[] {
  const random = {
    next: () => share,
    below: (count: number) => Math.floor(share * count),
    uniform: (low: number, high: number) => low + (high - low) * share,
  };
  const example = { data: Float32Array.from(data), shape, random: random as unknown as HostRandom };
  transform(example);
  return [...example.data].map((value) => Math.round(value * 1e5) / 1e5 || 0);
}

describe("randomCrop", () => {
  test("keeps each of the places, and all channels alike", () => {
    const seen = new Set<string>();
    for (let stream = 0; stream < 300; stream++) {
      const both = apply(randomCrop(1), [...nine, ...nine], [2, 3, 3], stream);
      assert.deepEqual(both.slice(0, 9), both.slice(9));
      seen.add(both.slice(0, 9).join());
    }
    assert.equal(seen.size, 9);
    for (const place of [nine.join(), "0,0,0,0,1,2,0,4,5", "5,6,0,8,9,0,0,0,0"]) assert.ok(seen.has(place), place);
  });

  test("fills the edge with a number, the nearest pixel, or the mirrored image", () => {
    const first = (padding: number, fill: number | "edge" | "reflect"): string =>
      drawn(0, randomCrop(padding, { fill }), nine, [3, 3]).join();
    assert.equal(first(1, -1), "-1,-1,-1,-1,1,2,-1,4,5");
    assert.equal(first(1, "edge"), "1,1,2,1,1,2,4,4,5");
    assert.equal(first(1, "reflect"), "5,4,5,2,1,2,5,4,5");
    assert.equal(first(5, "reflect"), "5,4,5,2,1,2,5,4,5"); // mirrored twice
    assert.equal(drawn(0, randomCrop(4, { fill: "reflect" }), [7], [1, 1]).join(), "7");
    assert.throws(() => randomCrop(-1), ValueError);
    assert.throws(() => randomCrop(1, { fill: "wrap" as "edge" }), ValueError);
    assert.throws(() => apply(randomCrop(1), nine, [9]), ShapeError);
  });
});

describe("randomAffine", () => {
  test("changes nothing where nothing may change", () => {
    for (let stream = 0; stream < 5; stream++) assert.deepEqual(apply(randomAffine({}), nine, [3, 3], stream), nine);
  });

  test("turns", () => {
    assert.deepEqual(drawn(1, randomRotation(90), nine, [3, 3]), [7, 4, 1, 8, 5, 2, 9, 6, 3]); // clockwise
    assert.deepEqual(drawn(0, randomRotation(90), nine, [3, 3]), [3, 6, 9, 2, 5, 8, 1, 4, 7]);
    assert.deepEqual(drawn(1, randomRotation(180), nine, [1, 3, 3]), nine.toReversed());
  });

  test("moves, by parts of pixels too", () => {
    const third = 1 / 3;
    assert.deepEqual(drawn(1, randomAffine({ translate: third }), nine, [3, 3]), [0, 0, 0, 0, 1, 2, 0, 4, 5]);
    assert.deepEqual(
      drawn(0, randomAffine({ translate: third, fill: "edge" }), nine, [3, 3]),
      [5, 6, 6, 8, 9, 9, 8, 9, 9],
    );
    const half = drawn(1, randomAffine({ translate: third / 2, fill: "edge" }), nine, [3, 3]);
    assert.deepEqual(half, [1, 1.5, 2.5, 2.5, 3, 4, 5.5, 6, 7]);
  });

  test("scales about the middle, and leans", () => {
    assert.deepEqual(drawn(1, randomAffine({ scale: [2, 2] }), nine, [3, 3]), [3, 3.5, 4, 4.5, 5, 5.5, 6, 6.5, 7]);
    const half = drawn(1, randomAffine({ scale: [0.5, 0.5] }), nine, [3, 3]);
    assert.deepEqual(half, [0, 0, 0, 0, 5, 0, 0, 0, 0]);
    const leaning = drawn(1, randomAffine({ shear: 45, fill: "edge" }), nine, [3, 3]);
    assert.deepEqual(leaning, [2, 3, 3, 4, 5, 6, 7, 7, 8]);
  });

  test("keeps a mean, and stays the same for the same numbers", () => {
    const image = Array.from({ length: 400 }, (_, i) =>
      Math.abs((i % 20) - 9.5) < 5 && Math.abs(i / 20 - 10) < 5 ? 1 : 0,
    );
    const turn = randomAffine({ degrees: 15, translate: 0.1, scale: [0.9, 1.1], shear: 5 });
    const sum = (data: readonly number[]): number => data.reduce((a, b) => a + b, 0);
    const results = Array.from({ length: 100 }, (_, stream) => apply(turn, image, [20, 20], stream));
    assert.deepEqual(
      results,
      Array.from({ length: 100 }, (_, stream) => apply(turn, image, [20, 20], stream)),
    );
    assert.equal(new Set(results.map(String)).size, 100);
    const mean = results.reduce((total, data) => total + sum(data), 0) / 100;
    assert.ok(Math.abs(mean / sum(image) - 1) < 0.03, `${mean} of ${sum(image)}`);
  });

  test("takes no sizes that are none", () => {
    const bad = [
      { degrees: -1 },
      { translate: 2 },
      { scale: [0, 1] },
      { shear: 90 },
      { degrees: Number.NaN },
      { angle: 3 },
    ];
    for (const options of bad) assert.throws(() => randomAffine(options as object), ValueError);
    assert.throws(() => apply(randomAffine({}), nine, [9]), ShapeError);
  });
});

describe("colorJitter", () => {
  const pixel = [0.2, 0.4, 0.6]; // red, green and blue of one pixel
  const grey = 0.299 * 0.2 + 0.587 * 0.4 + 0.114 * 0.6;

  test("makes brighter or darker, within bounds", () => {
    assert.deepEqual(drawn(1, colorJitter({ brightness: 0.5 }), pixel, [3, 1, 1]), [0.3, 0.6, 0.9]);
    assert.deepEqual(drawn(0, colorJitter({ brightness: 0.5 }), pixel, [3, 1, 1]), [0.1, 0.2, 0.3]);
    assert.deepEqual(drawn(1, colorJitter({ brightness: 3 }), pixel, [3, 1, 1]), [0.8, 1, 1]);
    assert.deepEqual(drawn(0, colorJitter({ brightness: 3 }), pixel, [3, 1, 1]), [0, 0, 0]);
  });

  test("spreads about the mean of grey, and about the grey of each pixel", () => {
    const flat = drawn(0, colorJitter({ contrast: 1 }), [0, 1, 0.2, 0.4], [1, 2, 2]);
    assert.deepEqual(flat, [0.4, 0.4, 0.4, 0.4]);
    assert.deepEqual(drawn(1, colorJitter({ contrast: 1 }), [0.3, 0.5], [1, 1, 2]), [0.2, 0.6]);
    const rounded = Math.round(grey * 1e5) / 1e5;
    assert.deepEqual(drawn(0, colorJitter({ saturation: 1 }), pixel, [3, 1, 1]), [rounded, rounded, rounded]);
    assert.deepEqual(apply(colorJitter({ saturation: 1 }), [0.5, 0.25], [1, 1, 2]), [0.5, 0.25]);
  });

  test("is drawn for the example, and takes images alone", () => {
    const jitter = colorJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4 });
    const seen = new Set(Array.from({ length: 20 }, (_, stream) => apply(jitter, pixel, [3, 1, 1], stream).join()));
    assert.equal(seen.size, 20);
    assert.throws(() => apply(jitter, pixel, [3]), ShapeError);
    assert.throws(() => apply(jitter, [1, 2], [2, 1, 1]), ShapeError);
    assert.throws(() => colorJitter({ brightness: -0.1 }), ValueError);
    assert.throws(() => colorJitter({ hue: 0.1 } as object), ValueError);
  });
});

describe("cutout", () => {
  test("overwrites a square in all channels, whose middle is anywhere", () => {
    const sizes = new Set<number>();
    const hit = Array<number>(25).fill(0);
    for (let stream = 0; stream < 500; stream++) {
      const image = apply(cutout(3, { fill: 0.5 }), Array<number>(50).fill(1), [2, 5, 5], stream);
      assert.deepEqual(image.slice(0, 25), image.slice(25));
      image.slice(0, 25).forEach((value, i) => {
        assert.ok(value === 1 || value === 0.5);
        if (value === 0.5) hit[i]++;
      });
      sizes.add(image.filter((value) => value === 0.5).length / 2);
    }
    assert.deepEqual([...sizes].sort(), [4, 6, 9]);
    assert.ok(
      hit.every((count) => count > 500 * (4 / 25) * 0.6),
      hit.join(),
    );
    assert.deepEqual(drawn(0.5, cutout(1), nine, [3, 3]), [1, 2, 3, 4, 0, 6, 7, 8, 9]);
    assert.deepEqual(apply(cutout(9), nine, [3, 3]), Array(9).fill(0));
    assert.throws(() => cutout(0), ValueError);
    assert.throws(() => apply(cutout(1), nine, [9]), ShapeError);
  });
});
