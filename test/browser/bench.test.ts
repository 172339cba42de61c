/** The bench in a real browser: what it does at once, what it says and when. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { addressSays, type Lab, skip, until } from "./lab.ts";
import { sharedLab } from "./shared.ts";

let lab: Lab;

const stepOf = async (page: Page): Promise<number> => Number(await page.getAttribute(".status", "data-step"));
const reaches = (page: Page, step: number): Promise<unknown> =>
  page.waitForFunction((least) => Number(document.querySelector(".status")?.getAttribute("data-step")) >= least, step, {
    timeout: 30_000,
  });

describe("the bench", { skip }, () => {
  before(async () => {
    lab = await sharedLab();
  });

  test("goes on at another speed at once, and stops when it is told to pause", async () => {
    const { page, complaints } = await lab.open("#/lesson/dropout?steps=20000");
    await until(page, ["ready"]);
    const paces = page.locator(".paces button");
    await paces.nth(0).click();
    await page.click('[data-action="play"]');
    await reaches(page, 1);
    await page.locator('.stage [aria-live="polite"]').filter({ hasText: /[1-9]/ }).waitFor({ state: "attached" });
    await paces.nth(2).click();
    await reaches(page, 40); // twenty seconds at the speed before
    await page.click('[data-action="play"]');
    await until(page, ["ready"]);
    await page.waitForTimeout(300);
    const paused = await stepOf(page);
    await page.waitForTimeout(1000);
    assert.equal(await stepOf(page), paused);
    await page.click('[data-action="step"]');
    await reaches(page, paused + 1);
    await page.waitForTimeout(500);
    assert.equal(await stepOf(page), paused + 1);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  test("refuses what a parameter does not take with what it takes, and says which lane a control is for", async () => {
    const { page, complaints } = await lab.open("#/lesson/gradient-descent");
    await until(page, ["ready"]);
    const rate = page.locator('[data-parameter="lr"]');
    assert.match((await rate.locator("label").textContent()) ?? "", /B（はじめは上限の上）/);
    const field = rate.locator('[data-number="lr"]');
    await field.fill("10");
    await field.press("Enter");
    assert.match((await rate.locator('[role="alert"]').textContent()) ?? "", /0 から 3 まで/);
    assert.equal(await field.inputValue(), "0.041");
    assert.equal(await field.getAttribute("aria-invalid"), "true");
    await page.selectOption('[data-control="preset"]', "works");
    await page.waitForURL(/preset=works/);
    await rate.locator('[role="alert"]').waitFor({ state: "detached" }); // it was no answer to what is there now
    assert.equal(await field.getAttribute("aria-invalid"), "false");
    await page.selectOption('[data-control="preset"]', "");
    await until(page, ["ready"]);
    await field.fill("0.05");
    await field.press("Enter");
    await page.waitForURL(/above\.lr=0\.05/);
    assert.equal(await rate.locator('[role="alert"]').count(), 0);
    await page.selectOption('[data-control="lane"]', "below");
    assert.equal(await rate.locator('[data-number="lr"]').inputValue(), "0.035");
    const steepness = page.locator('[data-number="steepness"]');
    await steepness.fill("20");
    await steepness.press("Enter");
    await page.waitForURL(/below\.steepness=20/);
    await page.selectOption('[data-control="lane"]', "");
    assert.match((await page.locator('[data-parameter="steepness"] label').textContent()) ?? "", /レーンごとに違う/);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  test("leaves a field to who types in it while the run goes on", async () => {
    const { page, complaints } = await lab.open("#/lesson/dropout?steps=10000");
    await until(page, ["ready"]);
    await page.locator(".paces button").nth(1).click();
    await page.click('[data-action="play"]');
    await reaches(page, 1);
    const field = page.locator('[data-number="lr"]');
    await field.selectText();
    await field.pressSequentially("0.0125", { delay: 120 }); // over many pictures
    assert.equal(await page.getAttribute(".status", "data-status"), "playing");
    assert.equal(await field.inputValue(), "0.0125");
    await field.press("Enter");
    await addressSays(page, "lr=0.0125");
    assert.equal((page.url().match(/at=/g) ?? []).length, 1, "one change, not one for every key");
    const width = page.locator('input[type="range"][data-control="width"]');
    await width.click({ trial: true }); // it has its place
    const box = (await width.boundingBox()) ?? assert.fail("no slider");
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 4, box.y + box.height / 2, { steps: 5 });
    const [held, step] = [await width.inputValue(), await stepOf(page)];
    await reaches(page, step + 5); // it goes on, and the slider stays where it is held
    assert.equal(await width.inputValue(), held);
    assert.doesNotMatch(page.url(), /width=/);
    await page.mouse.up();
    await page.waitForURL(/width=/);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  test("keeps a figure that is pinned in sight while the others go by, on a desk and on a phone", async () => {
    for (const [width, scroller] of [
      [1440, ".stage"],
      [360, ".view"],
    ] as const) {
      const { page, complaints } = await lab.open("#/lesson/vanishing-gradient?steps=20", { width });
      await until(page, ["ready"]);
      await page.click('[data-action="play"]');
      await until(page, ["done"]);
      const figure = page.locator('.figures [data-probe="filters"]');
      const pin = figure.locator('[data-action="pin"]');
      const isInSight = (): Promise<boolean> =>
        page.evaluate((selector) => {
          const view = document.querySelector(selector)?.getBoundingClientRect();
          const box = document.querySelector('.figures [data-probe="filters"] figcaption')?.getBoundingClientRect();
          return Boolean(view && box && box.top >= view.top && box.bottom <= view.bottom);
        }, scroller);
      const scrollTo = (end: "top" | "foot"): Promise<void> =>
        page.locator(scroller).evaluate((element, to) => {
          element.scrollTop = to === "top" ? 0 : element.scrollHeight;
        }, end);
      await scrollTo("top");
      assert.ok(!(await isInSight()), `${width} px: it is further down`);
      await pin.focus();
      await page.keyboard.press("Enter");
      await page.waitForSelector(".pinned");
      assert.ok(await pin.evaluate((button) => button === document.activeElement), "the focus stays on it");
      for (const end of ["top", "foot"] as const) {
        await scrollTo(end);
        assert.ok(await isInSight(), `${width} px, ${end}`);
      }
      await page.keyboard.press("Enter");
      await page.locator(".pinned").waitFor({ state: "detached" });
      assert.deepEqual(complaints, []);
      await page.context().close();
    }
  });

  test("begins anew with what a link says, also where the page was opened with just that", async () => {
    const { page, complaints } = await lab.open("#/lesson/gradient-descent");
    await until(page, ["ready"]);
    const field = page.locator('[data-number="lr"]');
    const first = await field.inputValue();
    await field.fill("0.05");
    await field.press("Enter");
    await page.waitForURL(/above\.lr=0\.05/);
    await page.click('.thread [aria-current="page"]');
    await page.waitForFunction(
      (value) => document.querySelector<HTMLInputElement>('[data-number="lr"]')?.value === value,
      first,
      { timeout: 10_000 },
    );
    assert.doesNotMatch(page.url(), /above\.lr/);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  test("keeps the shape of the page when a setting changes, and clears old numbers", async () => {
    const { page } = await lab.open("#/sandbox/sandbox?steps=30");
    await until(page, ["ready"]);
    assert.equal(await page.locator('[data-action="play"]').count(), 1);
    await page.click('[data-action="play"]');
    await until(page, ["done"]);
    await page.evaluate(() => {
      const watch = globalThis as unknown as { least: number };
      watch.least = Number.POSITIVE_INFINITY;
      const look = (): void => {
        watch.least = Math.min(watch.least, document.querySelector(".figures")?.clientHeight ?? 0);
        requestAnimationFrame(look);
      };
      look();
    });
    const height = await page.evaluate(() => document.querySelector(".figures")?.clientHeight ?? 0);
    const noise = page.locator('[data-number="noise"]');
    await noise.fill("0.3");
    await noise.press("Enter");
    await page.waitForURL(/noise=0\.3/);
    await until(page, ["ready"]);
    await page.waitForTimeout(300);
    const least = await page.evaluate(() => (globalThis as unknown as { least: number }).least);
    assert.ok(least > height - 60, `${height} px, and ${least} px on the way`);
    assert.deepEqual(await page.locator('[data-probe="loss"] dd').allTextContents(), ["–", "–"]);
    await page.context().close();
  });

  test("says in a line what networks read of a drawing", async () => {
    const { page, complaints } = await lab.open("#/sandbox/drawing?steps=60");
    await until(page, ["ready"]);
    assert.equal(await page.locator('[data-part="read"]').count(), 0, "nothing is drawn");
    await page.click('[data-sample="0"]');
    await page.locator('[data-part="read"]').waitFor();
    await page.click('[data-action="play"]');
    await until(page, ["done"]);
    for (const lane of ["mlp", "cnn"])
      assert.match(
        (await page.locator(`[data-part="read"] [data-lane="${lane}"]`).textContent()) ?? "",
        /「\d」と読みました（\d+\.\d\s%）/,
      );
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  test("runs the course's setting where it can be seen, and tells what happened once it has", async () => {
    const { page, complaints } = await lab.open("#/lesson/vanishing-gradient");
    await until(page, ["ready"]);
    await page.locator('.claim [data-action="skip-guess"]').first().click();
    const happened = page.locator('[data-part="happened"]');
    assert.equal(await page.locator(".happened").count(), 0, "nothing has happened");
    assert.doesNotMatch((await happened.textContent()) ?? "", /–/);
    await page.click('[data-action="try-course"]');
    await reaches(page, 1);
    assert.equal(await page.locator(".happened").count(), 0, "not before the verdict");
    await page.waitForFunction(() => {
      const top = document.querySelector(".bench")?.getBoundingClientRect().top ?? Number.NaN;
      return top > -50 && top < innerHeight / 2;
    });
    await page.goto(`${lab.address}#/lesson/vanishing-gradient?steps=30`);
    await page.reload();
    await until(page, ["ready"]);
    await happened.locator('[data-action="judge"]').click();
    await page.locator(".happened").waitFor();
    assert.match((await happened.textContent()) ?? "", /30 ステップ目/);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });
});
