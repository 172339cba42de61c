/** The graph of a small computation, node by node: values from left to right, and gradients that arrive from the right. */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { Forms } from "../../../src/experiments/probe.ts";
import { type Label, say, type Text } from "../../../src/experiments/text.ts";
import type { Bench } from "../bench/store.ts";
import type { LaneFrame } from "../engine/protocol.ts";
import { short } from "../figures/bars.ts";
import { FigureHead, Table } from "../figures/figure.tsx";
import { live, Seen } from "../lessons/lesson.ts";
import { said, T } from "../text/language.tsx";
import { Captioned } from "./captioned.tsx";
import { useLastShown } from "./last-shown.ts";
import "./tape-graph.css";

/** Probes whose figures it takes the place of. */
export const tapeGraphCovers: readonly string[] = ["tape", "values", "gradients", "numeric", "operations"];

/** The nodes by their names, with what each does to the gradient that comes from the right. */
const nodes: readonly { readonly name: string; readonly what: Text; readonly back: Text }[] = [
  {
    name: "W₁",
    what: say("1 層目の重み", "weights of the first layer"),
    back: say("入力 x の転置 × u₁ の勾配", "x transposed, times the gradient of u₁"),
  },
  {
    name: "b₁",
    what: say("1 層目のバイアス", "bias of the first layer"),
    back: say("u₁ の勾配がそのまま届く", "the gradient of u₁ as it is"),
  },
  {
    name: "u₁",
    what: say("x W₁ + b₁", "x W₁ + b₁"),
    back: say("y₁ の勾配 × y₁ (1 − y₁)", "the gradient of y₁, times y₁ (1 − y₁)"),
  },
  {
    name: "y₁",
    what: say("シグモイド(u₁)", "sigmoid(u₁)"),
    back: say("u₂ の勾配 × W₂ の転置", "the gradient of u₂, times W₂ transposed"),
  },
  {
    name: "W₂",
    what: say("2 層目の重み", "weights of the second layer"),
    back: say("y₁ の転置 × u₂ の勾配", "y₁ transposed, times the gradient of u₂"),
  },
  {
    name: "b₂",
    what: say("2 層目のバイアス", "bias of the second layer"),
    back: say("u₂ の勾配がそのまま届く", "the gradient of u₂ as it is"),
  },
  {
    name: "u₂",
    what: say("y₁ W₂ + b₂", "y₁ W₂ + b₂"),
    back: say("y₂ の勾配 × y₂ (1 − y₂)", "the gradient of y₂, times y₂ (1 − y₂)"),
  },
  {
    name: "y₂",
    what: say("シグモイド(u₂)", "sigmoid(u₂)"),
    back: say("(y₂ − 正解)：2 乗誤差の傾き", "y₂ minus the truth: the slope of the squared error"),
  },
  { name: "E", what: say("平均二乗誤差", "the mean squared error"), back: say("∂E/∂E = 1", "∂E/∂E = 1") },
];
/** Those that are computed, with what goes into them beside the one before. */
const chain = [
  { name: "u₁", from: ["W₁", "b₁"] },
  { name: "y₁", from: [] },
  { name: "u₂", from: ["W₂", "b₂"] },
  { name: "y₂", from: [] },
  { name: "E", from: [] },
] as const;

const text = {
  what: say(
    "箱 1 つが計算グラフのノードです。金色の線の上が順伝播の値、下が逆伝播で届いた勾配で、矢印はそれぞれの流れる向きです。",
    "Each box is a node of the graph: above the gold line what it was forward, below the gradient that came back. Arrows show which way each flows.",
  ),
  whatCount: say(
    "同じ勾配を求めるのに、逆伝播と数値微分がグラフを何度計算したかです。数値微分は、重み 1 つにつき 2 回計算します。",
    "How often the graph was computed for the same gradients: by backpropagation, and by differences, which take two passes for each weight.",
  ),
  title: say(
    "計算グラフ：上が順伝播の値、下の金色が逆伝播の勾配。ノードを押すと詳しく見られます",
    "The graph: values forward above, gradients backward below in gold. Press a node for more",
  ),
  lane: say("ネットワーク", "network"),
  input: say("入力", "input"),
  forward: say("値", "value"),
  gradient: say("勾配", "gradient"),
  notYet: say("まだ届いていない", "not there yet"),
  element: say("要素", "element"),
  numeric: say("数値微分", "by differences"),
  backward: say("逆伝播", "backpropagation"),
  known: say("勾配が分かったノード", "nodes whose gradient is known"),
  passes: say("グラフを通した回数", "passes through the graph"),
  computed: say("計算したノード", "nodes computed"),
  gap: say("2 つの方法の差", "how far apart both are"),
  back: (name: string, rule: Text) => say(`${name} の勾配 = ${rule.ja}`, `gradient of ${name} = ${rule.en}`),
  next: say("1 ノード戻る", "Back by a node"),
  check: say("最後まで戻り、数値微分で確かめる", "All the way back, and check by differences"),
  more: (n: number) => say(`ほか ${n} 個`, `${n} more`),
  count: say("かかった計算", "What it took"),
} as const;

