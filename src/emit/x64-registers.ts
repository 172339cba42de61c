/**
 * Registers for a routine: linear scan (Poletto & Sarkar 1999) over intervals that span whole loops where a value lives
 * through them. What finds no register gets a place in memory, each use of it a register of its own, and the scan is
 * done again; what is cheapest to have there goes first, so that innermost loops keep theirs.
 */
import { general } from "./x64-encoding.ts";
import { eachOperand, type File, type Op, type Routine } from "./x64-machine.ts";
import { foldLoads, removeUnused } from "./x64-peephole.ts";
import { spill } from "./x64-spill.ts";

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
