/**
 * What becomes of a tensor on its way to the machine, as data: the graph, its kernels in loop IR and vector IR, the code
 * that the device makes of them, where values lie in the arena, and how long each stage takes.
 */
import { boundMemory, indexReportBytes, itemsOf, type LoopKernel, type Memory, print } from "../compile/loops.ts";
import { type Plan, plan } from "../compile/plan.ts";
import { printVector } from "../compile/print-vector.ts";
import { scratchBytesOf, vectorize } from "../compile/vector.ts";
import type { Program } from "../compile/vector-ir.ts";
import type { Buffer, Command, Device, Executable, Target } from "../device/device.ts";
import { codeText, type Machine, machines } from "../device/machines.ts";
import { UnsupportedError, ValueError } from "../errors.ts";
import type { DType } from "../graph/dtype.ts";
import { is, type Node, topo } from "../graph/node.ts";
import { type Shape, show, sizeOf } from "../graph/shape.ts";
import { currentDevice } from "./devices.ts";
import { addresses, bytesOf, kindsOf, numberOf } from "./executor.ts";
import type { Handle } from "./realize.ts";
import { Storage, storageOf } from "./storage.ts";

export interface Explanation {
  readonly device: string;
  /** Inputs before outputs. */
  readonly graph: readonly ExplainedNode[];
  /** In the order in which they run. */
  readonly kernels: readonly ExplainedKernel[];
  readonly arena: ExplainedArena;
  /** In milliseconds. `run` is the sum of the kernels. */
  readonly timings: {
    readonly plan: number;
    readonly vectorize: number;
    readonly assemble: number;
    readonly compile: number;
    readonly run: number;
  };
}

/** An operation of the graph. */
export interface ExplainedNode {
  readonly id: number;
  readonly op: string;
  /** What it was given besides its inputs, such as the axes of a sum. */
  readonly detail: string;
  /** The ids of its inputs. */
  readonly inputs: readonly number[];
  readonly shape: Shape;
  readonly dtype: DType;
  readonly isResult: boolean;
}

export interface ExplainedKernel {
  readonly name: string;
  /** Independent pieces, which the threads share. */
  readonly items: number;
  /** How often it runs: once, or for every step of a loop. */
  readonly turns: number;
  /** Lanes of its vector loops; 1 if it has none. */
  readonly lanes: number;
  /** What `m0`, `m1`, … of the loops are. */
  readonly buffers: readonly ExplainedBuffer[];
  readonly loops: string;
  readonly vector: string;
  /** WebAssembly or x86-64 machine code, or the text of another language. */
  readonly code: Uint8Array | string;
  /** The same for people to read: an instruction a line. */
  readonly text: string;
  /** Milliseconds of one run: the median of some. */
  readonly time: number;
}

/** Memory that a kernel sees. */
export interface ExplainedBuffer {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly isWritten: boolean;
}

export interface ExplainedArena {
  readonly bytes: number;
  readonly values: readonly ExplainedValue[];
}

/** A value in the arena. Values that are not needed at the same time may share bytes. */
export interface ExplainedValue {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly offset: number;
  readonly bytes: number;
  /** The first and the last kernel that touches it; −1 is before all, where data is copied from the host. */
  readonly from: number;
  readonly to: number;
}

/** Explains how `tensors` would be computed together. They stay as they are: recipes. */
export async function explain(...tensors: readonly Handle[]): Promise<Explanation> {
  const device = await currentDevice();
  if (device === "reference") {
    const fix = 'Choose the device "wasm"';
    throw new UnsupportedError({
      in: "explain",
      got: 'the device "reference"',
      want: "one that compiles kernels",
      fix,
    });
  }
  const recipes = recipesOf(tensors, "explain");
  const roots = recipes.filter(hasElements);
  const [made, planTime] = timed(() => planFor(roots, device.target));
  const [programs, vectorizeTime] = timed(() => made.kernels.map(vectorize));
  const [code, assembleTime] = timed(() => programs.map((p) => device.codeOf(p)));
  const start = performance.now();
  const executables = await device.compile(programs);
  const compileTime = performance.now() - start;
  const times = await measure(device, made, roots, executables).finally(() => device.release(executables));
  const texts = await Promise.all(programs.map((p) => codeText(p, device.target)));
  return {
    device: device.name,
    graph: graphOf(recipes),
    kernels: made.kernels.map((_, i) =>
      explainKernel(i, made, programs[i], { code: code[i], text: texts[i], time: times[i] }),
    ),
    arena: arenaOf(made),
    timings: {
      plan: planTime,
      vectorize: vectorizeTime,
      assemble: assembleTime,
      compile: compileTime,
      run: times.reduce((sum, t, i) => sum + t * turnsOf(i, made), 0),
    },
  };
}

