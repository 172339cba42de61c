/** What a bench showed last: while a run is set up anew, its pictures stay as they were. */
import { useRef } from "preact/hooks";
import type { Bench, Snapshot } from "../bench/store.ts";

/** `isWhole` tells what can be shown from what has not all of its pictures yet. */
export function useLastShown(bench: Bench, isWhole: (snapshot: Snapshot) => boolean = () => true): Snapshot | null {
  const last = useRef<Snapshot | null>(null);
  const { value: shown } = bench.shown;
  if (shown && isWhole(shown)) last.current = shown;
  return last.current;
}
