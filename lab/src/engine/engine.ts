/** The page's side of the engine: one worker, started when it is first needed. */
import type { FromEngine, ToEngine } from "./protocol.ts";

type Listener = (message: FromEngine) => void;

let worker: Worker | null = null;
const listeners = new Set<Listener>();
const questions = new Map<number, { resolve(output: unknown): void; reject(error: Error): void }>();
let lastQuestion = 0;

function start(): Worker {
  const started = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  started.onmessage = ({ data }: MessageEvent<FromEngine>) => {
    if (data.kind === "answer") {
      const question = questions.get(data.id);
      questions.delete(data.id);
      if (data.error === undefined) question?.resolve(data.output);
      else question?.reject(new Error(data.error));
    } else for (const listener of listeners) listener(data);
  };
  started.onerror = (event) => {
    for (const listener of listeners) listener({ kind: "failed", run: -1, message: event.message });
  };
  return started;
}

export function tell(message: ToEngine): void {
  worker ??= start();
  worker.postMessage(message);
}

/** Calls `listener` for every message until the function that this gives is called. */
export function listen(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What a tool of the engine answers. */
export function ask<T>(tool: string, input: unknown): Promise<T> {
  const id = ++lastQuestion;
  return new Promise<T>((resolve, reject) => {
    questions.set(id, { resolve: resolve as (output: unknown) => void, reject });
    tell({ kind: "ask", id, tool, input });
  });
}
