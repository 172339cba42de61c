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

function count(body: readonly Ins[], counts: Counts): Counts {
  const { reads, writes } = counts;
  const read = ({ id }: Reg): void => {
    reads[id] = (reads[id] ?? 0) + 1;
  };
  for (const ins of body) {
    eachSource(ins, read);
    if ("dst" in ins) writes[ins.dst.id] = (writes[ins.dst.id] ?? 0) + 1;
    if (ins.op === "loop") count(ins.body, counts);
    else if (ins.op === "if") {
      count(ins.then, counts);
      count(ins.else, counts);
    }
  }
  return counts;
}

/** The same program without copies that need not be made, and what it then reads and writes. */
export function withoutCopies(body: readonly Ins[]): { body: Ins[]; counts: Counts } {
  const counts = count(body, { reads: [], writes: [] });
  return { body: new Pass(counts).block(body), counts };
}

class Pass {
  readonly #counts: Counts;
  /** Grows with each instruction. */
  #now = 0;
  /** When each register was last read or written, and where it was written: when, in which block, at which place. */
  readonly #touched: number[] = [];
  readonly #written: ({ readonly at: number; readonly block: Ins[]; readonly place: number } | undefined)[] = [];

  constructor(counts: Counts) {
    this.#counts = counts;
  }

  readonly #touch = ({ id }: Reg): void => {
    this.#touched[id] = this.#now;
  };

  block(body: readonly Ins[]): Ins[] {
    const out: Ins[] = [];
    for (const ins of body) {
      if (ins.op === "copy" && this.#isSpare(ins.a) && this.#intoPlace(ins.dst, ins.a, out)) continue;
      this.#now++;
      eachSource(ins, this.#touch);
      if (ins.op === "loop") out.push({ ...ins, body: this.block(ins.body) });
      else if (ins.op === "if") out.push({ ...ins, then: this.block(ins.then), else: this.block(ins.else) });
      else {
        if ("dst" in ins) {
          this.#touch(ins.dst);
          this.#written[ins.dst.id] = { at: this.#now, block: out, place: out.length };
        }
        out.push(ins);
      }
    }
    return out;
  }

  /** Whether a register carries a value from one instruction to one other. */
  #isSpare({ id }: Reg): boolean {
    return this.#counts.reads[id] === 1 && this.#counts.writes[id] === 1;
  }

  /** Has `to` be written where `spare` is, if that is in the same block and `to` is not touched from there on. */
  #intoPlace(to: Reg, spare: Reg, block: Ins[]): boolean {
    const written = this.#written[spare.id];
    if (written?.block !== block || (this.#touched[to.id] ?? 0) > written.at) return false;
    block[written.place] = { ...block[written.place], dst: to } as Ins;
    this.#touched[to.id] = written.at;
    this.#written[to.id] = written;
    this.#counts.reads[spare.id] = 0;
    this.#counts.writes[spare.id] = 0;
    return true;
  }
}
