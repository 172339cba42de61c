/** The compiler changes speed, never meaning: random programs, against the oracle. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { runChild } from "../helpers/child.ts";
import { bugs } from "./bugs.ts";
import { compare, fuzz, lacking, report, settings } from "./fuzz.ts";

const child = new URL("./child.ts", import.meta.url).pathname;

/** What goes wrong with programs in a process of their own, for machine code that is wrong may end it. */
function inChild(setting: string, first: number, count: number, ends = ""): string | null {
  const { said, last, end } = runChild(child, [setting, String(first), String(count), ends]);
  if (end === null) return said[0] === "null" ? null : said.join("\n");
  // It ran several together: of which one ends it is seen when each is alone.
  const seeds = last.split(" ");
  if (seeds.length === 1) return `seed ${last}, ${setting}: ${end}`;
  for (const seed of seeds) {
    const found = inChild(setting, Number(seed), 1, ends);
    if (found) return found;
  }
  return `seeds ${last} together, ${setting}: ${end}`;
}

test("a program that ends its process is found, with its seed", () => {
  const found = inChild("as it is", 5_000_000, 30, "5000017");
  assert.match(found ?? "", /^seed 5000017, as it is: SIGSEGV/);
});

for (const [i, setting] of settings.entries()) {
  const count = i === 0 ? 15000 : 1000;
  test(`${count} programs mean the same to the compiler ${setting.name} as to the oracle`, async (t) => {
    const why = await lacking(setting);
    if (why) return t.skip(why);
    const first = 1_000_000 + 100_000 * i;
    if (setting.device) assert.equal(inChild(setting.name, first, count), null);
    else {
      const { failure } = await fuzz(setting, { first, count });
      assert.equal(failure && report(failure), null);
    }
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
