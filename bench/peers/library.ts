/** Libraries of machine code that are called directly. */
import koffi, { type LibraryHandle } from "koffi";
import { numbers, type Peer } from "./peer.ts";

type Task = () => Promise<void>;

/** A peer that multiplies matrices by a function of the first of these libraries that is there. */
export function libraryPeer(
  name: string,
  files: readonly string[],
  prepare: (library: LibraryHandle, size: number, factors: string) => Task | null,
): Peer {
  return {
    name,
    version: name,
    threads: [1, 2],
    async run(task, threads) {
      if (!task.startsWith("gemm")) return null;
      process.env.OMP_NUM_THREADS = process.env.OPENBLAS_NUM_THREADS = String(threads);
      return prepare(load(name, files), Number.parseInt(task.slice(4), 10), /[A-Z].*/.exec(task)?.[0] ?? "Float32");
    },
  };
}

function load(name: string, files: readonly string[]): LibraryHandle {
  for (const file of files) {
    try {
      return koffi.load(file);
    } catch {
      // The next one may be there.
    }
  }
  throw new Error(`${name} is not installed`);
}

/** The product of two matrices `(n, n)` of the same numbers that others multiply. */
export function product(n: number, multiply: (x: Float32Array, y: Float32Array, z: Float32Array) => void): Task {
  const [x, y, z] = [numbers(n * n, 1, 1), numbers(n * n, 1, 2), new Float32Array(n * n)];
  return async () => multiply(x, y, z);
}
