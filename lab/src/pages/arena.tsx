/** The arena of optimizers: who races is chosen, where they start is dragged, and maps tell where other starts would lead. */

import { details } from "catalog:all";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { say } from "../../../src/experiments/text.ts";
import { BenchView, LiveRegion } from "../bench/bench.tsx";
import type { Details } from "../details.ts";
import { said, T } from "../text/language.tsx";
import { words } from "../text/words.ts";
import { Arena, arenaCovers } from "../widgets/arena.tsx";
import { useFreeBench } from "./free-bench.tsx";

const text = {
  about: say(
    "標準の出発点の勾配は 7e-8 しかありません。勾配に比例して動く手法は 300 ステップでも動けず、最近の勾配の大きさで割る RMSProp と Adam だけが谷に着きます。AdaGrad も割りますが、割る数が勾配の 2 乗和の平方根で、その和がここでは 0.1 から始まるため動けません（2.7 で変えられます）。輪をドラッグして、この結果をくつがえしてください。",
    "At the usual start the gradient is 7e-8. Methods that move in proportion to it go nowhere in 300 steps; RMSProp and Adam, which divide by its recent size, arrive. AdaGrad divides too, but by the root of a sum of squares that begins at 0.1 here, and so it stays (2.7 lets you change that). Drag the ring, and overturn that result.",
  ),
  racing: say("走らせる手法", "Who is shown"),
} as const;

/** Steps a second to begin with: slow enough to see who leads. */
const pace = 30;

export function ArenaPage(): JSX.Element {
  const loaded = useSignal<Details | null>(null);
  useEffect(() => {
    void details["arena"]().then((module) => {
      loaded.value = module.default;
    });
  }, [loaded]);
  return (
    <main id="main" class="arena-page" aria-busy={loaded.value === null}>
      <h1>
        <T text={words.arena} block />
      </h1>
      {loaded.value && <Race details={loaded.value} />}
    </main>
  );
}

function Race({ details: d }: { details: Details }): JSX.Element {
  const bench = useFreeBench(d, ["arena"], pace);
  const shown = useSignal<readonly string[]>(Object.keys(d.lanes));
  const toggle = (id: string): void => {
    const next = Object.keys(d.lanes).filter((lane) => (lane === id) !== shown.value.includes(lane));
    if (next.length > 0) shown.value = next; // the last one stays
  };
  const others = Object.keys(d.probes).filter((probe) => !arenaCovers.includes(probe));
  return (
    <>
      <p class="question">
        <T text={d.question} block />
      </p>
      <p>
        <T text={text.about} block />
      </p>
      <BenchView bench={bench} only={others}>
        <fieldset class="layer-choices" aria-label={said(text.racing)}>
          <legend>
            <T text={text.racing} />
          </legend>
          {Object.entries(d.lanes).map(([id, { label }]) => (
            <label key={id}>
              <input type="checkbox" data-race={id} checked={shown.value.includes(id)} onChange={() => toggle(id)} />{" "}
              <T text={label} />
            </label>
          ))}
        </fieldset>
        <Arena bench={bench} only={shown.value} />
      </BenchView>
      <LiveRegion bench={bench} />
    </>
  );
}
