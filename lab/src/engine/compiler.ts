/** What the page shows of the compiler: an explanation of a computation, as data that can be sent. */
import { graphs } from "../../../src/experiments/graphs.ts";
import { type Explanation, explain } from "../../../src/index.ts";

export async function explainGraph(id: unknown): Promise<Explanation> {
  const graph = graphs.get(String(id));
  if (!graph) throw new Error(`There is no computation ${id}.`);
  return explain(...(await graph.make()));
}

export const listGraphs = (): { id: string; title: { ja: string; en: string } }[] =>
  [...graphs].map(([id, { title }]) => ({ id, title }));
