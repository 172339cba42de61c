/** Something that is to be done once a slider rests: a key that is held makes many moves, and the last one is meant. */
import { useEffect, useRef } from "preact/hooks";

interface Rest {
  /** Does it so many milliseconds after the last call. */
  after(pause: number, work: () => void): void;
  /** Forgets what was to be done. */
  cancel(): void;
}

export function useRest(): Rest {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const cancel = (): void => clearTimeout(timer.current);
  useEffect(() => cancel, []);
  return {
    after(pause, work) {
      cancel();
      timer.current = setTimeout(work, pause);
    },
    cancel,
  };
}
