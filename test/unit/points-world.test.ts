/** Points of one's own in free play: read from tables, wrong ones refused with their place, and learnt in two or three classes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { packaged } from "../../src/experiments/data.ts";
import { pointsFromCsv, pointsOf } from "../../src/experiments/parts/points-world.ts";
import type { Forms } from "../../src/experiments/probe.ts";
import { Run } from "../../src/experiments/run.ts";
import { sandbox } from "../../src/experiments/sandbox.ts";

test("a table gives points: by the names of its columns or the first three, from a spreadsheet too, scaled where it has to be", () => {
  assert.deepEqual(pointsFromCsv("label,y,x\nb,0.25,-1\na,0.5,1\n"), {
    points: [-1, 0.25, 1, 1, 0.5, 0],
    classes: ["a", "b"],
    x: [-1, 1],
    y: [0.25, 0.5],
  });
  assert.deepEqual(pointsFromCsv("0,10,cat\n5,20,dog\n10,30,cat").points, [-1, -1, 0, 0, 0, 1, 1, 1, 0]);
  assert.deepEqual(pointsFromCsv("x\ty\tlabel\n0.5\t0.5\t1\n").points, [0.5, 0.5, 0]);
  assert.deepEqual(pointsFromCsv(new TextEncoder().encode("0.1,0.2,k\n")).points, [0.1, 0.2, 0]);
});

test("what is wrong with a table is told by line and column", () => {
  const many = (rows: number): string => Array.from({ length: rows }, () => "0,0,a").join("\n");
  for (const [table, code, words] of [
    ["", "CSV_EMPTY", /at line 1, column 1/],
    ["x,y,label\n", "CSV_EMPTY", /line 1/],
    ["x,y,label\n0.1,0.2,a\n0.1,oops,a", "CSV_NUMBER", /got "oops" at line 3, column "y"/],
    ["0.1,0.2,a\n0.1,0.2", "CSV_RAGGED", /2 fields in a row that ends at line 2, column 8/],
    ['0.1,0.2,"a\n', "CSV_QUOTE", /at line 1, column 9/],
    ["0.1,0.2\n", "CSV_COLUMNS", /got 2 columns at line 1/],
    ["0,0,a\n0,0,b\n0,0,c\n0,0,d", "LIMIT", /4 labels, such as "d" at line 4, column "2"/],
    [many(301), "LIMIT", /301 rows, one too many at line 301/],
  ] as const) {
    assert.throws(
      () => pointsFromCsv(table),
      (error: { code: string; message: string }) => error.code === code && words.test(error.message),
      table.slice(0, 40),
    );
  }
});

test("a list that is no points is refused", () => {
  const world = { data: "own", noise: 0 };
  for (const points of [
    [0.1, 0.2],
    [0, 0, 0.5],
    [0, 0, -1],
  ]) {
    assert.throws(() => pointsOf({ ...world, points }, 0, 1), /points: got \d numbers/);
  }
});

/** Clouds of so many classes around a circle. */
const clouds = (classes: number): number[] =>
  Array.from({ length: 12 * classes }, (_, i) => {
    const [c, k] = [i % classes, Math.floor(i / classes)];
    const [cx, cy] = [
      [-0.6, -0.6],
      [0.6, -0.6],
      [0, 0.6],
    ][c];
    return [cx + 0.02 * (k % 4), cy + 0.02 * Math.floor(k / 4), c];
  }).flat();

for (const classes of [2, 3]) {
  test(`points of one's own in ${classes} classes are learnt, and mapped`, async () => {
    const values = { data: "own", points: clouds(classes), steps: 120 };
    const run = await Run.start(sandbox, { seed: 1, data: packaged }, { values });
    while (await run.next());
    const lane = run.lane("a");
    assert.ok((lane.last("accuracy") as number) > 0.99, `${lane.last("accuracy")}`);
    assert.ok(!lane.has("testAccuracy"), "there are no other points to test with");
    assert.equal(lane.has("territory"), classes === 2);
    assert.equal(lane.has("regions"), classes === 3);
    const map = lane.last(classes === 2 ? "territory" : "regions") as Forms["map"];
    assert.equal(map.points?.length, 12 * classes);
    assert.equal(new Set(Array.from(map.values, (v) => Math.round(v))).size, classes, "every class has a region");
  });
}

test("an empty sheet is no error: there is nothing to train yet", async () => {
  const run = await Run.start(sandbox, { seed: 1, data: packaged }, { values: { data: "own" } });
  assert.equal(run.steps, 0);
  assert.ok(run.lane("a").has("territory"));
});
