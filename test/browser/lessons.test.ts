/**
 * Every lesson of the Lab in a real browser: it runs, it comes out as expected, and it does what a learner asks of it. A
 * lesson has one page for all its tests, in their order, and one thread, but where its address is loaded once more.
 */
import assert from "node:assert/strict";
import { after, before, describe, type TestContext, test } from "node:test";
import type { Page } from "playwright-core";
import { curriculum } from "../../src/experiments/curriculum.ts";
import type { Experiment } from "../../src/experiments/experiment.ts";
import {
  becomesOther,
  chromiumPath,
  fits,
  follow,
  hasNoBarriers,
  type Lab,
  measured,
  pixels,
  share,
  skip,
  steps,
  tabTo,
  traced,
  until,
} from "./lab.ts";
import { sharedLab } from "./shared.ts";

let lab: Lab;

/**
 * Seconds of its thread's own time that the default run of a lesson may take; those that train much may take more. What it
 * took is printed. Machines differ, so only twice as much fails.
 */
const most = (id: string): number => (id === "adam" || id === "alexnet" ? 25 : 10);

/** Lessons without a model: what is drawn there follows from settings alone, and other settings give other pictures. */
const withoutModel: ReadonlySet<string> = new Set([
  ...["no-free-lunch", "layer-product", "sigmoid", "mean-squared-error", "gradient-descent", "backpropagation"],
  ...["momentum", "adagrad", "rmsprop", "norms", "penalty-shapes", "pooling"],
]);

/** What tests ask of the bench that a page shows. */
interface Bench {
  readonly findings: { readonly value: readonly { what: string; got: unknown; want: string; isMet: boolean }[] };
  readonly curves: Readonly<Record<string, Record<string, { steps: number[]; values: number[] }>>>;
  readonly shown: { readonly value: { lanes: { id: string; diverged: unknown; readings: object }[] } };
  readonly frames: { readonly value: number };
  readonly status: { readonly value: string };
  readonly message: { readonly value: string };
  poke(lane: string, by: number): void;
  pause(): void;
}
declare const tsumikiBench: Bench;

describe("the lessons of the Lab", { skip }, () => {
  before(async () => {
    lab = await sharedLab();
  });
  for (const experiment of curriculum.values()) lessonTests(experiment);
});
if (!chromiumPath) console.log("# Lessons are not tested in a browser: there is no Chromium on this system.");

