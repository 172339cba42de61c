/**
 * A worker of the WebAssembly device, in Node and in browsers. It never returns to its event loop: what it has to
 * know, modules included, is in the shared memory.
 */
import { controlWords, type Kernel, moduleWords, spinUntil, word, work } from "./wasm-control.ts";

/** What a worker is given when it starts. */
export interface WorkerStart {
  readonly memory: WebAssembly.Memory;
  /** Its number; the caller is number 0. */
  readonly thread: number;
}

function serve({ memory, thread }: WorkerStart): void {
  const control = new Int32Array(memory.buffer, 0, controlWords);
  const kernels: Kernel[] = [];
  let learned = 0;
  let lastModule = 0;

  /** Compiles the modules that are new. */
  const learn = (): void => {
    const count = Atomics.load(control, word.modules);
    for (; learned < count; learned++) {
      let words = new Uint32Array(memory.buffer);
      const at = learned === 0 ? control[word.firstModule] >>> 0 : words[lastModule >>> 2];
      // The caller has grown the memory by then; this thread may have to be interrupted to see it.
      while (memory.buffer.byteLength < at + 4 * moduleWords) {}
      words = new Uint32Array(memory.buffer, at, moduleWords);
      const [, bytes, first, kernelCount] = words;
      while (memory.buffer.byteLength < at + 4 * moduleWords + bytes) {}
      const code = new Uint8Array(memory.buffer, at + 4 * moduleWords, bytes).slice();
      const instance = new WebAssembly.Instance(new WebAssembly.Module(code), { env: { memory } });
      for (let i = 0; i < kernelCount; i++) kernels[first + i] = instance.exports[`k${i}`] as Kernel;
      lastModule = at;
    }
  };
  const find = (id: number): Kernel | undefined => {
    if (!kernels[id]) learn();
    return kernels[id];
  };

  learn();
  Atomics.add(control, word.started, 1);
  try {
    for (;;) {
      const claim = work(control, thread, find);
      if (spinUntil(() => Atomics.load(control, word.claim) !== claim)) continue;
      Atomics.add(control, word.sleeping, 1);
      Atomics.wait(control, word.claim, claim);
      Atomics.sub(control, word.sleeping, 1);
    }
  } finally {
    // A module that this thread cannot compile ends it, before it has claimed anything of it.
    Atomics.sub(control, word.started, 1);
  }
}

const node = typeof process === "object" ? process.getBuiltinModule?.("node:worker_threads") : undefined;
if (node) serve(node.workerData as WorkerStart);
else
  globalThis.addEventListener("message", (event) => serve((event as MessageEvent<WorkerStart>).data), { once: true });
