/**
 * Registers for a routine: linear scan (Poletto & Sarkar 1999) over intervals that span whole loops where a value lives
 * through them. What finds no register gets a place in memory, each use of it a register of its own, and the scan is
 * done again; what is cheapest to have there goes first, so that innermost loops keep theirs.
 */
import { general, memoryBytes } from "./x64-encoding.ts";
import { eachOperand, type File, Op, type Place, pool, type Routine, takesMemory } from "./x64-machine.ts";
import { row } from "./x64-rows.ts";

/** The registers that may be used, and what the function finds its parameters in. */
export interface Registers {
  readonly general: readonly number[];
  readonly vector: readonly number[];
  readonly mask: readonly number[];
  readonly parameters: readonly [number, number, number];
  /** Whether instructions can load one element into all lanes. */
  readonly broadcasts: boolean;
}

/** The machine register of each virtual one. */
export function allocate(routine: Routine, registers: Registers): Int32Array {
  removeUnused(routine);
  foldLoads(routine, registers.broadcasts);
  // Registers made by spilling have short lives, and must stay.
  const firm = new Set(routine.firm);
  for (;;) {
    const { assigned, spilled } = scan(routine, registers, firm);
    if (spilled.size === 0) return assigned;
    spill(routine, spilled, firm, registers.broadcasts);
  }
}

/** How often each register is read and written. */
function countUses(routine: Routine): { reads: Int32Array; writes: Int32Array } {
  const reads = new Int32Array(routine.files.length);
  const writes = new Int32Array(routine.files.length);
  const see = (v: number, r: boolean, w: boolean): void => {
    if (r) reads[v]++;
    if (w) writes[v]++;
  };
  for (const op of routine.ops) eachOperand(op, see);
  return { reads, writes };
}

/** Removes instructions whose results nothing reads. */
function removeUnused(routine: Routine): void {
  const { reads } = countUses(routine);
  const kept: Op[] = [];
  let used = false;
  const isRead = (v: number, r: boolean, w: boolean): void => {
    if (w && reads[v] > (r ? 1 : 0)) used = true;
  };
  const forget = (v: number, r: boolean): void => {
    if (r) reads[v]--;
  };
  for (let i = routine.ops.length - 1; i >= 0; i--) {
    const op = routine.ops[i];
    used = op.hasEffect;
    if (!used) eachOperand(op, isRead);
    if (used) kept.push(op);
    else eachOperand(op, forget);
  }
  routine.ops = kept.reverse();
}

const commutes = /^v(add|mul|fmadd231|and|or|xor|padd|pmull|pmaxs|pmins|pand|por|pxor|pcmpeq)(ps|pd|ss|sd|d)?$/;

/** Lets instructions read from memory what is loaded for them alone. */
function foldLoads(routine: Routine, broadcasts: boolean): void {
  const { reads, writes } = countUses(routine);
  /** Loads whose memory and base have not changed since. */
  const pending = new Map<number, Op>();
  const folded = new Set<Op>();
  const change = (v: number, _: boolean, w: boolean): void => {
    if (w) for (const [to, load] of pending) if (load.place?.base === v) pending.delete(to);
  };
  for (const op of routine.ops) {
    if (op.kind !== "plain") pending.clear();
    else if (op.place === null) {
      if (
        op.vvvv >= 0 &&
        op.vvvv !== op.rm &&
        !pending.has(op.rm) &&
        pending.has(op.vvvv) &&
        commutes.test(op.row.name)
      )
        [op.vvvv, op.rm] = [op.rm, op.vvvv];
      const load = op.row.rm === "r" && op.vvvv !== op.rm && op.reg !== op.rm ? pending.get(op.rm) : undefined;
      if (load) {
        const place = asOperand(load, op, broadcasts);
        if (place) {
          op.place = place;
          op.rm = -1;
          folded.add(load);
        }
      }
    } else if (op.row.rm !== "r") pending.clear();
    if (pending.size > 0) eachOperand(op, change);
    if (op.isLoad && reads[op.reg] === 1 && writes[op.reg] === 1) pending.set(op.reg, op);
  }
  if (folded.size > 0) routine.ops = routine.ops.filter((op) => !folded.has(op));
}

/** The place of a load as the last operand of another instruction, if it can be. */
function asOperand(load: Op, op: Op, broadcasts: boolean): Place | null {
  const place = load.place as Place;
  const broadcast = load.row.name === "vbroadcastss";
  if (!takesMemory(op, memoryBytes(load.row, load.length), broadcast, broadcasts)) return null;
  return broadcast ? { ...place, broadcast } : place;
}

/** Positions are twice the number of an instruction for what it reads, and one more for what it writes. */
interface Interval {
  readonly v: number;
  readonly start: number;
  end: number;
  /** How much it would cost to have it in memory. */
  weight: number;
  /** A register from which it is copied. */
  readonly hint: number;
}

