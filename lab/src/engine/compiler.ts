/** What the page shows of the compiler: an explanation of a computation, as data that can be sent. */
import { graphs } from "../../../src/experiments/graphs.ts";
import {
  type Explanation,
  explain,
  type KernelText,
  kernelTexts,
  type Shape,
  Tensor,
  tensor,
} from "../../../src/index.ts";
import { evaluate } from "./expression.ts";

/** A computation that has a name, or a learner's expression of the tensors that `given` lists. */
export type Computation = { readonly id: string } | { readonly line: string };

/** What a learner's expression may be made of. */
const given: Readonly<Record<string, Shape>> = { x: [64, 256], w: [256, 128], b: [128], y: [64, 256] };

async function recorded(computation: Computation): Promise<readonly Tensor[]> {
  if ("line" in computation) {
    const entries = Object.entries(given).map(async ([name, shape]): Promise<[string, Tensor]> => {
      const made = tensor(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape);
      made.label = name;
      return [name, await made.realize()];
    });
    const value = evaluate(computation.line, Object.fromEntries(await Promise.all(entries)));
    if (!(value instanceof Tensor)) throw new Error(`${computation.line}?`);
    return [value];
  }
  const graph = graphs.get(computation.id);
  if (!graph) throw new Error(`There is no computation ${computation.id}.`);
  return graph.make();
}

export const explainComputation = async (input: unknown): Promise<Explanation> =>
  explain(...(await recorded(input as Computation)));

/** Its kernels in the language of a machine that need not be this one. */
export async function textsOf(input: unknown): Promise<KernelText[]> {
  const { machine, of } = input as { machine: "avx2" | "avx512"; of: Computation };
  return kernelTexts(machine, ...(await recorded(of)));
}

export const listGraphs = (): { id: string; title: { ja: string; en: string } }[] =>
  [...graphs].map(([id, { title }]) => ({ id, title }));