/** A kernel of a plan, as text in the language of a machine. */
export interface KernelText {
  readonly name: string;
  readonly text: string;
}

/**
 * The kernels that would compute `tensors` on a machine, as text: `"wasm"` for WebAssembly, `"avx2"`, `"avx512"` or
 * `"amx"` for x86-64. It need not be there: a browser can show machine code that it could not run.
 */
export async function kernelTexts(machine: Machine, ...tensors: readonly Handle[]): Promise<KernelText[]> {
  const target = machines[machine];
  const { kernels } = planFor(recipesOf(tensors, "kernelTexts").filter(hasElements), target);
  return Promise.all(kernels.map(async (k) => ({ name: k.name, text: await codeText(vectorize(k), target) })));
}

/** The graphs of tensors that are still to be computed. */
function recipesOf(tensors: readonly Handle[], by: string): Node[] {
  const roots = tensors.map(({ node }) => storageOf(node)?.init ?? node);
  const known = roots.find(storageOf);
  if (roots.length > 0 && !known) return roots;
  const got = known ? "a tensor that has its value already" : "nothing";
  const fix = "Explain it before it is computed";
  throw new ValueError({ in: by, got, want: "tensors that are still to be computed", fix });
}

/** What has none takes no kernel, nor a place in a plan. */
const hasElements = ({ shape }: Node): boolean => sizeOf(shape) > 0;

const planFor = (roots: readonly Node[], target: Target): Plan =>
  plan(
    roots,
    roots.map((): "new" => "new"),
    isOnHost,
    target,
  );

const isOnHost = (leaf: object): boolean => leaf instanceof Storage && leaf.buffer === null && leaf.init === null;

function timed<T>(work: () => T): [T, number] {
  const start = performance.now();
  return [work(), performance.now() - start];
}

function graphOf(roots: readonly Node[]): ExplainedNode[] {
  const order = topo(roots);
  const ids = new Map(order.map((n, id) => [n, id]));
  return order.map((n, id) => ({
    id,
    op: n.op,
    detail: detailOf(n),
    inputs: n.src.map((s) => ids.get(s) as number),
    shape: n.shape,
    dtype: n.dtype,
    isResult: roots.includes(n),
  }));
}

/** What an operation was given, without what its result shows anyway. */
function detailOf(n: Node): string {
  if (is(n, "buffer")) return storageOf(n)?.label ?? "";
  if (is(n, "const")) return String(n.arg.value);
  if (is(n, "loop")) return `${n.arg.steps} steps${n.arg.reverse ? " backwards" : ""}`;
  if (n.arg === null || is(n, "reshape") || is(n, "expand") || is(n, "cast") || is(n, "random")) return "";
  const parts = Object.entries(n.arg).filter(([key]) => key !== "shape" && key !== "dtype");
  return parts.map(([key, value]) => `${key} ${typeof value === "object" ? JSON.stringify(value) : value}`).join(", ");
}

function explainKernel(
  index: number,
  made: Plan,
  program: Program,
  rest: Pick<ExplainedKernel, "code" | "text" | "time">,
): ExplainedKernel {
  const kernel = made.kernels[index];
  const buffers = kernel.memory.map((m, i) => explainMemory(m, i, made));
  const { name, lanes } = kernel;
  return {
    name,
    items: itemsOf(kernel),
    turns: turnsOf(index, made),
    lanes,
    buffers,
    loops: print(kernel),
    vector: printVector(program),
    ...rest,
  };
}

const turnsOf = (kernel: number, { turns }: Plan): number =>
  turns.find(({ from, to }) => from <= kernel && kernel < to)?.count ?? 1;

