/** What make.py recorded, as data: cases, and the tensors that they refer to by number. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type HostTensor, parseSafetensors } from "../../src/io/index.ts";

/** A tensor to compare with and the scale of its elements, which make.py explains; without, every element is moved. */
export type Expected = readonly [value: number, scale?: number];

/** An argument: a tensor is `{ $: place among the inputs }`; what JSON cannot say is an object with one key. */
export type Argument =
  | null
  | boolean
  | number
  | string
  | readonly Argument[]
  | { readonly $: number }
  | { readonly number: string }
  | { readonly slice: readonly (number | null)[] }
  | { readonly dtype: string };

/** A call of a function: operators and losses. */
export interface OpCase {
  readonly op: string;
  /** Infinities, NaN, zeros of both signs: values only. */
  readonly special?: boolean;
  readonly args: readonly Argument[];
  readonly kwargs: Readonly<Record<string, Argument>>;
  readonly inputs: readonly number[];
  readonly outputs: readonly Expected[];
  /** What the outputs are weighed with before they are added up; null for outputs that have no derivative. */
  readonly cotangents: readonly (number | null)[];
  /** The gradients of that sum, for inputs that have one. */
  readonly grads: readonly (Expected | null)[];
}

export interface LayerSpec {
  readonly layer: string;
  readonly args: readonly unknown[];
  readonly options: Readonly<Record<string, unknown>>;
}
export interface LayerCase extends LayerSpec {
  readonly training: boolean;
  readonly state: Readonly<Record<string, number>>;
  /** For each argument of `forward`, how many of the inputs it takes; more than one is a list. */
  readonly given: readonly number[];
  readonly inputs: readonly number[];
  readonly outputs: readonly Expected[];
  readonly cotangents: readonly number[];
  readonly inputGrads: readonly (Expected | null)[];
  readonly stateGrads: Readonly<Record<string, Expected>>;
  readonly stateAfter: Readonly<Record<string, number>>;
}

export interface OptimizerCase {
  readonly optimizer: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** Options of groups, if there are any: of every second parameter for two. */
  readonly groups?: readonly Readonly<Record<string, unknown>>[];
  readonly problem: string;
  readonly params: readonly number[];
  readonly steps: readonly { readonly grads: readonly number[]; readonly params: readonly number[] }[];
}

/** A file of make.py. */
export class Golden<Case> {
  readonly cases: readonly Case[];
  readonly #tensors: ReadonlyMap<string, HostTensor>;

  constructor(name: "ops" | "losses" | "layers" | "optimizers") {
    const path = (end: string): string => join(import.meta.dirname, `${name}.${end}`);
    const lines = readFileSync(path("jsonl"), "utf8").trimEnd().split("\n");
    this.cases = lines.map((line) => JSON.parse(line) as Case);
    this.#tensors = parseSafetensors(readFileSync(path("safetensors"))).tensors;
  }

  tensor(number: number): HostTensor {
    const found = this.#tensors.get(String(number));
    if (!found) throw new Error(`golden: there is no tensor ${number}`);
    return found;
  }
}
