/** The Lab in a real browser, for tests: built, served, and driven as a person would, with what goes wrong written down. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import type { Server } from "node:http";
import { createRequire } from "node:module";
import { isDeepStrictEqual } from "node:util";
import { type Browser, chromium, type Page, type Route } from "playwright-core";
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
  /** Without the headers that let threads share memory, as under a host that cannot send them: the engine has one thread. */
  readonly isSingle?: boolean;
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
    async open(hash, { width = 1440, locale = "ja-JP", isStill = false, isSingle = false, isKept = false } = {}) {
      const context = await browser.newContext({
        viewport: { width, height: 900 },
        locale,
        reducedMotion: isStill ? "reduce" : "no-preference",
        serviceWorkers: isKept ? "allow" : "block",
      });
      if (isSingle) await context.route(address, withoutSharing);
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

/** Answers with the page as a host sends it that knows nothing of the headers for shared memory. */
async function withoutSharing(route: Route): Promise<void> {
  const response = await route.fetch();
  const headers = Object.entries(response.headers()).filter(([name]) => !name.startsWith("cross-origin-"));
  await route.fulfill({ response, headers: Object.fromEntries(headers) });
}

/** From here on the pages of this one get the headers as they are: a reload gives the engine its threads. */
export const share = (page: Page): Promise<void> => page.context().unrouteAll();

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

/** What all canvases of the bench show, but for times, as one text. */
export const pixels = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const { tsumikiBench: bench } = globalThis as unknown as {
      tsumikiBench?: { details: { probes: Record<string, { timed?: boolean }> } };
    };
    const lasts = (canvas: Element): boolean => {
      const name = canvas.closest("[data-probe]")?.getAttribute("data-probe");
      return !bench?.details.probes[name ?? ""]?.timed;
    };
    return [...document.querySelectorAll("canvas")]
      .filter(lasts)
      .map((canvas) => canvas.toDataURL())
      .join();
  });

/** Waits until a change of the page's width, or of its words, has reached all pictures: they follow with the next frame. */
const drawn = (page: Page): Promise<void> =>
  page.evaluate(
    () =>
      new Promise((done) =>
        requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(() => done()))),
      ),
  );

/** Waits until what is read is no longer what it was, and gives it: pictures follow a change with a later frame. */
export const becomesOther = <T>(read: () => Promise<T>, before: T, what = "it"): Promise<T> =>
  eventually(async () => {
    const now = await read();
    assert.ok(!isDeepStrictEqual(now, before), `${what} stayed as it was`);
    return now;
  });

/** Checks again until it holds: what is written and drawn follows a change when the page has time. Throws what failed after 20 s. */
async function eventually<T>(check: () => Promise<T>): Promise<T> {
  for (const end = performance.now() + 20_000; ; ) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > end) throw error;
      await new Promise((next) => setTimeout(next, 20));
    }
  }
}

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
  await page.waitForFunction(done, from + count, { timeout: 120_000 });
}

/** Presses Tab until the focus is on what `selector` names, and can be seen to be there. */
export async function tabTo(page: Page, selector: string, most = 300): Promise<void> {
  const isThere = (wanted: string): boolean => {
    const focused = document.activeElement;
    return Boolean(focused?.matches(wanted) && focused.matches(":focus-visible"));
  };
  for (let i = 0; i < most; i++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(isThere, selector)) return;
  }
  assert.fail(`${selector} is not reached by Tab`);
}

/** Another page by the part of the address behind `#`, as a link leads there: from a lesson to itself it begins anew. */
export async function follow(page: Page, hash: string): Promise<void> {
  await page.evaluate(() => {
    location.hash = "#/map";
  });
  await page.waitForSelector(".arcs", { state: "attached" });
  await page.evaluate((to) => {
    location.hash = to;
  }, hash);
  await until(page, ["ready", "done"]);
}

/** No barrier that axe calls serious or critical, and no picture without words for what it is. */
export async function hasNoBarriers(page: Page): Promise<void> {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(how: object): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> };
    };
    // Only of what is wrong does anybody want to read where it is.
    const { violations } = await axe.run({ resultTypes: ["violations"], selectors: false });
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
  const unlabelled = await page.locator("canvas:not([aria-label]), canvas[aria-label='']").count();
  assert.equal(unlabelled, 0, "pictures without a label");
  const bare = await page.locator("figure.figure[data-probe]:not(:has(figcaption))").count();
  assert.equal(bare, 0, "figures without a caption");
  await tellsWhatItIs(page);
}

/** Every figure, and every picture wherever it stands, can be asked what it is, and has an answer. */
async function tellsWhatItIs(page: Page): Promise<void> {
  const silent = await page.evaluate(() => {
    const answers = (figure: Element | null): boolean =>
      [...(figure?.querySelectorAll("details.what p") ?? [])].some((p) => (p.textContent ?? "").length > 10);
    const figures = document.querySelectorAll("main :is(figure.figure, .layer-editor)");
    const pictures = document.querySelectorAll("main canvas");
    return [
      ...[...figures].filter((figure) => !answers(figure)).map((figure) => figure.outerHTML.slice(0, 200)),
      ...[...pictures]
        .filter((canvas) => !answers(canvas.closest("figure.figure")))
        .map((canvas) => canvas.getAttribute("aria-label")),
    ];
  });
  assert.deepEqual(silent, [], "pictures that do not say what they are");
}

const japanese = /[\u3041-\u30ff\u4e00-\u9fff]/;

