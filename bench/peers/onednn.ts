/** oneDNN, if it is installed: products only. PyTorch's convolutions are its convolutions. */
import { libraryPeer, product } from "./library.ts";
import type { Peer } from "./peer.ts";

const peer: Peer = libraryPeer("oneDNN", ["libdnnl.so.3", "libdnnl.so.2"], (library, n) => {
  const gemm = library.func(
    "int dnnl_sgemm(char, char, int64_t, int64_t, int64_t, float, void *, int64_t, void *, int64_t, float, void *, int64_t)",
  );
  const plain = "N".charCodeAt(0);
  return product(n, (x, y, z) => gemm(plain, plain, n, n, n, 1, x, n, y, n, 0, z, n));
});
export default peer;
