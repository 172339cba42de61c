/** Parts of a batch on real workers of the page: as many as are asked for, with the same bits, on hosts without headers too. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { builtLab } from "../../src/cli/lab-files.ts";
import { type Lab, skip, until } from "./lab.ts";
import { sharedLab } from "./shared.ts";

let lab: Lab;

interface Seen {
  readonly losses: readonly number[];
  /** Bars of digits per second: one for each count of workers. */
  readonly counts: number;
  readonly differing: number;
}
const seenOf = (page: Page): Promise<Seen> =>
  page.evaluate(() => {
    const { tsumikiBench: bench } = globalThis as unknown as {
      tsumikiBench: {
        curves: Record<string, Record<string, { values: number[] }>>;
        shown: { value: { lanes: { readings: Record<string, { values: ArrayLike<number> }> }[] } };
      };
    };
    const { loss, differing } = bench.curves.large;
    const { workerSpeeds } = bench.shown.value.lanes[1].readings;
    return { losses: loss.values, counts: workerSpeeds.values.length, differing: Math.max(...differing.values) };
  });

const gradientWorkers = (page: Page): number =>
  page.workers().filter((worker) => /gradient-worker/.test(worker.url())).length;

async function trained(page: Page): Promise<Seen> {
  await until(page, ["ready"]);
  await page.click('[data-action="play"]');
  assert.equal(await until(page, ["done", "failed"]), "done");
  return seenOf(page);
}
const run = (workers: number): string => `#/lesson/minibatch?workers=${workers}&examples=1280`;

describe("parts of a batch on workers", { skip }, () => {
  before(async () => {
    lab = await sharedLab();
  });

  test("as many Web Workers as are asked for compute at the same time, and give the same bits as one", async () => {
    const { page, complaints } = await lab.open(run(1));
    const one = await trained(page);
    assert.equal(gradientWorkers(page), 1);
    assert.equal(one.losses.length, 5);
    await page.goto(lab.address + run(3));
    const three = await trained(page);
    assert.equal(gradientWorkers(page), 3);
    assert.deepEqual(three.losses, one.losses);
    assert.equal(three.differing, 0);
    assert.deepEqual([one.counts, three.counts], [1, 3]);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  test("a static host without headers has workers as well, and where none can start, the page says so", async () => {
    const folder = await builtLab(() => undefined);
    const types: Record<string, string> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };
    let hasWorkers = true;
    const host = createServer(({ url = "/" }, response) => {
      const path = new URL(url, "http://localhost").pathname;
      if (!hasWorkers && path.includes("gradient-worker")) return response.writeHead(404).end();
      const file = join(folder, path === "/" ? "index.html" : path);
      response.setHeader("content-type", types[extname(file)] ?? "application/octet-stream");
      return response.end(readFileSync(file));
    });
    await new Promise<void>((resolve) => host.listen(0, "127.0.0.1", resolve));
    const address = `http://127.0.0.1:${(host.address() as AddressInfo).port}/`;
    const context = await lab.browser.newContext({ serviceWorkers: "block", locale: "ja-JP" });
    const page = await context.newPage();
    await page.goto(address + run(2));
    const two = await trained(page);
    assert.equal(await page.evaluate(() => crossOriginIsolated), false);
    assert.deepEqual([gradientWorkers(page), two.counts], [2, 2]);
    hasWorkers = false;
    await page.reload();
    const none = await trained(page);
    assert.deepEqual([none.losses, none.counts], [two.losses, 1]);
    await page.click('figure[data-probe="workerSpeeds"] .twin summary');
    assert.match((await page.textContent('figure[data-probe="workerSpeeds"] .twin table')) ?? "", /起動できません/);
    await context.close();
    host.close();
    host.closeAllConnections();
  });
});
