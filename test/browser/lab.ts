/** The Lab in a real browser, for tests: built, served, and driven as a person would, with what goes wrong written down. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import type { Server } from "node:http";
import { createRequire } from "node:module";
import { type Browser, chromium, type Page } from "playwright-core";
import { builtLab } from "../../src/cli/lab-files.ts";
import { serveFiles } from "../../src/cli/server.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Where systems have Chromium. */
const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
export const chromiumPath: string | undefined = [process.env.CHROMIUM ?? "", ...places].find((path) =>
  existsSync(path),
);
export const skip: string | false = chromiumPath ? false : "there is no Chromium on this system";

/** The pages besides lessons, by their addresses; the first page first. */
export const paths: readonly string[] = [
  ...["", "sandbox", "sandbox/drawing", "arena", "search", "map", "compiler", "exam", "teach", "run"],
];

export interface Lab extends AsyncDisposable {
  readonly address: string;
  readonly browser: Browser;
  /** A page at `hash`, and all that it complained of or asked for elsewhere. */
  open(hash: string, options?: OpenOptions): Promise<{ page: Page; complaints: string[] }>;
}
export interface OpenOptions {
  readonly width?: number;
  readonly locale?: string;
  /** For who wants no motion. */
  readonly isStill?: boolean;
  /** Whether the Lab may keep itself for when there is no net. Not unless given: each page of a test would fetch it all. */
  readonly isKept?: boolean;
}

export async function openLab(): Promise<Lab> {
  const folder = await builtLab(() => undefined);
  const { server, port } = await serveFiles({ folder, port: 18_860, tries: 100 });
  const browser = await chromium.launch({ executablePath: chromiumPath ?? "", args: ["--no-sandbox"] });
  const address = `http://127.0.0.1:${port}/`;
  return {
    address,
    browser,
    async open(hash, { width = 1440, locale = "ja-JP", isStill = false, isKept = false } = {}) {
      const context = await browser.newContext({
        viewport: { width, height: 900 },
        locale,
        reducedMotion: isStill ? "reduce" : "no-preference",
        serviceWorkers: isKept ? "allow" : "block",
      });
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on("console", (message) => {
        // Where there is no graphics card, the driver tells that landscapes are slow: that is no complaint of the page.
        if (/GL Driver Message|Service Worker registration blocked by Playwright/.test(message.text())) return;
        if (["error", "warning"].includes(message.type())) complaints.push(`console: ${message.text()}`);
      });
      page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
      page.on("request", (request) => {
        const url = request.url();
        if (!url.startsWith(address) && !url.startsWith("data:") && !url.startsWith("blob:"))
          complaints.push(`asks ${url}`);
      });
      await page.goto(address + hash);
      return { page, complaints };
    },
    async [Symbol.asyncDispose]() {
      await browser.close();
      await closed(server);
    },
  };
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** Waits until the run on the bench is in one of these states. */
export async function until(page: Page, states: readonly string[], timeout = 120_000): Promise<string> {
  const selector = states.map((state) => `.status[data-status="${state}"]`).join(", ");
  return (await page.waitForSelector(selector, { timeout, state: "attached" }))?.getAttribute(
    "data-status",
  ) as Promise<string>;
}

/** Waits until the address says so: that is after a change has been made. */
export const addressSays = (page: Page, what: string): Promise<unknown> =>
  page.waitForFunction((text) => decodeURIComponent(location.hash).includes(text), what, { timeout: 10_000 });

/** What all canvases of the bench show, as one text. */
export const pixels = (page: Page): Promise<string> =>
  page.evaluate(() => [...document.querySelectorAll("canvas")].map((canvas) => canvas.toDataURL()).join());

/** What `tsumikiBench` has measured, but for times: curves, and the latest readings, as one text. */
export const measured = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const { tsumikiBench: bench } = globalThis as unknown as {
      tsumikiBench: {
        details: { probes: Record<string, { timed?: boolean }> };
        curves: Record<string, Record<string, unknown>>;
        shown: { value: { lanes: { readings: Record<string, unknown> }[] } | null };
      };
    };
    const lasting = (readings: Record<string, unknown>): [string, unknown][] =>
      Object.entries(readings).filter(([name]) => !bench.details.probes[name].timed);
    const plain = (_: string, value: unknown): unknown =>
      ArrayBuffer.isView(value) ? Array.from(value as unknown as ArrayLike<number>) : value;
    const pictures = bench.shown.value?.lanes.map(({ readings }) => lasting(readings));
    return JSON.stringify([Object.values(bench.curves).map(lasting), pictures], plain);
  });

/** Does `count` steps, and waits for them. */
export async function steps(page: Page, count: number): Promise<void> {
  const from = Number(await page.getAttribute(".status", "data-step"));
  for (let i = 0; i < count; i++) await page.click('[data-action="step"]');
  const done = (step: number): boolean => {
    const status = document.querySelector(".status");
    return Number(status?.getAttribute("data-step")) >= step || status?.getAttribute("data-status") === "done";
  };
  await page.waitForFunction(done, from + count, { timeout: 60_000 });
}

/** No barrier that axe calls serious or critical. */
export async function hasNoBarriers(page: Page): Promise<void> {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(
        ({ id, nodes }) =>
          `${id}: ${nodes
            .slice(0, 3)
            .map(({ html }) => html.slice(0, 160))
            .join(" | ")}`,
      );
  });
  assert.deepEqual(found, []);
}

/** Nothing is wider than the page at the three widths, in no language; and no word is left in Japanese in English. */
export async function fits(page: Page): Promise<void> {
  for (const language of ["en", "both", "ja"]) {
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.click(`[data-language="${language}"]`);
    for (const width of [360, 768, 1440]) {
      await page.setViewportSize({ width, height: 900 });
      await page.waitForTimeout(60);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${language} at ${width}: ${wide} px too wide`);
    }
    if (language !== "en") continue;
    // biome-ignore lint/performance/useDomNodeTextContent: what is hidden is not read
    const text = await page.locator("main").innerText();
    assert.doesNotMatch(text, /[\u3041-\u30ff\u4e00-\u9fff]/, "a word that is not translated");
  }
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds that the thread itself worked. */
  readonly tdur?: number;
  readonly args: { readonly name?: string };
}

/** Milliseconds of the longest task of the page's main thread during `work`: its own time, not that of other programs. */
export async function longestTask(page: Page, work: () => Promise<void>): Promise<number> {
  const session = await page.context().newCDPSession(page);
  const events: TraceEvent[] = [];
  session.on("Tracing.dataCollected", ({ value }) => {
    for (const event of value) events.push(event as unknown as TraceEvent);
  });
  const traceConfig = { includedCategories: ["toplevel"], excludedCategories: ["*"] };
  await session.send("Tracing.start", { transferMode: "ReportEvents", traceConfig });
  await work();
  const complete = new Promise((resolve) => session.once("Tracing.tracingComplete", resolve));
  await session.send("Tracing.end");
  await complete;
  const thread = ({ pid, tid }: TraceEvent): string => `${pid} ${tid}`;
  const mains = new Set(events.filter((e) => e.name === "thread_name" && e.args.name === "CrRendererMain").map(thread));
  const tasks = events.filter((e) => e.ph === "X" && e.name.endsWith("RunTask") && mains.has(thread(e)));
  assert.ok(tasks.length > 0, "no tasks were traced");
  return Math.max(...tasks.map(({ tdur = 0 }) => tdur)) / 1000;
}
