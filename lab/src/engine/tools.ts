/** What the engine does besides runs. */
import { TsumikiError } from "../../../src/errors.ts";
import { pointsFromCsv, type TableOfPoints } from "../../../src/experiments/parts/points-world.ts";
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

/** Points of a table that was pasted or loaded, or what is wrong with it. */
export type PointsAnswer =
  | { readonly table: TableOfPoints }
  | { readonly code: string; readonly got: string; readonly message: string };

function points(input: unknown): PointsAnswer {
  try {
    return { table: pointsFromCsv(input as string | Uint8Array) };
  } catch (error) {
    if (!(error instanceof TsumikiError)) throw error;
    return { code: error.code, got: error.problem.got, message: error.message };
  }
}

/** By the name that the page asks for. */
export const tools: Readonly<Record<string, (input: unknown) => Promise<unknown>>> = {
  graphs: async () => listGraphs(),
  explain: explainComputation,
  texts: textsOf,
  points: async (input) => points(input),
  fillIn: (input) => fillIn(input as FillInQuestion),
};
