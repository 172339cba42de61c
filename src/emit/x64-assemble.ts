/** A routine as bytes: its registers allocated, its frame on the stack, its constants behind it. */
import { type Address, Assembler, condition, general, type Label, rip } from "./x64-encoding.ts";
import { type Op, type Place, pool, type Routine, stack } from "./x64-machine.ts";
import { allocate, type Registers } from "./x64-registers.ts";
import { row } from "./x64-rows.ts";
import { multiplyTiles } from "./x64-tiles.ts";

/** How functions are called: where their three parameters come, and which registers they must leave as they were. */
export interface Convention {
  readonly parameters: readonly [number, number, number];
  readonly savedGeneral: readonly number[];
  readonly savedVectors: readonly number[];
  /** Whether the stack has to be touched page by page as it grows. */
  readonly probes: boolean;
}

const { rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15 } = general;
export const conventions: Record<"systemV" | "windows", Convention> = {
  systemV: {
    parameters: [rdi, rsi, rdx],
    savedGeneral: [rbx, rbp, r12, r13, r14, r15],
    savedVectors: [],
    probes: false,
  },
  windows: {
    parameters: [rcx, rdx, r8],
    savedGeneral: [rbx, rbp, rsi, rdi, r12, r13, r14, r15],
    savedVectors: [6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    probes: true,
  },
};
/** Those that need not be saved first. */
const generalOrder = [rax, rcx, rdx, rsi, rdi, r8, r9, r10, r11, rbx, rbp, r12, r13, r14, r15];
const upTo = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

export interface AssembleOptions {
  readonly avx512: boolean;
  readonly convention: Convention;
  /** What writes the instructions: by default one that does nothing else. */
  readonly assembler?: Assembler;
}

export function assembleRoutine(routine: Routine, options: AssembleOptions): Uint8Array<ArrayBuffer> {
  const { avx512, convention, assembler: a = new Assembler() } = options;
  const registers: Registers = {
    general: generalOrder,
    vector: upTo(0, avx512 ? 32 : 16),
    mask: upTo(1, 8),
    parameters: convention.parameters,
    broadcasts: avx512,
  };
  const assigned = allocate(routine, registers);
  const used = (file: string, r: number): boolean => assigned.some((a, v) => a === r && routine.files[v] === file);
  const saved = convention.savedGeneral.filter((r) => used("general", r));
  const savedVectors = convention.savedVectors.filter((r) => used("vector", r));
  const vectorSlots = savedVectors.map((r) => ({ r, slot: routine.slot(16) }));
  const frame = Math.ceil(routine.frame / 64) * 64;

  const plain = (name: string, reg: number, rm: number | Address, imm = 0): void =>
    a.encode(row(name), 128, reg, -1, rm, { imm });
  for (const r of saved) a.push(r);
  if (frame > 0) {
    // The frame is aligned for whole vectors, and where the stack was is kept above it.
    plain("mov.64", rax, rsp);
    if (convention.probes)
      for (let at = 4096; at < frame + 128; at += 4096) plain("cmp.imm64", -1, { base: rsp, disp: -at }, 0);
    plain("sub.imm64", -1, rsp, frame + 64);
    plain("and.imm64", -1, rsp, -64);
    plain("mov.store64", rax, { base: rsp, disp: frame });
  }
  for (const { r, slot } of vectorSlots) plain("vmovups.store", r, { base: rsp, disp: slot.disp });

  const labels: Label[] = Array.from({ length: routine.targets }, () => a.label());
  const phys = (v: number): number => (v < 0 ? -1 : assigned[v]);
  const addressOf = ({ base, disp, broadcast }: Place): Address =>
    base === pool ? { base: rip, disp, broadcast } : { base: base === stack ? rsp : phys(base), disp, broadcast };
  routine.ops.forEach((op, i) => {
    switch (op.kind) {
      case "plain":
        if (op.isCopy && phys(op.reg) === phys(op.rm)) return;
        a.encode(op.row, op.length, phys(op.reg), phys(op.vvvv), op.place ? addressOf(op.place) : phys(op.rm), {
          imm: op.imm,
          mask: Math.max(phys(op.mask), 0),
          zero: op.zero,
        });
        return;
      case "label":
        a.bind(labels[op.target]);
        return;
      case "jump":
        a.jump(labels[op.target], op.cc < 0 ? undefined : op.cc);
        return;
      case "loop":
        if (isInnermost(routine.ops, i)) a.align(32);
        a.bind(labels[op.target]);
        return;
      case "end":
        plain("dec.64", -1, op.place ? addressOf(op.place) : phys(op.rm));
        a.jump(labels[op.target], condition.ne);
        return;
      case "enter":
        [op.reg, op.vvvv, op.rm].forEach((v, k) => {
          if (v >= 0 && phys(v) >= 0 && phys(v) !== convention.parameters[k])
            plain("mov.64", phys(v), convention.parameters[k]);
        });
        return;
      case "divide":
      case "modulo":
        plain("mov.64", rax, phys(op.vvvv));
        plain("xor.32", rdx, rdx);
        plain("div.64", -1, op.place ? addressOf(op.place) : phys(op.rm));
        plain("mov.64", phys(op.reg), op.kind === "divide" ? rax : rdx);
        return;
      case "tiles": {
        const used = [op.reg, op.vvvv, op.rm].map(phys);
        const spare = generalOrder.filter((r) => !used.includes(r));
        if (op.tiles) multiplyTiles(a, op.tiles, used, spare);
        return;
      }
      default:
        op.kind satisfies never;
    }
  });

  if (routine.ops.some((op) => op.kind === "tiles")) plain("tilerelease", -1, 0);
  for (const { r, slot } of vectorSlots) plain("vmovups", r, { base: rsp, disp: slot.disp });
  if (frame > 0) plain("mov.64", rsp, { base: rsp, disp: frame });
  for (const r of saved.toReversed()) a.pop(r);
  a.zeroUpper();
  a.ret();
  appendPool(a, routine);
  return a.bytes();
}

function isInnermost(ops: readonly Op[], at: number): boolean {
  for (let i = at + 1; ; i++) {
    if (ops[i].kind === "loop") return false;
    if (ops[i].kind === "end") return true;
  }
}

/** Puts the constants that are used behind the code, the largest first, so that each is aligned. */
function appendPool(a: Assembler, routine: Routine): void {
  const used = [...new Set(a.data.map((d) => d.entry))];
  used.sort((p, q) => routine.pool[q].length - routine.pool[p].length);
  const at = new Map<number, number>();
  if (used.length > 0) a.align(4 * routine.pool[used[0]].length);
  for (const entry of used) {
    at.set(entry, a.length);
    for (const word of routine.pool[entry]) a.int32(word);
  }
  for (const { at: from, end, entry } of a.data) a.patch(from, (at.get(entry) as number) - end);
}