function lessonTests(experiment: Experiment): void {
  const { id, row, params, lanes } = experiment;
  const hash = `#/lesson/${id}`;
  describe(`${row} ${id}`, () => {
    let opening: ReturnType<Lab["open"]> | undefined;
    const opened = async (): Promise<Awaited<ReturnType<Lab["open"]>>> => {
      opening ??= lab.open(hash, { isSingle: true });
      const { page } = await opening;
      await until(page, ["ready", "done"]);
      return opening;
    };
    after(async () => (await opening)?.page.context().close());

    test("the default run comes out as expected, by the keyboard alone, without a complaint", async (t) => {
      const { page, complaints } = await opened();
      assert.ok(!(await page.evaluate(() => crossOriginIsolated)), "with one thread");
      if (await hasSteps(page)) await defaultRun(page, id, t);
      const findings = await page.evaluate(() => tsumikiBench.findings.value);
      assert.ok(findings.length > 0);
      for (const { what, got, want, isMet } of findings) assert.ok(isMet, `${what}: ${got}, expected ${want}`);
      await guesses(page, experiment);
      await fillsIn(page);
      assert.deepEqual(complaints, []);
      await hasNoBarriers(page);
    });

    test("the language changes in the midst of a run, and nothing overflows at any width", async () => {
      const { page } = await opened();
      if (!(await hasSteps(page))) return await fits(page);
      await page.click('[data-action="reset"]');
      await until(page, ["ready"]);
      await page.click(".paces button:nth-child(2)");
      await page.click('[data-action="play"]');
      const hasBegun = (): boolean => Number(document.querySelector(".status")?.getAttribute("data-step")) > 1;
      await page.waitForFunction(hasBegun, null, { timeout: 120_000 });
      const before = await curves(page);
      const isOver = (await page.getAttribute(".status", "data-status")) === "done"; // one of a few steps
      await fits(page);
      await page.evaluate(() => tsumikiBench.pause()); // a click would begin anew what ended just now
      assert.ok(["ready", "done"].includes(await until(page, ["ready", "done", "failed"])));
      const after = await curves(page);
      assert.ok(begins(before, after), "the run went on as if nothing had happened");
      assert.ok(
        isOver || Object.keys(before).some((name) => after[name].length > before[name].length),
        "and it went on",
      );
      await page.click(".paces button:nth-child(3)");
    });

    test("another setting gives other numbers and pictures, and its address gives the same again, bit for bit", async () => {
      const { page, complaints } = await opened();
      await follow(page, hash);
      const isTrained = await hasSteps(page);
      if (isTrained) await steps(page, 3);
      const before = [await measured(page), await pixels(page)];
      const changed = await changeSomething(page, experiment);
      await until(page, ["ready", "done"]);
      if (isTrained) await steps(page, 3);
      const after = [
        await measured(page),
        await becomesOther(() => pixels(page), before[1], `${changed}: the pictures`),
      ];
      assert.notEqual(after[0], before[0], `${changed}: the numbers`);
      // A change of what is hot goes on from where it was made; another began anew.
      const done = Number(await page.getAttribute(".status", "data-step"));
      await share(page);
      await page.reload();
      assert.ok(await page.evaluate(() => crossOriginIsolated), "now with several threads");
      await until(page, ["ready", "done"]);
      if (isTrained) await steps(page, done);
      assert.equal(await measured(page), after[0]);
      assert.deepEqual(complaints, []);
    });

    // Where the rate is a multiple of each method's usual one, its greatest stands for 10.
    const rate = params.lr ? "lr=10" : params.pace?.kind === "number" ? `pace=${params.pace.max}` : null;
    if (rate) {
      test(`${rate} ends in verdicts, and what diverged is told, with its step; nothing is blank`, async () => {
        const { page, complaints } = await opened();
        await follow(page, `${hash}?${rate}${params.steps ? "&steps=100" : ""}`);
        await page.click('[data-action="play"]');
        assert.equal(await until(page, ["done", "failed"]), "done");
        assert.equal(await page.locator(".claim .verdict").count(), Object.keys(experiment.claims).length);
        const diverged = await page.evaluate(
          () => tsumikiBench.shown.value.lanes.filter((lane) => lane.diverged).length,
        );
        const cards = await page.locator(".diverged p").allTextContents();
        assert.equal(cards.length, diverged, "a card for each lane that diverged");
        for (const card of cards) assert.match(card, /発散しました.*ステップ \d+ .*（.+）/);
        assert.doesNotMatch(
          (await page.textContent("main .stage")) ?? "",
          /NaN|Infinity|undefined/,
          "no number that is none",
        );
        assert.deepEqual(complaints, []);
      });
    }

    test(
      withoutModel.has(id)
        ? "there is no model whose weights could be changed"
        : "what is measured and drawn follows the weights of the model, so nothing is a recording",
      async () => {
        const { page, complaints } = await opened();
        await follow(page, hash);
        if (withoutModel.has(id)) {
          for (const lane of Object.keys(lanes)) assert.match((await poke(page, lane)) ?? "", /no parameter/);
          return;
        }
        await steps(page, 1);
        const before = [await measured(page), await pixels(page)];
        await page.click('[data-action="reset"]');
        await until(page, ["ready"]);
        for (const lane of Object.keys(lanes)) assert.equal(await poke(page, lane), null);
        await steps(page, 1);
        assert.notEqual(await measured(page), before[0], "the numbers");
        await becomesOther(() => pixels(page), before[1], "the pictures");
        assert.deepEqual(complaints, []);
      },
    );
  });
}

/** Whether a lesson has steps to train; others show what they show at once. */
const hasSteps = async (page: Page): Promise<boolean> => (await page.locator('[data-action="step"]').count()) > 0;

