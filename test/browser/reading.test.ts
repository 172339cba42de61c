/** What the Lab says, in a real browser: terms that link and have their English, and what is there without scripts. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { hasNoBarriers, type Lab, openLab, skip, until } from "./lab.ts";

let lab: Lab;

describe("what the Lab says", { skip }, () => {
  before(async () => {
    lab = await openLab();
  });
  after(async () => {
    await lab?.[Symbol.asyncDispose]();
  });

  test("a term has its English above it where the page has it first, and leads to its lesson", async () => {
    const { page, complaints } = await lab.open("#/lesson/vanishing-gradient");
    await until(page, ["ready"]);
    assert.equal(await page.locator("ruby").count(), 0, "in one language there is no need for another");
    await page.click('[data-language="both"]');
    await page.click('[data-action="skip-guesses"]');
    const glosses = await page.locator("rt").allTextContents();
    assert.ok(glosses.includes("vanishing gradient") && glosses.length > 4, `${glosses}`);
    assert.deepEqual(glosses, [...new Set(glosses)], "once for each term");
    const link = page.locator("a.term");
    assert.equal(await page.locator('a.term[href="#/lesson/vanishing-gradient"]').count(), 0, "not to itself");
    const parts = ["intro", "happened", "maths", "fill-in", "limits"];
    for (const part of parts) {
      const links = await page
        .locator(`[data-part="${part}"] a.term`)
        .evaluateAll((all) => all.map((a) => a.textContent));
      assert.deepEqual(links, [...new Set(links)], part);
    }
    assert.equal(await page.locator(":is(h1, h2, button, label, .formula > div, pre) a.term").count(), 0);
    await hasNoBarriers(page);
    // Numbers in the prose go on; the link that one has tabbed to stays.
    await page.locator(".happened a.term").first().focus();
    const before = await page.locator(".happened").textContent();
    await page.evaluate(() => (globalThis as unknown as { tsumikiBench: { play(): void } }).tsumikiBench.play());
    await until(page, ["done"]);
    assert.notEqual(await page.locator(".happened").textContent(), before);
    assert.ok(await page.evaluate(() => document.activeElement?.matches(".happened a.term")));
    const href = (await link.first().getAttribute("href")) ?? "";
    await link.first().click();
    await page.waitForSelector(`[data-lesson="${href.split("/").at(-1)}"]`);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });
});
