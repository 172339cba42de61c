/** Compiled functions: recorded once for each signature, and then run without recording or planning anything. */

import { DTypeError, ValueError } from "../errors.ts";
import { print } from "../ops/check.ts";
import { defaultGenerator } from "../ops/random.ts";
import { realize } from "../runtime/realize.ts";
import { isRecording, Recording, record } from "../runtime/record.ts";
import { fromStorage, type Storage, storageOf } from "../runtime/storage.ts";
import { Tensor } from "./tensor.ts";

/** What a compiled function may return. */
export type JitResult = Tensor | readonly Tensor[] | void;

/** Signatures that a function keeps recordings of; beyond this the one that was used least recently is given up. */
const mostRecordings = 64;

interface Compiled {
  readonly recording: Recording;
  /** The storages of the arguments of the first call, in order, and those of its results. */
  readonly inputs: readonly Storage[];
  readonly results: readonly Storage[];
  /** Whether one tensor is returned, an array of them, or nothing. */
  readonly returns: "one" | "many" | "nothing";
}

/**
 * Compiles `f`. The first call with a given signature (shapes, dtypes, and whether the arguments lie on the host or on
 * the device) runs `f` and records what it computes; later calls run the recorded plans with their own arguments.
 * Tensors that `f` closes over, such as parameters, are found again as they are at the time, updates by an optimizer
 * in `f` included; random numbers are new in every call. Everything else that `f` does happens in the first call only:
 * plain numbers and branches are frozen, and reading a value in `f` throws TraceError.
 *
 * ```ts
 * const step = jit(async (x: Tensor, y: Tensor) => {
 *   const loss = crossEntropy(model.forward(x), y);
 *   loss.backward();
 *   await optimizer.step();
 *   return loss;
 * });
 * ```
 */
export function jit<A extends readonly Tensor[], R extends JitResult>(
  f: (...args: A) => R | Promise<R>,
): (...args: A) => Promise<R> {
  if (typeof f !== "function") {
    const fix = "Pass the function, and call the result: jit(f)(x)";
    throw new ValueError({ in: "jit", got: print(f), want: "a function", fix });
  }
  const compiled = new Map<string, Compiled>();
  return async (...args) => {
    args.forEach((a, i) => {
      if (a instanceof Tensor) return;
      const [got, want] = [`${print(a)} as argument ${i}`, "tensors"];
      const fix =
        (a as unknown) instanceof Promise ? "Await it" : "Make a tensor of it, or let the function close over it";
      throw new DTypeError({ in: "jit", got, want, fix });
    });
    if (isRecording()) return f(...args); // part of what is being recorded
    await realize([]); // what was assigned outside belongs to no recording
    const recipes = args.filter((a) => !storageOf(a.node) || storageOf(a.node)?.init);
    if (recipes.length > 0) await realize(recipes);
    const inputs = args.map((a) => storageOf(a.node) as Storage);
    for (const s of inputs) s.check("jit");
    if (new Set(inputs).size < inputs.length) return f(...args); // which is which could not be told in a replay
    const signature = args.map((a, i) => `${a.dtype}[${a.shape}]${inputs[i].buffer ? "d" : "h"}`).join();
    const known = compiled.get(signature);
    if (known) {
      const given = new Map(known.inputs.map((s, i) => [s, inputs[i]]));
      if (known.recording.isAlive(given)) {
        compiled.delete(signature); // and now it is the newest
        compiled.set(signature, known);
        return (await replay(known, given)) as R;
      }
      compiled.delete(signature);
      known.recording.dispose();
    }
    const { result, steps } = await record(async () => {
      const value = await f(...args);
      await realize(tensorsOf(value));
      return value;
    });
    const results = tensorsOf(result).map((t) => storageOf(t.node) as Storage);
    const returns = result instanceof Tensor ? "one" : result ? "many" : "nothing";
    const recording = new Recording(steps);
    if (!recording.repeats) recording.dispose();
    else compiled.set(signature, { recording, inputs, results, returns });
    if (compiled.size > mostRecordings) {
      const [key, oldest] = compiled.entries().next().value as [string, Compiled];
      compiled.delete(key);
      oldest.recording.dispose();
    }
    return result;
  };
}

const tensorsOf = (result: JitResult): readonly Tensor[] => (result instanceof Tensor ? [result] : (result ?? []));

async function replay(
  { recording, results, returns }: Compiled,
  inputs: ReadonlyMap<Storage, Storage>,
): Promise<JitResult> {
  const keys = new Map(recording.keys.map((key) => [key as object, defaultGenerator.next()]));
  const now = await recording.replay(inputs, keys);
  const made = results.map((first) => new Tensor(fromStorage(now(first)), { owns: true }));
  if (returns === "nothing") return;
  return returns === "one" ? made[0] : made;
}
