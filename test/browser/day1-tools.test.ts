/** What learners handle in the first lessons: a curve to draw, matrices, truth tables and logits, by pointer and by keys. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { addressSays, type Lab, skip, until } from "./lab.ts";
import { sharedLab } from "./shared.ts";

let lab: Lab;

interface Reading {
  readonly rows: number;
  readonly cols: number;
  readonly values: ArrayLike<number>;
}

/** A reading of a lane as it is shown now. */
const readingOf = (page: Page, lane: string, probe: string): Promise<number[]> =>
  page.evaluate(
    ([id, name]) => {
      const { tsumikiBench } = globalThis as unknown as {
        tsumikiBench: { shown: { value: { lanes: { id: string; readings: Record<string, Reading> }[] } } };
      };
      const found = tsumikiBench.shown.value.lanes.find((one) => one.id === id);
      return Array.from(found?.readings[name].values ?? []);
    },
    [lane, probe] as const,
  );

async function opened(id: string): Promise<Page> {
  const { page } = await lab.open(`#/lesson/${id}`);
  await until(page, ["ready", "done"]);
  return page;
}

describe("the tools of the first lessons", { skip }, () => {
  before(async () => {
    lab = await sharedLab();
  });

  test("a target is drawn with the mouse, and point by point with the keys", async () => {
    const page = await opened("universal-approximation");
    const sheet = page.locator('[data-probe="fit"] canvas');
    const box = (await sheet.boundingBox()) ?? assert.fail("no sheet");
    const errors = await readingOf(page, "built", "errors");
    await page.mouse.move(box.x + 0.3 * box.width, box.y + 0.2 * box.height);
    await page.mouse.down();
    await page.mouse.move(box.x + 0.7 * box.width, box.y + 0.25 * box.height, { steps: 5 });
    await page.mouse.up();
    await addressSays(page, "target=drawn");
    await until(page, ["ready"]);
    const drawn = await page.evaluate(() => location.hash);
    assert.notDeepEqual(await readingOf(page, "built", "errors"), errors);
    await page.locator('[data-probe="fit"] [data-draw="height"]').press("ArrowUp");
    await page.waitForFunction((before) => location.hash !== before, drawn, { timeout: 10_000 });
    await page.context().close();
  });

  test("stairs that are built by hand give the output their levels", async () => {
    const page = await opened("universal-approximation");
    await page.locator('[data-widget="stairs"] [data-draw="height"]').press("Home");
    await addressSays(page, "levels=");
    await until(page, ["ready"]);
    const lowest = await page.evaluate(() => {
      const { tsumikiBench } = globalThis as unknown as {
        tsumikiBench: {
          shown: { value: { lanes: { id: string; readings: { fit: { y: ArrayLike<number> }[] } }[] } };
        };
      };
      const built = tsumikiBench.shown.value.lanes.find(({ id }) => id === "built");
      return Math.min(...Array.from(built?.readings.fit[1].y ?? []));
    });
    assert.ok(Math.abs(lowest + 1.5) < 0.1, `${lowest}`);
    await page.context().close();
  });

  test("a weight moves its own unit only, and shapes that do not fit say so at their edge", async () => {
    const page = await opened("layer-product");
    const before = await readingOf(page, "matrix", "u1");
    const cell = page.locator('[data-cell="w1 1 2"]');
    await cell.fill("3.5");
    await cell.press("Enter");
    await addressSays(page, "w1=");
    await until(page, ["ready", "done"]);
    // The others may change in their fifth digit: settings have four, so that addresses stay short.
    const moved = (await readingOf(page, "matrix", "u1")).flatMap((u, i) =>
      Math.abs(u - before[i]) < 0.01 ? [] : [i % 4],
    );
    assert.deepEqual(new Set(moved), new Set([1]));
    assert.equal(await page.locator(".edge.clashes").count(), 0);
    const columns = page.locator('[data-probe="w2"] .top input');
    await columns.fill("6");
    await columns.press("Enter");
    await page.waitForSelector(".clash");
    assert.equal(await page.locator(".edge.clashes").count(), 2);
    await page.context().close();
  });

  test("a click on the truth table of XOR makes it one that a line separates, and it is learnt", async () => {
    const page = await opened("step-function");
    await page.click('[data-case="xor 3"]');
    await addressSays(page, "xor.gate=custom");
    await until(page, ["ready"]);
    assert.equal(await page.getAttribute('[data-case="xor 3"]', "aria-pressed"), "true");
    await page.click('[data-action="play"]');
    await until(page, ["done"]);
    const marks = await page.locator("td:has([data-case^='xor']) span[title]").allInnerTexts();
    assert.ok(
      marks.every((mark) => mark.endsWith("○")),
      marks.join(),
    );
    await page.context().close();
  });

  test("a logit moves while the network trains on", async () => {
    const page = await opened("softmax");
    await page.click('[data-action="play"]');
    await until(page, ["done"]);
    const before = await readingOf(page, "shifted", "probabilities");
    await page.locator('[data-logit="2"]').press("End");
    await addressSays(page, "logits=");
    await page.waitForFunction(
      () => document.querySelector(".logits .row:nth-of-type(3) .number")?.textContent === "10",
    );
    assert.equal(await page.getAttribute(".status", "data-step"), "200");
    const after = await readingOf(page, "shifted", "probabilities");
    assert.ok(after[2] > 0.99 && before[2] < 0.1, `${before[2]} and ${after[2]}`);
    await page.context().close();
  });
});
