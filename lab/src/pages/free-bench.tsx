/** A bench that is no lesson's: its run is kept in the address of the page, and it can be seen by tests. */
import { effect } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { fromQuery, toQuery } from "../bench/address.ts";
import { Bench } from "../bench/store.ts";
import type { Details } from "../details.ts";
import { rewrite, route } from "../router.ts";

export function useFreeBench(details: Details, path: readonly string[], pace: number | null = null): Bench {
  const address = path.join("/");
  const bench = useMemo(() => {
    const made = new Bench(details, fromQuery(route.peek().query, details));
    made.pace.value = pace;
    return made;
  }, [details, pace]);
  useEffect(() => {
    const stop = effect(() => rewrite(address.split("/"), toQuery(bench.opening.value)));
    Object.assign(globalThis, { tsumikiBench: bench });
    return () => {
      stop();
      bench.close();
    };
  }, [bench, address]);
  return bench;
}
