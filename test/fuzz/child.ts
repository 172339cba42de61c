/**
 * Random programs in a process of its own: `node test/fuzz/child.ts <log> <setting> <first seed> <count> [ends]`. The seeds
 * are in the log before they are run. Prints the first failure, or null. `ends` is a seed with which it ends, for a test.
 */
import { noter } from "../helpers/child.ts";
import { fuzz, report, settings } from "./fuzz.ts";

const [log, name, first, count, ends] = process.argv.slice(2);
const setting = settings.find((s) => s.name === name);
if (!setting) throw new Error(`there is no setting "${name}"`);
const note = noter(log);
const { failure } = await fuzz(setting, {
  first: Number(first),
  count: Number(count),
  log: (seeds) => {
    note(seeds.join(" "));
    if (ends && seeds.includes(Number(ends))) process.kill(process.pid, "SIGSEGV");
  },
});
console.log(failure ? report(failure) : "null");
