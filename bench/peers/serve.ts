/**
 * A library in a process of its own: `node serve.ts <file of a Peer> <threads>`. It takes a line of JSON at a time, a
 * `Request`, and answers each with a line that starts with `@`, for libraries print things of their own.
 */
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import type { Peer, Task } from "./peer.ts";

/** First `prepare`, then any number of `round`s: do the task until `milliseconds` have passed, at least once. */
export type Request = { readonly prepare: Task } | { readonly round: number };
export interface Ready {
  readonly version: string;
  /** Why the task cannot be timed. */
  readonly refusal: string | null;
}
/** Means over a round, in milliseconds for one time; `cpu` counts all threads. */
export interface Round {
  readonly wall: number;
  readonly cpu: number;
}

const [file, threads] = [process.argv[2], Number(process.argv[3])];
const peer = ((await import(pathToFileURL(resolve(file)).href)) as { readonly default: Peer }).default;
let once: () => Promise<void> = () => Promise.reject(new Error("serve: a round before its task"));

async function prepare(task: Task): Promise<Ready> {
  const { version } = peer;
  if (!peer.threads.includes(threads)) return { version, refusal: `it runs with ${peer.threads.join(" or ")} here` };
  const run = await peer.run(task, threads);
  if (!run) return { version, refusal: "it is not written for it" };
  once = run;
  for (let i = 0; i < 3; i++) await once();
  return { version, refusal: null };
}

async function round(milliseconds: number): Promise<Round> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  let [count, wall] = [0, 0];
  while (wall < milliseconds) {
    await once();
    count++;
    wall = performance.now() - start;
  }
  const used = process.cpuUsage(cpu);
  return { wall: wall / count, cpu: (used.user + used.system) / 1000 / count };
}

const refuse = (error: Error): Ready => ({ version: peer.version, refusal: error.message });

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as Request;
  const answer = "prepare" in request ? await prepare(request.prepare).catch(refuse) : await round(request.round);
  process.stdout.write(`@${JSON.stringify(answer)}\n`);
}
process.exit(0); // workers of a library may still be there
