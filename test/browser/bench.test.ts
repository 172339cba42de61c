/** The bench in a real browser: what it does at once, what it says and when. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { type Lab, openLab, skip, until } from "./lab.ts";

let lab: Lab;

const stepOf = async (page: Page): Promise<number> => Number(await page.getAttribute(".status", "data-step"));
const reaches = (page: Page, step: number): Promise<unknown> =>
  page.waitForFunction((least) => Number(document.querySelector(".status")?.getAttribute("data-step")) >= least, step, {
    timeout: 30_000,
  });

describe("the bench", { skip }, () => {
  before(async () => {
    lab = await openLab();
  });
  after(async () => {
    await lab?.[Symbol.asyncDispose]();
  });

  test("goes on at another speed at once, and stops when it is told to pause", async () => {
    const { page, complaints } = await lab.open("#/lesson/dropout?steps=20000");
    await until(page, ["ready"]);
    const paces = page.locator(".paces button");
    await paces.nth(0).click();
    await page.click('[data-action="play"]');
    await reaches(page, 1);
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
