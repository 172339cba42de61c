import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { FormatError } from "../../src/errors.ts";
import { packaged } from "../../src/experiments/data.ts";
import { csvOf, LogWriter, readLog } from "../../src/experiments/log.ts";
import { Run } from "../../src/experiments/run.ts";
import { use } from "../helpers/devices.ts";
import { breaking, walk } from "../helpers/experiments.ts";

const about = { device: "wasm", version: "1.2.3" };

/** The log of a run, as it is written step by step. */
async function logOf(run: Run, changes: Readonly<Record<number, number>> = {}): Promise<string> {
  const writer = new LogWriter(run, about);
  let text = writer.news();
  while (!run.isDone) {
    if (run.step in changes) run.change({ size: changes[run.step] }, "more");
    await run.next();
    text += writer.news();
  }
  return text + writer.end(true);
}
const startWalk = (): Promise<Run> =>
  Run.start(walk, { seed: 3, data: packaged }, { values: { steps: 5 }, lanes: { plain: { start: [2, 1] } } });

describe("a log", () => {
  let text = "";
  let run: Run;
  before(async () => {
    await use("wasm");
    run = await startWalk();
    text = await logOf(run, { 2: 0.25 });
  });

  test("says what is needed to have the run again, and every number of every step", () => {
    const { header, steps, changes, divergences, end, isCut } = readLog(text);
    const common = { size: 1, steps: 5, way: "up" };
    assert.deepEqual(header, {
      ...{ kind: "run", format: 1, experiment: "walk", seed: 3, ...about },
      lanes: { plain: { ...common, extra: 0, start: [2, 1] }, more: { ...common, extra: 3, start: [0, 0] } },
    });
    assert.deepEqual(
      steps.map(({ step }) => step),
      [0, 1, 2, 3, 4, 5],
    );
    assert.deepEqual(Object.keys(steps[0].lanes["plain"]), ["look"]);
    assert.deepEqual(Object.keys(steps[5].lanes["more"]), ["place", "error", "parts", "look"]);
    for (const lane of ["plain", "more"]) {
      assert.deepEqual(
        steps.slice(1).map(({ lanes }) => lanes[lane]["place"]),
        run.lane(lane).series("place").values,
      );
    }
    assert.deepEqual(changes, [{ kind: "change", step: 2, lane: "more", values: { size: 0.25 } }]);
    assert.deepEqual(divergences, []);
    assert.deepEqual(end, {
      ...{ kind: "end", step: 5, isComplete: true },
      verdicts: Object.fromEntries(run.verdicts()),
    });
    assert.equal(isCut, false);
  });

  test("has the line of a step as soon as the step is done, and each only once", async () => {
    const run = await startWalk();
    const writer = new LogWriter(run, about);
    assert.match(writer.news(), /^\{"kind":"run"[^\n]+\n\{"kind":"step","step":0,[^\n]+\n$/);
    assert.equal(writer.news(), "");
    await run.next();
    assert.match(writer.news(), /^\{"kind":"step","step":1,"lanes":\{"plain":\{"place":[^\n]+\n$/);
    assert.equal(writer.news(), "");
    assert.doesNotMatch(writer.end(false), /verdicts":\{"moves/, "a run that was stopped has no verdicts");
  });

  test("tells where a lane diverged", async () => {
    const text = await logOf(await Run.start(breaking, { seed: 1, data: packaged }));
    const { steps, divergences } = readLog(text);
    assert.deepEqual(divergences, [{ kind: "diverged", lane: "only", step: 4, probe: "loss", parameter: "weight" }]);
    assert.equal(steps.length, 3);
  });

  test("that is cut anywhere behind its header can be read up to there", () => {
    const whole = readLog(text).steps.length;
    const first = text.indexOf("\n") + 1;
    let cuts = 0;
    for (let end = first; end < text.length; end += 7) {
      const { steps, end: last, isCut } = readLog(text.slice(0, end));
      assert.ok(steps.length <= whole && last === null);
      if (isCut) cuts++;
    }
    assert.ok(cuts > 50);
    assert.equal(readLog(text.trimEnd()).isCut, false, "a last line that lacks only its line break is whole");
    assert.ok(readLog(text.trimEnd()).end);
  });

  const lines = (): string[] => text.split("\n");
  const damaged: Record<string, readonly [() => string, number]> = {
    "nothing at all": [() => "", 1],
    "half a header": [() => text.slice(0, 20), 1],
    "no header": [() => lines().slice(1).join("\n"), 1],
    "two headers": [() => lines().toSpliced(3, 0, lines()[0]).join("\n"), 4],
    "a line that is cut in the middle": [() => lines().with(2, lines()[2].slice(0, 15)).join("\n"), 3],
    "an empty line": [() => lines().toSpliced(2, 0, "").join("\n"), 3],
    "a line that is JSON and no line of a log": [() => lines().with(4, "[1]").join("\n"), 5],
    "a step that is none": [() => text.replace('"step":2,', '"step":-2,'), 4],
    "a number that is text": [() => text.replace(/"error":[\d.]+/, '"error":"0"'), 3],
    "another format": [() => text.replace('"format":1', '"format":2'), 1],
    "bytes of another file": [() => "PK\u0003\u0004\nabc\n", 1],
  };
  for (const [name, [make, line]] of Object.entries(damaged)) {
    test(`with ${name} is refused, and the line is named`, () => {
      assert.throws(
        () => readLog(make()),
        (error) => {
          assert.ok(error instanceof FormatError && error.code === "LOG_LINE");
          assert.match(error.message, new RegExp(`^log: got .* on line ${line}, but it takes `));
          return true;
        },
      );
    });
  }

  test("pollutes nothing", () => {
    const odd = `${lines()[0]}\n{"kind":"step","step":1,"lanes":{"__proto__":{"__proto__":[1,2]}}}\n`;
    assert.match(csvOf(readLog(odd)), /^step,lane,__proto__\.0,__proto__\.1\n1,__proto__,1,2\n$/);
    assert.equal(({} as Record<string, unknown>)["0"], undefined);
  });

  test("becomes a table: a row for each step of each lane, what was not measured left empty", () => {
    const rows = csvOf(readLog(text)).trimEnd().split("\n");
    assert.equal(rows[0], "step,lane,look,place,error,parts.0,parts.1");
    assert.equal(rows.length, 1 + 6 * 2);
    assert.match(rows[1], /^0,plain,0\.\d+,,,,$/);
    assert.match(rows[4], /^1,more,,-?[\d.]+,[\d.]+,[\d.e-]+,1$/);
    assert.equal(Number(rows[3].split(",")[3]), run.lane("plain").first("place"), "numbers are written whole");
    const odd = `${lines()[0]}\n{"kind":"step","step":1,"lanes":{"a,\\"b":{"x":1}}}\n`;
    assert.equal(csvOf(readLog(odd)), 'step,lane,x\n1,"a,""b",1\n');
  });
});
