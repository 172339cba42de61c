/** What learners do to the pictures of the other lessons: places that are dragged, windows that slide, nodes that are chosen. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import type { Locator, Page } from "playwright-core";
import { addressSays, becomesOther, type Lab, skip, until } from "./lab.ts";
import { sharedLab } from "./shared.ts";

let lab: Lab;

async function opened(id: string, width = 1440): Promise<Page> {
  const { page } = await lab.open(`#/lesson/${id}`, { width });
  await until(page, ["ready", "done"]);
  await page.evaluate(() => document.fonts.ready); // they still move what is below
  return page;
}

/** The settings of the run on the bench, of its first lane or of one by name. */
const setting = (page: Page, name: string, lane = 0): Promise<unknown> =>
  page.evaluate(
    ([key, at]) => {
      const { tsumikiBench } = globalThis as unknown as {
        tsumikiBench: { shown: { value: { lanes: { values: Record<string, unknown> }[] } } };
      };
      return tsumikiBench.shown.value.lanes[at as number].values[key as string];
    },
    [name, lane] as const,
  );

const look = (picture: Locator): Promise<string> =>
  picture.evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());

/** Drags from one part of an element to another, with the mouse. */
async function drag(page: Page, what: Locator, from: readonly number[], to: readonly number[]): Promise<void> {
  await what.evaluate((element) => element.scrollIntoView({ block: "center" })); // out from under what sticks to the top
  const box = (await what.boundingBox()) ?? assert.fail("nothing to drag on");
  await page.mouse.move(box.x + from[0] * box.width, box.y + from[1] * box.height);
  await page.mouse.down();
  await page.mouse.move(box.x + to[0] * box.width, box.y + to[1] * box.height, { steps: 4 });
  await page.mouse.up();
}

