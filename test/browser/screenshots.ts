/**
 * Pictures of every lesson and page for a person to look at: `node test/browser/screenshots.ts FOLDER`. Each page is run once,
 * guesses are skipped, and it is shown at three widths, in two languages, light and dark. Some of all: `--only momentum,map`,
 * `--widths 360,1440`, `--languages ja`, `--themes light`. `--strips 1500` cuts each page into strips of that height and sets
 * them beside each other, so that a long page is looked at in one picture without being made small.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Page } from "playwright-core";
import { curriculum } from "../../src/experiments/curriculum.ts";
import { type Lab, openLab, paths, until } from "./lab.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: "string", default: "" },
    widths: { type: "string", default: "360,768,1440" },
    languages: { type: "string", default: "ja,en" },
    themes: { type: "string", default: "light,dark" },
    strips: { type: "string", default: "0" },
  },
});
const [folder] = positionals;
if (!folder) throw new Error("usage: node test/browser/screenshots.ts FOLDER [--only a,b] [--widths 360,768,1440] …");
const strip = Number(values.strips);
const listed = (text: string): string[] => text.split(",").filter((part) => part !== "");
const only = listed(values.only);
const all = [...[...curriculum.values()].map(({ id }) => `lesson/${id}`), ...paths];
const chosen = all.filter((path) => only.length === 0 || only.some((part) => path.split("/").at(-1) === part));

mkdirSync(folder, { recursive: true });
await using lab = await openLab();
for (const path of chosen) await shoot(lab, path, folder);

/** All pictures of the page at `path`, whose run has been made. */
async function shoot(lab: Lab, path: string, into: string): Promise<void> {
  const { page, complaints } = await lab.open(`#/${path}`);
  await page.waitForSelector("main:not([aria-busy=true]) :is(h1, p)");
  await run(page);
  const name = path === "" ? "home" : path.replace(/^lesson\//, "").replaceAll("/", "-");
  for (const language of listed(values.languages)) {
    await page.click(`[data-language="${language}"]`);
    for (const colorScheme of listed(values.themes) as ("light" | "dark")[]) {
      await page.emulateMedia({ colorScheme });
      for (const width of listed(values.widths).map(Number)) {
        await page.setViewportSize({ width, height: 900 });
        await page.evaluate(() => scrollTo(0, 0)); // else what sticks to the top covers something in the midst
        await page.waitForTimeout(250); // what is drawn follows with the next frames
        await picture(page, join(into, `${name}-${width}-${language}-${colorScheme}.png`), width);
      }
    }
  }
  for (const complaint of complaints) console.log(`${path}: ${complaint}`);
  console.log(path);
  await page.context().close();
}

/** Runs what is on the bench to its end, if there is a bench, and gives away what came out. */
async function run(page: Page): Promise<void> {
  if ((await page.locator(".status").count()) > 0) {
    if ((await until(page, ["ready", "done"])) === "ready") await page.click('[data-action="play"]');
    await until(page, ["done", "failed"]);
  } else await page.waitForTimeout(2500);
  const skip = page.locator('[data-action="skip-guesses"]');
  if ((await skip.count()) > 0) await skip.click();
}

/** The whole page, or its strips beside each other. */
async function picture(page: Page, path: string, width: number): Promise<void> {
  const whole = await page.screenshot({ fullPage: true });
  const height = whole.readUInt32BE(20); // of a PNG's header
  if (strip === 0 || height <= strip) return writeFileSync(path, whole);
  const count = Math.ceil(height / strip);
  const sheet = await page.context().newPage();
  await sheet.setViewportSize({ width: count * (width + 16), height: strip });
  const url = `data:image/png;base64,${whole.toString("base64")}`;
  const cut = (_: unknown, i: number): string => `<i style="background-position:0 ${-i * strip}px"></i>`;
  const style = `body { margin: 0; display: flex; gap: 16px; background: #888 }
    i { width: ${width}px; height: ${strip}px; background: url(${url}) no-repeat }`;
  await sheet.setContent(`<style>${style}</style>${Array.from({ length: count }, cut).join("")}`);
  await sheet.waitForTimeout(50);
  await sheet.screenshot({ path });
  await sheet.close();
}
