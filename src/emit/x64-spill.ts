/** Values that find no register live in memory, and come into registers only where an instruction needs them there. */
import { type Length, memoryBytes } from "./x64-encoding.ts";
import { eachOperand, type File, Op, type Place, pool, type Routine } from "./x64-machine.ts";
import { asOperand, countUses } from "./x64-peephole.ts";
import { row } from "./x64-rows.ts";

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

/** The register that an instruction without other effects writes. */
const madeBy = (op: Op): number => (op.reg >= 0 ? op.reg : op.rm);

/**
 * Puts registers in memory: those that only ever hold what lies there already need no store. What instructions then need
 * in registers goes into new ones, which are added to `firm`.
 */
export function spill(routine: Routine, spilled: ReadonlySet<number>, firm: Set<number>, broadcasts: boolean): void {
  const { writes } = countUses(routine);
  const homes = new Map<number, Home>();
  for (const op of routine.ops) {
    const v = op.constant ? madeBy(op) : -1;
    if (spilled.has(v) && writes[v] === 1) homes.set(v, { name: op.row.name, op, place: op.place ?? nowhere });
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
  const lengthOf = (v: number): Length => (8 * Math.max(routine.bytes[v], 16)) as Length;

  const ops: Op[] = [];
  for (const op of routine.ops) {
    if (op.constant && homes.get(madeBy(op))?.op === op) continue;
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
