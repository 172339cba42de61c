/**
 * Operators and losses give PyTorch's values and gradients, on every device and for inputs however they lie in memory.
 * What does not is in skipped.json with a reason. That list can only shrink: a case on it that would pass fails here.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { DeviceName } from "../helpers/devices.ts";
import { Golden, type OpCase } from "./cases.ts";
import { eachDevice, isSkipped, skips, unusedSkips } from "./helpers.ts";
import { operators } from "./operators.ts";
import { type Layout, run } from "./runner.ts";

const files = ["ops", "losses"] as const;
const goldens = new Map(files.map((file) => [file, new Golden<OpCase>(file)]));

/** Of the cases, those that are also run with their inputs laid out otherwise: a few, evenly. */
const some = (cases: readonly OpCase[]): readonly OpCase[] =>
  cases.filter((_, i) => i % Math.ceil(cases.length / 4) === 0);

async function check(
  file: (typeof files)[number],
  op: string,
  cases: readonly OpCase[],
  device: DeviceName,
): Promise<void> {
  const layouts: [Layout, readonly OpCase[]][] = [
    ["contiguous", cases],
    ["transposed", some(cases)],
    ["sliced", some(cases)],
  ];
  const faults = cases.map((): string[] => []);
  for (const [layout, chosen] of layouts) {
    const reasons = await run(goldens.get(file)!, chosen, layout);
    reasons.forEach((why, k) => {
      if (why) faults[cases.indexOf(chosen[k])].push(`${layout}: ${why}`);
    });
  }
  const complaints = cases.flatMap(({ args, kwargs }, i) => {
    const skipped = isSkipped(file, op, i, device);
    if (skipped) return faults[i].length > 0 ? [] : [`${op} ${i} passes: take it off skipped.json`];
    return faults[i].map((fault) => `${op} ${i}: ${JSON.stringify(args)} ${JSON.stringify(kwargs)}, ${fault}`);
  });
  assert.ok(complaints.length === 0, `\n${complaints.join("\n")}`);
}

describe("golden operators", () => {
  eachDevice((device) => {
    for (const [file, golden] of goldens) {
      for (const [op, cases] of Map.groupBy(golden.cases, (c) => c.op)) {
        if (operators[op]) test(`${op} of ${file}`, () => check(file, op, cases, device));
      }
    }
  });
});

test("every recorded function is tested or skipped for a reason, and every reason is for something recorded", () => {
  for (const [file, { cases }] of goldens) {
    const groups = Map.groupBy(cases, (c) => c.op);
    for (const op of groups.keys()) {
      const whole = skips.some((skip) => skip.file === file && skip.name === op && !skip.cases);
      assert.ok(
        operators[op] ? !whole : whole,
        `${op}: ${whole ? "is tested: take it off skipped.json" : "is not tested"}`,
      );
    }
    const counts = new Map(groups.entries().map(([op, list]) => [op, list.length]));
    assert.deepEqual(unusedSkips(file, counts), []);
  }
});
