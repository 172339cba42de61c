/**
 * Times the tasks of peers/peer.ts in ours and other libraries: `node bench/harness.ts [--name compare] [--tasks mlp,cnn]
 * [--peers ours,ours-wasm,jax] [--threads 1,2] [--seconds 4]`. Each library is a process of its own; they take turns, a
 * round each, so that a busy machine troubles all of them alike. Prints medians, with how far ours is ahead, and writes all
 * of it to bench/results/<name>.json. Seconds are those of one library, task and number of threads. With `--record`, what
 * was found goes to the tables of both READMEs, beside what other runs found (compared.ts).
 */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { parseArgs } from "node:util";
import { record, type Timing } from "./compared.ts";
import { type Task, tasks } from "./peers/peer.ts";
import type { Ready, Request, Round } from "./peers/serve.ts";

const here = import.meta.dirname;
const node = (file: string, threads: number): string[] => [
  process.execPath,
  "--disable-warning=ExperimentalWarning",
  join(here, "peers/serve.ts"),
  join(here, file),
  String(threads),
];

/** How to start each library. */
const peers: Record<string, (threads: number) => string[]> = {
  ours: (threads) => node("ours.ts", threads),
  "ours-wasm": (threads) => node("ours-wasm.ts", threads),
  jax: (threads) => node("peers/jax.ts", threads),
  tfjs: (threads) => node("peers/tfjs.ts", threads),
  openblas: (threads) => node("peers/openblas.ts", threads),
  onednn: (threads) => node("peers/onednn.ts", threads),
  torch: (threads) => ["/usr/bin/python3", join(here, "peers/torch.py"), String(threads)],
  // A newer PyTorch in a root folder of its own, TORCH_ROOT, such as debootstrap makes; it has to see /proc and /sys.
  torch2: (threads) => {
    const program = readFileSync(join(here, "peers/torch.py"), "utf8");
    return [
      "/usr/sbin/chroot",
      process.env.TORCH_ROOT ?? "/nowhere",
      "/usr/bin/python3",
      "-c",
      program,
      String(threads),
    ];
  },
};

/** Those that have not ended. */
const open = new Set<Session>();

/** A library at work, in its process. */
class Session {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #answers: AsyncIterator<string>;

