/** What other seeds give, beside the run on the bench. */
import type { FromEngine } from "../engine/protocol.ts";

type SeedRun = Extract<FromEngine, { kind: "seed" }>;

/** The least and the greatest over the seeds that were run beside, at each step at which all of them were measured. */
export function bandOf(
  seeds: readonly Pick<SeedRun, "lanes">[],
  lane: string,
  probe: string,
): { x: number[]; low: number[]; high: number[] }[] {
  const series = seeds.flatMap(({ lanes }) => lanes[lane]?.[probe] ?? []);
  if (series.length < 2) return [];
  const valuesAt = series.map(({ steps, values }) => new Map(steps.map((step, i) => [step, values[i]])));
  const x = series[0].steps.filter((step) => valuesAt.every((values) => values.has(step)));
  const each = x.map((step) => valuesAt.map((values) => values.get(step) as number));
  return [{ x, low: each.map((v) => Math.min(...v)), high: each.map((v) => Math.max(...v)) }];
}
