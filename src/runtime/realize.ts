/**
 * Computing: everything above records, and `realize` works. It gathers what is asked for and what was assigned, and has
 * the device (or the oracle) compute it as one plan.
 */
import type { Target } from "../compile/plan.ts";
import type { Buffer, Device } from "../device/device.ts";
import { DeviceError } from "../errors.ts";
import { dtypes, type HostArray, write } from "../graph/dtype.ts";
import { is, type Node, topo } from "../graph/node.ts";
import { sizeOf } from "../graph/shape.ts";
import { currentDevice } from "./devices.ts";
import { bytesOf, type Executor, executorOf, toArray } from "./executor.ts";
import { interpretAll } from "./oracle.ts";
import { type Assignment, type Handle, note, refuseRead, scope, undo } from "./record.ts";
import { fromStorage, Storage, storageOf } from "./storage.ts";

export type { Handle } from "./record.ts";

/** Computations run one after another, also where a caller did not wait for the one before. */
let queue: Promise<unknown> = Promise.resolve();

function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const result = queue.then(work);
  queue = result.catch(() => undefined);
  return result;
}

/** Computes the nodes of `handles` together, with all pending assignments, and points each handle at its value. */
export function realize(handles: readonly Handle[], by = "realize"): Promise<void> {
  return inTurn(async () => {
    await compute(handles, "new", by);
  });
}

/** The value of `n`, in host memory. The array is not the caller's to change. */
export function read(n: Node, by = "read"): Promise<HostArray> {
  return inTurn(async () => {
    refuseRead(by);
    const storage = storageOf(n);
    storage?.check(by);
    if (storage?.host) return storage.host;
    const handle = { node: n };
    if (!storage?.buffer) await compute([handle], "host", by);
    const now = storageOf(handle.node) as Storage;
    now.check(by);
    return now.host ?? (await download(now));
  });
}

/**
 * Points `handle` at a value of its own, computed from `value` with the next realize(). What it pointed at is gone then,
 * so that its memory can take the new value.
 */
export function assign(handle: Handle, value: Node): void {
  const old = storageOf(handle.node);
  const next = new Storage({ shape: value.shape, dtype: value.dtype, init: value, label: old?.label ?? "" });
  scope().pending.push({ handle, before: handle.node, old, next });
  handle.node = fromStorage(next);
}

/** Promises that `handle` is computed with the next realize(), even if its recipe is stale after that. */
export function keep(handle: Handle): void {
  scope().kept.add(handle);
}

async function download({ device, buffer, shape, dtype }: Storage): Promise<HostArray> {
  const bytes = await (device as Device).read(buffer as Buffer, 0, bytesOf({ shape, dtype }));
  return toArray(bytes, dtype);
}

async function compute(handles: readonly Handle[], target: "new" | "host", by: string): Promise<void> {
  const device = await currentDevice();
  const here = scope();
  const assignments = here.pending;
  const recipes = assignments.flatMap(({ next }) => next.init ?? []);
  const wanted = [...new Set(handles)].filter((h) => isToCompute(h.node));
  const numbers = assignments.filter((a) => isNumber(a, assignments));
  try {
    check(recipes, by);
  } catch (error) {
    here.pending = giveUp(assignments, numbers); // else what cannot be made would block all that follows
    throw error;
  }
  check(
    wanted.map((h) => h.node),
    by,
  );
  const promised = [...here.kept].filter((h) => !handles.includes(h));
  const also = promised.filter((h) => isToCompute(h.node) && isComputable(h.node, device));
  here.pending = [];
  here.kept.clear();
  try {
    if (device === "reference") interpretAll([...wanted, ...also], assignments);
    else await computeOn(device, { wanted, also, assignments, recipes, target, by });
    settle(assignments);
  } catch (error) {
    // On the device all are made or none; an index outside of its axis is told of after that.
    if (assignments.some(({ next }) => next.buffer)) settle(assignments);
    else here.pending = [...giveUp(assignments, numbers), ...here.pending];
    throw error;
  }
  if (target === "new" && device !== "reference") for (const h of handles) upload(h, device);
}

/**
 * Whether all that was assigned is a number that is known, such as a learning rate: it needs nothing of what else was, and
 * stays where that cannot be made, for whoever set it takes it for set.
 */
function isNumber({ handle, old, next }: Assignment, all: readonly Assignment[]): boolean {
  const recipe = next.init;
  if (!recipe || sizeOf(next.shape) !== 1 || storageOf(handle.node) !== next) return false;
  const given = storageOf(recipe);
  return (is(recipe, "const") || (given?.host && given.state === "live") === true) && !all.some((a) => a.next === old);
}

