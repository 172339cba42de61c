/** What the Lab does that the tools it learnt from do not, a test for each; lab/README.md has the list. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { becomesOther, type Lab, pixels, skip, steps, until } from "./lab.ts";
import { sharedLab } from "./shared.ts";

let lab: Lab;

interface Shown {
  readonly lanes: readonly { readonly id: string; readonly readings: Record<string, { values: ArrayLike<number> }> }[];
}
/** The numbers of a reading of a lane, as it is shown now. */
const numbers = (page: Page, lane: number, probe: string): Promise<number[]> =>
  page.evaluate(
    ([at, name]) => {
      const { tsumikiBench } = globalThis as unknown as { tsumikiBench: { shown: { value: Shown } } };
      return Array.from(tsumikiBench.shown.value.lanes[at as number].readings[name as string].values);
    },
    [lane, probe] as const,
  );

async function opened(hash: string): Promise<Page> {
  const { page } = await lab.open(hash);
  await until(page, ["ready", "done"]);
  return page;
}

describe("beside TensorFlow Playground", { skip }, () => {
  before(async () => {
    lab = await sharedLab();
  });

  test("the gradient of every layer is drawn while a network of one's own learns, in two lanes at once", async () => {
    const page = await opened("#/sandbox");
    await steps(page, 5);
    const first = [await numbers(page, 0, "gradient"), await numbers(page, 1, "gradient")];
    assert.ok(first.every((lane) => lane.length === 3 && lane.every((g) => g > 0)));
    assert.notDeepEqual(first[0], first[1]);
    assert.equal(await page.locator('[data-probe="gradient"] canvas').count(), 2);
    await steps(page, 5);
    assert.notDeepEqual(await numbers(page, 0, "gradient"), first[0]);
    await page.context().close();
  });

  test("softmax answers with a probability for each of ten classes", async () => {
    const page = await opened("#/sandbox/drawing");
    const answer = await numbers(page, 0, "answer");
    assert.equal(answer.length, 10);
    assert.ok(Math.abs(answer.reduce((a, b) => a + b, 0) - 1) < 1e-4);
    await page.context().close();
  });

  test("a seed gives the same run again after a reset, and another seed another", async () => {
    const page = await opened("#/sandbox");
    const run = async (): Promise<string> => {
      await steps(page, 4);
      return `${await numbers(page, 0, "territory")}`;
    };
    const first = await run();
    await page.click('[data-action="reset"]');
    await until(page, ["ready"]);
    assert.equal(await run(), first);
    await page.fill('[data-control="seed"]', "2");
    await page.press('[data-control="seed"]', "Enter");
    await until(page, ["ready"]);
    assert.notEqual(await run(), first);
    await page.context().close();
  });
});

describe("beside CNN Explainer", { skip }, () => {
  before(async () => {
    lab = await sharedLab();
  });

  test("filters change while one watches, for the network is trained in the page", async () => {
    const { page } = await lab.open("#/lesson/convolution");
    await until(page, ["ready", "done"]);
    const filters = '[data-probe="filters"] canvas';
    await page.waitForSelector(filters);
    const look = (): Promise<string[]> =>
      page.locator(filters).evaluateAll((all) => all.map((canvas) => (canvas as HTMLCanvasElement).toDataURL()));
    const before = await look();
    await steps(page, 8);
    await becomesOther(look, before);
    await page.context().close();
  });

  test("colours can be compared among maps, if one wants to: each has its own scale, or a lane, or all", async () => {
    const { page, complaints } = await lab.open("#/lesson/vanishing-gradient");
    await until(page, ["ready", "done"]);
    const filters = '[data-probe="filters"]';
    const menu = page.locator(`${filters} [data-control="scope"]`);
    await menu.waitFor();
    const look = (): Promise<string[]> =>
      page
        .locator(`${filters} canvas`)
        .evaluateAll((all) => all.map((canvas) => (canvas as HTMLCanvasElement).toDataURL()));
    await menu.selectOption("each");
    await page.waitForTimeout(300); // it may have been so from the start
    for (const scope of ["lane", "figure"]) {
      const before = await look();
      await menu.selectOption(scope);
      await becomesOther(look, before, scope);
    }
    assert.match((await page.textContent(`${filters} .scope .muted`)) ?? "", /±0\.\d+/);
    await page.reload();
    await menu.waitFor();
    assert.equal(await menu.inputValue(), "figure", "it is kept");
    assert.deepEqual(complaints, []);
    await page.context().close();
  });
});

describe("beside optimizer-visualization", { skip }, () => {
  before(async () => {
    lab = await sharedLab();
  });

  test("the start is dragged with the mouse, and every method runs from there", async () => {
    const page = await opened("#/arena?steps=30");
    const handle = (await page.locator('[data-probe="path"] .handle').boundingBox()) ?? assert.fail("no start");
    const [x, y] = [handle.x + handle.width / 2, handle.y + handle.height / 2];
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x - 120, y + 60, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL(/start=/);
    await until(page, ["ready"]);
    const starts = await page.evaluate(() => {
      const { tsumikiBench } = globalThis as unknown as {
        tsumikiBench: { shown: { value: { lanes: { values: { start: number[] } }[] } } };
      };
      return tsumikiBench.shown.value.lanes.map(({ values }) => values.start);
    });
    assert.equal(starts.length, 5);
    for (const start of starts) assert.ok(start[0] < 0.75 && start[1] < 1, `${start}`);
    await page.context().close();
  });

  test("a map for each method tells where every other start ends", async () => {
    const page = await opened("#/arena?steps=60");
    await page.click('[data-action="play"]');
    await until(page, ["done"]);
    for (let lane = 0; lane < 5; lane++) {
      const ends = await numbers(page, lane, "basin");
      assert.equal(ends.length, 32 * 32);
      assert.ok(new Set(ends).size > 1, "not all starts end in one valley");
    }
    assert.ok((await pixels(page)).length > 0);
    await page.context().close();
  });
});

describe("numbers that stop being finite", { skip }, () => {
  before(async () => {
    lab = await sharedLab();
  });

  test("are told with the step and the layer, in both languages", async () => {
    const page = await opened("#/lesson/vanishing-gradient?lr=10&std=2&relu.weights=gaussian");
    await page.click('[data-action="play"]');
    await until(page, ["done"]);
    const card = page.locator(".diverged");
    await card.waitFor();
    assert.match((await card.textContent()) ?? "", /発散しました.*ステップ \d+ .*（.+）/);
    await page.click('[data-language="en"]');
    assert.match((await card.textContent()) ?? "", /It diverged.*At step \d+ .*\(.+\)/);
    await page.context().close();
  });
});