  constructor(command: string[]) {
    const [program, ...args] = command;
    // Its standard error is silent: libraries advertise there. What goes wrong shows as the end of its output.
    this.#child = spawn(program, args, { stdio: ["pipe", "pipe", process.env.CHECK ? "inherit" : "ignore"] });
    open.add(this);
    this.#child.on("error", () => {});
    this.#child.stdin.on("error", () => {});
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async ask<T>(request: Request): Promise<T> {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    for (;;) {
      const { value, done } = await this.#answers.next();
      if (done) throw new Error("its process ended; CHECK=1 shows why");
      if (value.startsWith("@")) return JSON.parse(value.slice(1)) as T;
    }
  }

  /** Between rounds its process stands still: threads of OpenMP and of OpenBLAS spin on for 0.1 s, in the next one's time. */
  async round(milliseconds: number): Promise<Measured> {
    this.#child.kill("SIGCONT");
    const [before, start] = [busy(this.#child.pid), performance.now()];
    const round = await this.ask<Round>({ round: milliseconds });
    const [after, seconds] = [busy(this.#child.pid), (performance.now() - start) / 1000];
    this.pause();
    return { ...round, others: (after.all - before.all - (after.own - before.own)) / seconds };
  }

  pause(): void {
    this.#child.kill("SIGSTOP");
  }

  end(): void {
    this.#child.kill("SIGKILL");
    open.delete(this);
  }
}

/** What a round took, and how much of the time processors did something else, where the system tells. */
interface Measured extends Round {
  readonly others: number;
}
/** A round in which others kept a processor busy for more of the time than this says little about two threads. */
const mostOthers = 0.1;

/** Seconds of processor time of a process, and of all programs together, so far; in steps of 10 ms. */
function busy(pid: number | undefined): { own: number; all: number } {
  if (!existsSync("/proc/stat")) return { own: 0, all: 0 };
  const numbersOf = (text: string): number[] => text.trim().split(/\s+/).map(Number);
  const [user, nice, system, , , ...more] = numbersOf(/^cpu (.*)$/m.exec(readFileSync("/proc/stat", "utf8"))![1]);
  // Of what follows the name, which may hold spaces.
  const process = numbersOf(readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\)\s+\S/s, ""));
  const [irq, softirq, steal] = more;
  return { own: (process[10] + process[11]) / 100, all: (user + nice + system + irq + softirq + steal) / 100 };
}

interface Spread {
  readonly median: number;
  /** Between the first and third quartiles, as a part of the median. */
  readonly noise: number;
}

interface Result {
  readonly task: Task;
  readonly threads: number;
  readonly peer: string;
  readonly version: string;
  readonly refusal: string | null;
  /** Whether others were at work in nearly all rounds. */
  readonly disturbed?: boolean;
  readonly wall?: Spread;
  readonly cpu?: Spread;
  readonly rounds: readonly Measured[];
}

export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((x, y) => x - y);
  const at = (part: number): number => {
    const place = part * (sorted.length - 1);
    const low = sorted[Math.floor(place)];
    return low + (place % 1) * (sorted[Math.ceil(place)] - low);
  };
  return { median: at(0.5), noise: (at(0.75) - at(0.25)) / at(0.5) };
}

/** One task on all libraries, in turns. */
async function compare(task: Task, threads: number, names: readonly string[], seconds: number): Promise<Result[]> {
  const running = new Map<string, { session: Session; version: string; rounds: Measured[] }>();
  const results: Result[] = [];
  for (const peer of names) {
    const session = new Session(peers[peer](threads));
    const ready = await session
      .ask<Ready>({ prepare: task })
      .catch((error: Error): Ready => ({ version: "", refusal: error.message }));
    if (ready.refusal === null) {
      session.pause();
      running.set(peer, { session, version: ready.version, rounds: [] });
    } else {
      session.end();
      results.push({ task, threads, peer, ...ready, rounds: [] });
    }
  }
  // A library's rounds end when its time is up, but not before there are five; slow ones have rounds of one. With several
  // threads, only rounds in which others leave it the processors count, unless there are too few in three times the time.
  const quiet = (rounds: readonly Measured[]): readonly Measured[] =>
    threads === 1 ? rounds : rounds.filter(({ others }) => others <= mostOthers);
  const length = Math.min(150, (seconds * 1000) / 7);
  const spent = (rounds: readonly Round[]): number => rounds.reduce((sum, { wall }) => sum + Math.max(wall, length), 0);
  for (let more = true; more; ) {
    more = false;
    for (const { session, rounds } of running.values()) {
      const isEnough = quiet(rounds).length >= 5 && spent(quiet(rounds)) >= seconds * 1000;
      if (isEnough || (rounds.length >= 5 && spent(rounds) >= 3 * seconds * 1000)) continue;
      rounds.push(await session.round(length));
      more = true;
    }
  }
  for (const [peer, { session, version, rounds }] of running) {
    session.end();
    const disturbed = quiet(rounds).length < 5;
    const counted = disturbed ? rounds : quiet(rounds);
    const [wall, cpu] = [spread(counted.map((r) => r.wall)), spread(counted.map((r) => r.cpu))];
    results.push({ task, threads, peer, version, refusal: null, disturbed, wall, cpu, rounds });
  }
  return names.map((name) => results.find(({ peer }) => peer === name)!);
}

/** With one thread the processor's time, which other programs disturb less; else time as it passes. */
const timeOf = (result: Result): Spread | undefined => (result.threads === 1 ? result.cpu : result.wall);

/** Lines of a table. */
function table(results: readonly Result[]): string[] {
  const ours = results.find(({ peer }) => peer === "ours");
  const [{ task, threads }] = results;
  const kind = threads === 1 ? "cpu" : "wall";
  const own = ours && timeOf(ours);
  const lines = results.map((result) => {
    const head = `  ${result.peer.padEnd(9)}`;
    const time = timeOf(result);
    if (!time) return `${head} – (${result.refusal})`;
    const ratio = own && result !== ours ? `   ours / ${result.peer} ${(own.median / time.median).toFixed(2)}` : "";
    const beside = result.disturbed ? "   beside other programs" : "";
    return `${head} ${time.median.toFixed(2).padStart(9)} ms  ±${(time.noise * 50).toFixed(0).padStart(3)} %${ratio}${beside}`;
  });
  return [`${task}, ${threads} ${threads === 1 ? "thread" : "threads"}, ${kind} time: ${tasks[task]}`, ...lines];
}

/** What goes to the READMEs: nothing that others disturbed. */
function timingsOf(results: readonly Result[]): Record<string, Timing> {
  const timings = results.flatMap((result): [string, Timing][] => {
    const time = timeOf(result);
    return time && !result.disturbed
      ? [[result.peer, { milliseconds: time.median, noise: time.noise, version: result.version }]]
      : [];
  });
  return Object.fromEntries(timings);
}

if (import.meta.main) {
  // Nobody else would end those that stand still.
  process.on("exit", () => {
    for (const session of open) session.end();
  });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));
  const list = Object.keys(peers);
  const { values } = parseArgs({
    options: {
      name: { type: "string", default: "compare" },
      tasks: { type: "string", default: Object.keys(tasks).join() },
      peers: { type: "string", default: (existsSync(join(here, "ours.ts")) ? list : list.slice(1)).join() },
      threads: { type: "string", default: "1,2" },
      seconds: { type: "string", default: "4" },
      record: { type: "boolean", default: false },
    },
  });
  const wanted = values.tasks.split(",").filter((task) => task in tasks) as Task[];
  const names = values.peers.split(",").filter((name) => name in peers);
  const machine = { cpu: cpus()[0].model, cores: cpus().length, node: process.version };
  const before = loadavg()[0];
  console.log(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}; load before: ${before.toFixed(2)}\n`);
  const results: Result[] = [];
  for (const threads of values.threads.split(",").map(Number)) {
    for (const task of wanted) {
      const part = await compare(task, threads, names, Number(values.seconds));
      results.push(...part);
      console.log(`${table(part).join("\n")}\n`);
      if (values.record) record(task, threads, timingsOf(part));
    }
  }
  mkdirSync(join(here, "results"), { recursive: true });
  const file = join(here, "results", `${values.name}.json`);
  writeFileSync(file, `${JSON.stringify({ machine, load: [before, loadavg()[0]], results }, null, 1)}\n`);
}