/** Undoes assignments that cannot be made, but for `numbers`. Returns which are still to be made. */
function giveUp(assignments: readonly Assignment[], numbers: readonly Assignment[]): Assignment[] {
  undo(assignments.filter((a) => !numbers.includes(a)));
  settle(numbers.filter(({ next }) => !next.init));
  return numbers.filter(({ next }) => next.init);
}

/** What was assigned has taken the place of what was there. */
function settle(assignments: readonly Assignment[]): void {
  for (const { old, next } of assignments) {
    old?.release("gone");
    if (old) next.succeed(old);
  }
  for (const { next } of assignments) if (next.init) next.release("gone"); // replaced before it was computed
}

interface Work {
  readonly wanted: readonly Handle[];
  /** What was promised to outlive the assignments. */
  readonly also: readonly Handle[];
  readonly assignments: readonly Assignment[];
  readonly recipes: readonly Node[];
  readonly target: "new" | "host";
  readonly by: string;
}

async function computeOn(device: Device, work: Work): Promise<void> {
  const { wanted, also, assignments, recipes, target, by } = work;
  const executor = executorOf(device);
  await initialize([...wanted, ...also].map((h) => h.node).concat(recipes), assignments, executor);
  const inlined = inlineRecipes(assignments);
  const roots: Root[] = [];
  for (const h of wanted) roots.push(...rootOf(h, target, inlined));
  for (const h of also) roots.push(...rootOf(h, "host", inlined));
  roots.push(...assignments.flatMap((a, i) => updateOf(a, i, { all: assignments, inline: inlined, device })));
  await runPlan(roots, executor, by, true);
}

/** Whether a node has no value yet. */
function isToCompute(n: Node): boolean {
  const storage = storageOf(n);
  return !storage || storage.init !== null;
}

/** One result of a plan: what is computed, where it goes, and what is done when it is there. */
interface Root {
  readonly node: Node;
  readonly target: Target;
  /** Storage that takes the value. */
  readonly storage: Storage;
  readonly isAssigned?: boolean;
  /** Whose memory is taken over. */
  readonly from?: Storage;
  readonly done?: () => void;
}

function rootOf(handle: Handle, target: "new" | "host", inline: (n: Node) => Node): Root[] {
  if (storageOf(handle.node)) return []; // it was a recipe of its own, and is computed by now or among the assignments
  const { shape, dtype } = handle.node;
  const storage = new Storage({ shape, dtype });
  const done = (): void => {
    handle.node = fromStorage(storage);
  };
  return [{ node: inline(handle.node), target, storage, done }];
}

/** The new value of what was assigned, over the memory of the old. */
function updateOf(
  { next }: Assignment,
  i: number,
  { all, inline, device }: { all: readonly Assignment[]; inline: (n: Node) => Node; device: Device },
): Root[] {
  if (next.state !== "live" || all.some((later, j) => j > i && later.old === next)) return [];
  let old = all[i].old;
  for (let before = all.find((a) => a.next === old); before; before = all.find((a) => a.next === old)) old = before.old;
  const node = inline(next.init as Node);
  const reuses =
    old?.buffer && old.device === device && old.dtype === next.dtype && sizeOf(old.shape) === sizeOf(next.shape);
  return reuses && old
    ? [{ node, target: { replaces: old }, storage: next, from: old, isAssigned: true }]
    : [{ node, target: "new", storage: next, isAssigned: true }];
}

/** Computes, as a plan of their own, values that are owned and that nobody has needed yet: parameters, states. */
async function initialize(
  roots: readonly Node[],
  assignments: readonly Assignment[],
  executor: Executor,
): Promise<void> {
  const assigned = new Set(assignments.map((a) => a.next));
  const found = new Map<Storage, Node>();
  for (let wave: readonly Node[] = roots; wave.length > 0; ) {
    const more: Node[] = [];
    for (const leaf of topo(wave)) {
      const storage = storageOf(leaf);
      if (!storage?.init || found.has(storage)) continue;
      found.set(storage, storage.init);
      more.push(storage.init);
    }
    wave = more;
  }
  const fresh = [...found].filter(
    ([storage, recipe]) => !assigned.has(storage) && !fill(storage, recipe, executor.device),
  );
  const inline = substituter(new Map(found));
  await runPlan(
    fresh.map(([storage, recipe]) => ({ node: inline(recipe), target: "new", storage })),
    executor,
    "realize",
  );
}

/** Elements of a constant that are written at a time. */
const filledAtOnce = 1 << 14;

