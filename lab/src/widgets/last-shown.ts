/** What a bench showed last: while a run is set up anew, its pictures stay as they were. */
import { useRef } from "preact/hooks";
import type { Bench, Snapshot } from "../bench/store.ts";

export function useLastShown(bench: Bench): Snapshot | null {
  const last = useRef<Snapshot | null>(null);
  if (bench.shown.value) last.current = bench.shown.value;
  return last.current;
}