function intervalsOf(routine: Routine, firm: ReadonlySet<number>): Interval[] {
  const { ops } = routine;
  const ends = loopEnds(ops);
  const found: (Interval | undefined)[] = [];
  const order: Interval[] = [];
  /** Loops around the present instruction, outermost first: where they begin and end. */
  const open: { start: number; end: number }[] = [];
  let [now, cost, op] = [0, 1, ops[0]];
  const see = (v: number, reads: boolean, writes: boolean): void => {
    const at = reads ? now : now + 1;
    let interval = found[v];
    if (!interval) {
      const hint = writes && op.isCopy ? op.rm : -1;
      interval = { v, start: at, end: at, weight: 0, hint };
      found[v] = interval;
      order.push(interval);
    }
    let end = writes ? now + 1 : now;
    // What was there before a loop must last until its end.
    for (const loop of open)
      if (loop.start > interval.start) {
        end = loop.end;
        break;
      }
    if (end > interval.end) interval.end = end;
    interval.weight += (reads ? cost : 0) + (writes && !op.constant ? 1.5 * cost : 0);
  };
  for (let i = 0; i < ops.length; i++) {
    [now, op] = [2 * i, ops[i]];
    if (op.kind === "loop") open.push({ start: now, end: ends[i] });
    cost = 8 ** Math.min(open.length, 6);
    eachOperand(op, see);
    if (op.kind === "end") open.pop();
  }
  for (const interval of order) if (firm.has(interval.v)) interval.weight = Infinity;
  return order;
}

/** For each `loop`, the position of its `end`. */
function loopEnds(ops: readonly Op[]): Int32Array {
  const ends = new Int32Array(ops.length);
  const open: number[] = [];
  ops.forEach((op, i) => {
    if (op.kind === "loop") open.push(i);
    if (op.kind === "end") ends[open.pop() as number] = 2 * i + 1;
  });
  return ends;
}

/** The registers of one file while a scan goes on. */
interface FileState {
  readonly registers: readonly number[];
  readonly free: boolean[];
  active: Interval[];
}

function scan(
  routine: Routine,
  registers: Registers,
  firm: ReadonlySet<number>,
): { assigned: Int32Array; spilled: Set<number> } {
  const assigned = new Int32Array(routine.files.length).fill(-1);
  const spilled = new Set<number>();
  const stateOf = (file: File): FileState => {
    const free: boolean[] = [];
    for (const r of registers[file]) free[r] = true;
    return { registers: registers[file], free, active: [] };
  };
  const states = { general: stateOf("general"), vector: stateOf("vector"), mask: stateOf("mask") };
  const taken = takenBy(routine, registers);

  for (const interval of intervalsOf(routine, firm)) {
    const state = states[routine.files[interval.v]];
    expire(state, interval.start, assigned);
    const bars = state === states.general ? taken(interval) : none;
    const { free } = state;
    const usable = (r: number): boolean => free[r] && !bars.includes(r);
    const wanted = [parameterOf(interval, routine, registers), interval.hint >= 0 ? assigned[interval.hint] : -1];
    let register = wanted.find((r) => r >= 0 && usable(r)) ?? state.registers.find(usable);
    if (register === undefined) {
      let cheapest = interval;
      for (const other of state.active)
        if (!bars.includes(assigned[other.v]) && isCheaper(other, cheapest)) cheapest = other;
      spilled.add(cheapest.v);
      if (cheapest === interval) {
        if (interval.weight === Infinity) throw new Error("x64: out of registers");
        continue;
      }
      register = assigned[cheapest.v];
      state.active = state.active.filter((other) => other !== cheapest);
    }
    free[register] = false;
    assigned[interval.v] = register;
    state.active.push(interval);
  }
  return { assigned, spilled };
}

const none: readonly number[] = [];

/** Frees the registers of intervals that have ended. */
function expire(state: FileState, now: number, assigned: Int32Array): void {
  const { active, free } = state;
  let kept = 0;
  for (const interval of active) {
    if (interval.end >= now) active[kept++] = interval;
    else free[assigned[interval.v]] = true;
  }
  active.length = kept;
}

const isCheaper = (a: Interval, b: Interval): boolean =>
  a.weight < b.weight || (a.weight === b.weight && a.end > b.end);

/** The register in which a parameter of the function comes. */
function parameterOf({ v, start }: Interval, { ops }: Routine, { parameters }: Registers): number {
  if (start > 1 || ops[0].kind !== "enter") return -1;
  return parameters[[ops[0].reg, ops[0].vvvv, ops[0].rm].indexOf(v)] ?? -1;
}