export function TapeGraph({ bench }: { bench: Bench }): JSX.Element | null {
  const chosen = useSignal("u₂");
  const laneId = useSignal<string | null>(null);
  const lanes = (useLastShown(bench)?.lanes ?? []).filter(({ readings }) => readings.values);
  if (lanes.length === 0) return null;
  const lane = lanes.find(({ id }) => id === laneId.value) ?? lanes[0];
  const { lanes: named, probes } = bench.details;
  const values = elements(lane.readings.values as Forms["bars"]);
  const gradients = elements(lane.readings.gradients as Forms["bars"] | undefined);
  const node = (name: string): JSX.Element => (
    <Node
      key={name}
      name={name}
      values={values.get(name) ?? []}
      gradients={gradients.get(name)}
      isChosen={chosen.value === name}
      onChoose={() => {
        chosen.value = name;
      }}
    />
  );
  const isDone = bench.status.value === "done";
  return (
    <section class="tape">
      <figure class="figure" data-probe="tape">
        <FigureHead probe={{ ...probes.tape, label: text.title }} how={text.what} />
        <fieldset class="choice" aria-label={said(text.lane)}>
          {lanes.map(({ id }) => (
            <button
              key={id}
              type="button"
              data-tape-lane={id}
              aria-pressed={id === lane.id}
              onClick={() => {
                laneId.value = id;
              }}
            >
              <T text={named[id].label} />
            </button>
          ))}
          <button type="button" data-action="back" disabled={isDone} onClick={() => bench.stepOnce()}>
            <span aria-hidden="true">←</span> <T text={text.next} />
          </button>
          <button type="button" data-action="check" disabled={isDone} onClick={() => bench.play()}>
            <T text={text.check} />
          </button>
        </fieldset>
        <div class="tape-graph">
          <span class="tape-input">
            x<small>{said(text.input)}</small>
          </span>
          {chain.map(({ name, from }) => (
            <div key={name} class="tape-step">
              <Arrows isBack={gradients.has(name)} />
              <div class="tape-stack">
                {from.length > 0 && <div class="tape-leaves">{from.map(node)}</div>}
                {node(name)}
              </div>
            </div>
          ))}
        </div>
        <Chosen name={chosen.value} lane={lane} values={values} gradients={gradients} />
      </figure>
      <Counts bench={bench} lanes={lanes} />
    </section>
  );
}

/** Numbers by the name of their node. */
function elements(bars: Forms["bars"] | undefined): Map<string, number[]> {
  const found = new Map<string, number[]>();
  bars?.names.forEach((label, i) => {
    const name = said(label).replace(/\[\d+\]$/, "");
    const some = found.get(name) ?? [];
    some.push(bars.values[i]);
    found.set(name, some);
  });
  return found;
}

function Arrows({ isBack }: { isBack: boolean }): JSX.Element {
  return (
    <span class={isBack ? "tape-arrows back" : "tape-arrows"} aria-hidden="true">
      <span>→</span>
      <span class="gold">←</span>
    </span>
  );
}

interface NodeProps {
  readonly name: string;
  readonly values: readonly number[];
  readonly gradients: readonly number[] | undefined;
  readonly isChosen: boolean;
  onChoose(): void;
}
/** How many elements of a node are written in it. */
const most = 3;

function Node({ name, values, gradients, isChosen, onChoose }: NodeProps): JSX.Element {
  const some = (numbers: readonly number[]): JSX.Element[] =>
    numbers.slice(0, most).map((v, i) => <span key={i}>{short(Number(v.toPrecision(2)))}</span>);
  return (
    <button
      type="button"
      class={gradients ? "tape-node known" : "tape-node"}
      data-node={name}
      aria-pressed={isChosen}
      onClick={onChoose}
    >
      <strong>{name}</strong>
      <span class="number values">{some(values)}</span>
      <span class="number gradients">{gradients ? some(gradients) : "…"}</span>
      {values.length > most && (
        <small>
          <T text={text.more(values.length - most)} />
        </small>
      )}
    </button>
  );
}

/** All elements of the node that is chosen: forward, backward, and by differences as far as they are known. */
function Chosen({
  name,
  lane,
  values,
  gradients,
}: {
  name: string;
  lane: LaneFrame;
  values: Map<string, number[]>;
  gradients: Map<string, number[]>;
}): JSX.Element {
  const node = nodes.find((other) => other.name === name) ?? nodes[0];
  const numeric = elements(lane.readings.numeric as Forms["bars"] | undefined).get(name);
  const head: Label[] = [text.element, text.forward, text.gradient];
  const rows = (values.get(name) ?? []).map((value, i): (Label | number)[] => {
    const row = [`${name}[${i}]`, value, gradients.get(name)?.[i] ?? text.notYet];
    return numeric ? [...row, numeric[i] ?? text.notYet] : row;
  });
  return (
    <div data-chosen={name}>
      <p class="help">
        <span class="number">{name}</span> = <T text={node.what} />
        <br />
        <T text={text.back(name, node.back)} block />
      </p>
      <Table head={numeric ? [...head, text.numeric] : head} rows={rows} />
    </div>
  );
}

function Counts({ bench, lanes }: { bench: Bench; lanes: readonly LaneFrame[] }): JSX.Element {
  const seen = new Seen(bench);
  const { lanes: named } = bench.details;
  return (
    <Captioned what={text.whatCount} data-probe="operations" caption={text.count}>
      <Table
        head={["", ...lanes.flatMap(({ id }) => [text.backward, text.numeric].map((way) => of(named[id].label, way)))]}
        rows={[
          [
            text.passes,
            ...lanes.flatMap(({ id }) => ["backward", "passes"].map((name) => live(seen.number(id, name)))),
          ],
          [text.computed, ...lanes.flatMap(({ id }) => [1, 0].map((i) => live(seen.bar(id, "operations", i))))],
          [text.known, ...lanes.flatMap(({ id }) => [live(seen.number(id, "known")), ""])],
          [text.gap, ...lanes.flatMap(({ id }) => ["", live(seen.number(id, "gap"))])],
        ]}
      />
    </Captioned>
  );
}

const of = (lane: Text, way: Text): Text => say(`${lane.ja} ${way.ja}`, `${lane.en} ${way.en}`);
