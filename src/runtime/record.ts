/**
 * Recording what `realize` runs, and running it again with other leaves: the ground on which `jit` stands. A recorded
 * step is a plan and the storages that it read and made; in a replay each of them is what has taken its place.
 */
import type { Structure } from "../compile/hash.ts";
import type { Target } from "../compile/plan.ts";
import type { Buffer } from "../device/device.ts";
import { TraceError } from "../errors.ts";
import { is, type Node } from "../graph/node.ts";
import { bytesOf, type Executor, type Prepared, toArray } from "./executor.ts";
import { Storage, storageOf } from "./storage.ts";

interface StepRoot {
  readonly node: Node;
  readonly target: Target;
  readonly storage: Storage;
  /** Whether it is the new value of what was assigned. */
  readonly isAssigned?: boolean;
}

/** A plan that ran, and where its results went. */
export interface Step {
  readonly executor: Executor;
  readonly prepared: Prepared;
  readonly structure: Structure;
  readonly roots: readonly StepRoot[];
}

/** What points at a value and can be pointed at another: a Tensor. */
export interface Handle {
  node: Node;
}

/** An assignment that was recorded and not yet computed. */
export interface Assignment {
  readonly handle: Handle;
  /** What the handle pointed at. */
  readonly before: Node;
  readonly old: Storage | null;
  readonly next: Storage;
}

/** Points the handles of what was assigned, and cannot be computed, at what they had before: no value is lost. */
export function undo(assignments: readonly Assignment[]): void {
  for (const { handle, before, next } of assignments.toReversed())
    if (next.state === "live" && storageOf(handle.node) === next) handle.node = before;
}

/** What belongs to the code that runs: a recorded function has a scope of its own, everything else has one together. */
export interface Scope {
  /** The plans that ran, if they are recorded. */
  readonly steps: Step[] | null;
  /** Oldest first. */
  pending: Assignment[];
  /** Handles whose values were promised to survive the next update. */
  readonly kept: Set<Handle>;
}

const common: Scope = { steps: null, pending: [], kept: new Set() };

/** The scope that the present code runs in. */
export const scope = (): Scope => context.getStore() ?? common;

/**
 * Where there are asynchronous contexts (Node), what runs meanwhile but was
 * not called by the recorded function is in none; elsewhere all that runs meanwhile counts.
 */
interface Context {
  getStore(): Scope | undefined;
  run<T>(scope: Scope, f: () => Promise<T>): Promise<T>;
}

function globalContext(): Context {
  let store: Scope | undefined;
  return {
    getStore: () => store,
    async run(scope, f) {
      const before = store;
      store = scope;
      try {
        return await f();
      } finally {
        store = before;
      }
    },
  };
}

const hooks = globalThis.process?.getBuiltinModule?.("node:async_hooks");
const context: Context = hooks ? new hooks.AsyncLocalStorage<Scope>() : globalContext();

export const isRecording = (): boolean => context.getStore() !== undefined;

/** Notes a step, if its caller is recorded. */
export function note(step: Step): void {
  scope().steps?.push(step);
}

/** Throws where a value is asked for while recording: in a replay it would be the value of today. */
export function refuseRead(by: string): void {
  if (!isRecording()) return;
  throw new TraceError({
    in: by,
    got: "a value that is read while jit records",
    want: "values that are read outside of the function",
    fix: "Return the tensor from the function and read it there",
  });
}

/** Runs `f` and records the plans that it runs. */
export async function record<T>(f: () => Promise<T>): Promise<{ result: T; steps: readonly Step[] }> {
  const steps: Step[] = [];
  const own: Scope = { steps, pending: [], kept: new Set() };
  try {
    return { result: await context.run(own, f), steps };
  } catch (error) {
    undo(own.pending);
    throw error;
  }
}

/** Gives up the plans of recordings that nobody can reach. Where collectors never run, they stay. */
const forgotten =
  typeof FinalizationRegistry === "undefined"
    ? null
    : new FinalizationRegistry<readonly Step[]>((steps) => {
        for (const { executor, prepared } of steps) executor.release(prepared);
      });

