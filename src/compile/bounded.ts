/**
 * Programs that look before they touch memory: what `CHECK=1` runs. Each address is followed back to the argument that it
 * comes from, and each access is made only if it lies within what that argument was given; if not, it is reported, and
 * what would have been loaded is 0.
 */
import { type Ins, type Kind, memoryBytes, type Program, type Reg } from "./vector-ir.ts";

/** A program with bounds, and which of its arguments are addresses, by their slots in the program without. */
export interface Bounded {
  readonly program: Program;
  readonly pointers: readonly number[];
}

/**
 * Slots that come before a program's own: where reports go, how many bytes of scratch memory there are (an int32), and
 * then for each pointer where its memory begins and ends.
 */
export const boundSlots = (pointers: number): number => 2 + 2 * pointers;

/** A report: the program's number plus 1, the argument's slot (−1 is the scratch memory), and the item, as int32. */
export const reportBytes = 12;

/** Memory that an address may lie in: of an argument, by its slot, or of the thread. */
type Root = number | "scratch";

export function bounded({ name, body }: Program, number: number): Bounded {
  const roots = new Map<Access, Root>();
  follow(name, body, new Map(), roots);
  const pointers = [...new Set(roots.values())].filter((root) => root !== "scratch").sort((a, b) => a - b);
  const pass = new Pass(nextRegister(body), pointers, roots, number);
  return { program: { name, body: [...pass.opening, ...pass.block(body)] }, pointers };
}

/** Finds what each access is to: where its address comes from, moved by any number of bytes. `roots`: of registers. */
function follow(name: string, body: readonly Ins[], roots: Map<number, Root>, found: Map<Access, Root>): void {
  const of = (r: Reg | number): Root | undefined => (typeof r === "number" ? undefined : roots.get(r.id));
  for (const ins of body) {
    if (ins.op === "load" || ins.op === "store") {
      const root = of(ins.ptr);
      if (root === undefined) throw new Error(`bounded: r${ins.ptr.id} of ${name} is an address of nothing`);
      found.set(ins, root);
    } else if (ins.op === "tiles") throw new Error(`bounded: ${name} has tiles, which are not looked at`);
    else if (ins.op === "loop") {
      const before = new Map(roots);
      follow(name, ins.body, roots, found);
      // The second time around, addresses must be of the same as the first time.
      for (const [id, root] of before)
        if (roots.get(id) !== root) throw new Error(`bounded: r${id} of ${name} is an address of two things`);
      continue;
    } else if (ins.op === "if") {
      const otherwise = new Map(roots);
      follow(name, ins.then, roots, found);
      follow(name, ins.else, otherwise, found);
      for (const [id, root] of roots) if (otherwise.get(id) !== root) roots.delete(id);
      continue;
    }
    if (!("dst" in ins)) continue;
    let root: Root | undefined;
    if (ins.op === "param" && ins.dst.kind === "int") root = ins.slot;
    else if (ins.op === "scratch") root = "scratch";
    else if (ins.op === "copy") root = of(ins.a);
    else if (ins.op === "int" && (ins.f === "add" || ins.f === "sub")) root = of(ins.a) ?? of(ins.b);
    if (root === undefined) roots.delete(ins.dst.id);
    else roots.set(ins.dst.id, root);
  }
}

function nextRegister(body: readonly Ins[]): number {
  let next = 0;
  const visit = (instructions: readonly Ins[]): void => {
    for (const ins of instructions) {
      if ("dst" in ins) next = Math.max(next, ins.dst.id + 1);
      if (ins.op === "loop") visit(ins.body);
      else if (ins.op === "if") {
        visit(ins.then);
        visit(ins.else);
      }
    }
  };
  visit(body);
  return next;
}

type Access = Extract<Ins, { op: "load" | "store" }>;

class Pass {
  readonly #roots: ReadonlyMap<Access, Root>;
  readonly #shift: number;
  readonly #bounds = new Map<Root, { readonly low: Reg; readonly high: Reg }>();
  readonly #report: Reg;
  readonly #item: Reg;
  readonly #number: number;
  /** What comes first: bounds, in registers. */
  readonly opening: Ins[] = [];
  #next: number;

