/** The map of concepts: every lesson on a line, and an arc from each to those that it leads to. */

import { index } from "catalog:index";
import { days } from "catalog:list";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { say } from "../../../src/experiments/text.ts";
import { reachedOf } from "../bench/claims.tsx";
import { linkTo } from "../router.ts";
import { said, T } from "../text/language.tsx";
import { words } from "../text/words.ts";
import { Progress } from "../widgets/progress.tsx";
import "./map.css";

const text = {
  about: say(
    "弧は「次に読むとよいレッスン」を結びます。判定に到達したレッスンは塗りつぶしてあります。",
    "Arcs lead to lessons that go well together. Those where you have reached a verdict are filled.",
  ),
} as const;

const lessons = days.flatMap((day) => day.lessons);
const row = 30;
const left = 90;

export function MapPage(): JSX.Element {
  const lit = useSignal<string | null>(null);
  const at = new Map(lessons.map(({ id }, i) => [id, i]));
  const arcs = lessons.flatMap(({ id }) =>
    (index[id]?.related ?? []).flatMap((to) => {
      const [a, b] = [at.get(id), at.get(to)];
      return a === undefined || b === undefined ? [] : [{ from: id, to, a, b }];
    }),
  );
  const y = (i: number): number => i * row + row / 2;
  return (
    <main id="main" class="map">
      <h1>
        <T text={words.concepts} block />
      </h1>
      <p>
        <T text={text.about} block />
      </p>
      <div class="arcs" style={{ height: `${lessons.length * row}px` }}>
        <svg width={left} height={lessons.length * row} role="img" aria-label={said(words.concepts)}>
          {arcs.map(({ from, to, a, b }) => {
            const bend = Math.min(Math.abs(b - a) * 9 + 14, left - 14);
            const isLit = lit.value === from || lit.value === to;
            return (
              <path
                key={`${from} ${to}`}
                d={`M${left - 8} ${y(a)} C${left - 8 - bend} ${y(a)} ${left - 8 - bend} ${y(b)} ${left - 8} ${y(b)}`}
                fill="none"
                stroke={isLit ? "var(--ink)" : "var(--grid)"}
                stroke-width={isLit ? 2 : 1}
              />
            );
          })}
          {lessons.map(({ id }, i) => (
            <circle
              key={id}
              cx={left - 8}
              cy={y(i)}
              r={4}
              fill={reachedOf(id) ? "var(--ink)" : "var(--paper)"}
              stroke="var(--ink)"
            />
          ))}
        </svg>
        <ol>
          {lessons.map(({ id, row: number, title }) => (
            <li key={id} style={{ height: `${row}px` }}>
              <a
                href={linkTo("lesson", id)}
                onPointerEnter={() => (lit.value = id)}
                onPointerLeave={() => (lit.value = null)}
                onFocus={() => (lit.value = id)}
                onBlur={() => (lit.value = null)}
              >
                <span class="number">{number}</span> <T text={title} />
              </a>
            </li>
          ))}
        </ol>
      </div>
      <Progress />
    </main>
  );
}
