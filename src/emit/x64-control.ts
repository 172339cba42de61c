/**
 * Machine code that runs command lists, on one thread or several. It does what wasm-control.ts describes, with words that
 * lie apart in the same way; but the number of a phase has 54 bits, and so never comes again.
 *
 * All are functions of one pointer. `driver` takes a list: a header, and then commands up to one whose function is 0.
 * `worker` takes the block of its thread. `stopper` takes the control words, and lets all workers return.
 */
import { type Address, Assembler, condition, general } from "./x64-encoding.ts";
import { row } from "./x64-rows.ts";

/** Offsets of the control words, in bytes. */
export const control = {
  /** (number of the phase, chunks that are left): 8 bytes. */
  claim: 0,
  /** Chunks that are done. */
  done: 64,
  /** Workers that sleep, and whether all are to return. */
  sleeping: 128,
  stop: 132,
  /** 1 while the caller sleeps until all chunks are done. */
  waiting: 192,
  /** The phase: its function, argument block, items, items in a chunk, and chunks. */
  function: 256,
  args: 264,
  items: 272,
  chunk: 280,
  chunks: 288,
  /** Scratch memory of the first thread, and how far that of the next is from it. */
  scratch: 296,
  scratchStride: 304,
  /** The number of the last phase; workers there are; and those that have started. */
  phase: 384,
  workers: 392,
  started: 448,
} as const;
export const controlBytes = 512;

/** A list's header: where the control words are, and how long it took the last time, in ticks; 0 if it has not run. */
export const header = { control: 0, ticks: 8 } as const;
export const headerBytes = 64;
/** A command. */
export const command = { function: 0, args: 8, items: 16, chunk: 24, chunks: 32 } as const;
export const commandBytes = 64;

const chunkBits = 10;
export const maxChunks: number = 2 ** chunkBits - 1;

/** A thread's block: where the control words are, and its number. */
export const thread = { control: 0, number: 8 } as const;
export const threadBytes = 16;

/** How long a thread spins before it sleeps, and how long a list must take to be worth waking others, in ticks of about 0.4 ns. */
const spinTicks = 150_000;
const wakeTicks = 150_000;

const futex = { number: 202, wait: 128, wake: 129 } as const; // private to the process

const { rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r10, r12, r13, r14, r15 } = general;
const saved = [rbx, rbp, r12, r13, r14, r15];

class Hand extends Assembler {
  /** An instruction by the name of its row. */
  ins(name: string, reg: number, rm: number | Address, imm = 0): void {
    this.encode(row(name), 128, reg, -1, rm, { imm });
  }
  lock(name: string, reg: number, rm: Address): void {
    this.byte(0xf0);
    this.ins(name, reg, rm);
  }
  enter(): void {
    for (const r of saved) this.push(r);
    this.ins("sub.imm64", -1, rsp, locals);
  }
  leave(): void {
    this.ins("add.imm64", -1, rsp, locals);
    for (const r of saved.toReversed()) this.pop(r);
    this.ret();
  }
  pause(): void {
    this.append([0xf3, 0x90]);
  }
  /** The time stamp counter into rax; overwrites rdx. */
  ticks(): void {
    this.append([0x0f, 0x31]);
    this.ins("shl.imm64", -1, rdx, 32);
    this.ins("or.64", rax, rdx);
  }
  /** Calls futex with the value in edx on a control word; overwrites rcx, rsi, rdi, r10 and r11. */
  futex(operation: number, word: number): void {
    this.ins("mov.const32", -1, rax, futex.number);
    this.ins("lea.64", rdi, at(word));
    this.ins("mov.const32", -1, rsi, operation);
    this.ins("xor.32", r10, r10);
    this.append([0x0f, 0x05]);
  }
  /** Runs the kernel in rbp with the arguments in r12 for items from r13 up to r14. */
  items(): void {
    const again = this.label();
    this.bind(again);
    this.ins("mov.64", rdi, r12);
    this.ins("mov.64", rsi, r13);
    this.ins("mov.64", rdx, r15);
    this.ins("call.64", -1, rbp);
    this.ins("inc.64", -1, r13);
    this.ins("cmp.64", r13, r14);
    this.jump(again, condition.l);
  }
  /** Claims and does chunks until none is left. */
  work(): void {
    const [again, none] = [this.label(), this.label()];
    this.bind(again);
    this.ins("mov.64", rax, at(control.claim));
    this.ins("mov.32", rcx, rax);
    this.ins("and.imm32", -1, rcx, maxChunks);
    this.jump(none, condition.e);
    this.ins("mov.64", r13, at(control.chunks));
    this.ins("sub.64", r13, rcx);
    this.ins("mov.64", r8, at(control.chunk));
    this.ins("imul.64", r13, r8);
    this.ins("lea.64", r14, { base: r13, disp: 0, index: r8, scale: 1 });
    this.ins("cmp.64", r14, at(control.items));
    this.ins("cmovg.64", r14, at(control.items));
    this.ins("mov.64", rbp, at(control.function));
    this.ins("mov.64", r12, at(control.args));
    this.ins("mov.64", r15, at(control.scratchStride));
    this.ins("imul.64", r15, { base: rsp, disp: local.thread });
    this.ins("add.64", r15, at(control.scratch));
    // All of this is of the phase that the claim is of, if the claim is still that.
    this.ins("lea.64", rcx, { base: rax, disp: -1 });
    this.lock("cmpxchg.64", rcx, at(control.claim));
    this.jump(again, condition.ne);
    this.items();
    this.ins("mov.const32", -1, rax, 1);
    this.lock("xadd.32", rax, at(control.done));
    this.ins("inc.32", -1, rax);
    this.ins("cmp.32", rax, at(control.chunks));
    this.jump(again, condition.ne);
    this.ins("cmp.imm32", -1, at(control.waiting), 0);
    this.jump(again, condition.e);
    this.ins("mov.const32", -1, rdx, 1);
    this.futex(futex.wake, control.done);
    this.jump(again);
    this.bind(none);
  }
}

