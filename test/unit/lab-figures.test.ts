/** Figures of the Lab, as far as they need no browser. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { bars } from "../../lab/src/figures/bars.ts";
import { thinned } from "../../lab/src/figures/thinned.ts";

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
