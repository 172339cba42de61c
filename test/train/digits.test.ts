/** What `npm start` promises: a network that reads digits, within a minute on two threads. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ended, start } from "../cli/world.ts";
import { inTemporaryFolder } from "../folder.ts";

test("start reads at least 98 % of digits that it has not seen", async (t) => {
  await inTemporaryFolder(async (folder) => {
    const { status, stdout, stderr } = await ended(start(["start", "--threads", "2", "--json"], { folder }));
    assert.equal(status, 0, stderr);
    const { lanes, seconds } = JSON.parse(stdout) as {
      lanes: { lenet: { probes: { testAccuracy: { last: number } } } };
      seconds: number;
    };
    const accuracy = lanes.lenet.probes.testAccuracy.last;
    assert.ok(accuracy >= 0.98, `${accuracy}`);
    // The machine may be busy with other things, so the time is told and not asserted.
    t.diagnostic(`${(100 * accuracy).toFixed(2)} % after ${seconds.toFixed(1)} s`);
  });
});
