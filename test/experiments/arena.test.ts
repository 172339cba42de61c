/** The arena of optimizers: its surfaces are what they are said to be, and walkers do what the optimizers do. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { arena } from "../../src/experiments/arena.ts";
import { packaged } from "../../src/experiments/data.ts";
import { adagrad } from "../../src/experiments/day2/adagrad.ts";
import { momentum } from "../../src/experiments/day2/momentum.ts";
import { rmsprop } from "../../src/experiments/day2/rmsprop.ts";
import type { Experiment, Verdict } from "../../src/experiments/experiment.ts";
import { areRunningMeans, needsBottom, needsOptima } from "../../src/experiments/parts/arena-claims.ts";
import { pointOf } from "../../src/experiments/parts/arena-lane.ts";
import { heightAt, valleyAt } from "../../src/experiments/parts/basin.ts";
import type { Footstep, Track } from "../../src/experiments/parts/footstep.ts";
import { type Method, methods, rates } from "../../src/experiments/parts/methods.ts";
import { Arena } from "../../src/experiments/parts/optimizer-arena.ts";
import {
  flattened,
  type Place,
  type SurfaceName,
  surfaceNames,
  surfaces,
} from "../../src/experiments/parts/surfaces.ts";
import { Run } from "../../src/experiments/run.ts";
import { languages } from "../../src/experiments/text.ts";
import { findings } from "../../src/experiments/verify.ts";
import { Parameter, seed, tensor } from "../../src/index.ts";
import { use } from "../helpers/devices.ts";

const near = (got: number, want: number, error: number): void =>
  assert.ok(Math.abs(got - want) <= error, `${got} for ${want}`);

/** Height and gradient of a surface at a point. */
async function at(surface: SurfaceName, x: number, y: number): Promise<{ height: number; slope: number[] }> {
  const p = new Parameter(tensor([x, y]));
  const height = heightAt(surfaces[surface], p);
  height.backward();
  const slope = p.grad;
  return { height: await height.item(), slope: [...((await slope?.data()) ?? [])] };
}

const arenaOf = (method: Method, surface: SurfaceName, start: Place, cells = 0): Arena<"main"> =>
  new Arena({ method, tracks: { main: { surface: surfaces[surface], start, rate: rates[surface][method] } }, cells });

/** The first step after which `is` holds, within `most`; 0 if there is none. */
async function firstStep(arena: Arena<"main">, is: (step: Footstep) => boolean, most = 1000): Promise<number> {
  for (let step = 1; step <= most; step++) if (is((await arena.step({ pace: 1, noise: 0 })).main)) return step;
  return 0;
}

describe("the arena of optimizers", () => {
  before(() => use("wasm"));

  test("has surfaces that are flat at their valleys, and lowest where they say", async () => {
    for (const name of surfaceNames) {
      const { global, local, lowest } = surfaces[name];
      for (const [x, y] of [...global, ...local]) {
        const { slope } = await at(name, x, y);
        assert.ok(Math.max(...slope.map(Math.abs)) < 0.02, `${name} at ${x}, ${y}: ${slope}`);
      }
      for (const [x, y] of global) near((await at(name, x, y)).height, lowest, 1e-6);
      for (const [x, y] of local) assert.ok((await at(name, x, y)).height > lowest + 1);
    }
  });

  test("has the linked repository's surface: 5.28 deep, and next to flat at its start", async () => {
    near((await at("landscape", -0.5, -0.8)).height, -5.278, 1e-3);
    const { slope } = await at("landscape", 0.75, 1);
    near(Math.hypot(...slope), 7.1e-8, 1e-9);
  });

  test("leaves the saddle in as many steps as the formulas do in float64", async () => {
    const wanted: Record<Method, number> = { sgd: 131, momentum: 34, adagrad: 58, rmsprop: 4, adam: 11 };
    for (const method of methods) {
      const arena = arenaOf(method, "saddle", [1, 0.001]);
      near(await firstStep(arena, ({ position }) => Math.abs(position[1]) > 0.5), wanted[method], 0);
    }
  });

  test("goes from the repository's start as its picture shows: only what divides by sizes moves", async () => {
    const wanted: Record<Method, number> = { sgd: 0, momentum: 0, adagrad: 0, rmsprop: 35, adam: 38 };
    for (const method of methods) {
      const arena = arenaOf(method, "landscape", [0.75, 1]);
      const there = ({ position: [x, y] }: Footstep): boolean => Math.hypot(x + 0.5, y + 0.8) < 0.1;
      near(await firstStep(arena, there), wanted[method], wanted[method] === 0 ? 0 : 2);
    }
  });

  test("maps a start to where a walker from there ends", async () => {
    const cells = 8;
    const middle = (i: number): number => -1.5 + (3 * (i + 0.5)) / cells;
    for (const method of ["momentum", "adam"] as const) {
      const crowd = arenaOf(method, "landscape", [0, 0], cells);
      for (let step = 0; step < 200; step++) await crowd.step({ pace: 1, noise: 0 });
      const { map, ends } = await crowd.basin();
      near(ends.global + ends.local + ends.neither, 1, 1e-12);
      for (const [row, col] of [
        [1, 5],
        [6, 2],
        [3, 0],
      ]) {
        const alone = arenaOf(method, "landscape", [middle(col), middle(cells - 1 - row)]);
        let end = [0, 0];
        for (let step = 0; step < 200; step++) end = [...(await alone.step({ pace: 1, noise: 0 })).main.position];
        assert.equal(map.values[row * cells + col], valleyAt(surfaces.landscape, end[0], end[1]));
      }
    }
  });

  test("shows the move as the direction times the rates, where nothing is remembered of it", async () => {
    for (const method of ["sgd", "adagrad", "rmsprop"] as const) {
      const arena = arenaOf(method, "ravine", [-4, 1]);
      for (let step = 0; step < 3; step++) {
        const { move, gradient, rates } = (await arena.step({ pace: 0.5, noise: 0 })).main;
        for (const axis of [0, 1]) near(move[axis], -rates[axis] * gradient[axis], 1e-5 * Math.abs(move[axis]) + 1e-6);
      }
    }
  });

  test("walks the same way on a surface that is flatter, if steps are divided by the size of gradients", async () => {
    const ends: number[] = [];
    for (const times of [1, 1000]) {
      const track: Track = { surface: flattened(surfaces.ravine, times), start: [-4, 1], rate: 0.5 };
      const arena = new Arena({ method: "adagrad", settings: { accumulator: 0 }, tracks: { main: track } });
      let x = 0;
      for (let step = 0; step < 50; step++) x = (await arena.step({ pace: 1, noise: 0 })).main.position[0];
      ends.push(x);
    }
    near(ends[0], ends[1], 1e-4);
  });

  test("has noise that is 0 on the whole, and none unless asked for", async () => {
    seed(1);
    const arena = arenaOf("sgd", "ravine", [0, 0]);
    assert.deepEqual((await arena.step({ pace: 1, noise: 0 })).main.gradient, [0, 0]);
    const { gradient } = (await arena.step({ pace: 1, noise: 1 })).main;
    assert.ok(gradient.every((g) => g !== 0 && Math.abs(g) < 5));
  });
});

