/**
 * Where tests reach into the compiler: they plant a bug behind a pass, which the fuzzer then has to find, or take back
 * what a pass has done, which must not change a bit. Otherwise nothing is set.
 */
import type { Kernel } from "./kernel.ts";
import type { LoopKernel } from "./loops.ts";

/** From and up to which kernel, counted in the order in which they run, a value needs its memory. */
export interface Life {
  readonly from: number;
  readonly to: number;
}

export interface Planted {
  /** What fusion has made. */
  kernels?(made: readonly Kernel[]): Kernel[];
  /** What scheduling has made of a kernel. */
  loops?(made: LoopKernel): LoopKernel;
  /** Whether a new value of a leaf may be written over the old one. */
  inPlace?(found: boolean): boolean;
  /** How long a value lives. */
  life?(found: Life): Life;
}

export const planted: Planted = {};
