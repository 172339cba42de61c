/** The collector, which a test may call without a flag of the command line. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/** Collects what can be collected, and lets what was registered to be told of it be told. */
export async function collectGarbage(): Promise<void> {
  await turn(); // what this turn has looked at through a WeakRef lives until it ends
  gc();
  await turn();
}

/** The bytes of the heap that are in use once garbage is collected. */
export async function heapBytes(): Promise<number> {
  for (let i = 0; i < 3; i++) await collectGarbage();
  return process.memoryUsage().heapUsed;
}