describe("claims on the arena", () => {
  test("tell running means from what is none", () => {
    const inputs = [
      [1, -2],
      [3, 0.5],
      [-1, 4],
    ];
    const means = [
      [0.1, -0.2],
      [0.39, -0.13],
      [0.251, 0.283],
    ];
    assert.ok(areRunningMeans(means, { inputs, of: (x) => x, beta: 0.9 }));
    assert.ok(!areRunningMeans(means, { inputs, of: (x) => x, beta: 0.8 }));
    assert.ok(!areRunningMeans(means, { inputs, of: (x) => x * x, beta: 0.9 }));
  });

  test("cannot be told before a lane has done what they are about", () => {
    const lane = (values: object, step = 100) => ({ values, step, has: () => false, last: () => ({ values: [] }) });
    const adam = lane({ method: "adam", surface: "landscape" });
    assert.equal(needsOptima([adam, adam]), null);
    assert.equal(needsOptima([adam, lane({ surface: "banana" })])?.outcome, "undecided");
    assert.equal(needsOptima([lane({ surface: "saddle" })])?.outcome, "undecided");
    assert.equal(needsBottom(Infinity, 3), null);
    assert.equal(needsBottom(Infinity, Infinity)?.outcome, "undecided");
  });

  test("cannot be told of lanes that differ in more than the claim is about", async () => {
    const verdictsOf = async (experiment: Experiment, lanes: Record<string, object>): Promise<[string, Verdict][]> => {
      const run = await Run.start(experiment, { seed: 1, data: packaged }, { values: { steps: 120 }, lanes });
      while (await run.next());
      return [...run.verdicts()];
    };
    for (const experiment of [momentum, adagrad, rmsprop]) {
      const [first, last] = Object.keys(experiment.lanes);
      const known = await verdictsOf(experiment, {});
      assert.ok(known.some(([, { outcome }]) => outcome !== "undecided"));
      for (const other of [{ method: experiment.lanes[last].values["method"] }, { pace: 0.5 }, { start: [0, 0.6] }]) {
        const label = experiment.params[Object.keys(other)[0]].label;
        for (const [claim, { outcome, because }] of await verdictsOf(experiment, { [first]: other })) {
          assert.equal(outcome, "undecided", `${experiment.id}: ${claim} with ${JSON.stringify(other)}`);
          for (const language of languages) assert.ok(because[language].includes(label[language]), because[language]);
        }
      }
    }
  });

  test("refuse a start that is no point", () => {
    assert.throws(() => pointOf("momentum", [1]), {
      message: "momentum: got start of 1 numbers, but it takes x and y. Give two numbers.",
    });
  });
});

describe("the race of all methods", () => {
  before(() => use("wasm"));

  test("from the plain only those arrive that divide by the size of gradients", async () => {
    const run = await Run.start(arena, { seed: 1, data: packaged });
    while (await run.next());
    for (const { what, got, want, isMet } of findings(run)) assert.ok(isMet, `${what}: ${got}, expected ${want}`);
  });

  test("each surface can be raced on, with a map of where every start ends", async () => {
    for (const preset of Object.keys(arena.presets)) {
      const run = await Run.start(arena, { seed: 1, data: packaged }, { preset, values: { steps: 5 } });
      while (await run.next());
      for (const lane of run.lanes) {
        const { values } = lane.last("basin") as { values: ArrayLike<number> };
        assert.equal(values.length, 32 * 32, preset);
      }
    }
  });
});