function explainMemory(m: Memory, i: number, made: Plan): ExplainedBuffer {
  const { dtype } = m;
  if (m.kind === "scratch") return { name: `scratch ${i}`, dtype, shape: [m.size], isWritten: true };
  if (m.kind === "report") return { name: "report of bad indices", dtype, shape: [3], isWritten: true };
  return { name: nameOf(m.value, made), dtype, shape: made.lowered.values[m.value].shape, isWritten: m.written };
}

/** What a value of a plan is called: by its label, or by its number. */
function nameOf(value: number, made: Plan): string {
  const { leaf } = made.lowered.values[value];
  if (leaf instanceof Storage && leaf.label) return leaf.label;
  return `${leaf ? "input" : made.places[value].kind === "root" ? "result" : "value"} ${value}`;
}

function arenaOf(made: Plan): ExplainedArena {
  const lives = new Map<number, { from: number; to: number }>();
  made.kernels.forEach((k, time) => {
    for (const m of k.memory) {
      if (m.kind !== "buffer") continue;
      const within = made.places[m.value];
      const value = within.kind === "within" ? within.value : m.value;
      if (made.places[value].kind !== "arena") continue;
      const life = lives.get(value);
      if (life) life.to = time;
      else lives.set(value, { from: made.lowered.values[value].leaf ? -1 : time, to: time });
    }
  });
  const values = [...lives].map(([value, life]): ExplainedValue => {
    const { shape, dtype } = made.lowered.values[value];
    const place = made.places[value];
    const offset = place.kind === "arena" ? place.offset : 0;
    return { name: nameOf(value, made), shape, dtype, offset, bytes: bytesOf({ shape, dtype }), ...life };
  });
  return { bytes: made.arenaBytes, values: values.sort((a, b) => a.offset - b.offset || a.from - b.from) };
}

type Bound = Exclude<Memory, { kind: "scratch" }>;

/** Milliseconds that each kernel takes, in memory of its own: nothing that a tensor holds is written. */
async function measure(
  device: Device,
  made: Plan,
  roots: readonly Node[],
  executables: readonly Executable[],
): Promise<number[]> {
  const buffers: Buffer[] = [];
  const newBuffer = (bytes: number): Buffer => {
    const buffer = device.alloc(Math.max(bytes, 64));
    buffers.push(buffer);
    device.write(buffer, 0, new Uint8Array(buffer.bytes));
    return buffer;
  };
  try {
    const arena = newBuffer(made.arenaBytes);
    for (const { leaf, offset } of made.staged) {
      const { host } = leaf as Storage;
      if (host) device.write(arena, offset, new Uint8Array(host.buffer, host.byteOffset, host.byteLength));
    }
    const results = roots.map((root) => newBuffer(bytesOf(root)));
    const leaves = new Map<object, Buffer>();
    for (const { leaf, shape, dtype } of made.lowered.values) {
      if (leaf && !isOnHost(leaf)) leaves.set(leaf, (leaf as Storage).buffer ?? newBuffer(bytesOf({ shape, dtype })));
    }
    const report = newBuffer(indexReportBytes);
    const address = addresses(made, { arena, root: (i) => results[i], leaf: (l) => leaves.get(l) as Buffer });
    const addressOf = (m: Bound): number => (m.kind === "report" ? report.address : address(made.places[m.value]));
    const times: number[] = [];
    for (const [i, kernel] of made.kernels.entries()) {
      const command = commandOf(kernel, executables[i], made, addressOf);
      const list = device.prepare([command], scratchBytesOf(kernel));
      try {
        times.push(await median(list.run, () => device.read(arena, 0, 1)));
      } finally {
        list.dispose();
      }
    }
    return times;
  } finally {
    for (const buffer of buffers) device.free(buffer);
  }
}

function commandOf(kernel: LoopKernel, executable: Executable, made: Plan, addressOf: (m: Bound) => number): Command {
  const pointers = boundMemory(kernel).map(addressOf);
  const numbers = kernel.numbers.map(({ number }) => {
    const { node, part } = made.lowered.numbers[number];
    return numberOf(node, part);
  });
  const args = Float64Array.from([...pointers, ...numbers]);
  return { executable, args, kinds: kindsOf(kernel), items: itemsOf(kernel) };
}

