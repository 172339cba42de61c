/** OpenBLAS, if it is installed: products only. */
import { libraryPeer, product } from "./library.ts";
import type { Peer } from "./peer.ts";

const peer: Peer = libraryPeer("OpenBLAS", ["libopenblas.so.0"], {
  product(library, { size: n, factors }) {
    if (factors !== "Float32") return null;
    const [rowMajor, plain] = [101, 111];
    const gemm = library.func(
      "void cblas_sgemm(int, int, int, int, int, int, float, void *, int, void *, int, float, void *, int)",
    );
    return product(n, (x, y, z) => gemm(rowMajor, plain, plain, n, n, n, 1, x, n, y, n, 0, z, n));
  },
});
export default peer;