/** Runs it by Space, within its time; no task of the page's main thread holds it up. */
async function defaultRun(page: Page, id: string, t: TestContext): Promise<void> {
  const { longest, workers } = await traced(page, async () => {
    await page.keyboard.press("Space");
    assert.equal(await until(page, ["done", "failed"]), "done");
  });
  t.diagnostic(`${id}: ${(workers / 1000).toFixed(1)} s of the engine, at most ${longest.toFixed(0)} ms of the page`);
  assert.ok(longest < 50, `a task of ${longest} ms held up the page`);
  assert.ok(workers > 0 && workers < 2 * 1000 * most(id), `${workers} ms of the engine`);
}

/** Guesses at every claim, by Tab and Space; before that there is neither a verdict nor an explanation. */
async function guesses(page: Page, { claims }: Experiment): Promise<void> {
  assert.equal(await page.locator(".verdict, .happened").count(), 0, "no verdict before there is a guess");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter"); // past the contents, to the lesson
  for (const claim of Object.keys(claims)) {
    await tabTo(page, `[data-claim="${claim}"] input`);
    await page.keyboard.press("Space");
    await page.locator(`.claim[data-claim="${claim}"][data-outcome] .verdict`).waitFor();
  }
  assert.ok((await page.locator(".happened p").allInnerTexts()).join("").length > 20, "what happened, in words");
}

/** Has the engine run a wrong line, then the right one; by Tab and keys. */
async function fillsIn(page: Page): Promise<void> {
  const expected = await page.evaluate(() => {
    const { tsumikiLesson } = globalThis as unknown as { tsumikiLesson: { fillIn: { expected: string } } };
    return tsumikiLesson.fillIn.expected;
  });
  await tabTo(page, '[data-control="fill-in"]');
  for (const [line, isRight] of [
    ["12345.5", false],
    [expected, true],
  ] as const) {
    await page.keyboard.press("Control+A");
    await page.keyboard.type(line);
    await page.keyboard.press("Enter");
    await page.waitForSelector(`[data-right="${isRight}"]`, { timeout: 20_000 });
  }
}

type Curves = Record<string, number[]>;
/** The numbers over the steps, by lane and probe; without times. */
const curves = (page: Page): Promise<Curves> =>
  page.evaluate(() => {
    const { details } = tsumikiBench as unknown as { details: { probes: Record<string, { timed?: boolean }> } };
    return Object.fromEntries(
      Object.entries(tsumikiBench.curves).flatMap(([lane, all]) =>
        Object.entries(all).flatMap(([probe, { values }]) =>
          details.probes[probe].timed ? [] : [[`${lane} ${probe}`, [...values]]],
        ),
      ),
    );
  });

/** Whether curves begin as others did. The last of those may have been a look, which is replaced by a step. */
const begins = (before: Curves, after: Curves): boolean =>
  Object.keys(before).length > 0 &&
  Object.entries(before).every(([name, values]) =>
    values.slice(0, -1).every((value, i) => Object.is(value, after[name]?.[i])),
  );

/** Changes the weights of a lane, and waits until that is shown. Gives why not, or null. */
const poke = (page: Page, lane: string): Promise<string | null> =>
  page.evaluate(async (name) => {
    const before = tsumikiBench.frames.value;
    tsumikiBench.poke(name, 0.7);
    while (tsumikiBench.frames.value === before && tsumikiBench.status.value !== "failed")
      await new Promise((resolve) => setTimeout(resolve, 20));
    return tsumikiBench.status.value === "failed" ? tsumikiBench.message.value : null;
  }, lane);

/** Sets what the lesson's own slider is for, or the first parameter that is a number, to another value; says which. */
async function changeSomething(page: Page, { params }: Experiment): Promise<string> {
  const primary = await page.evaluate(() => {
    const { tsumikiLesson } = globalThis as unknown as { tsumikiLesson: { primary?: string } };
    return tsumikiLesson.primary ?? null;
  });
  const found = Object.entries(params).find(
    ([name, { kind }]) =>
      (kind === "number" || kind === "integer") && (primary === null ? !/steps|seed/i.test(name) : name === primary),
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