describe("the pictures of the lessons", { skip }, () => {
  before(async () => {
    lab = await sharedLab();
  });

  test("the bottom of a loss is dragged, or moved by keys, and the weights look for the optimum anew", async () => {
    const page = await opened("penalty-shapes");
    const handle = page.locator('[data-probe="loss"] .handle').first();
    await handle.press("ArrowLeft");
    await addressSays(page, "centre1=1.333");
    await until(page, ["ready"]);
    await page
      .locator('[data-probe="loss"] .drag-plane')
      .first()
      .click({ position: { x: 20, y: 20 } });
    await page.waitForFunction(() => !location.hash.includes("centre1=1.333"));
    await until(page, ["ready"]);
    assert.ok(((await setting(page, "centre1")) as number) < -1);
    await page.context().close();
  });

  test("a landscape turns by the pointer and by its sliders, and shows what is chosen", async () => {
    const page = await opened("penalty-shapes");
    const canvas = page.locator(".landscape canvas").first();
    const shown = (): Promise<string> => look(canvas);
    const level = await shown();
    await drag(page, canvas, [0.3, 0.5], [0.7, 0.4]);
    const turned = await becomesOther(shown, level, "what is dragged");
    await page.locator('[data-angle="tilt"]').first().press("Home");
    const flat = await becomesOther(shown, turned, "what is tilted");
    await page.click('[data-surface="penalty"]');
    await becomesOther(shown, flat, "what is chosen");
    await page.context().close();
  });

  test("without WebGL the landscapes say so, and the maps remain", async () => {
    const page = await opened("penalty-shapes");
    await page.addInitScript(() => {
      const original = HTMLCanvasElement.prototype.getContext;
      HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, kind: string, ...rest: unknown[]) {
        return kind.startsWith("webgl") ? null : Reflect.apply(original, this, [kind, ...rest]);
      } as typeof original;
    });
    await page.reload();
    await until(page, ["ready"]);
    await page.waitForSelector(".landscape p");
    assert.equal(await page.locator(".landscape canvas:visible").count(), 0);
    assert.equal(await page.locator('[data-probe="loss"] canvas:visible').count(), 2);
    await page.context().close();
  });

  test("a walk begins where its start is put, and its rate is set beside the limit", async () => {
    const page = await opened("gradient-descent");
    await page.locator('[data-probe="valley"] .handle').first().press("ArrowUp");
    await addressSays(page, "y=1.167");
    await until(page, ["ready"]);
    const rate = page.locator('[data-own="above.lr"]');
    await rate.fill("0.03");
    await rate.press("Enter");
    await addressSays(page, "above.lr=0.03");
    await until(page, ["ready"]);
    await page.click('[data-action="play"]');
    await until(page, ["done"]);
    const loss = await page.locator('[data-probe="loss"] [data-lane="above"] dd').textContent();
    assert.ok(Number(loss) < 0.01, `${loss}`);
    await page.context().close();
  });

  test("the window of a convolution slides by pointer, keys and itself, and kernel and image are the learner's", async () => {
    const page = await opened("convolution");
    const out = page.locator('[data-probe="output"] [data-out]');
    const window = page.locator('[data-place="window"]');
    const input = page.locator('[data-probe="output"] .pixel-grid').first();
    await drag(page, input, [0.5, 0.5], [0.2, 0.75]);
    const isThere = (): boolean => {
      const place = Number((document.querySelector('[data-place="window"]') as HTMLInputElement).value);
      return Math.abs((place % 28) - 5) <= 1 && Math.abs(Math.floor(place / 28) - 21) <= 1;
    };
    await page.waitForFunction(isThere, null, { timeout: 20_000 });
    const there = Number(await window.inputValue());
    await window.press("ArrowUp");
    await page.waitForFunction(
      (place) => Number((document.querySelector('[data-place="window"]') as HTMLInputElement).value) === place,
      there - 28,
      { timeout: 20_000 },
    );
    await page.click('[data-action="slide"]');
    await page.waitForFunction(
      (from) => Number((document.querySelector('[data-place="window"]') as HTMLInputElement).value) > from + 2,
      there - 28,
    );
    await page.click('[data-action="slide"]');
    // A kernel of a single 1 gives the pixel in the middle of the window.
    await page.click('[data-kernel-choice="4"]');
    await addressSays(page, "kernel=0+0+0+0+1+0+0+0+0");
    await page.click('[data-sample="1"]');
    await addressSays(page, "drawing=");
    for (const place of [12 * 28 + 13, 12 * 28 + 14]) {
      await window.fill(String(place));
      const middle = page.locator('[data-probe="output"] .cells td').nth(4);
      await page.waitForFunction(() => document.querySelector("[data-out]") !== null);
      const [value, pixel] = [Number(await out.getAttribute("data-out")), Number(await middle.textContent())];
      assert.ok(Math.abs(value - pixel) < 0.01, `${value} and ${pixel}`);
    }
    assert.equal(await page.getAttribute(".status", "data-step"), "0");
    await page.context().close();
  });

  test("a window of pooling shows what it keeps, and a shift what it changes", async () => {
    const page = await opened("pooling");
    await page.locator('[data-place="window"]').fill("103");
    const lane = (id: string) => page.locator(`[data-probe="gradient"] [data-lane="${id}"]`);
    const numbers = async (id: string): Promise<number[]> =>
      (await lane(id).locator(".cells td").allTextContents()).map(Number);
    const [values, out] = [await numbers("max"), await lane("max").locator("[data-out]").getAttribute("data-out")];
    assert.ok(Math.abs(Math.max(...values) - Number(out)) < 0.01);
    assert.equal(await lane("max").locator("td.winner").count(), 1);
    assert.equal(await lane("average").locator("td.winner").count(), 4);
    const moved = page.locator('[data-probe="output"] canvas').first();
    const before = await look(moved);
    await page.click('[data-shift="3"]');
    await addressSays(page, "shift=3");
    await page.waitForFunction(
      () => document.querySelector('[data-shift="3"]')?.getAttribute("aria-pressed") === "true",
    );
    await becomesOther(() => look(moved), before);
    await page.context().close();
  });

  test("neighbours that are chosen are scattered in the other order, and test digits move", async () => {
    const page = await opened("why-convolution");
    const [, scrambled] = await page.locator('[data-probe="order"] .pixel-grid canvas').all();
    const before = await look(scrambled);
    await page.locator('[data-place="pixel"]').press("ArrowDown");
    await becomesOther(() => look(scrambled), before);
    await drag(page, page.locator('[data-probe="order"] .pixel-grid').first(), [0.3, 0.3], [0.72, 0.25]);
    await page.waitForFunction(
      (place) => Number((document.querySelector('[data-place="pixel"]') as HTMLInputElement).value) === place,
      7 * 28 + 20,
      { timeout: 20_000 },
    );
    await page.click('[data-shift="0"]');
    await addressSays(page, "shift=0");
    await until(page, ["ready"]);
    const rows = await page.locator('[data-probe="input"] tbody tr').allTextContents();
    assert.equal(rows.length, 4);
    await page.context().close();
  });

  test("sub-networks of dropout are picked, each with its own units and curve", async () => {
    const page = await opened("dropout");
    const pick = page.locator('[data-pick="sub-network"]');
    const lane = page.locator('[data-probe="fan"] [data-lane="with"]');
    let units = "";
    for (const [i, key] of ["Home", "ArrowRight", "ArrowRight"].entries()) {
      await pick.press(key);
      const canvas = lane.locator(`canvas[aria-label*="部分ネットワーク ${i + 1}:"]`);
      await canvas.waitFor();
      units = await becomesOther(() => look(canvas), units, `sub-network ${i + 1}`);
    }
    const kept = Number(await lane.locator("[data-kept]").getAttribute("data-kept"));
    assert.ok(kept > 80 && kept < 122, `${kept} of 128 with p = 0.2`);
    await page.context().close();
  });

  test("the tape goes back node by node, and differences agree with what arrives", async () => {
    const page = await opened("backpropagation");
    const known = page.locator(".tape-node.known");
    assert.equal(await known.count(), 0);
    await page.click('[data-action="back"]');
    await page.waitForSelector('.tape-node.known[data-node="E"]');
    await page.locator('[data-action="back"]').press("Enter");
    await page.waitForSelector('.tape-node.known[data-node="y₂"]');
    assert.equal(await known.count(), 2);
    await page.click('[data-action="check"]');
    await until(page, ["done"]);
    assert.equal(await known.count(), 9);
    await page.click('[data-node="W₁"]');
    await page.waitForSelector('[data-chosen="W₁"]');
    for (const row of await page.locator("[data-chosen] tbody tr").all()) {
      const [, , exact, numeric] = (await row.locator("td").allTextContents()).map(Number);
      assert.ok(Math.abs(exact - numeric) < 1e-3, `${exact} and ${numeric}`);
    }
    const passes = await page.locator('[data-probe="operations"] tbody tr').first().locator("td").allTextContents();
    assert.deepEqual(passes.slice(1), ["2", "34", "2", "204"]);
    await page.context().close();
  });

  test("a point of the regression is dragged, or moved by the sliders, and both lines are fitted anew", async () => {
    const page = await opened("mean-squared-error");
    await page.locator('[data-point="index"]').fill("0");
    await page.locator('[data-point="height"]').press("End");
    await addressSays(page, "heights=");
    assert.equal(await until(page, ["done"]), "done");
    const heights = async (): Promise<number[]> => (await setting(page, "heights")) as number[];
    const before = await heights();
    assert.ok(before[0] > 6 && before.slice(1, 10).every((v) => v < 3), before.join());
    await drag(page, page.locator('[data-probe="line"] canvas').first(), [0.5, 0.7], [0.5, 0.2]);
    await page.waitForFunction((old) => !decodeURIComponent(location.hash).includes(old), before.join("+"));
    await until(page, ["done"]);
    assert.equal((await heights()).filter((v, i) => v !== before[i]).length, 1);
    await page.context().close();
  });

  test("a point of the plane is dragged, and its distance follows, as p does", async () => {
    const page = await opened("norms");
    const length = async (lane: string): Promise<number> =>
      Number(await page.locator(`[data-probe="ball"] [data-lane="${lane}"] [data-length]`).getAttribute("data-length"));
    assert.deepEqual([await length("taxi"), await length("crow")].map(Math.round), [7, 5]);
    await page.locator('[data-probe="ball"] .handle').first().press("ArrowLeft");
    await addressSays(page, "x=2.75");
    const p = page.locator('[data-own="crow.p"]');
    await p.fill("1");
    await p.press("Enter");
    await addressSays(page, "crow.p=1");
    await page.waitForFunction(
      () =>
        Math.abs(
          Number(document.querySelector('[data-lane="crow"] [data-length]')?.getAttribute("data-length")) - 6.75,
        ) < 0.01,
    );
    await page.context().close();
  });

  test("the strength of the lasso is dragged on its path, and those of the ridge are set lane by lane", async () => {
    const page = await opened("lasso");
    await drag(page, page.locator('[data-probe="path"] canvas'), [0.4, 0.5], [0.8, 0.5]);
    await page.waitForFunction(() => /lambda=[\d.]+/.test(location.hash));
    await until(page, ["ready"]);
    assert.ok(((await setting(page, "lambda")) as number) > 0.5);
    await page.goto(`${lab.address}#/lesson/ridge`);
    await until(page, ["ready"]);
    const own = page.locator('[data-own="medium.l2"]');
    await own.fill("0.02");
    await own.press("Enter");
    await addressSays(page, "medium.l2=0.02");
    await page.context().close();
  });

  test("the gap of overfitting is shaded, and learning stops early where that is chosen", async () => {
    const page = await opened("overfitting");
    await page.click('[data-action="early-stop"]');
    await addressSays(page, "earlyStop=on");
    await until(page, ["ready"]);
    await page.click('[data-action="play"]');
    await until(page, ["done"]);
    const large = page.locator('[data-probe="testError"] [data-lane="large"] [data-test]');
    assert.ok(Number(await large.getAttribute("data-test")) < 0.2);
    await page.context().close();
  });

  test("a threshold is dragged along the ROC curve, or set by its slider, and what is found follows", async () => {
    const page = await opened("sigmoid-output");
    await page.locator('[data-slide="threshold"]').press("End");
    await addressSays(page, "threshold=0.99");
    await page.waitForFunction(() =>
      /0\.99/.test(document.querySelector('[data-probe="roc"] .picked')?.textContent ?? ""),
    );
    await page.waitForFunction(() =>
      /^0\.0 %/.test(document.querySelectorAll('[data-probe="roc"] tbody td')[1]?.textContent ?? ""),
    );
    await drag(page, page.locator('[data-probe="roc"] canvas'), [0.2, 0.2], [0.53, 0.04]);
    await page.waitForFunction(() => !location.hash.includes("threshold=0.99"));
    await page.waitForFunction(
      () => Number.parseFloat(document.querySelectorAll('[data-probe="roc"] tbody td')[1]?.textContent ?? "") > 90,
    );
    await page.context().close();
  });

  test("a surely wrong start is dragged, and its mean logit is where it was put", async () => {
    const page = await opened("cross-entropy");
    await drag(page, page.locator('[data-probe="shapes"] canvas').first(), [0.7, 0.5], [0.9, 0.5]);
    await page.waitForFunction(() => /bias=[\d.]+/.test(location.hash));
    await until(page, ["ready"]);
    assert.ok(((await setting(page, "bias")) as number) > 6.2);
    await page.locator('[data-slide="bias"]').press("Home");
    await addressSays(page, "bias=-8");
    await page.context().close();
  });

  test("clouds of gradients are chosen by their size, the truth drifts as it is told, and layers are looked at", async () => {
    const page = await opened("minibatch");
    const cloud = page.locator('[data-probe="cloud"] canvas').first();
    const before = await look(cloud);
    await page.click('[data-size="3"]');
    await becomesOther(() => look(cloud), before);
    await page.goto(`${lab.address}#/lesson/online-learning`);
    await until(page, ["ready"]);
    const drift = page.locator('[data-own="drift"]');
    await drift.fill("1");
    await drift.press("Enter");
    await addressSays(page, "drift=1");
    await page.goto(`${lab.address}#/lesson/alexnet`);
    await until(page, ["ready"]);
    await page.click('[data-stack="0"]');
    assert.match((await page.locator("[data-layer]").textContent()) ?? "", /conv1.*96×55×55.*34,944/);
    await page.locator('[data-stack="5"]').press("Enter");
    assert.match((await page.locator("[data-layer]").textContent()) ?? "", /fc6.*37,752,832/);
    await page.context().close();
  });
});
