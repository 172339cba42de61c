/** Every lesson of the Lab in a real browser: it runs, it comes out as expected, and it does what a learner asks of it. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { curriculum } from "../../src/experiments/curriculum.ts";
import type { Experiment } from "../../src/experiments/experiment.ts";
import {
  chromiumPath,
  fits,
  hasNoBarriers,
  type Lab,
  longestTask,
  measured,
  openLab,
  pixels,
  skip,
  steps,
  until,
} from "./lab.ts";

let lab: Lab;

describe("the lessons of the Lab", { skip }, () => {
  before(async () => {
    lab = await openLab();
  });
  after(async () => {
    await lab?.[Symbol.asyncDispose]();
  });
  for (const experiment of curriculum.values()) lessonTests(experiment);
});
if (!chromiumPath) console.log("# Lessons are not tested in a browser: there is no Chromium on this system.");

function lessonTests(experiment: Experiment): void {
  const { id, row, params, lanes } = experiment;
  const hash = `#/lesson/${id}`;
  describe(`${row} ${id}`, () => {
    test("the default run comes out as expected, by the keyboard alone, without a complaint", async () => {
      const { page, complaints } = await lab.open(hash);
      await until(page, ["ready", "done"]);
      const longest = await longestTask(page, async () => {
        await page.locator("body").press("Space");
        assert.equal(await until(page, ["done", "failed"]), "done");
      });
      assert.ok(longest < 50, `a task of ${longest} ms held up the page`);
      const findings = await page.evaluate(() => {
        const { tsumikiBench } = globalThis as unknown as {
          tsumikiBench: { findings: { value: { what: string; got: unknown; want: string; isMet: boolean }[] } };
        };
        return tsumikiBench.findings.value;
      });
      assert.ok(findings.length > 0);
      for (const { what, got, want, isMet } of findings) assert.ok(isMet, `${what}: ${got}, expected ${want}`);
      assert.equal(await page.locator(".verdict, .happened").count(), 0, "no verdict before there is a guess");
      const guesses = page.locator(".claim");
      for (let i = 0; i < (await guesses.count()); i++) await guesses.nth(i).locator("input").first().press("Space");
      const outcomes = await page.locator(".claim[data-outcome] .verdict").count();
      assert.equal(outcomes, Object.keys(experiment.claims).length, "a verdict for each claim");
      assert.ok((await page.locator(".happened p").allInnerTexts()).join("").length > 20, "what happened, in words");
      assert.deepEqual(complaints, []);
      await hasNoBarriers(page);
      await page.context().close();
    });

    test("another setting gives other numbers and pictures, and its address gives the same again, bit for bit", async () => {
      const { page } = await lab.open(hash);
      await until(page, ["ready", "done"]);
      const trained = (await page.locator('[data-action="step"]').count()) > 0;
      if (trained) await steps(page, 3);
      const before = [await measured(page), await pixels(page)];
      const changed = await changeSomething(page, experiment);
      await until(page, ["ready", "done"]);
      if (trained) await steps(page, 3);
      const after = [await measured(page), await pixels(page)];
      assert.notEqual(after[0], before[0], `${changed}: the numbers`);
      assert.notEqual(after[1], before[1], `${changed}: the pictures`);
      const again = await lab.open(new URL(page.url()).hash);
      await until(again.page, ["ready", "done"]);
      // A change of what is hot goes on from where it was made; another began anew.
      const done = Number(await page.getAttribute(".status", "data-step"));
      if (trained) await steps(again.page, done);
      assert.equal(await measured(again.page), after[0]);
      await again.page.context().close();
      await page.context().close();
    });

    test("a learner's line is run; the language changes in the midst of a run, and nothing overflows at any width", async () => {
      const { page } = await lab.open(hash, { width: 360 });
      await until(page, ["ready", "done"]);
      const expected = await page.evaluate(() => {
        const { tsumikiLesson } = globalThis as unknown as { tsumikiLesson: { fillIn: { expected: string } } };
        return tsumikiLesson.fillIn.expected;
      });
      const field = page.locator('[data-control="fill-in"]');
      for (const [line, isRight] of [
        ["12345.5", false],
        [expected, true],
      ] as const) {
        await field.fill(line);
        await field.press("Enter");
        await page.waitForSelector(`[data-right="${isRight}"]`, { timeout: 20_000 });
      }
      if ((await page.locator('[data-action="step"]').count()) > 0) await steps(page, 2);
      const step = await page.getAttribute(".status", "data-step");
      await fits(page);
      assert.equal(await page.getAttribute(".status", "data-step"), step);
      await page.context().close();
    });

    if (params.lr) {
      test("a learning rate of 10 ends in a verdict or in a divergence that is told, not in a blank", async () => {
        const { page, complaints } = await lab.open(`${hash}?lr=10${params.steps ? "&steps=100" : ""}`);
        await until(page, ["ready", "done"]);
        await page.click('[data-action="play"]');
        assert.equal(await until(page, ["done", "failed"]), "done");
        await page.click('[data-action="skip-guesses"]');
        const told = (await page.locator(".diverged p").count()) + (await page.locator(".verdict").count());
        assert.ok(told > 0);
        assert.ok((await pixels(page)).length > 0);
        assert.deepEqual(complaints, []);
        await page.context().close();
      });
    }

    test("what is measured follows the weights of the model, so nothing is a recording", async (t) => {
      const { page } = await lab.open(hash);
      await until(page, ["ready", "done"]);
      const isTrained = (await page.locator('[data-action="step"]').count()) > 0;
      if (isTrained) await steps(page, 1);
      const before = await measured(page);
      if (isTrained) {
        await page.click('[data-action="reset"]');
        await until(page, ["ready"]);
      }
      const poked = await page.evaluate(async (lanes) => {
        const { tsumikiBench: bench } = globalThis as unknown as {
          tsumikiBench: { poke(lane: string, by: number): void; frames: { value: number }; status: { value: string } };
        };
        for (const lane of lanes) {
          const before = bench.frames.value;
          bench.poke(lane, 0.7);
          while (bench.frames.value === before && bench.status.value !== "failed") {
            await new Promise((resolve) => setTimeout(resolve, 20));
          }
          if (bench.status.value === "failed") return false;
        }
        return true;
      }, Object.keys(lanes));
      if (!poked) {
        t.skip("this lesson has no model: its settings are what pictures follow");
        await page.context().close();
        return;
      }
      await steps(page, 1);
      assert.notEqual(await measured(page), before);
      await page.context().close();
    });
  });
}

/** Sets the first parameter that is a number, and no count of steps, to another value; says which. */
async function changeSomething(page: Page, { params }: Experiment): Promise<string> {
  const found = Object.entries(params).find(
    ([name, { kind }]) => (kind === "number" || kind === "integer") && !/steps|seed/i.test(name),
  );
  if (!found) {
    const [name, p] =
      Object.entries(params).find(([, { kind }]) => kind === "choice") ?? assert.fail("nothing to change");
    const options = p.kind === "choice" ? p.options : [];
    const select = page.locator(`select[data-control="${name}"]`);
    const now = await select.inputValue();
    await select.selectOption(options.find((option) => option !== now) as string);
    return name;
  }
  const [name, p] = found;
  if (p.kind !== "number" && p.kind !== "integer") throw new Error("not a number");
  const value =
    p.default > p.min
      ? p.kind === "integer"
        ? Math.max(p.min, p.default - 1)
        : p.min + (p.default - p.min) / 2
      : p.kind === "integer"
        ? p.default + 1
        : p.min + (p.max - p.min) / 2;
  const input = page.locator(`input[data-number="${name}"]`);
  await input.fill(String(Number(value.toPrecision(3))));
  await input.press("Enter");
  await page.waitForTimeout(100);
  return name;
}
