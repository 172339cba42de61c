/** How the Lab is read, in a real browser: terms, Japanese as it is set, the bench on a phone, and pages without scripts. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { curriculum } from "../../src/experiments/curriculum.ts";
import { becomesOther, hasNoBarriers, type Lab, skip, until } from "./lab.ts";
import { sharedLab } from "./shared.ts";

let lab: Lab;

describe("reading the Lab", { skip }, () => {
  before(async () => {
    lab = await sharedLab();
  });

  test("a term has its English above it where the page has it first, and leads to its lesson", async () => {
    const { page, complaints } = await lab.open("#/lesson/vanishing-gradient?steps=40");
    await until(page, ["ready"]);
    await page.click('[data-action="play"]');
    await until(page, ["done"]);
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
    // Numbers in the prose follow the step that is looked at; the link that one has tabbed to stays.
    await page.locator(".happened a.term").first().focus();
    const before = await page.locator(".happened").textContent();
    await page.evaluate(() => {
      const { tsumikiBench } = globalThis as unknown as { tsumikiBench: { at: { value: number } } };
      tsumikiBench.at.value = 0;
    });
    await page.waitForSelector(".past");
    await becomesOther(() => page.locator(".happened").textContent(), before);
    assert.ok(await page.evaluate(() => document.activeElement?.matches(".happened a.term")));
    const href = (await link.first().getAttribute("href")) ?? "";
    await link.first().click();
    await page.waitForSelector(`[data-lesson="${href.split("/").at(-1)}"]`);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  test("without scripts there are the first page's sentence and every lesson, in both languages, and what would run", async () => {
    const context = await lab.browser.newContext({ javaScriptEnabled: false, viewport: { width: 360, height: 740 } });
    const page = await context.newPage();
    await page.goto(lab.address);
    assert.match(
      (await page.locator("h1").textContent()) ?? "",
      /本物のネットワークが学習.*Real networks are learning/s,
    );
    const read = (await page.locator("main").textContent()) ?? "";
    for (const { row, title, question, lanes } of curriculum.values()) {
      const labels = Object.values(lanes).flatMap(({ label }) =>
        typeof label === "string" ? [label] : [label.ja, label.en],
      );
      for (const text of [row ?? "", title.ja, title.en, question.ja, question.en, ...labels])
        assert.ok(read.includes(text), `${row}: ${text}`);
    }
    assert.match(read, /JavaScript と WebAssembly が必要.*隠れ層が 8 つ.*400 ステップ/s);
    assert.equal(await page.locator("tbody tr").count(), curriculum.size);
    const wide = await page.locator("body").boundingBox();
    assert.ok(wide && wide.width <= 360, `${wide?.width}`);
    assert.ok(await page.locator("table").first().isVisible());
    await context.close();
  });

  test("without WebAssembly a card says so, and lessons can be read", async () => {
    const context = await lab.browser.newContext({ locale: "en-US" });
    const page = await context.newPage();
    await page.addInitScript("delete globalThis.WebAssembly");
    await page.goto(`${lab.address}#/lesson/relu`);
    await page.waitForSelector(".lesson h1");
    assert.match((await page.locator('[role="alert"]').textContent()) ?? "", /no WebAssembly.*formulas can be read/);
    assert.ok(await page.locator(".formula").first().isVisible());
    await context.close();
    const { page: other } = await lab.open("#/lesson/relu");
    await other.waitForSelector(".lesson h1");
    assert.equal(await other.locator('[role="alert"]').count(), 0);
    await other.context().close();
  });

  test("a phone keeps the bench in sight, with one slider; the rest is in a sheet", async () => {
    const { page, complaints } = await lab.open("#/lesson/vanishing-gradient", { width: 360 });
    await until(page, ["ready"]);
    await page.evaluate(() => scrollTo(0, 700));
    const bench = (await page.locator(".bench").boundingBox()) ?? assert.fail("no bench");
    assert.ok(bench.y > 0 && bench.y < 60, `it starts below the header: ${bench.y}`);
    assert.ok(Math.abs(bench.height - 0.45 * 900) < 2, `${bench.height} px high`);
    const sliders = page.locator('.controls input[type="range"]');
    const shown = async (): Promise<number> =>
      (await Promise.all((await sliders.all()).map((slider) => slider.isVisible()))).filter(Boolean).length;
    assert.equal(await shown(), 1);
    const tops = await page.evaluate(() => {
      const row = document.querySelector(".transport .buttons") as HTMLElement;
      const copy = row.cloneNode(true) as HTMLElement;
      row.after(copy);
      const [play, grow] = ["[data-action=play]", ".grow"].map((one) => copy.querySelector(one) as HTMLElement);
      const found = ["▶ Train", "❚❚ Pause", "▶ 学習", "❚❚ 一時停止"].map((label) => {
        play.textContent = label;
        return Math.abs(grow.getBoundingClientRect().top - play.getBoundingClientRect().top);
      });
      copy.remove();
      return found;
    });
    assert.ok(Math.max(...tops) < 8, `the buttons stay in one row whatever the first says: ${tops}`);
    await page.click('[data-action="settings"]');
    assert.ok((await shown()) > 3);
    const sheet = (await page.locator(".sheet").boundingBox()) ?? assert.fail("no sheet");
    assert.ok(sheet.y >= bench.y + bench.height - 1, "it leaves the bench in sight");
    assert.ok(await page.locator('[data-control="seed"]').isVisible());
    await hasNoBarriers(page);
    await page.keyboard.press("Escape");
    assert.equal(await shown(), 1);
    await page.click(".grow");
    assert.ok(((await page.locator(".bench").boundingBox())?.height ?? 0) > 800, "or has the whole screen");
    await page.setViewportSize({ width: 740, height: 360 });
    assert.ok(await page.locator('[data-control="seed"]').isVisible(), "one that lies on its side has a plain column");
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  for (const width of [700, 1000]) {
    test(`on paper ${width} px wide a lesson has all its figures, and nothing that only a screen needs`, async () => {
      const { page, complaints } = await lab.open("#/lesson/vanishing-gradient", { width });
      await until(page, ["ready"]);
      await page.emulateMedia({ media: "print" });
      await page.waitForFunction(
        () => getComputedStyle(document.querySelector("header.top") as Element).display === "none",
      );
      const cut = await page.evaluate(() =>
        [".stage", ".bench", ".view"]
          .map((place) => document.querySelector(place) as HTMLElement)
          .filter((box) => box.scrollHeight > box.clientHeight + 1 && getComputedStyle(box).overflowY !== "visible")
          .map((box) => box.className),
      );
      assert.deepEqual(cut, []);
      assert.equal(await page.locator(".thread").isVisible(), false);
      const figures = (await page.locator(".bench").boundingBox()) ?? assert.fail("no bench");
      const last = (await page.locator(".bench .figure").last().boundingBox()) ?? assert.fail("no figure");
      assert.ok(last.y + last.height <= figures.y + figures.height + 1, "the last figure is within the bench");
      assert.deepEqual(complaints, []);
      await page.context().close();
    });
  }

  test("between phone and desk the bench stands beside the text, and the contents are in a drawer", async () => {
    const { page } = await lab.open("#/lesson/vanishing-gradient", { width: 900 });
    await until(page, ["ready"]);
    const left = async (what: string): Promise<number> => (await page.locator(what).first().boundingBox())?.x ?? -1;
    assert.ok((await left(".bench")) > (await left(".lesson .text")) + 300);
    await page.evaluate(() => scrollTo(0, 900));
    assert.ok(await page.locator('[data-action="play"]').isVisible());
    assert.ok(((await page.locator(".bench").boundingBox())?.y ?? -1) > 0, "the bench stays");
    const contents = page.locator("#thread");
    assert.ok(!(await contents.isVisible()));
    await page.click(".menu");
    assert.ok(((await contents.boundingBox())?.y ?? 0) > 0, "where one is, not at the top of the page");
    await hasNoBarriers(page);
    await page.keyboard.press("Escape");
    assert.ok(!(await contents.isVisible()));
    assert.ok(await page.evaluate(() => document.activeElement?.matches(".menu")));
    await page.click(".menu");
    await page.locator('#thread a[href="#/lesson/adam"]').click();
    await page.waitForSelector('[data-lesson="adam"]');
    assert.ok(!(await contents.isVisible()));
    await page.setViewportSize({ width: 1300, height: 900 });
    assert.ok(await contents.isVisible(), "on a desk there is room for them");
    await page.context().close();
  });

  test("Japanese is set as Japanese: lines of at most 38 characters, far apart, broken at phrases", async () => {
    const { page } = await lab.open("#/lesson/adam");
    await page.waitForSelector(".lesson h1");
    const style = (selector: string, name: string): Promise<string> =>
      page
        .locator(selector)
        .first()
        .evaluate((e, n) => getComputedStyle(e).getPropertyValue(n), name);
    const paragraph = '[data-part="intro"] p:not(.row-number):not(.question)';
    const spacing = async (): Promise<number> =>
      parseFloat(await style(paragraph, "line-height")) / parseFloat(await style(paragraph, "font-size"));
    assert.ok(Math.abs((await spacing()) - 1.9) < 0.01);
    assert.equal(await style(paragraph, "word-break"), "auto-phrase");
    assert.equal(await style(paragraph, "line-break"), "strict");
    assert.match(await style(paragraph, "font-feature-settings"), /normal/);
    assert.match(await style("h1", "font-feature-settings"), /palt/);
    const characters = async (): Promise<number> =>
      ((await page.locator(paragraph).first().boundingBox())?.width ?? 0) / 16;
    assert.ok((await characters()) >= 32 && (await characters()) <= 38, `${await characters()}`);
    await page.setViewportSize({ width: 2400, height: 1000 });
    assert.ok((await characters()) <= 38, `${await characters()} on a wide screen`);
    await page.click('[data-language="en"]');
    assert.ok(Math.abs((await spacing()) - 1.6) < 0.01);
    await page.context().close();
  });
});
