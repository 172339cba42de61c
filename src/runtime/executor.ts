/** Plans on a device: made once for each structure, and then run with the leaves, numbers and keys of the moment. */
import { type Structure, structureOf } from "../compile/hash.ts";
import { boundMemory, indexReportBytes, itemsOf, type LoopKernel, print } from "../compile/loops.ts";
import { checks } from "../compile/lower.ts";
import { type Place, type Plan, plan, type Target, type Turns } from "../compile/plan.ts";
import { scratchBytesOf, vectorize } from "../compile/vector.ts";
import type { ArgKind, Buffer, Command, CommandList, Device, Executable } from "../device/device.ts";
import { IndexError } from "../errors.ts";
import { dtypes, type HostArray } from "../graph/dtype.ts";
import { closed } from "../graph/loop.ts";
import { is, type Node, topo } from "../graph/node.ts";
import { sizeOf } from "../graph/shape.ts";
import { Storage } from "./storage.ts";

/** Plans that are kept; beyond this the one that was used least recently is given up. */
const mostPlans = 256;

/** A plan, ready to run. */
export interface Prepared {
  readonly plan: Plan;
  readonly commands: readonly Command[];
  readonly parts: readonly Part[];
  /** What the plan has in the place of leaves and of numbers, in the order of its structure: a run fills these in. */
  readonly leaves: readonly object[];
  readonly numbers: readonly Node[];
  /** The keys of its kernels. */
  readonly kernels: ReadonlySet<string>;
  /** How many need it: the cache, and recordings of compiled functions. */
  holders: number;
}

/** Commands that run one after another, once or for every step of a loop. */
interface Part {
  readonly list: CommandList;
  readonly turns: number;
  /** Arguments that go on with each turn, by so many bytes. */
  readonly moves: readonly { readonly args: Float64Array; readonly slot: number; readonly stride: number }[];
}

/** What a plan knows of a leaf. Plans outlive what they were first made for, and must not keep its data. */
class StandIn {
  readonly onHost: boolean;

  constructor(leaf: object) {
    this.onHost = onHost(leaf);
  }
}

/** A root of a plan, and where it goes. */
interface Result {
  readonly node: Node;
  readonly target: Target;
}

/** Graphs with stand-ins in the place of their leaves. */
function standingIn(roots: readonly Node[], standIns: ReadonlyMap<object, StandIn>): Node[] {
  const done = new Map<Node, Node>();
  for (const n of topo(roots)) {
    if (is(n, "buffer")) done.set(n, { ...n, arg: { ...n.arg, leaf: standIns.get(n.arg.leaf) as StandIn } });
    else if (n.src.length === 0) done.set(n, n);
    else {
      const arg = is(n, "loop") ? closed(n.arg) : n.arg;
      done.set(n, { ...n, arg, src: n.src.map((s) => done.get(s) as Node) });
    }
  }
  return roots.map((r) => done.get(r) as Node);
}

/** Everything that belongs to one device: its plans, its kernels, and the arena that all plans share. */
export class Executor {
  readonly device: Device;
  readonly #plans = new Map<string, Prepared>();
  /** Compiled kernels by their text, and how many plans run them. */
  readonly #kernels = new Map<string, { readonly executable: Executable; plans: number }>();
  #arena: Buffer | null = null;
  #report: Buffer | null = null;

  constructor(device: Device) {
    this.device = device;
  }

  get planCount(): number {
    return this.#plans.size;
  }
  get kernelCount(): number {
    return this.#kernels.size;
  }

  /** The plan for `roots`, from the cache or made now. */
  async prepare(
    roots: readonly Node[],
    targets: readonly Target[],
  ): Promise<{ prepared: Prepared; structure: Structure }> {
    const structure = structureOf(roots, targets, onHost);
    let prepared = this.#plans.get(structure.key);
    if (prepared) this.#plans.delete(structure.key);
    else prepared = await this.#make(roots, targets, structure);
    this.#plans.set(structure.key, prepared);
    if (this.#plans.size > mostPlans) {
      const [key, oldest] = this.#plans.entries().next().value as [string, Prepared];
      this.#plans.delete(key);
      this.release(oldest);
    }
    return { prepared, structure };
  }