/** The median time of `run` in milliseconds: of nine runs, or of as many as fit in 20 ms. The first does not count. */
async function median(run: () => void, settled: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  run();
  await settled();
  const begin = performance.now();
  do {
    const start = performance.now();
    run();
    await settled();
    times.push(performance.now() - start);
  } while (times.length < 9 && performance.now() - begin < 20);
  return times.sort((a, b) => a - b)[times.length >> 1];
}

export const explainStages = ["graph", "loops", "vector", "code", "arena"] as const;
export type ExplainStage = (typeof explainStages)[number];

/** An explanation as text: all of its stages, or some. */
export function printExplanation(e: Explanation, stages: readonly ExplainStage[] = explainStages): string {
  const sections: string[] = [];
  if (stages.includes("graph")) sections.push(printGraph(e));
  if (stages.some((s) => s === "loops" || s === "vector" || s === "code")) sections.push(printKernels(e, stages));
  if (stages.includes("arena")) sections.push(printArena(e));
  const { plan: planned, vectorize: vectorized, assemble, compile, run } = e.timings;
  sections.push(
    `plan ${ms(planned)} → vectorize ${ms(vectorized)} → assemble ${ms(assemble)} → compile ${ms(compile)} → run ${ms(run)}`,
  );
  return sections.join("\n\n");
}

function printGraph({ graph }: Explanation): string {
  const rows = graph.map((n) => {
    const inputs = n.inputs.map((i) => `n${i}`).join(", ");
    const right = [inputs, n.detail].filter((x) => x !== "").join("; ");
    return [
      `n${n.id}`,
      `${n.op}${right ? ` ${right}` : ""}`,
      `${n.dtype} ${show(n.shape)}${n.isResult ? "  ← result" : ""}`,
    ];
  });
  return `graph: ${graph.length} nodes\n${columns(rows)}`;
}

function printKernels({ kernels, device }: Explanation, stages: readonly ExplainStage[]): string {
  const sizes = kernels.map((k) => k.code.length);
  const total = sizes.reduce((sum, n) => sum + n, 0);
  const head = `kernels: ${kernels.length}, ${total.toLocaleString("en")} bytes of code for ${device}`;
  const each = kernels.map((k, i) => {
    const facts = [
      `${k.items} item${k.items === 1 ? "" : "s"}`,
      `${k.lanes} lane${k.lanes === 1 ? "" : "s"}`,
      `${sizes[i]} bytes`,
      ms(k.time),
      ...(k.turns > 1 ? [`${k.turns} times`] : []),
    ];
    const lines = [`kernel ${i}: ${k.name} (${facts.join(", ")})`];
    lines.push(
      columns(
        k.buffers.map((b, m) => [`m${m}`, b.isWritten ? "written" : "read", b.name, `${b.dtype} ${show(b.shape)}`]),
      ),
    );
    if (stages.includes("loops")) lines.push("", indented(bodyOf(k.loops)));
    if (stages.includes("vector")) lines.push("", indented(k.vector));
    if (stages.includes("code")) lines.push("", indented(k.text));
    return lines.join("\n");
  });
  return [head, ...each].join("\n\n");
}

/** Loops without the list of their buffers, which stands above them with names. */
const bodyOf = (loops: string): string => loops.replace(/^(?:(?:in|out|scratch|report) m\d+.*\n)+/, "");

function printArena({ arena }: Explanation): string {
  const sum = arena.values.reduce((total, v) => total + v.bytes, 0);
  const rows = arena.values.map((v) => [
    String(v.offset),
    `${v.bytes} bytes`,
    v.from < 0 ? `from the start to kernel ${v.to}` : `kernels ${v.from} to ${v.to}`,
    v.name,
    `${v.dtype} ${show(v.shape)}`,
  ]);
  const head = `arena: ${arena.bytes.toLocaleString("en")} bytes for ${arena.values.length} values of ${sum.toLocaleString("en")} bytes`;
  return rows.length > 0 ? `${head}\n${columns(rows)}` : head;
}

const ms = (time: number): string => `${time < 0.1 ? time.toFixed(3) : time.toFixed(time < 10 ? 2 : 0)} ms`;
const indented = (text: string): string => text.replace(/^/gm, "  ");

/** Rows of cells, with the cells of each column equally wide. */
function columns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  return rows.map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i])).join("  ")}`.trimEnd()).join("\n");
}
