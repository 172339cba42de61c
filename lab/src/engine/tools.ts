/** What the engine does besides runs. */
import { Tensor, tensor } from "../../../src/index.ts";
import { explainComputation, listGraphs, textsOf } from "./compiler.ts";
import { evaluate, type Names } from "./expression.ts";

/** A learner's expression, evaluated on numbers; beside it, what was expected. */
interface FillInQuestion {
  readonly line: string;
  /** Values by name: nested arrays become tensors, numbers stay. */
  readonly given: Readonly<Record<string, number | readonly number[] | readonly (readonly number[])[]>>;
  readonly expected: string;
}

async function numbersOf(line: string, names: Names): Promise<number[]> {
  const value = evaluate(line, names);
  if (value instanceof Tensor) return Array.from(await value.float().data());
  if (Array.isArray(value)) throw new Error("[…]?");
  return [Number(value)];
}

async function fillIn({
  line,
  given,
  expected,
}: FillInQuestion): Promise<{ got: number[]; want: number[]; isRight: boolean }> {
  const entries = Object.entries(given).map(([name, v]) => [name, typeof v === "number" ? v : tensor(v as number[])]);
  const names = Object.fromEntries(entries) as Names;
  const want = await numbersOf(expected, names);
  const got = await numbersOf(line, names);
  const isClose = (x: number, i: number): boolean => Math.abs(x - want[i]) <= 1e-4 * (1 + Math.abs(want[i]));
  return { got, want, isRight: got.length === want.length && got.every(isClose) };
}

/** By the name that the page asks for. */
export const tools: Readonly<Record<string, (input: unknown) => Promise<unknown>>> = {
  graphs: async () => listGraphs(),
  explain: explainComputation,
  texts: textsOf,
  fillIn: (input) => fillIn(input as FillInQuestion),
};
