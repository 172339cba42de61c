/** What is done to machine instructions before they get registers: some are not needed, some can read memory themselves. */
import { memoryBytes } from "./x64-encoding.ts";
import { eachOperand, type Op, type Place, type Routine, takesMemory } from "./x64-machine.ts";

/** How often each register is read and written. */
export function countUses(routine: Routine): { reads: Int32Array; writes: Int32Array } {
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
export function removeUnused(routine: Routine): void {
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

const commutes = /^v(add|mul|fmadd231|dpbf16|and|or|xor|padd|pmull|pmaxs|pmins|pand|por|pxor|pcmpeq)(ps|pd|ss|sd|d)?$/;

/** Lets instructions read from memory what is loaded for them alone. */
export function foldLoads(routine: Routine, broadcasts: boolean): void {
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
export function asOperand(load: Op, op: Op, broadcasts: boolean): Place | null {
  const place = load.place as Place;
  const broadcast = load.row.name === "vbroadcastss";
  if (!takesMemory(op, memoryBytes(load.row, load.length), broadcast, broadcasts)) return null;
  return broadcast ? { ...place, broadcast } : place;
}
