/** The compiler changes speed, never meaning: random programs, against the oracle. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bugs } from "./bugs.ts";
import { compare, fuzz, lacking, report, settings } from "./fuzz.ts";

for (const [i, setting] of settings.entries()) {
  const count = i === 0 ? 15000 : 1000;
  test(`${count} programs mean the same to the compiler ${setting.name} as to the oracle`, async (t) => {
    const why = await lacking(setting);
    if (why) return t.skip(why);
    const { failure } = await fuzz(setting, { first: 1_000_000 + 100_000 * i, count });
    assert.equal(failure && report(failure), null);
  });
}

for (const setting of settings.filter((s) => !s.reorders))
  test(`1000 programs give the same bits ${setting.name} and without cuts`, async () => {
    assert.equal(await compare(settings[0], setting, { first: 3_000_000, count: 1000 }), null);
  });

for (const setting of settings.filter((s) => s.device))
  test(`500 programs give the same bits ${setting.name}, whether kernels are joined or not`, async (t) => {
    const why = await lacking(setting);
    if (why) return t.skip(why);
    const apart = { ...setting, target: { maxBuffers: 0 } };
    assert.equal(await compare(setting, apart, { first: 3_100_000, count: 500 }), null);
  });

for (const bug of bugs)
  test(`a planted bug is found: ${bug.name}`, async () => {
    const { failure } = await fuzz(bug, { first: 2_000_000, count: 5000, shrinks: false });
    assert.ok(failure, "5,000 programs did not show it");
  });