/** A control word. */
const at = (disp: number): Address => ({ base: rbx, disp });
/** What is kept on the stack: it is aligned to 16 bytes, with the return address and the registers that are saved. */
const local = { thread: 0, list: 8, start: 16, until: 24 } as const;
const locals = 40;

export function driver(): Uint8Array<ArrayBuffer> {
  const a = new Hand();
  const [next, open, alone, end] = [0, 1, 2, 3].map(() => a.label());
  a.enter();
  a.ins("mov.64", rbx, { base: rdi, disp: header.control });
  a.ins("xor.32", rax, rax);
  a.ins("mov.store64", rax, { base: rsp, disp: local.thread });
  a.ticks();
  a.ins("mov.store64", rax, { base: rsp, disp: local.start });
  a.ins("mov.64", rax, { base: rdi, disp: header.ticks });
  a.ins("mov.store64", rax, { base: rsp, disp: local.until });
  a.ins("add.imm64", -1, rdi, headerBytes);
  a.ins("mov.store64", rdi, { base: rsp, disp: local.list });

  a.bind(next);
  a.ins("mov.64", rdi, { base: rsp, disp: local.list });
  a.ins("mov.64", rbp, { base: rdi, disp: command.function });
  a.ins("test.64", rbp, rbp);
  a.jump(end, condition.e);
  a.ins("mov.64", r12, { base: rdi, disp: command.args });
  a.ins("mov.64", r14, { base: rdi, disp: command.items });
  a.ins("cmp.imm64", -1, r14, 1);
  a.jump(alone, condition.le);
  a.ins("cmp.imm64", -1, at(control.workers), 0);
  a.jump(open, condition.ne);

  a.bind(alone);
  a.ins("xor.32", r13, r13);
  a.ins("mov.64", r15, at(control.scratch));
  a.items();
  const advance = a.label();
  a.bind(advance);
  a.ins("mov.64", rdi, { base: rsp, disp: local.list });
  a.ins("add.imm64", -1, rdi, commandBytes);
  a.ins("mov.store64", rdi, { base: rsp, disp: local.list });
  a.jump(next);

  a.bind(open);
  a.ins("mov.store64", rbp, at(control.function));
  a.ins("mov.store64", r12, at(control.args));
  a.ins("mov.store64", r14, at(control.items));
  a.ins("mov.64", rax, { base: rdi, disp: command.chunk });
  a.ins("mov.store64", rax, at(control.chunk));
  a.ins("mov.64", rcx, { base: rdi, disp: command.chunks });
  a.ins("mov.store64", rcx, at(control.chunks));
  a.ins("xor.32", rax, rax);
  a.ins("mov.store32", rax, at(control.done));
  nextPhase(a, () => a.ins("or.64", rax, rcx));
  const [awake, wait, sleep, check, finished] = [0, 1, 2, 3, 4].map(() => a.label());
  // Others are woken if the list took so long the last time, or has not run.
  a.ins("cmp.imm32", -1, at(control.sleeping), 0);
  a.jump(awake, condition.e);
  a.ins("mov.64", rax, { base: rsp, disp: local.until });
  a.ins("dec.64", -1, rax);
  a.ins("cmp.imm64", -1, rax, wakeTicks);
  a.jump(awake, condition.b);
  a.ins("mov.64", rdx, at(control.chunks));
  a.ins("dec.32", -1, rdx);
  a.futex(futex.wake, control.claim);
  a.bind(awake);
  a.work();

  a.ticks();
  a.ins("lea.64", r12, { base: rax, disp: spinTicks });
  a.bind(wait);
  a.ins("mov.32", rcx, at(control.done));
  a.ins("cmp.32", rcx, at(control.chunks));
  a.jump(advance, condition.e);
  a.pause();
  a.ticks();
  a.ins("cmp.64", rax, r12);
  a.jump(wait, condition.b);

  a.bind(sleep);
  a.ins("mov.const32", -1, rax, 1);
  a.ins("xchg.32", rax, at(control.waiting));
  a.bind(check);
  a.ins("mov.32", rdx, at(control.done));
  a.ins("cmp.32", rdx, at(control.chunks));
  a.jump(finished, condition.e);
  a.futex(futex.wait, control.done);
  a.jump(check);
  a.bind(finished);
  a.ins("xor.32", rax, rax);
  a.ins("mov.store32", rax, at(control.waiting));
  a.jump(advance);

  a.bind(end);
  // rdi is past the last command, and the header is not to be found from there: so its address comes from the list.
  a.ticks();
  a.ins("sub.64", rax, { base: rsp, disp: local.start });
  a.ins("mov.64", rdi, { base: rsp, disp: local.list });
  a.ins("mov.64", rcx, { base: rdi, disp: command.args });
  a.ins("mov.store64", rax, { base: rcx, disp: header.ticks });
  a.leave();
  return a.bytes();
}