  /** Promises that a plan is there until `release`, whatever else is planned. */
  hold(prepared: Prepared): void {
    prepared.holders++;
  }
  /** Gives a plan up. With the last of those who need it go its list, and the kernels that no other plan runs. */
  release(prepared: Prepared): void {
    if (--prepared.holders > 0) return;
    for (const { list } of prepared.parts) list.dispose();
    const unused: Executable[] = [];
    for (const key of prepared.kernels) {
      const kernel = this.#kernels.get(key);
      if (!kernel || --kernel.plans > 0) continue;
      this.#kernels.delete(key);
      unused.push(kernel.executable);
    }
    this.device.release(unused);
  }

  async #make(roots: readonly Node[], targets: readonly Target[], structure: Structure): Promise<Prepared> {
    const standIns = new Map(structure.leaves.map((leaf) => [leaf, new StandIn(leaf)]));
    const made = plan(
      standingIn(roots, standIns),
      targets.map((t) => (typeof t === "string" ? t : { replaces: standIns.get(t.replaces) as StandIn })),
      (leaf) => (leaf as StandIn).onHost,
      this.device.target,
    );
    const keys = made.kernels.map(print);
    const missing = new Map<string, LoopKernel>();
    keys.forEach((key, i) => {
      if (!this.#kernels.has(key)) missing.set(key, made.kernels[i]);
    });
    const compiled = missing.size > 0 ? await this.device.compile([...missing.values()].map(vectorize)) : [];
    [...missing.keys()].forEach((key, i) => {
      this.#kernels.set(key, { executable: compiled[i], plans: 0 });
    });
    const used = new Set(keys);
    for (const key of used) (this.#kernels.get(key) as { plans: number }).plans++;
    const commands = made.kernels.map((k, i): Command => {
      const kinds = kindsOf(k);
      return {
        executable: (this.#kernels.get(keys[i]) as { executable: Executable }).executable,
        args: new Float64Array(kinds.length),
        kinds,
        bytes: boundMemory(k).map((m) =>
          m.kind === "report" ? indexReportBytes : bytesOf(made.lowered.values[m.value]),
        ),
        items: itemsOf(k),
      };
    });
    const scratch = made.kernels.reduce((most, k) => Math.max(most, scratchBytesOf(k)), 0);
    const parts = partsOf(made).map(({ from, to, count }): Part => {
      const moves = made.kernels.slice(from, to).flatMap((k, i) =>
        boundMemory(k).flatMap((m, slot) => {
          const place = m.kind === "buffer" ? made.places[m.value] : null;
          const stride = place?.kind === "within" ? place.stride : 0;
          return stride === 0 ? [] : [{ args: commands[from + i].args, slot, stride }];
        }),
      );
      return { list: this.device.prepare(commands.slice(from, to), scratch), turns: count, moves };
    });
    return {
      plan: made,
      commands,
      parts,
      leaves: [...standIns.values()],
      numbers: structure.numbers,
      kernels: used,
      holders: 1,
    };
  }

  /** Runs a plan on the leaves and numbers of `structure`. Returns the memory of its new roots; if it fails, none is taken. */
  run(prepared: Prepared, structure: Structure, roots: readonly Result[]): (Buffer | null)[] {
    const memory: (Buffer | null)[] = [];
    try {
      for (const { node, target } of roots) memory.push(target === "new" ? this.device.alloc(bytesOf(node)) : null);
      this.#run(prepared, structure, (root) => memory[root] as Buffer);
      return memory;
    } catch (error) {
      for (const buffer of memory) if (buffer) this.device.free(buffer);
      throw error;
    }
  }

  #run(
    { plan: made, commands, parts, leaves, numbers }: Prepared,
    structure: Structure,
    rootMemory: (root: number) => Buffer,
  ): void {
    const arena = this.#arenaOf(made.arenaBytes);
    const report = this.#reportBuffer();
    const leafNow = new Map(leaves.map((leaf, i) => [leaf, structure.leaves[i] as Storage]));
    const numberNow = new Map(numbers.map((n, i) => [n, structure.numbers[i]]));
    // What a plan reads of the arena it has written before: anything else is to show.
    if (checks.on) this.device.write(arena, 0, new Uint8Array(made.arenaBytes).fill(0xff));
    for (const { leaf, offset } of made.staged) {
      const host = (leafNow.get(leaf) as Storage).host as NonNullable<Storage["host"]>;
      this.device.write(arena, offset, new Uint8Array(host.buffer, host.byteOffset, host.byteLength));
    }
    const leaf = (l: object): Buffer => (leafNow.get(l) as Storage).buffer as Buffer;
    const address = addresses(made, { arena, root: rootMemory, leaf });
    made.kernels.forEach((k, i) => {
      const { args } = commands[i];
      let slot = 0;
      for (const m of boundMemory(k))
        args[slot++] = m.kind === "buffer" ? address(made.places[m.value]) : report.address;
      for (const { number } of k.numbers) {
        const { node, part } = made.lowered.numbers[number];
        const now = numberNow.get(node) as Node;
        args[slot++] = numberOf(now, part);
      }
    });
    for (const { list, turns, moves } of parts) {
      list.run();
      for (let turn = 1; turn < turns; turn++) {
        for (const { args, slot, stride } of moves) args[slot] += stride;
        list.run();
      }
    }
  }

  /** Throws where a kernel met an index that is out of range since the last time. */
  async checkIndices({ plan: made }: Prepared, by: string): Promise<void> {
    if (!made.kernels.some((k) => k.memory.some((m) => m.kind === "report"))) return;
    const report = this.#reportBuffer();
    const [bad, index, size] = new Int32Array((await this.device.read(report, 0, indexReportBytes)).buffer);
    if (bad === 0) return;
    this.device.write(report, 0, new Uint8Array(indexReportBytes));
    throw new IndexError({
      in: by,
      got: `the index ${index} in a tensor of indices`,
      want: `0 to ${size - 1} on an axis of ${size}`,
      fix: "Check the indices; the results of this step are not to be trusted",
    });
  }

  #reportBuffer(): Buffer {
    if (!this.#report) {
      this.#report = this.device.alloc(64);
      this.device.write(this.#report, 0, new Uint8Array(64));
    }
    return this.#report;
  }

  /** The bytes of a root that stayed in the arena. */
  readArena(place: Place, bytes: number): Promise<Uint8Array> {
    if (place.kind !== "arena") throw new Error("executor: the value is not in the arena");
    return this.device.read(this.#arena as Buffer, place.offset, bytes);
  }

  #arenaOf(bytes: number): Buffer {
    if (!this.#arena || this.#arena.bytes < bytes) {
      if (this.#arena) this.device.free(this.#arena);
      this.#arena = null; // where there is no memory for a larger one, there is none
      this.#arena = this.device.alloc(Math.max(bytes, 64));
    }
    return this.#arena;
  }
}

/** The kernels of a plan in parts: the bodies of loops, and what stands before, between and after them. */
function partsOf({ kernels, turns }: Plan): Turns[] {
  const parts: Turns[] = [];
  let from = 0;
  for (const t of [...turns, { from: kernels.length, to: kernels.length, count: 0 }]) {
    if (t.from > from) parts.push({ from, to: t.from, count: 1 });
    if (t.count > 0) parts.push(t);
    from = t.to;
  }
  return parts;
}

/** Where the values of a plan lie, given what is not its own. */
export interface PlanMemory {
  readonly arena: Buffer;
  root(number: number): Buffer;
  leaf(leaf: object): Buffer;
}

/** The address of a place of a plan; in a loop, that of its first turn. */
export function addresses({ places }: Plan, { arena, root, leaf }: PlanMemory): (place: Place) => number {
  const address = (p: Place): number => {
    if (p.kind === "arena") return arena.address + p.offset;
    if (p.kind === "within") return address(places[p.value]) + p.at;
    return (p.kind === "root" ? root(p.root) : leaf(p.leaf)).address;
  };
  return address;
}

/** How the arguments of a kernel are stored: addresses, then numbers. */
export const kindsOf = (k: LoopKernel): ArgKind[] => [
  ...boundMemory(k).map((): ArgKind => "pointer"),
  ...k.numbers.map(({ dtype }): ArgKind => (dtype === "bool" ? "int32" : dtype)),
];

/** A number as it is given at launch: a constant, or a word of a key. */
export const numberOf = (n: Node, part: 0 | 1): number =>
  is(n, "random") ? n.arg.key[part] | 0 : (n as Node<"const">).arg.value;

export function bytesOf({ shape, dtype }: { shape: readonly number[]; dtype: Node["dtype"] }): number {
  return sizeOf(shape) * dtypes[dtype].bytes;
}

export const toArray = (bytes: Uint8Array, dtype: Node["dtype"]): HostArray =>
  new dtypes[dtype].array(bytes.buffer, bytes.byteOffset, bytes.byteLength / dtypes[dtype].bytes);

function onHost(leaf: object): boolean {
  return leaf instanceof Storage && leaf.buffer === null;
}

const executors = new WeakMap<Device, Executor>();

export function executorOf(device: Device): Executor {
  let executor = executors.get(device);
  if (!executor) {
    executor = new Executor(device);
    executors.set(device, executor);
  }
  return executor;
}
