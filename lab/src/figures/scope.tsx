/**
 * Among which maps colours can be compared: each may have a scale of its own, or a faint one would not be seen; or all of a
 * lane have one, or all of a figure. Who looks chooses, for all figures, and it is kept.
 */
import { effect, signal } from "@preact/signals";
import type { JSX } from "preact";
import type { Forms, Probe, Reading } from "../../../src/experiments/probe.ts";
import { say, type Text } from "../../../src/experiments/text.ts";
import { Menu } from "../bench/menu.tsx";
import { keep, kept } from "../kept.ts";
import { T } from "../text/language.tsx";
import { short } from "./bars.ts";
import type { Scope } from "./form.ts";
import { extent } from "./scale.ts";
import "./scope.css";

const scopes = {
  each: say("1 枚ごと", "of each map"),
  lane: say("レーンごと", "of each lane"),
  figure: say("図全体", "of the whole figure"),
} as const satisfies Readonly<Record<Scope, Text>>;

const text = {
  scale: say("色の目盛り", "scale of the colours"),
  own: say("濃さは 1 枚の中でだけ比べられます。", "Shades can be compared within a map only."),
  most: (most: string) =>
    say(`いちばん濃い色は ±${most} です。すべて同じ目盛りです。`, `The deepest colour is ±${most}, in all of them.`),
  lanes: (most: readonly string[]) =>
    say(
      `いちばん濃い色はレーンごとに ±${most.join("、±")} です。`,
      `The deepest colour is ±${most.join(", ±")}, lane by lane.`,
    ),
} as const;

const before = kept("scope");
export const scope = signal<Scope>(before !== null && Object.hasOwn(scopes, before) ? (before as Scope) : "each");
effect(() => keep("scope", scope.value));

/** Whether a figure has several maps whose colours have to be given a scale. */
export const hasScopes = ({ form, kind }: Probe, readings: readonly Reading[]): boolean =>
  form === "images" && kind === "signed" && readings.some((r) => (r as Forms["images"]).images.length > 1);

/** The choice, and what the deepest colour stands for by it. */
export function ScopeMenu({ readings }: { readings: readonly Reading[] }): JSX.Element {
  const maps = readings.map((r) => (r as Forms["images"]).images.map(({ pixels }) => pixels));
  const most = maps.map((all) => Math.max(...extent(all, "signed").map(Math.abs)));
  const isFigure = scope.value === "figure" || most.length === 1;
  const told = isFigure ? text.most(short(Math.max(...most))) : text.lanes(most.map(short));
  return (
    <div class="scope">
      <Menu
        name="scope"
        label={text.scale}
        value={scope.value}
        options={Object.entries(scopes) as [Scope, Text][]}
        onChoose={(chosen) => {
          scope.value = chosen;
        }}
      />{" "}
      <span class="muted">
        <T text={scope.value === "each" ? text.own : told} />
      </span>
    </div>
  );
}