/** Stores a claim word of the next phase, after `complete` has put what is left into rax. */
function nextPhase(a: Hand, complete: () => void): void {
  a.ins("inc.64", -1, at(control.phase));
  a.ins("mov.64", rax, at(control.phase));
  a.ins("shl.imm64", -1, rax, chunkBits);
  complete();
  a.ins("xchg.64", rax, at(control.claim));
}

export function worker(): Uint8Array<ArrayBuffer> {
  const a = new Hand();
  const [work, idle, stop] = [0, 1, 2].map(() => a.label());
  a.enter();
  a.ins("mov.64", rbx, { base: rdi, disp: thread.control });
  a.ins("mov.64", rax, { base: rdi, disp: thread.number });
  a.ins("mov.store64", rax, { base: rsp, disp: local.thread });
  a.lock("inc.32", -1, at(control.started));

  a.bind(work);
  a.work();
  a.ticks();
  a.ins("lea.64", r12, { base: rax, disp: spinTicks });
  a.bind(idle);
  a.ins("cmp.imm32", -1, at(control.stop), 0);
  a.jump(stop, condition.ne);
  a.ins("mov.64", r13, at(control.claim));
  a.ins("mov.32", rcx, r13);
  a.ins("and.imm32", -1, rcx, maxChunks);
  a.jump(work, condition.ne);
  a.pause();
  a.ticks();
  a.ins("cmp.64", rax, r12);
  a.jump(idle, condition.b);
  // It sleeps only if the claim word is still the one that it saw.
  a.lock("inc.32", -1, at(control.sleeping));
  a.ins("mov.32", rdx, r13);
  a.futex(futex.wait, control.claim);
  a.lock("dec.32", -1, at(control.sleeping));
  a.jump(work);
  a.bind(stop);
  a.ins("xor.32", rax, rax);
  a.leave();
  return a.bytes();
}

