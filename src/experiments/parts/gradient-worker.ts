/** A worker with an engine of its own, in Node and in browsers: it answers each part of a batch with its gradient. */
import { type DeviceName, setDevice } from "../../index.ts";
import { type PartGradient, PartSolver, type PartTask } from "./part-gradients.ts";

export type ToGradientWorker =
  /** The device of the one that asks: on another, bits would be others. */
  | { readonly kind: "start"; readonly device: DeviceName }
  | { readonly kind: "part"; readonly id: number; readonly task: PartTask };

export type FromGradientWorker =
  | { readonly id: number; readonly result: PartGradient }
  | { readonly id: number; readonly error: string };

const solver = new PartSolver();
/** One thing after the other. */
let queue: Promise<void> = Promise.resolve();

function take(message: ToGradientWorker, tell: (answer: FromGradientWorker, moved: ArrayBuffer[]) => void): void {
  if (message.kind === "start") {
    queue = queue.then(() => setDevice(message.device, { threads: 1 }));
    return;
  }
  const { id, task } = message;
  queue = queue
    .then(async () => {
      const result = await solver.solve(task);
      tell({ id, result }, [result.gradient.buffer as ArrayBuffer]);
    })
    .catch((error: unknown) => tell({ id, error: error instanceof Error ? error.message : `${error}` }, []));
}

const node = typeof process === "object" ? process.getBuiltinModule?.("node:worker_threads") : undefined;
if (node?.parentPort) {
  const { parentPort } = node;
  parentPort.on("message", (message: ToGradientWorker) =>
    take(message, (answer, moved) => parentPort.postMessage(answer, moved)),
  );
} else {
  globalThis.addEventListener("message", (event) =>
    take((event as MessageEvent<ToGradientWorker>).data, (answer, moved) =>
      (globalThis as unknown as Worker).postMessage(answer, moved),
    ),
  );
}