/** Whether `recipe` is one number again and again, which is then written from here: that takes no kernel. */
function fill(storage: Storage, recipe: Node, device: Device): boolean {
  const size = sizeOf(recipe.shape);
  if (!is(recipe, "const") || size === 0) return false;
  const { bytes, array } = dtypes[recipe.dtype];
  const part = new array(Math.min(size, filledAtOnce));
  write(part, 0, recipe.arg.value, recipe.dtype);
  part.fill(part[0]);
  const buffer = device.alloc(size * bytes);
  for (let at = 0; at < size; at += part.length)
    device.write(buffer, at * bytes, new Uint8Array(part.buffer, 0, Math.min(part.length, size - at) * bytes));
  storage.own(device, buffer);
  return true;
}

/** Puts the recipes of assigned values in the place of their leaves, so that one plan computes and uses them. */
function inlineRecipes(assignments: readonly Assignment[]): (n: Node) => Node {
  return substituter(new Map(assignments.map(({ next }) => [next, next.init as Node])));
}

function substituter(recipes: ReadonlyMap<Storage, Node>): (n: Node) => Node {
  const done = new Map<Node, Node>();
  if (recipes.size === 0) return (n) => n;
  const inline = (root: Node): Node => {
    for (const n of topo([root], (m) => done.has(m))) {
      if (done.has(n)) continue;
      const storage = storageOf(n);
      const recipe = storage && recipes.get(storage);
      if (recipe) done.set(n, inline(recipe));
      else if (n.src.every((s) => (done.get(s) ?? s) === s)) done.set(n, n);
      else done.set(n, { ...n, src: n.src.map((s) => done.get(s) ?? s) });
    }
    return done.get(root) as Node;
  };
  return inline;
}

/** `repeats`: whether a replay has to run it too; what is computed once, such as initial values, has not. */
async function runPlan(all: readonly Root[], executor: Executor, by: string, repeats = false): Promise<void> {
  const { device } = executor;
  const roots = all.filter(({ node }) => sizeOf(node.shape) > 0);
  for (const { storage, node, done } of all) {
    if (sizeOf(node.shape) > 0) continue;
    storage.host = new dtypes[node.dtype].array(0);
    storage.init = null;
    done?.();
  }
  if (roots.length === 0) return;
  for (const leaf of topo(roots.map((r) => r.node))) onThisDevice(storageOf(leaf), device, by);
  const { prepared, structure } = await executor.prepare(
    roots.map((r) => r.node),
    roots.map((r) => r.target),
  );
  const memory = executor.run(prepared, structure, roots);
  if (repeats) note({ executor, prepared, structure, roots });
  for (const [i, { storage, target, node, from, done }] of roots.entries()) {
    if (target === "host") {
      storage.host = toArray(await executor.readArena(prepared.plan.roots[i], bytesOf(node)), node.dtype);
      storage.init = null;
    } else storage.own(device, (from ? from.yield() : memory[i]) as Buffer);
    done?.();
  }
  await executor.checkIndices(prepared, by);
}

/** Moves a value that was made on the host to the device, for good. */
function upload(handle: Handle, device: Device): void {
  const storage = storageOf(handle.node);
  if (!storage?.host || storage.host.length === 0) return;
  const { host } = storage;
  const buffer = device.alloc(host.byteLength);
  device.write(buffer, 0, new Uint8Array(host.buffer, host.byteOffset, host.byteLength));
  storage.own(device, buffer);
}

function onThisDevice(storage: Storage | null, device: Device, by: string): void {
  if (!storage?.buffer || storage.device === device) return;
  throw new DeviceError({
    in: by,
    got: `${storage.name}, which is on another device than "${device.name}"`,
    want: "tensors that are all on one device",
    fix: "Choose the device before the first tensor is made, or read the tensor and make it anew",
  });
}

/** Whether all that `n` needs is still there. What is only kept, and was forgotten by its owner, must not stop others. */
function isComputable(n: Node, device: Device | "reference"): boolean {
  try {
    check([n], "keep");
  } catch {
    return false;
  }
  return topo([n]).every((leaf) => {
    const storage = storageOf(leaf);
    return !storage?.buffer || storage.device === device;
  });
}

/** Throws, before anything is computed, where `roots` need a value that no longer exists. */
function check(roots: readonly Node[], by: string): void {
  const seen = new Set<Storage>();
  for (let wave = roots; wave.length > 0; ) {
    const recipes: Node[] = [];
    for (const storage of topo(wave).map(storageOf)) {
      if (!storage || seen.has(storage)) continue;
      seen.add(storage);
      storage.check(by);
      if (storage.init) recipes.push(storage.init);
    }
    wave = recipes;
  }
}
