/** Fresh programs for as long as you like: `node test/fuzz/main.ts --seconds 60 --seed 1`. Prints what fails, shrunk. */
import { parseArgs } from "node:util";
import { checks } from "../../src/compile/lower.ts";
import { openWasm } from "../../src/device/wasm.ts";
import { setDevice } from "../../src/runtime/devices.ts";
import { Tapped } from "./device.ts";
import { generate } from "./generate.ts";
import { type Program, print } from "./program.ts";
import { check, runAll } from "./run.ts";
import { shrink } from "./shrink.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    seed: { type: "string" },
    count: { type: "string", default: "1" },
    only: { type: "string" },
  },
});
checks.on = true;
await setDevice(new Tapped(await openWasm({ threads: 1 })));
const seed = Number(values.seed ?? 1);
const t0 = performance.now();
let failed = 0;
const problem = async (p: Program): Promise<string | null> => {
  try {
    const [r] = await runAll([p]);
    const d = check(p, r);
    return d && JSON.stringify(d, (_, x) => (typeof x === "number" && !Number.isFinite(x) ? String(x) : x));
  } catch (e) {
    return (e as Error).stack?.split("\n").slice(0, 8).join("\n") ?? "";
  }
};
const kindOf = (s: string) =>
  s.startsWith("{")
    ? "difference"
    : s
        .split("\n")
        .slice(0, 2)
        .join()
        .replace(/[0-9]+/g, "N");
const seen = new Map<string, number>();
let i = 0;
for (; i < Number(values.count) && performance.now() - t0 < 1000 * Number(values.seconds); i++) {
  const p = generate(seed + i);
  const why = await problem(p);
  if (why === null) continue;
  failed++;
  const kind = kindOf(why);
  const times = (seen.get(kind) ?? 0) + 1;
  seen.set(kind, times);
  if (times > (kind === "difference" ? 4 : 1)) continue;
  const small = await shrink(p, async (q) => {
    const w = await problem(q);
    return w !== null && kindOf(w) === kind;
  });
  console.log("SEED", seed + i, await problem(small));
  console.log(print(small), "\n");
}
console.log("failed", failed, "of", i, "ms per program", (performance.now() - t0) / i);
console.log(seen);
