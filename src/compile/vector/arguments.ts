/** What a kernel is given: pointers to its memory, numbers, and the scratch memory of its thread. */
import type { DType } from "../../graph/dtype.ts";
import { boundMemory, type LoopKernel } from "../loops.ts";
import { type Kind, type Memory, memoryBytes, type Reg } from "../vector-ir.ts";
import type { Code } from "./code.ts";

/** How an element of a type lies in memory. */
export const memoryOf: Record<DType, Memory> = {
  bool: "uint8",
  uint8: "uint8",
  int8: "uint8",
  int32: "int32",
  float16: "uint16",
  bfloat16: "uint16",
  float32: "float32",
  float64: "float64",
};

/** What a scratch array takes; each starts on a cache line of its own. */
const scratchBytes = (m: LoopKernel["memory"][number]): number =>
  m.kind === "scratch" ? Math.ceil((m.size * memoryBytes[memoryOf[m.dtype]]) / 64) * 64 : 0;

/** The scratch memory that a thread needs for a kernel. */
export const scratchBytesOf = (k: LoopKernel): number => k.memory.reduce((sum, m) => sum + scratchBytes(m), 0);

/** Buffers take the first slots of the argument block, numbers the next. */
export class Arguments {
  readonly #kernel: LoopKernel;
  readonly #code: Code;

  constructor(kernel: LoopKernel, code: Code) {
    this.#kernel = kernel;
    this.#code = code;
  }

  /** Where memory `m` begins. */
  pointer(m: number): Reg {
    return this.#code.once(`memory:${m}`, 0, () => {
      const before = this.#kernel.memory.slice(0, m);
      if (this.#kernel.memory[m].kind === "scratch") {
        const offset = before.reduce((sum, other) => sum + scratchBytes(other), 0);
        return this.#code.int("add", this.#scratch(), offset, 0);
      }
      const slot = before.filter((other) => other.kind !== "scratch").length;
      return this.#code.emit("int", 1, (dst) => ({ op: "param", dst, slot }), 0);
    });
  }

  #scratch(): Reg {
    return this.#code.once("scratch", 0, () => this.#code.emit("int", 1, (dst) => ({ op: "scratch", dst }), 0));
  }

  /** Where the host looks for indices that are out of range. */
  report(): Reg {
    return this.pointer(this.#kernel.memory.findIndex((m) => m.kind === "report"));
  }

  /** How far apart elements of memory `m` are. */
  elementBytes(m: number): number {
    return memoryBytes[memoryOf[this.#kernel.memory[m].dtype]];
  }

  /** Number `n`, in every lane. */
  number(n: number, kind: Kind, lanes: number): Reg {
    const slot = boundMemory(this.#kernel).length + n;
    return this.#code.once(`arg:${n}:${lanes}`, 0, () =>
      this.#code.emit(kind, lanes, (dst) => ({ op: "param", dst, slot }), 0),
    );
  }
}
