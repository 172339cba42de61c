/** What the engine does besides runs: it looks into the compiler, and evaluates a learner's line. */
import * as tsumiki from "../../../src/index.ts";

/** A learner's expression with tensors by name, evaluated on numbers; beside it, what was expected. */
export interface FillIn {
  readonly line: string;
  /** Arguments by name: nested arrays become tensors, numbers stay. */
  readonly given: Readonly<Record<string, number | readonly number[] | readonly (readonly number[])[]>>;
  readonly expected: string;
}

async function evaluate(code: string, given: FillIn["given"]): Promise<number[]> {
  const names = Object.keys(given);
  const values = Object.values(given).map((v) => (typeof v === "number" ? v : tsumiki.tensor(v as number[])));
  const f = new Function(
    "tsumiki",
    ...names,
    `"use strict"; const { relu, sigmoid, where, maximum } = tsumiki; return (${code});`,
  );
  const result: unknown = f(tsumiki, ...values);
  if (result instanceof tsumiki.Tensor) return Array.from(await result.float().data());
  if (typeof result === "number" || typeof result === "boolean") return [Number(result)];
  throw new Error("The line gives no tensor and no number.");
}

async function fillIn({ line, given, expected }: FillIn): Promise<{ got: number[]; want: number[]; isRight: boolean }> {
  const want = await evaluate(expected, given);
  const got = await evaluate(line, given);
  const isRight =
    got.length === want.length && got.every((x, i) => Math.abs(x - want[i]) <= 1e-4 * (1 + Math.abs(want[i])));
  return { got, want, isRight };
}

/** By the name that the page asks for. */
export const tools: Readonly<Record<string, (input: unknown) => Promise<unknown>>> = {
  fillIn: (input) => fillIn(input as FillIn),
};