export function stopper(): Uint8Array<ArrayBuffer> {
  const a = new Hand();
  a.enter();
  a.ins("mov.64", rbx, rdi);
  a.ins("mov.const32", -1, rax, 1);
  a.ins("mov.store32", rax, at(control.stop));
  nextPhase(a, () => {});
  a.ins("mov.const32", -1, rdx, 2 ** 31 - 1);
  a.futex(futex.wake, control.claim);
  a.leave();
  return a.bytes();
}

/** A function that writes what the processor says of itself to a pointer: see `features`. */
export function probe(): Uint8Array<ArrayBuffer> {
  const a = new Hand();
  const done = a.label();
  const cpuid = (leaf: number, sub = 0): void => {
    a.ins("mov.const32", -1, rax, leaf);
    a.ins("mov.const32", -1, rcx, sub);
    a.append([0x0f, 0xa2]);
  };
  a.enter();
  a.ins("mov.64", r8, rdi);
  cpuid(0);
  a.ins("cmp.imm32", -1, rax, 7);
  a.jump(done, condition.b);
  cpuid(7);
  a.ins("mov.store32", rbx, { base: r8, disp: 0 });
  a.ins("mov.store32", rcx, { base: r8, disp: 12 });
  a.ins("mov.store32", rdx, { base: r8, disp: 20 });
  cpuid(7, 1);
  a.ins("mov.store32", rax, { base: r8, disp: 16 });
  cpuid(1);
  a.ins("mov.store32", rcx, { base: r8, disp: 4 });
  a.ins("and.imm32", -1, rcx, 1 << osxsave);
  a.jump(done, condition.e);
  a.ins("xor.32", rcx, rcx);
  a.append([0x0f, 0x01, 0xd0]); // xgetbv
  a.ins("mov.store32", rax, { base: r8, disp: 8 });
  a.bind(done);
  a.leave();
  return a.bytes();
}
const osxsave = 27;

/**
 * A function that asks Linux to let this process use the tiles of AMX, on all of its threads, and writes 0 to a pointer if
 * it does, else a number below 0.
 */
export function permit(): Uint8Array<ArrayBuffer> {
  const a = new Hand();
  a.enter();
  a.ins("mov.64", rbx, rdi);
  a.ins("mov.const32", -1, rax, archPrctl.number);
  a.ins("mov.const32", -1, rdi, archPrctl.requestState);
  a.ins("mov.const32", -1, rsi, archPrctl.tileData);
  a.append([0x0f, 0x05]);
  a.ins("mov.store64", rax, { base: rbx, disp: 0 });
  a.leave();
  return a.bytes();
}
const archPrctl = { number: 158, requestState: 0x1023, tileData: 18 } as const;

export interface Features {
  readonly avx2: boolean;
  readonly avx512: boolean;
  /** AVX512-BF16 and AVX512-VNNI. */
  readonly bfloat16: boolean;
  readonly int8: boolean;
  /** AMX-BF16 and AMX-INT8. */
  readonly tiles: { readonly bfloat16: boolean; readonly int8: boolean };
}

/** How many words `probe` writes. */
export const probeWords = 6;

/** What they tell: those of leaf 7 (ebx), of leaf 1 (ecx), and of XCR0; of leaf 7 (ecx), its second part (eax), and edx. */
export function features([leaf7, leaf1, saves, more, second, last]: Iterable<number>): Features {
  const has = (word: number, ...bits: number[]): boolean => bits.every((bit) => ((word >>> bit) & 1) === 1);
  // FMA and AVX; AVX2 and BMI2; and that the system saves registers of 256 bits.
  const avx2 = has(leaf1, 12, 28) && has(leaf7, 5, 8) && has(saves, 1, 2);
  // AVX-512 F, DQ, BW and VL; and that the system saves masks and registers of 512 bits.
  const avx512 = avx2 && has(leaf7, 16, 17, 30, 31) && has(saves, 5, 6, 7);
  const [bfloat16, int8] = [avx512 && has(second, 5), avx512 && has(more, 11)];
  // AMX-TILE, and that the system saves shapes and tiles.
  const amx = has(last, 24) && has(saves, 17, 18);
  const tiles = { bfloat16: bfloat16 && amx && has(last, 22), int8: int8 && amx && has(last, 25) };
  return { avx2, avx512, bfloat16, int8, tiles };
}
