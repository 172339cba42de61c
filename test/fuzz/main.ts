/**
 * Fresh programs for as long as you like: `node test/fuzz/main.ts --seconds 60 --seed 1`. What fails is printed, as small
 * as it can be made; without a seed it begins somewhere new.
 */
import { parseArgs } from "node:util";
import { fuzz, lacking, report, type Setting, settings } from "./fuzz.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    seed: { type: "string" },
    count: { type: "string", default: "1000000000" },
    /** How many failures to look for. */
    failures: { type: "string", default: "5" },
  },
});
const available: Setting[] = [];
for (const s of settings) {
  const why = await lacking(s);
  if (why) console.log(why);
  else available.push(s);
}
const end = performance.now() + 1000 * Number(values.seconds);
let seed = Number(values.seed ?? Date.now() * 1000);
let left = Number(values.count);
let total = 0;
let failures = 0;
console.log(`from seed ${seed}`);
for (let i = 0; left > 0 && performance.now() < end && failures < Number(values.failures); i++) {
  // Every second round is on the compiler as it is.
  const setting = available[i % 2 === 0 ? 0 : 1 + (((i - 1) / 2) % (available.length - 1))];
  const count = Math.min(left, 1000);
  const { failure, ran } = await fuzz(setting, { first: seed, count, seconds: (end - performance.now()) / 1000 });
  seed += ran;
  left -= ran;
  total += ran;
  if (!failure) continue;
  failures++;
  console.log(`\n${report(failure)}`);
}
console.log(`\n${total} programs, ${failures === 0 ? "no" : failures} failures`);
if (failures > 0) process.exitCode = 1;
