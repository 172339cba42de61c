/** Free play on points of one's own: put by pointer or keyboard, taken back, read from tables, and kept in the address. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { addressSays, becomesOther, fits, hasNoBarriers, type Lab, pixels, skip, until } from "./lab.ts";
import { sharedLab } from "./shared.ts";

let lab: Lab;

const pointsIn = (page: Page): number[] =>
  (new URLSearchParams(new URL(page.url()).hash.split("?")[1]).get("points") ?? "")
    .split(" ")
    .filter(Boolean)
    .map(Number);

/** Waits until the address has so many points. */
const has = (page: Page, count: number): Promise<unknown> =>
  page.waitForFunction(
    (n) =>
      (new URLSearchParams(location.hash.split("?")[1]).get("points") ?? "").split(" ").filter(Boolean).length ===
      3 * n,
    count,
  );

/** What the field for a file holds. */
const fieldOf = (): { files: number; value: string } | null => {
  const field = document.querySelector<HTMLInputElement>('[data-control="csv-file"]');
  return field && { files: field.files?.length ?? 0, value: field.value };
};

describe("points of one's own", { skip }, () => {
  before(async () => {
    lab = await sharedLab();
  });

  test("are put with the mouse and from the keyboard, in three classes, taken back, and learnt", async () => {
    const { page, complaints } = await lab.open("#/sandbox?steps=80");
    await until(page, ["ready"]);
    await page.click('[data-action="own-points"]');
    const sheet = page.locator(".own-points canvas");
    await sheet.click({ trial: true }); // it grows to its place when the run is there
    const box = (await sheet.boundingBox()) ?? assert.fail("no sheet");
    const side = Math.min(box.width, box.height);
    const blank = await pixels(page);
    for (const [c, x, y] of [
      [0, 0.2, 0.2],
      [1, 0.8, 0.2],
      [2, 0.5, 0.8],
    ] as const) {
      await page.check(`[data-class="${c}"]`);
      for (const off of [0, 0.05, 0.1]) await page.mouse.click(box.x + (x + off) * side, box.y + y * side);
    }
    await has(page, 9);
    assert.deepEqual(
      pointsIn(page).slice(0, 3),
      [-0.6, 0.6, 0].map((v) => Number(v.toFixed(3))),
    );
    await becomesOther(() => pixels(page), blank);
    await page.focus('[data-control="own-x"]');
    for (let i = 0; i < 4; i++) await page.keyboard.press("ArrowRight");
    await page.focus('[data-action="put"]');
    await page.keyboard.press("Enter");
    await has(page, 10);
    assert.deepEqual(pointsIn(page).slice(-3), [0.2, 0, 2]);
    await page.click('[data-action="undo"]');
    await has(page, 9);
    await page.click('[data-action="play"]');
    await until(page, ["done"]);
    await page.waitForSelector('figure[data-probe="regions"] canvas');
    await hasNoBarriers(page);
    await page.reload();
    await until(page, ["ready"]);
    assert.equal(pointsIn(page).length, 27);
    assert.match((await page.textContent(".own-points [role=status]")) ?? "", /9 個の点、3 クラス/);
    await page.click('[data-action="clear-points"]');
    await has(page, 0);
    await page.click('[data-action="undo"]');
    await has(page, 9);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  test("are read from a table, and what is wrong with one is told by line and column in either language", async () => {
    const { page, complaints } = await lab.open("#/sandbox?data=own", { width: 360 });
    await until(page, ["done"]);
    await page.click(".points-table summary");
    const alert = page.locator(".points-table [role=alert]");
    await page.fill('[data-control="csv"]', "x,y,label\n1,2,a\n3,four,b");
    await page.click('[data-action="read-csv"]');
    await alert.filter({ hasText: "3 行目の列「y」：数として読めません" }).waitFor();
    await page.click('[data-language="en"]');
    await alert.filter({ hasText: 'got "four" at line 3, column "y"' }).waitFor();
    await fits(page);
    await page.fill('[data-control="csv"]', "x,y,label\n1,2,a\n3,4,b\n5,6,a");
    await page.click('[data-action="read-csv"]');
    await has(page, 3);
    assert.deepEqual(pointsIn(page), [-1, -1, 0, 0, 0, 1, 1, 1, 0]);
    const choose = async (buffer: Buffer): Promise<void> => {
      await page.setInputFiles('[data-control="csv-file"]', { name: "own.csv", mimeType: "text/csv", buffer });
      const { files, value } = (await page.evaluate(fieldOf)) ?? assert.fail("no field");
      assert.deepEqual([files, value], [0, ""], "the same file may be chosen again");
    };
    const read = page.locator(".points-table [role=status]").filter({ hasText: "own.csv" });
    await choose(Buffer.from("0.1,0.2,one\n0.3,0.4,two\n"));
    await read.waitFor();
    await has(page, 2);
    await choose(Buffer.from("0.1,0.2,one\n0.3,0.4,two\n0.5,0.5,two\n"));
    await has(page, 3);
    await choose(Buffer.from([0x30, 0x2c, 0xff, 0xfe]));
    await alert.filter({ hasText: "UTF-8" }).waitFor();
    assert.equal(pointsIn(page).length, 9, "what is wrong changes nothing");
    await addressSays(page, "data=own");
    await hasNoBarriers(page);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });
});
