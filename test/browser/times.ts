/**
 * How long the Lab takes, as a table: `node test/browser/times.ts`, or of some lessons `--only momentum,adam`. The machine
 * should do nothing else. Of the first page: seconds from nothing to a link that can be followed. Of each lesson, with one
 * thread: seconds until it can be run, and of its default run; of these, what its thread and the page's main thread worked,
 * and the longest task of the latter in milliseconds. `--threads` gives the engine all threads.
 */
import { parseArgs } from "node:util";
import { curriculum } from "../../src/experiments/curriculum.ts";
import { openLab, traced, until } from "./lab.ts";

const { values } = parseArgs({
  options: { only: { type: "string", default: "" }, threads: { type: "boolean", default: false } },
});
const only = values.only.split(",").filter((part) => part !== "");
const chosen = [...curriculum.values()].filter(({ id }) => only.length === 0 || only.includes(id));
const seconds = (ms: number): string => (ms / 1000).toFixed(2).padStart(7);

await using lab = await openLab();
const start = performance.now();
const { page: first } = await lab.open("");
await first.waitForSelector(".ways a");
await first.click('[data-activation="tanh"]');
await first.waitForSelector('[data-activation="tanh"][aria-pressed="true"]');
console.log(`first page: ${seconds(performance.now() - start)} s to a first change`);
await first.context().close();

console.log("lesson                     ready    run  engine  page  longest");
for (const { row, id } of chosen) {
  const begun = performance.now();
  const { page } = await lab.open(`#/lesson/${id}`, { isSingle: !values.threads });
  await until(page, ["ready", "done"]);
  const ready = performance.now() - begun;
  const hasSteps = (await page.locator('[data-action="step"]').count()) > 0;
  const name = `${(row ?? "").padEnd(5)}${id}`.padEnd(25);
  if (!hasSteps) console.log(`${name}${seconds(ready)}`);
  else {
    let run = 0;
    const { main, workers, longest } = await traced(page, async () => {
      const from = performance.now();
      await page.keyboard.press("Space");
      await until(page, ["done", "failed"]);
      run = performance.now() - from;
    });
    console.log(`${name}${[ready, run, workers, main].map(seconds).join("")} ${longest.toFixed(0).padStart(5)}`);
  }
  await page.context().close();
}