/** A recording that can be run again. It keeps its plans, until it is disposed of. */
export class Recording {
  readonly #steps: readonly Step[];
  /** Keys of random nodes, in the order of the steps. */
  readonly keys: readonly (readonly [number, number])[];

  constructor(steps: readonly Step[]) {
    this.#steps = steps;
    const keys = new Set<readonly [number, number]>();
    for (const { structure } of steps) {
      for (const n of structure.numbers) if (is(n, "random")) keys.add(n.arg.key);
    }
    this.keys = [...keys];
    for (const { executor, prepared } of steps) executor.hold(prepared);
    forgotten?.register(this, steps, this);
  }

  /** Gives its plans up; it cannot be replayed after that. */
  dispose(): void {
    if (!forgotten?.unregister(this) && forgotten) return;
    for (const { executor, prepared } of this.#steps) executor.release(prepared);
  }

  /** Does `work` while the plans stay, whoever disposes of the recording meanwhile. */
  async #holding<T>(work: () => Promise<T>): Promise<T> {
    for (const { executor, prepared } of this.#steps) executor.hold(prepared);
    try {
      return await work();
    } finally {
      for (const { executor, prepared } of this.#steps) executor.release(prepared);
    }
  }

  /**
   * Whether it can be run again: not if a value moved to the device with its first update, for that happens only once,
   * nor if the oracle computed, which has no plans.
   */
  get repeats(): boolean {
    if (this.#steps.length === 0) return false;
    return this.#steps.every(({ roots }) => !roots.some((r) => r.isAssigned && r.target === "new"));
  }

  /** Runs the steps with `inputs` in place of the storages of the first time, and the keys of `draw`. Returns what has become of each storage. */
  replay(
    inputs: ReadonlyMap<Storage, Storage>,
    draw: ReadonlyMap<object, readonly [number, number]>,
  ): Promise<(first: Storage) => Storage> {
    return this.#holding(() => this.#run(inputs, draw));
  }

  async #run(
    inputs: ReadonlyMap<Storage, Storage>,
    draw: ReadonlyMap<object, readonly [number, number]>,
  ): Promise<(first: Storage) => Storage> {
    const made = new Map<Storage, Storage>();
    const now = (leaf: object): Storage => {
      const first = leaf as Storage;
      return inputs.get(first) ?? made.get(first) ?? first.line.present;
    };
    for (const { executor, prepared, structure, roots } of this.#steps) {
      const present: Structure = {
        key: structure.key,
        leaves: structure.leaves.map(now),
        numbers: draw.size === 0 ? structure.numbers : structure.numbers.map((n) => withKey(n, draw)),
      };
      const memory = executor.run(prepared, present, roots);
      for (const [i, { node, target, storage }] of roots.entries()) {
        if (typeof target !== "string") continue;
        const fresh = new Storage({ shape: node.shape, dtype: node.dtype });
        if (target === "new") fresh.own(executor.device, memory[i] as Buffer);
        else fresh.host = toArray(await executor.readArena(prepared.plan.roots[i], bytesOf(node)), node.dtype);
        made.set(storage, fresh);
      }
      await executor.checkIndices(prepared, "jit");
    }
    return now;
  }

  /** Whether everything that the steps read besides `inputs` still exists. */
  isAlive(inputs: ReadonlyMap<Storage, Storage>): boolean {
    const made = new Set(this.#steps.flatMap((s) => s.roots.map((r) => r.storage)));
    return this.#steps.every(({ structure }) =>
      structure.leaves.every((leaf) => {
        const first = leaf as Storage;
        if (inputs.has(first)) return true;
        const { present } = first.line;
        return present.state === "live" || made.has(present);
      }),
    );
  }
}

function withKey(n: Node, draw: ReadonlyMap<object, readonly [number, number]>): Node {
  if (!is(n, "random")) return n;
  return { ...n, arg: { ...n.arg, key: draw.get(n.arg.key) ?? n.arg.key } } as Node<"random">;
}
