/** What is needed of oneDNN 2's C interface: its primitives, on one thread's stream, and memory in a layout. */
import type { LibraryHandle } from "koffi";

// Numbers of dnnl_types.h.
export const types = { bf16: 2, f32: 3 } as const;
export const layouts = { any: 1, ab: 3, abcd: 5, abcde: 8 } as const;
/** What a primitive is given, by what it is to it, and how a plan is asked for the layout of that. */
export const at = { source: 1, weights: 33, destination: 17 } as const;
const queries = { source: 129, weights: 131, destination: 133 } as const;
const cpu = 1;

type Place = keyof typeof at;
type Given = readonly [type: string, value: unknown];
const pointer = (value: unknown): Given => ["void *", value];
const int = (value: number): Given => ["int", value];

export class Dnnl {
  readonly #library: LibraryHandle;
  readonly #engine: unknown;
  readonly #stream: unknown;
  readonly #query: (plan: unknown, what: number, index: number) => unknown;
  readonly #size: (descriptor: unknown) => number | bigint;
  readonly #execute: (primitive: unknown, stream: unknown, count: number, args: BigUint64Array) => number;
  readonly #wait: (stream: unknown) => number;
  /** What memory was made of: the library has only addresses, which nobody else may be given. */
  readonly #kept: ArrayBufferView[] = [];

  constructor(library: LibraryHandle) {
    this.#library = library;
    this.#engine = this.#made("engine_create", int(cpu), ["size_t", 0]);
    this.#stream = this.#made("stream_create", pointer(this.#engine), int(1));
    this.#query = library.func("void *dnnl_primitive_desc_query_md(void *, int, int)");
    this.#size = library.func("size_t dnnl_memory_desc_get_size(void *)");
    this.#execute = library.func("int dnnl_primitive_execute(void *, void *, int, void *)");
    this.#wait = library.func("int dnnl_stream_wait(void *)");
  }

  #call(name: string, ...args: readonly Given[]): void {
    const f = this.#library.func(`int dnnl_${name}(${args.map(([type]) => type).join(", ")})`);
    const status = f(...args.map(([, value]) => value)) as number;
    if (status !== 0) throw new Error(`oneDNN: ${name} gives ${status}`);
  }

  /** What a function writes to its first argument. */
  #made(name: string, ...args: readonly Given[]): unknown {
    const out: unknown[] = [null];
    this.#call(name, ["_Out_ void **", out], ...args);
    return out[0];
  }

  /** A description of memory. */
  described(shape: readonly number[], type: number, layout: number): Uint8Array {
    const to = new Uint8Array(4096);
    const sizes = BigInt64Array.from(shape.map(BigInt));
    this.#call("memory_desc_init_by_tag", pointer(to), int(shape.length), pointer(sizes), int(type), int(layout));
    return to;
  }

  /** Memory that is described so, which is `data`. */
  memory(descriptor: unknown, data: ArrayBufferView): unknown {
    this.#kept.push(data);
    return this.#made("memory_create", pointer(descriptor), pointer(this.#engine), pointer(data));
  }

  /** A plan for a matrix product, or for a convolution with stride 1. */
  productPlan(left: Uint8Array, right: Uint8Array, to: Uint8Array): unknown {
    const task = new Uint8Array(16384);
    this.#call("matmul_desc_init", ...[task, left, right, null, to].map(pointer));
    return this.#plan(task);
  }
  convolutionPlan(x: Uint8Array, filters: Uint8Array, to: Uint8Array, padding: number): unknown {
    const task = new Uint8Array(16384);
    const [ones, around] = [1, padding].map((n) => BigInt64Array.of(BigInt(n), BigInt(n)));
    const [inference, direct] = [96, 1];
    const sizes = [ones, around, around].map(pointer);
    const memories = [x, filters, null, to].map(pointer);
    this.#call("convolution_forward_desc_init", pointer(task), int(inference), int(direct), ...memories, ...sizes);
    return this.#plan(task);
  }
  #plan(task: Uint8Array): unknown {
    return this.#made("primitive_desc_create", pointer(task), pointer(null), pointer(this.#engine), pointer(null));
  }

  /** The layout that a plan has chosen for what it is given, and its bytes. */
  layout(plan: unknown, place: Place): { descriptor: unknown; bytes: number } {
    const descriptor = this.#query(plan, queries[place], 0);
    return { descriptor, bytes: Number(this.#size(descriptor)) };
  }

  primitive(plan: unknown): unknown {
    return this.#made("primitive_create", pointer(plan));
  }

  /** A primitive that copies from one layout or type to another. */
  conversion(from: unknown, to: unknown): unknown {
    const given = [from, this.#engine, to, this.#engine, null].map(pointer);
    return this.primitive(this.#made("reorder_primitive_desc_create", ...given));
  }

  /** Runs primitives one after the other, each with the memory that it is given. */
  sequence(...steps: readonly (readonly [primitive: unknown, given: Partial<Record<Place, unknown>>])[]): () => void {
    const all = steps.map(([primitive, given]) => {
      const args = Object.entries(given).flatMap(([place, memory]) => [BigInt(at[place as Place]), memory as bigint]);
      return { primitive, count: args.length / 2, args: BigUint64Array.from(args) };
    });
    return () => {
      for (const { primitive, count, args } of all) this.#execute(primitive, this.#stream, count, args);
      this.#wait(this.#stream);
    };
  }
}