  constructor(next: number, pointers: readonly number[], roots: ReadonlyMap<Access, Root>, number: number) {
    this.#next = next;
    this.#roots = roots;
    this.#number = number;
    this.#shift = boundSlots(pointers.length);
    const param = (slot: number, kind: Kind = "int"): Reg => {
      const dst = this.#reg(kind);
      this.opening.push({ op: "param", dst, slot });
      return dst;
    };
    this.#report = param(0);
    const size = param(1, "int32");
    pointers.forEach((root, i) => void this.#bounds.set(root, { low: param(2 + 2 * i), high: param(3 + 2 * i) }));
    const [bytes, low, high] = [this.#reg("int"), this.#reg("int"), this.#reg("int")];
    this.#item = this.#reg("int");
    this.opening.push(
      { op: "toInt", dst: bytes, a: size },
      { op: "scratch", dst: low },
      { op: "int", f: "add", dst: high, a: low, b: bytes },
      { op: "item", dst: this.#item },
    );
    this.#bounds.set("scratch", { low, high });
  }

  #reg(kind: Kind, lanes = 1): Reg {
    return { id: this.#next++, kind, lanes };
  }

  block(body: readonly Ins[]): Ins[] {
    return body.flatMap((ins): Ins[] => {
      switch (ins.op) {
        case "param":
          return [{ ...ins, slot: ins.slot + this.#shift }];
        case "loop":
          return [{ ...ins, body: this.block(ins.body) }];
        case "if":
          return [{ ...ins, then: this.block(ins.then), else: this.block(ins.else) }];
        case "load":
        case "store":
          return this.#access(ins, this.#roots.get(ins) as Root);
        default:
          return [ins];
      }
    });
  }

  #access(ins: Access, root: Root): Ins[] {
    return ins.mask ? this.#laneByLane(ins, ins.mask, root) : this.#guarded(ins, root);
  }

  /** The lanes of a mask, each as an access of its own: which ones there are is known only when it runs. */
  #laneByLane(ins: Access, mask: Reg, root: Root): Ins[] {
    const { ptr } = ins;
    const vector = ins.op === "load" ? ins.dst : ins.src;
    const out: Ins[] = ins.op === "load" ? [{ op: "const", dst: ins.dst, value: 0 }] : [];
    for (let lane = 0; lane < vector.lanes; lane++) {
      const [cond, one] = [this.#reg("bool"), this.#reg(vector.kind)];
      const at = { ptr, offset: ins.offset + lane * ins.stride, stride: 0 };
      const body: Ins[] =
        ins.op === "load"
          ? [
              ...this.#guarded({ op: "load", dst: one, from: ins.from, ...at }, root),
              { op: "insert", dst: ins.dst, a: ins.dst, b: one, lane },
            ]
          : [
              { op: "extract", dst: one, a: ins.src, lane },
              ...this.#guarded({ op: "store", src: one, to: ins.to, ...at }, root),
            ];
      out.push({ op: "extract", dst: cond, a: mask, lane }, { op: "if", cond, then: body, else: [] });
    }
    return out;
  }

  /** An access that is made only if it is within its bounds. */
  #guarded(ins: Access, root: Root): Ins[] {
    const bounds = this.#bounds.get(root) as { readonly low: Reg; readonly high: Reg };
    const { lanes } = ins.op === "load" ? ins.dst : ins.src;
    const span = ((ins.count ?? lanes) - 1) * ins.stride;
    const bytes = memoryBytes[ins.op === "load" ? ins.from : ins.to];
    const missing: Ins[] = [...this.#reports(root), ...(ins.op === "load" ? zero(ins.dst) : [])];
    // Distances are compared, for addresses may be too large for the sign of an index.
    const [start, before, end, after] = [0, 1, 2, 3].map(() => this.#reg("int"));
    const [begins, ends] = [this.#reg("bool"), this.#reg("bool")];
    return [
      { op: "int", f: "add", dst: start, a: ins.ptr, b: ins.offset + Math.min(span, 0) },
      { op: "int", f: "sub", dst: before, a: start, b: bounds.low },
      { op: "compare", f: "ge", dst: begins, a: before, b: 0 },
      {
        op: "if",
        cond: begins,
        then: [
          { op: "int", f: "add", dst: end, a: ins.ptr, b: ins.offset + Math.max(span, 0) + bytes },
          { op: "int", f: "sub", dst: after, a: bounds.high, b: end },
          { op: "compare", f: "ge", dst: ends, a: after, b: 0 },
          { op: "if", cond: ends, then: [ins], else: missing },
        ],
        else: missing,
      },
    ];
  }

  #reports(root: Root): Ins[] {
    const words = [this.#number + 1, root === "scratch" ? -1 : root];
    const item = this.#reg("int32");
    const put = (src: Reg, offset: number): Ins => ({
      op: "store",
      src,
      ptr: this.#report,
      offset,
      stride: 0,
      to: "int32",
    });
    return [
      ...words.flatMap((value, i): Ins[] => {
        const dst = this.#reg("int32");
        return [{ op: "const", dst, value }, put(dst, 4 * i)];
      }),
      { op: "lanes", dst: item, a: this.#item, step: 0 },
      put(item, 8),
    ];
  }
}

const zero = (dst: Reg): Ins[] => [{ op: "const", dst, value: 0 }];