/** Tells which registers others need while an interval lasts: those of the other parameters, and those of divisions. */
function takenBy(routine: Routine, registers: Registers): (interval: Interval) => readonly number[] {
  const divisions: number[] = [];
  routine.ops.forEach((op, i) => {
    if (op.kind === "divide" || op.kind === "modulo") divisions.push(2 * i);
  });
  return (interval) => {
    const { start, end } = interval;
    const divides = divisions.some((at) => start <= at + 1 && end >= at);
    const own = start > 1 ? -1 : parameterOf(interval, routine, registers);
    if (!divides && own < 0) return none;
    const others = own < 0 ? [] : registers.parameters.filter((r) => r !== own);
    return divides ? [...others, general.rax, general.rdx] : others;
  };
}

/** What a register that is kept in memory is loaded by, and what from. */
interface Home {
  readonly name: string;
  readonly op: Op | null;
  readonly place: Place;
}

const slotLoads: Record<File, { load: string; store: string }> = {
  general: { load: "mov.64", store: "mov.store64" },
  vector: { load: "vmovups", store: "vmovups.store" },
  mask: { load: "kmovw", store: "kmovw.store" },
};

/** Puts registers in memory: those that only ever hold what lies there already need no store. */
function spill(routine: Routine, spilled: ReadonlySet<number>, firm: Set<number>, broadcasts: boolean): void {
  const { writes } = countUses(routine);
  const homes = new Map<number, Home>();
  for (const op of routine.ops)
    if (op.constant && spilled.has(op.reg >= 0 ? op.reg : op.rm)) {
      const v = op.reg >= 0 ? op.reg : op.rm;
      if (writes[v] === 1) homes.set(v, { name: op.row.name, op, place: op.place ?? nowhere });
    }
  const homeOf = (v: number): Home => {
    let home = homes.get(v);
    if (!home) {
      const file = routine.files[v];
      home = { name: slotLoads[file].load, op: null, place: routine.slot(routine.bytes[v]) };
      homes.set(v, home);
    }
    return home;
  };
  const lengthOf = (v: number): 128 | 256 | 512 => (8 * Math.max(routine.bytes[v], 16)) as 128;

  const ops: Op[] = [];
  for (const op of routine.ops) {
    if (op.constant && homes.get(op.reg >= 0 ? op.reg : op.rm)?.op === op) continue;
    const after: Op[] = [];
    fold(op, spilled, homeOf, routine, broadcasts);
    const touched = new Map<number, { reads: boolean; writes: boolean }>();
    eachOperand(op, (v, r, w) => {
      if (!spilled.has(v)) return;
      const before = touched.get(v);
      touched.set(v, { reads: r || before?.reads === true, writes: w || before?.writes === true });
    });
    const temporaries = new Map<number, number>();
    for (const [v, { reads, writes: isWritten }] of touched) {
      const t = routine.reg(routine.files[v], routine.bytes[v]);
      firm.add(t);
      temporaries.set(v, t);
      const { name, place, op: maker } = homeOf(v);
      if (reads && place === nowhere && maker)
        ops.push(new Op("plain", maker.row, maker.length, { rm: t, imm: maker.imm }));
      else if (reads) ops.push(new Op("plain", row(name), maker?.length ?? lengthOf(v), { reg: t, place }));
      if (isWritten) {
        const { store } = slotLoads[routine.files[v]];
        after.push(new Op("plain", row(store), lengthOf(v), { reg: t, place }));
      }
    }
    if (temporaries.size > 0) rename(op, temporaries);
    ops.push(op, ...after);
  }
  routine.ops = ops;
}

/** Stands for the place of what an immediate operand makes. */
const nowhere: Place = { base: pool, disp: -1, broadcast: false };

/** Has an instruction use a register's place itself, if it can. */
function fold(
  op: Op,
  spilled: ReadonlySet<number>,
  homeOf: (v: number) => Home,
  routine: Routine,
  broadcasts: boolean,
): void {
  const v = op.rm;
  if (v < 0 || !spilled.has(v) || op.place || op.mask === v || op.kind === "enter") return;
  const { op: maker, place } = homeOf(v);
  if (place === nowhere) return;
  const { rm } = op.row;
  if (maker) {
    const operand = rm === "r" ? asOperand(maker, op, broadcasts) : null;
    if (!operand) return;
    op.place = operand;
  } else {
    if (op.row.memory === 0) return;
    const bytes = memoryBytes(op.row, op.length);
    if (rm === "r" ? bytes > routine.bytes[v] : bytes < routine.bytes[v]) return;
    op.place = place;
  }
  op.rm = -1;
}

function rename(op: Op, to: ReadonlyMap<number, number>): void {
  const renamed = (v: number): number => to.get(v) ?? v;
  op.reg = renamed(op.reg);
  op.vvvv = renamed(op.vvvv);
  op.rm = renamed(op.rm);
  op.mask = renamed(op.mask);
  if (op.place && op.place.base >= 0) op.place = { ...op.place, base: renamed(op.place.base) };
}