/** From here on it is written down what the page's pictures have for words, and where. */
const followWriting = (page: Page): Promise<void> =>
  page.evaluate(() => {
    type Drawn = CanvasRenderingContext2D & { words?: Word[]; isFollowed?: boolean };
    const { prototype } = CanvasRenderingContext2D as unknown as { prototype: Drawn };
    if (prototype.isFollowed) return;
    prototype.isFollowed = true;
    const { clearRect, fillText } = prototype;
    prototype.clearRect = function (this: Drawn, ...box) {
      if (box[2] * this.getTransform().a >= this.canvas.width - 2) this.words = []; // all of it is drawn anew
      clearRect.apply(this, box);
    };
    prototype.fillText = function (this: Drawn, text, x, y, room = Number.POSITIVE_INFINITY) {
      const size = this.measureText(text);
      const width = Math.min(size.width, room);
      const left = this.textAlign === "right" ? x - width : this.textAlign === "center" ? x - width / 2 : x;
      const corners = [left, left + width].flatMap((cx) =>
        [y - size.actualBoundingBoxAscent, y + size.actualBoundingBoxDescent].map((cy) =>
          this.getTransform().transformPoint({ x: cx, y: cy }),
        ),
      );
      const [xs, ys] = [corners.map((c) => c.x / devicePixelRatio), corners.map((c) => c.y / devicePixelRatio)];
      const box = { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
      this.words?.push({ text, ...box, squeezed: width / (size.width || 1) });
      if (room === Number.POSITIVE_INFINITY) fillText.call(this, text, x, y);
      else fillText.call(this, text, x, y, room);
    };
  });
interface Word {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  /** Its width as a part of what it would have, were there room. */
  readonly squeezed: number;
}

/** Words of pictures that cannot be read: over one another, cut off at an edge, or squeezed. */
const unreadable = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const found: string[] = [];
    for (const canvas of document.querySelectorAll("canvas")) {
      if (canvas.clientWidth === 0 || !canvas.checkVisibility()) continue;
      const context = canvas.getContext("2d") as unknown as { words?: Word[] } | null;
      const words = (context?.words ?? []).filter(({ text }) => text.trim() !== "");
      const say = (what: string): void => {
        found.push(`${canvas.getAttribute("aria-label")}: ${what}`);
      };
      for (const [i, a] of words.entries()) {
        if (a.squeezed < 0.75) say(`“${a.text}” is squeezed to ${a.squeezed.toFixed(2)}`);
        if (Math.min(a.left, a.top, canvas.clientWidth - a.right, canvas.clientHeight - a.bottom) < -2)
          say(`“${a.text}” is cut off`);
        for (const b of words.slice(i + 1)) {
          const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
          const up = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
          if (across > 2 && up > 2) say(`“${a.text}” is over “${b.text}”`);
        }
      }
    }
    return found;
  });

/**
 * Nothing is wider than the page at the three widths, in no language; no word is left in Japanese in English, and those of
 * pictures can be read.
 */
export async function fits(page: Page): Promise<void> {
  await followWriting(page);
  for (const language of ["en", "both", "ja"]) {
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.click(`[data-language="${language}"]`);
    for (const width of [360, 768, 1440]) {
      await page.setViewportSize({ width, height: 900 });
      await drawn(page);
      await eventually(async () => {
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wide <= 0, `${language} at ${width}: ${wide} px too wide`);
        assert.deepEqual(await unreadable(page), [], `${language} at ${width}`);
      });
    }
    if (language === "en") await eventually(() => isEnglish(page));
  }
}

async function isEnglish(page: Page): Promise<void> {
  // biome-ignore lint/performance/useDomNodeTextContent: what is hidden is not read
  const text = await page.locator("main").innerText();
  assert.doesNotMatch(text, japanese, "a word that is not translated");
  const named = ["aria-label", "title", "placeholder", "alt"];
  const names = await page
    .locator("main")
    .evaluate(
      (main, attributes) =>
        [...main.querySelectorAll("*")].flatMap((element) =>
          attributes.map((name) => element.getAttribute(name) ?? ""),
        ),
      named,
    );
  assert.doesNotMatch(names.join("\n"), japanese, "a name that is not translated");
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

/** What threads of a page did: in milliseconds of their own time, in which other programs have no part. */
interface Traced {
  /** The longest task of the page's main thread. */
  readonly longest: number;
  /** All that the main thread did, and all that workers did. */
  readonly main: number;
  readonly workers: number;
}

export async function traced(page: Page, work: () => Promise<void>): Promise<Traced> {
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
  const tasksOf = (threadName: RegExp): number[] => {
    const key = ({ pid, tid }: TraceEvent): string => `${pid} ${tid}`;
    const named = events.filter((e) => e.name === "thread_name" && threadName.test(e.args.name ?? "")).map(key);
    const threads = new Set(named);
    const tasks = events.filter((e) => e.ph === "X" && e.name.endsWith("RunTask") && threads.has(key(e)));
    const times = tasks.map(({ tdur = 0 }) => tdur / 1000);
    return times;
  };
  const sum = (times: readonly number[]): number => times.reduce((a, b) => a + b, 0);
  const [main, workers] = [tasksOf(/^CrRendererMain$/), tasksOf(/^DedicatedWorker/)];
  assert.ok(Math.max(0, ...main) > 0, "no work was traced");
  return { longest: Math.max(...main), main: sum(main), workers: sum(workers) };
}
