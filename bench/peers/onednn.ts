/** oneDNN, if it is installed: products, and convolutions in the layouts that it likes best. */
import type { LibraryHandle } from "koffi";
import { Dnnl, layouts, types } from "./dnnl.ts";
import { libraryPeer, product } from "./library.ts";
import { numbers, type Peer } from "./peer.ts";

type Run = () => Promise<void>;

const peer: Peer = libraryPeer("oneDNN", ["libdnnl.so.3", "libdnnl.so.2"], {
  product(library, { size, factors }) {
    if (factors === "Bfloat16") return bfloat16(library, size);
    if (factors === "Int8") return int8(library, size);
    const gemm = library.func(
      "int dnnl_sgemm(char, char, int64_t, int64_t, int64_t, float, void *, int64_t, void *, int64_t, float, void *, int64_t)",
    );
    const plain = "N".charCodeAt(0);
    return product(size, (x, y, z) => gemm(plain, plain, size, size, size, 1, x, size, y, size, 0, z, size));
  },
  convForward: (library) => convolution(library, [64, 64, 3, 3], 64),
  depthwise: (library) => convolution(library, [64, 1, 1, 3, 3], 64),
  pointwise: (library) => convolution(library, [128, 64, 1, 1], 128),
});
export default peer;

function int8(library: LibraryHandle, n: number): Run {
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

/** A product in bfloat16 of matrices in float32: both are converted, the right one to the layout that oneDNN likes best. */
function bfloat16(library: LibraryHandle, n: number): Run {
  const dnnl = new Dnnl(library);
  const [full, narrow] = [types.f32, types.bf16].map((type) => dnnl.described([n, n], type, layouts.ab));
  const plan = dnnl.productPlan(narrow, dnnl.described([n, n], types.bf16, layouts.any), full);
  const best = dnnl.layout(plan, "weights");
  const left = dnnl.memory(narrow, new Uint16Array(n * n));
  const right = dnnl.memory(best.descriptor, new Uint8Array(best.bytes));
  let run: (() => void) | null = null;
  return product(n, (x, y, z) => {
    const of = (data: Float32Array): unknown => dnnl.memory(full, data);
    run ??= dnnl.sequence(
      [dnnl.conversion(full, narrow), { source: of(x), destination: left }],
      [dnnl.conversion(full, best.descriptor), { source: of(y), destination: right }],
      [dnnl.primitive(plan), { source: left, weights: right, destination: of(z) }],
    );
    run();
  });
}

/** A convolution of 32 images of 64 channels and 56×56, as large as they; all lies in the layouts that oneDNN likes best. */
function convolution(library: LibraryHandle, filters: readonly number[], channels: number): Run {
  const dnnl = new Dnnl(library);
  const padding = filters[filters.length - 1] >> 1;
  const described = (shape: readonly number[]): Uint8Array => dnnl.described(shape, types.f32, layouts.any);
  const [x, to] = [64, channels].map((count) => described([32, count, 56, 56]));
  const plan = dnnl.convolutionPlan(x, described(filters), to, padding);
  const [source, weights, destination] = (["source", "weights", "destination"] as const).map((place, i) => {
    const { descriptor, bytes } = dnnl.layout(plan, place);
    return dnnl.memory(descriptor, numbers(bytes / 4, 1, i + 1));
  });
  const run = dnnl.sequence([dnnl.primitive(plan), { source, weights, destination }]);
  return async () => run();
}
