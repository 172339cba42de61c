/** Free play: compose a network on points of the plane, or let networks read what you draw. */

import { details } from "catalog:all";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { say } from "../../../src/experiments/text.ts";
import { BenchView, LiveRegion } from "../bench/bench.tsx";
import type { Bench } from "../bench/store.ts";
import type { Details } from "../details.ts";
import { route } from "../router.ts";
import { said, T } from "../text/language.tsx";
import { words } from "../text/words.ts";
import { DrawDigit } from "../widgets/draw-digit.tsx";
import { OwnPoints } from "../widgets/own-points.tsx";
import { useFreeBench } from "./free-bench.tsx";

const kinds = ["sandbox", "drawing"] as const;

export function SandboxPage(): JSX.Element {
  const kind = kinds.find((k) => k === route.value.path[1]) ?? "sandbox";
  const loaded = useSignal<Readonly<Record<string, Details>>>({});
  useEffect(() => {
    void Promise.all(kinds.map((k) => details[k]())).then(([a, b]) => {
      loaded.value = { sandbox: a.default, drawing: b.default };
    });
  }, [loaded]);
  const known = loaded.value[kind];
  return (
    <main id="main" class="sandbox">
      <h1>
        <T text={words.sandbox} block />
      </h1>
      <nav class="kinds" aria-label={said(words.sandbox)}>
        {kinds.map((k) => (
          <a key={k} href={`#/sandbox/${k}`} aria-current={k === kind ? "page" : undefined}>
            {loaded.value[k] && <T text={loaded.value[k].title} />}
          </a>
        ))}
      </nav>
      {known && <Play key={`${kind}?${route.value.query}`} details={known} />}
    </main>
  );
}

function Play({ details: d }: { details: Details }): JSX.Element {
  const bench = useFreeBench(d, ["sandbox", d.id]);
  return (
    <>
      <p class="question">
        <T text={d.question} block />
      </p>
      <div class={d.id}>
        {d.id === "sandbox" && <OwnWorld bench={bench} />}
        {d.id === "drawing" && <DrawDigit onDraw={(pixels) => bench.set("drawing", pixels)} />}
        <BenchView bench={bench} />
      </div>
      <LiveRegion bench={bench} />
    </>
  );
}

const ownPoints = say("自分の点を描く、CSV から読み込む", "Put points of your own, or read them from CSV");

/** The sheet for one's own points; from other data, a way to it. */
function OwnWorld({ bench }: { bench: Bench }): JSX.Element {
  const [first] = bench.settings.values();
  if (first.data === "own") return <OwnPoints bench={bench} />;
  return (
    <p>
      <button type="button" data-action="own-points" onClick={() => bench.begin({ data: "own" })}>
        <T text={ownPoints} />
      </button>
    </p>
  );
}
