/**
 * Copies that need not be made: `t = f(x); x = t`, as accumulators are written, becomes `x = f(x)` where nothing else
 * reads t, and nothing in between touches x.
 */
import { eachSource, type Ins, type Reg } from "../compile/vector-ir.ts";

/** How often each register is read and written in a program, by id. */
export interface Counts {
  readonly reads: number[];
  readonly writes: number[];
}

export function countsOf(body: readonly Ins[], counts: Counts = { reads: [], writes: [] }): Counts {
  const { reads, writes } = counts;
  for (const ins of body) {
    eachSource(ins, ({ id }) => {
      reads[id] = (reads[id] ?? 0) + 1;
    });
    if ("dst" in ins) writes[ins.dst.id] = (writes[ins.dst.id] ?? 0) + 1;
    for (const inner of bodiesOf(ins)) countsOf(inner, counts);
  }
  return counts;
}

const bodiesOf = (ins: Ins): readonly (readonly Ins[])[] =>
  ins.op === "loop" ? [ins.body] : ins.op === "if" ? [ins.then, ins.else] : [];

/** The same program without copies that need not be made. */
export function withoutCopies(body: readonly Ins[], counts: Counts = countsOf(body)): Ins[] {
  const out: Ins[] = [];
  /** The last instruction of `out` that touches a register, and the one that writes it. */
  const touched = new Map<number, number>();
  const written = new Map<number, number>();
  const touch = (ins: Ins, at: number): void => {
    eachSource(ins, ({ id }) => void touched.set(id, at));
    if ("dst" in ins) touched.set(ins.dst.id, at);
    for (const inner of bodiesOf(ins)) for (const i of inner) touch(i, at);
  };
  for (const ins of body) {
    if (ins.op === "copy" && isSpare(ins.a, counts)) {
      const at = written.get(ins.a.id);
      if (at !== undefined && (touched.get(ins.dst.id) ?? -1) <= at) {
        out[at] = { ...out[at], dst: ins.dst } as Ins;
        touched.set(ins.dst.id, at);
        written.set(ins.dst.id, at);
        continue;
      }
    }
    let kept: Ins = ins;
    if (ins.op === "loop") kept = { ...ins, body: withoutCopies(ins.body, counts) };
    else if (ins.op === "if")
      kept = { ...ins, then: withoutCopies(ins.then, counts), else: withoutCopies(ins.else, counts) };
    touch(kept, out.length);
    if ("dst" in kept) written.set(kept.dst.id, out.length);
    out.push(kept);
  }
  return out;
}

/** Whether a register carries a value from one instruction to one other. */
const isSpare = ({ id }: Reg, { reads, writes }: Counts): boolean => reads[id] === 1 && writes[id] === 1;
