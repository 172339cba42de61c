/** oneDNN, if it is installed: products only. PyTorch's convolutions are its convolutions. */
import type { LibraryHandle } from "koffi";
import { libraryPeer, product } from "./library.ts";
import { numbers, type Peer } from "./peer.ts";

const peer: Peer = libraryPeer("oneDNN", ["libdnnl.so.3", "libdnnl.so.2"], (library, n, factors) => {
  if (factors === "Bfloat16") return bfloat16(library, n);
  if (factors === "Int8") return int8(library, n);
  const gemm = library.func(
    "int dnnl_sgemm(char, char, int64_t, int64_t, int64_t, float, void *, int64_t, void *, int64_t, float, void *, int64_t)",
  );
  const plain = "N".charCodeAt(0);
  return product(n, (x, y, z) => gemm(plain, plain, n, n, n, 1, x, n, y, n, 0, z, n));
});
export default peer;

function int8(library: LibraryHandle, n: number): () => Promise<void> {
  const gemm = library.func(
    "int dnnl_gemm_s8s8s32(char, char, char, int64_t, int64_t, int64_t, float, void *, int64_t, int8_t, void *, int64_t, int8_t, float, void *, int64_t, void *)",
  );
  const [plain, fixed] = ["N", "F"].map((letter) => letter.charCodeAt(0));
  const [x, y] = [1, 2].map((seed) => Int8Array.from(numbers(n * n, 128, seed)));
  const [z, offset] = [new Int32Array(n * n), new Int32Array(1)];
  return async () => {
    gemm(plain, plain, fixed, n, n, n, 1, x, n, 0, y, n, 0, 0, z, n, offset);
  };
}

// Numbers of oneDNN 2's dnnl_types.h.
const [cpu, bf16, f32, anyLayout, rowMajor, weightsOf] = [1, 2, 3, 1, 3, 131];
const [source, weights, destination] = [1, 33, 17];

/** A product in bfloat16 of matrices in float32: both are converted, the right one to the layout that oneDNN likes best. */
function bfloat16(library: LibraryHandle, n: number): () => Promise<void> {
  const call = (name: string, ...args: readonly (readonly [type: string, value: unknown])[]): void => {
    const f = library.func(`int dnnl_${name}(${args.map(([type]) => type).join(", ")})`);
    const status = f(...args.map(([, value]) => value)) as number;
    if (status !== 0) throw new Error(`oneDNN: ${name} gives ${status}`);
  };
  /** What a function writes to its first argument. */
  const made = (name: string, ...args: readonly (readonly [type: string, value: unknown])[]): unknown => {
    const out: unknown[] = [null];
    call(name, ["_Out_ void **", out], ...args);
    return out[0];
  };
  const pointer = (value: unknown): [string, unknown] => ["void *", value];
  const int = (value: number): [string, number] => ["int", value];
  const shape = BigInt64Array.of(BigInt(n), BigInt(n));
  const described = (type: number, layout: number): Uint8Array => {
    const to = new Uint8Array(4096);
    call("memory_desc_init_by_tag", pointer(to), int(2), pointer(shape), int(type), int(layout));
    return to;
  };

  const engine = made("engine_create", int(cpu), ["size_t", 0]);
  const stream = made("stream_create", pointer(engine), int(1));
  const [full, narrow] = [described(f32, rowMajor), described(bf16, rowMajor)];
  const task = new Uint8Array(16384);
  const right = described(bf16, anyLayout);
  call("matmul_desc_init", pointer(task), pointer(narrow), pointer(right), pointer(null), pointer(full));
  const plan = made("primitive_desc_create", pointer(task), pointer(null), pointer(engine), pointer(null));
  const best = library.func("void *dnnl_primitive_desc_query_md(void *, int, int)")(plan, weightsOf, 0) as unknown;
  const primitive = (plan: unknown): unknown => made("primitive_create", pointer(plan));
  const conversion = (to: unknown): unknown =>
    primitive(
      made("reorder_primitive_desc_create", ...[full, engine, to, engine, null].map((value) => pointer(value))),
    );
  const steps = { left: conversion(narrow), right: conversion(best), product: primitive(plan) };
  const memory = (descriptor: unknown, data: Float32Array | Uint16Array): unknown =>
    made("memory_create", pointer(descriptor), pointer(engine), pointer(data));
  const narrows = [new Uint16Array(n * n), new Uint16Array(2 * n * n)];
  const between = [memory(narrow, narrows[0]), memory(best, narrows[1])];
  const argumentsOf = (...given: readonly (readonly [at: number, memory: unknown])[]): [number, BigUint64Array] => [
    given.length,
    BigUint64Array.from(given.flatMap(([at, memory]) => [BigInt(at), memory as bigint])),
  ];
  const execute = library.func("int dnnl_primitive_execute(void *, void *, int, void *)");
  const wait = library.func("int dnnl_stream_wait(void *)");
  let ready: (() => void) | null = null;
  return product(n, (x, y, z) => {
    if (!ready) {
      const [a, b, c] = [x, y, z].map((data) => memory(full, data));
      const all = [
        [steps.left, ...argumentsOf([source, a], [destination, between[0]])],
        [steps.right, ...argumentsOf([source, b], [destination, between[1]])],
        [steps.product, ...argumentsOf([source, between[0]], [weights, between[1]], [destination, c])],
      ] as const;
      ready = () => {
        for (const [step, count, args] of all) execute(step, stream, count, args);
        wait(stream);
      };
    }
    ready();
  });
}
