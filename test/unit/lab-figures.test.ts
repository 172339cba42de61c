/** Figures of the Lab, as far as they need no browser. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { bars, short } from "../../lab/src/figures/bars.ts";
import { thinned } from "../../lab/src/figures/thinned.ts";
import { arena } from "../../src/experiments/arena.ts";
import { curriculum } from "../../src/experiments/curriculum.ts";
import { drawing } from "../../src/experiments/drawing.ts";
import type { Probes } from "../../src/experiments/probe.ts";
import { sandbox } from "../../src/experiments/sandbox.ts";

describe("numbers", () => {
  test("of a thousand and more are whole, and those of the largest and smallest kind have exponents", () => {
    const written = [5712, 29_316.4, 172_345.6, 12.345, 0.5, 0, 1.5e6, 2e-4].map(short);
    assert.deepEqual(written, ["5,712", "29,316", "172,346", "12.3", "0.5", "0", "1,500,000", "2.0e-4"]);
    assert.equal(short(1.5e6 + 0.5), "1.5e+6");
  });
});

describe("bars", () => {
  test("of magnitudes are on an axis with the small at the left: the larger, the longer", () => {
    const drawn: { x: number; width: number }[] = [];
    const ticks: { text: string; x: number }[] = [];
    const context = {
      measureText: (text: string) => ({ width: 6 * text.length }),
      fillRect: (x: number, _y: number, width: number) => drawn.push({ x, width }),
      fillText: (text: string, x: number) => ticks.push({ text, x }),
    };
    const pen = { context: new Proxy(context, { get: (all, name) => Reflect.get(all, name) ?? (() => undefined) }) };
    const probe = { form: "bars", kind: "magnitude", label: { ja: "", en: "" } } as const;
    const reading = { names: ["1", "2"], values: [1e-9, 1e-2] };
    const told = { probe, range: [1e-9, 1e-2] as const, say: String };
    bars.draw({ ...pen, width: 400, height: 60, colors: {} } as never, reading, told as never);
    assert.equal(drawn[0].x, drawn[1].x, "both begin at the left");
    assert.ok(drawn[1].width > drawn[0].width);
    const at = (text: string): number => ticks.find((tick) => tick.text === text)?.x ?? Number.NaN;
    assert.ok(at("1e-9") < at("0.01"), JSON.stringify(ticks));
  });
});

describe("names that are too long to stand beside their bars", () => {
  test("stand above them, whole, and the picture is as much higher", () => {
    const short = { names: ["a", "b"], values: [1, 2] };
    const long = { names: ["a name that no column beside bars would hold", "b"], values: [1, 2] };
    assert.ok(bars.height(long, 300, String) > bars.height(short, 300, String));
    assert.equal(bars.height(long, 1500, String), bars.height(short, 1500, String), "where there is room for them");
    const written: { text: string; room: number }[] = [];
    const context = {
      measureText: (text: string) => ({ width: 7.2 * text.length }),
      fillText: (text: string, _x: number, _y: number, room = Number.POSITIVE_INFINITY) => written.push({ text, room }),
    };
    const pen = { context: new Proxy(context, { get: (all, name) => Reflect.get(all, name) ?? (() => undefined) }) };
    const told = { probe: { form: "bars", kind: "count", label: { ja: "", en: "" } }, range: [0, 2], say: String };
    const size = { width: 340, height: bars.height(long, 340, String) };
    bars.draw({ ...pen, ...size, colors: {} } as never, long, told as never);
    const name = written.find(({ text }) => text === long.names[0]);
    assert.ok(name && name.room >= 7.2 * long.names[0].length, JSON.stringify(name));
  });
});

describe("what has two axes", () => {
  test("says what they are", () => {
    const all = [...curriculum.values(), arena, drawing, sandbox];
    const silent = all.flatMap(({ id, probes }) =>
      Object.entries(probes as Probes).flatMap(([name, { form, axes }]) =>
        (form === "curves" || form === "map") && !axes ? [`${id} ${name}`] : [],
      ),
    );
    assert.deepEqual(silent, ["softmax simplex"], "a triangle has three corners, which have names");
  });
});

describe("long curves", () => {
  test("are drawn by the least and the greatest of each few points, and by their last", () => {
    const y = Float64Array.from({ length: 10_000 }, (_, i) => (i === 4321 ? 9 : i === 7777 ? -9 : Math.sin(i)));
    const shown = thinned(y);
    assert.ok(shown.length <= 1502, `${shown.length}`);
    for (const at of [4321, 7777, 9999]) assert.ok(shown.includes(at), `${at}`);
    assert.deepEqual(
      shown,
      [...new Set(shown)].sort((a, b) => a - b),
      "in order, each once",
    );
    assert.deepEqual(thinned(y.subarray(0, 1500)).length, 1500, "what has room is drawn whole");
  });

  test("keep what is no number, wherever among few points it is, and the least and the greatest beside it", () => {
    for (let at = 4000; at < 4030; at++) {
      const y = Float64Array.from({ length: 10_000 }, (_, i) => (i === at ? Number.NaN : i === at + 1 ? 9 : 0));
      const shown = thinned(y);
      assert.ok(shown.includes(at) && shown.includes(at + 1), `${at}`);
    }
  });
});
