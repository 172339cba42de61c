/** The arena, and below it the learning rates of some of its methods as gauges: how they fell and rose over the steps. */
import type { JSX } from "preact";
import { say } from "../../../src/experiments/text.ts";
import type { Bench } from "../bench/store.ts";
import { Arena } from "./arena.tsx";
import { BarsHistory } from "./bars-history.tsx";

const label = say("学習率のメーターの推移（軸ごと）", "The gauges of the rates over time, by axis");

export function ArenaWithGauges({ bench, lanes }: { bench: Bench; lanes: readonly string[] }): JSX.Element {
  return (
    <>
      <Arena bench={bench} />
      <BarsHistory bench={bench} probe="rates" lanes={lanes} label={label} />
    </>
  );
}
