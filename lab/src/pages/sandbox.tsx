/** Free play: compose a network on points of the plane, or let networks read what you draw. */

import { details } from "catalog:all";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { Forms } from "../../../src/experiments/probe.ts";
import { percent, say } from "../../../src/experiments/text.ts";
import { BenchView, LiveRegion } from "../bench/bench.tsx";
import type { Bench } from "../bench/store.ts";
import type { Details } from "../details.ts";
import { route, visits } from "../router.ts";
import { said, T } from "../text/language.tsx";
import { words } from "../text/words.ts";
import { Captioned } from "../widgets/captioned.tsx";
import { DrawDigit } from "../widgets/draw-digit.tsx";
import { OwnPoints } from "../widgets/own-points.tsx";
import { useFreeBench } from "./free-bench.tsx";
import "./sandbox.css";

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
      {known && <Play key={`${kind} ${visits.value}`} details={known} />}
    </main>
  );
}

const text = {
  read: (digit: number, part: string) => say(`「${digit}」と読みました（${part}）`, `reads ${digit} (${part})`),
  sheet: say("数字を描く", "Draw a digit"),
  whatSheet: say(
    "ここに描いた数字を中央に寄せ、28×28 の画像にしてネットワークに渡します。学習に使った数字と同じ大きさと位置にするためです。",
    "What is drawn here is centred and given to the networks as an image of 28 by 28, the size and place of the digits that they learn from.",
  ),
  untrained: say("学習させると、読んだ数字がここに出ます。", "Once they have trained, this says what they read."),
} as const;

/** What each network reads, in a line, once there is a drawing and it has learnt something. */
function Read({ bench }: { bench: Bench }): JSX.Element | null {
  const lanes = bench.shown.value?.lanes ?? [];
  const isDrawn = lanes.some(({ values }) => Array.isArray(values.drawing) && values.drawing.some((v) => v > 0));
  if (!isDrawn) return null;
  return (
    <p class="read" role="status" aria-live="polite" data-part="read">
      {bench.step.value === 0 ? (
        <T text={text.untrained} />
      ) : (
        lanes.map(({ id, readings }) => {
          const { values } = readings.answer as Forms["bars"];
          const parts = Array.from(values);
          const digit = parts.indexOf(Math.max(...parts));
          if (digit < 0) return null; // it has diverged, and says so
          return (
            <span key={id} data-lane={id} data-digit={digit}>
              <T text={bench.details.lanes[id].label} />: <T text={text.read(digit, percent(parts[digit]))} />
            </span>
          );
        })
      )}
    </p>
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
        {d.id === "drawing" && (
          <Captioned caption={text.sheet} what={text.whatSheet}>
            <DrawDigit onDraw={(pixels) => bench.set("drawing", pixels)} />
          </Captioned>
        )}
        {d.id === "drawing" && <Read bench={bench} />}
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
