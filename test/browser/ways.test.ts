/** Ways through the Lab: to a first verdict, through an exam, as a teacher prepares it, and for who wants no motion. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { becomesOther, type Lab, pixels, skip, until } from "./lab.ts";
import { sharedLab } from "./shared.ts";

let lab: Lab;

const verdicts = (page: Page): Promise<number> => page.locator(".verdict").count();

/** From now on writes down what is put in regions that are read out; gives what was. */
async function statusesOf(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const said: string[] = [];
    Object.assign(globalThis, { said });
    new MutationObserver((changes) => {
      const regions = changes.map(
        ({ target }) =>
          (target as Element).parentElement?.closest("[role=status]") ?? (target as Element).closest?.("[role=status]"),
      );
      for (const region of new Set(regions)) if (region?.textContent) said.push(region.textContent.trim());
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  return () => page.evaluate(() => (globalThis as unknown as { said: string[] }).said);
}

describe("ways through the Lab", { skip }, () => {
  before(async () => {
    lab = await sharedLab();
  });

  test("a newcomer comes from the first page to a verdict by what is visible, well within two minutes", async (t) => {
    for (const [locale, way, lesson] of [
      ["ja-JP", "Day 1 から始める", /universal-approximation/],
      ["en-US", "Test a claim", /vanishing-gradient/],
    ] as const) {
      const start = performance.now();
      const { page, complaints } = await lab.open("", { locale, width: 360 });
      await page.getByText(way).click();
      await page.waitForURL(lesson);
      const claim = page.locator(".claim").first();
      await claim.locator("label").nth(1).click();
      await claim.locator('[data-action="judge"]').click();
      await claim.locator(".verdict strong").waitFor();
      assert.ok(await claim.locator(".verdict strong").isVisible());
      assert.ok((await page.locator(".happened").count()) === 1, "and what happened, in words");
      const seconds = (performance.now() - start) / 1000;
      t.diagnostic(`${way}: a verdict after ${seconds.toFixed(1)} s`);
      assert.ok(seconds < 60, `${seconds} s`);
      // The knot of the lesson is filled, and stays so.
      await page.reload();
      assert.equal(await page.locator(".thread li.reached").count(), 1);
      assert.deepEqual(complaints, []);
      await page.context().close();
    }
  });

  test("who does not want to guess need not, and a run before the guess gives nothing away", async () => {
    const { page } = await lab.open("#/lesson/vanishing-gradient?steps=40");
    await until(page, ["ready", "done"]);
    await page.click('[data-action="play"]');
    await until(page, ["done"]);
    assert.equal(await verdicts(page), 0);
    const claim = page.locator(".claim").first();
    await claim.locator('[data-action="skip-guess"]').click();
    await claim.locator(".verdict").waitFor();
    assert.equal(await claim.locator(".guess").count(), 0, "no guess, no mark");
    await page.context().close();
  });

  test("what was reached is saved to a file and read from it elsewhere; any other file is refused", async () => {
    const { page } = await lab.open("#/lesson/sigmoid");
    await page.locator('.claim [data-action="skip-guess"]').first().click();
    await page.locator(".verdict").first().waitFor();
    await page.goto(`${lab.address}#/map`);
    const [download] = await Promise.all([page.waitForEvent("download"), page.click('[data-action="save-progress"]')]);
    const chunks: Buffer[] = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
    const buffer = Buffer.concat(chunks);
    await page.context().close();
    const { page: other } = await lab.open("#/map");
    const put = (content: Buffer): Promise<void> =>
      other.setInputFiles('[data-control="progress"]', {
        name: "x.json",
        mimeType: "application/json",
        buffer: content,
      });
    for (const wrong of ["", "[]", '{"a":1}', '{"a/b":{"outcome":"<b>"}}']) {
      await put(Buffer.from(wrong));
      await other.locator('.progress [role="status"]').waitFor();
      assert.equal(await other.locator(".thread li.reached").count(), 0, wrong);
    }
    await put(buffer);
    await other.locator(".thread li.reached").waitFor();
    await other.context().close();
  });

  test("an exam asks, runs, and marks; what was missed leads to lessons, and a reload loses nothing", async () => {
    const { page, complaints } = await lab.open("#/exam?exam=11");
    const said = await statusesOf(page);
    const asked: string[] = [];
    const question = page.locator(".claim[data-question]");
    for (let i = 0; i < 2; i++) {
      asked.push((await question.locator(".question").textContent()) ?? "");
      assert.ok(await question.locator('[data-action="answer"]').isDisabled());
      await question.locator('[data-answer="1"]').check();
      await question.locator('[data-answer="0"]').check();
      assert.equal(await question.locator(".verdict").count(), 0, "a choice is no answer");
      await question.locator('[data-action="answer"]').click();
      await question.locator(".verdict").waitFor({ timeout: 60_000 });
      assert.match((await question.locator(".verdict").textContent()) ?? "", /\d/, "with the numbers of the run");
      await page.click('[data-action="next"]');
    }
    assert.equal(new Set(asked).size, 2);
    const aloud = (await said()).filter((text) => !/[。：]/.test(text)); // without verdicts
    assert.ok(aloud.length > 0 && aloud.length <= 2 * 3, aloud.join(" | "));
    for (const text of aloud) assert.match(text, /^(実験しています…|あと 10 秒以内|あと \d+ 分以内)$/);
    const third = await question.getAttribute("data-question");
    await page.reload();
    assert.equal(await question.getAttribute("data-question"), third, "it goes on where it was");
    const other = await lab.open("#/exam?exam=11");
    assert.equal(await other.page.locator(".claim .question").textContent(), asked[0], "the same exam for others");
    await other.page.evaluate(() => (location.hash = "#/exam?exam=12"));
    await other.page.locator(".claim .question").filter({ hasNotText: asked[0] }).waitFor();
    await other.page.context().close();
    for (let i = 2; i < 10; i++) await question.locator('[data-action="skip"]').click();
    const missed = await page
      .locator('[data-part="missed"] a')
      .evaluateAll((all) => all.map((a) => a.getAttribute("href")));
    assert.ok(missed.length >= 8 && missed.includes(`#/lesson/${third}`), missed.join());
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  test("a teacher hides parts, or shows a single figure, and the run's address keeps that", async () => {
    const { page, complaints } = await lab.open("#/teach");
    await page.selectOption('[data-control="lesson"]', "vanishing-gradient");
    await page.check('[data-hides="claims"]');
    await page.check('[data-hides="maths"]');
    const address = await page.inputValue('[data-control="address"]');
    assert.match(address, /#\/lesson\/vanishing-gradient\?hide=claims,maths$/);
    await page.goto(address);
    await until(page, ["ready"]);
    assert.ok(!(await page.locator(".claims").isVisible()) && !(await page.locator(".formula").first().isVisible()));
    assert.ok(await page.locator(".controls").isVisible());
    const seed = page.locator('[data-control="seed"]');
    await seed.fill("7");
    await seed.press("Enter");
    await page.waitForURL(/seed=7.*hide=/);
    await page.goto(`${lab.address}#/lesson/vanishing-gradient?figure=gradient&steps=20`);
    await page.reload();
    await until(page, ["ready"]);
    await page.click('[data-action="play"]');
    await until(page, ["done"]);
    const figures = await page.locator("figure:visible").evaluateAll((all) => all.map((f) => f.dataset.probe));
    assert.deepEqual(figures, ["gradient"]);
    await page.goto(`${lab.address}#/lesson/vanishing-gradient?figure=gradient&steps=20&play=1`);
    await until(page, ["done"]);
    assert.ok(await page.locator('[data-action="play"]').isVisible());
    assert.ok(!(await page.locator("header.top").isVisible()));
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  test("the first and the last figure of every sixth lesson, embedded, show how things are before the first step, and do not begin by themselves", async () => {
    const { page, complaints } = await lab.open("#/teach");
    const options = (name: string): Promise<string[]> =>
      page
        .locator(`[data-control="${name}"] option`)
        .evaluateAll((all) => all.map((o) => (o as HTMLOptionElement).value));
    for (const lesson of (await options("lesson")).filter((_, i) => i % 6 === 0)) {
      await page.goto(`${lab.address}#/teach`);
      await page.selectOption('[data-control="lesson"]', lesson);
      await page.waitForFunction(() => document.querySelectorAll('[data-control="figure"] option').length > 1);
      const names = (await options("figure")).slice(1);
      for (const figure of [names[0], names.at(-1) as string]) {
        await page.goto(`${lab.address}#/lesson/${lesson}?figure=${figure}`);
        const state = await until(page, ["ready", "done"]);
        const shown = page.locator(`figure[data-probe="${figure}"]:visible`);
        await shown.first().waitFor();
        assert.equal(await shown.count(), 1, `${lesson} ${figure}`);
        const said = await shown.evaluate((f) => f.querySelector("canvas, table, dd, svg, p.muted") !== null);
        assert.ok(said, `${lesson} ${figure}: nothing in it`);
        assert.ok(state === "done" || (await page.getAttribute(".status", "data-step")) === "0");
      }
    }
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  test("who wants no motion sees a picture a second, not an animation", async () => {
    const frames = async (isStill: boolean): Promise<number> => {
      const { page } = await lab.open("#/arena?steps=90", { isStill });
      await until(page, ["ready"]);
      const count = (): Promise<number> =>
        page.evaluate(
          () => (globalThis as unknown as { tsumikiBench: { frames: { value: number } } }).tsumikiBench.frames.value,
        );
      const before = await count();
      await page.click('[data-action="play"]');
      await until(page, ["done"]);
      const made = (await count()) - before;
      await page.context().close();
      return made;
    };
    const [still, moving] = [await frames(true), await frames(false)];
    assert.ok(still >= 2 && still <= 8 && moving > 2 * still, `${still} and ${moving} pictures in three seconds`);
  });

  test("in the arena the start is dragged, who races is chosen, and maps tell where other starts lead", async () => {
    const { page, complaints } = await lab.open("#/arena?steps=40");
    await until(page, ["ready"]);
    await page.getByText("最速").click();
    await page.click('[data-action="play"]');
    await until(page, ["done"]);
    assert.equal(await page.locator('[data-probe="basin"] .lane').count(), 5);
    const before = await pixels(page);
    await page.locator('[data-probe="path"] .handle').first().press("Shift+ArrowLeft");
    await page.waitForURL(/start=/);
    await until(page, ["done"]);
    await becomesOther(() => pixels(page), before);
    await page.uncheck('[data-race="sgd"]');
    assert.equal(await page.locator('[data-probe="basin"] .lane').count(), 4);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });
});
