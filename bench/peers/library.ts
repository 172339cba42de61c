/** Libraries of machine code that are called directly. */
import koffi, { type LibraryHandle } from "koffi";
import { numbers, type Peer, type Task } from "./peer.ts";

type Run = () => Promise<void>;

/** A matrix product among the tasks: `(size, size)` by as much, of factors of a type. */
export interface Product {
  readonly size: number;
  readonly factors: string;
}

/** A peer that does tasks by functions of the first of these libraries that is there. */
export function libraryPeer(
  name: string,
  files: readonly string[],
  prepare: { readonly product: (library: LibraryHandle, product: Product) => Run | null } & {
    readonly [task in Task]?: (library: LibraryHandle) => Run;
  },
): Peer {
  return {
    name,
    version: name,
    threads: [1, 2],
    async run(task, threads) {
      process.env.OMP_NUM_THREADS = process.env.OPENBLAS_NUM_THREADS = String(threads);
      const [, size, factors = "Float32"] = /^gemm(\d+)(\w+)?$/.exec(task) ?? [];
      if (size) return prepare.product(load(name, files), { size: Number(size), factors });
      return prepare[task]?.(load(name, files)) ?? null;
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
export function product(n: number, multiply: (x: Float32Array, y: Float32Array, z: Float32Array) => void): Run {
  const [x, y, z] = [numbers(n * n, 1, 1), numbers(n * n, 1, 2), new Float32Array(n * n)];
  return async () => multiply(x, y, z);
}
