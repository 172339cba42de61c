/** Two layers as products of matrices: every number and every size can be changed, and an edge where shapes clash lights up. */
import type { JSX } from "preact";
import type { Values } from "../../../src/experiments/experiment.ts";
import type { Forms } from "../../../src/experiments/probe.ts";
import { say } from "../../../src/experiments/text.ts";
import type { Bench } from "../bench/store.ts";
import { What } from "../figures/what.tsx";
import { T } from "../text/language.tsx";
import { useLastShown } from "./last-shown.ts";
import { type Edge, MatrixTable } from "./matrix-table.tsx";
import "./layer-editor.css";

const text = {
  what: say(
    "1 層ぶんの計算を、行列のまま左から順に並べた式です。マスの色は、正を藍、負を朱、確率を萌葱で表し、大きいほど濃くします。",
    "What a layer computes, as matrices from left to right. Cells are indigo where positive, vermilion where negative, green for probabilities; the larger, the darker.",
  ),
  title: say(
    "枠のあるマスと、辺の上の数（形）は書き換えられます。○ は合う辺、× は合わない辺です。",
    "Cells with a frame, and the sizes on the edges, can be changed. ○ marks edges that fit, × those that do not.",
  ),
  first: say("第 1 層", "The first layer"),
  second: say("第 2 層", "The second layer"),
  clash: (left: string, right: string) =>
    say(
      `${left} と ${right} は掛けられません。ライブラリの答え:`,
      `${left} times ${right} cannot be. The library says:`,
    ),
  stopped: say("手前の層で止まったので、ここまで届きません。", "Nothing arrives here: it stopped in the layer before."),
} as const;

/** Which setting the size of an edge is. */
type Size = "inputs" | "rows1" | "cols1" | "rows2" | "cols2";
/** Matrices that are settings. */
type Own = "x" | "w1" | "b1" | "w2" | "b2";
const own: readonly string[] = ["x", "w1", "b1", "w2", "b2"] satisfies Own[];

/** Probes whose figures the editor takes the place of. */
export const layerCovers: readonly string[] = ["edges", "x", "w1", "b1", "u1", "z1", "w2", "b2", "u2", "y"];

export function LayerEditor({ bench }: { bench: Bench }): JSX.Element | null {
  const lane = useLastShown(bench)?.lanes.at(-1);
  const settings = lane && bench.settings.get(lane.id);
  if (!lane || !settings) return null;
  const { probes, params } = bench.details;
  const { rows } = lane.readings.edges as Forms["table"];
  const stateOf = (row: number): Edge["state"] =>
    rows[row][3] === "○" ? "fits" : rows[row][3] === "×" ? "clashes" : "free";
  const matrixOf = (name: string): Forms["matrix"] | undefined => lane.readings[name] as Forms["matrix"] | undefined;
  const sizeOf = (size: Size, state: Edge["state"]): Edge => ({
    size: settings[size] as number,
    state,
    label: params[size].label,
    onSize: (next) => bench.set(size, next),
  });
  const table = (name: string, edges: { side?: Edge; top?: Edge } = {}): JSX.Element | null => {
    const matrix = matrixOf(name);
    if (!matrix) return null;
    const onCell = own.includes(name) ? editing(bench, settings, name, matrix) : undefined;
    return <MatrixTable name={name} probe={probes[name]} matrix={matrix} {...edges} onCell={onCell} />;
  };
  const z1 = matrixOf("z1");
  const [edge1, edge2] = [stateOf(0), stateOf(1)];
  return (
    <section class="layer-editor">
      <p class="help">
        <T text={text.title} block />
      </p>
      <What tells={[text.what]} />
      <h3>
        <T text={text.first} />
      </h3>
      <div class="equation">
        {table("x", { top: sizeOf("inputs", edge1) })}
        <Sign text="×" />
        {table("w1", { side: sizeOf("rows1", "free"), top: sizeOf("cols1", edge1) })}
        <Sign text="ᵀ +" />
        {table("b1")}
        <Clash row={rows[0]} />
        {matrixOf("u1") && <Sign text="=" />}
        {table("u1")}
      </div>
      <h3>
        <T text={text.second} />
      </h3>
      <div class="equation">
        {z1 ? (
          table("z1", { top: { size: z1.cols, state: edge2, label: params.rows1.label } })
        ) : (
          <p class="clash">
            <T text={text.stopped} block />
          </p>
        )}
        <Sign text="×" />
        {table("w2", { side: sizeOf("rows2", "free"), top: sizeOf("cols2", edge2) })}
        <Sign text="ᵀ +" />
        {table("b2")}
        <Clash row={rows[1]} />
        {matrixOf("u2") && <Sign text="=" />}
        {table("u2")}
        {matrixOf("y") && <Sign text="→" />}
        {table("y")}
      </div>
    </section>
  );
}

const Sign = ({ text: sign }: { text: string }): JSX.Element => (
  <span class="sign" aria-hidden="true">
    {sign}
  </span>
);

/** What the library says against shapes that do not fit. */
function Clash({ row: [, left, right, fits, message] }: { row: Forms["table"]["rows"][number] }): JSX.Element | null {
  if (fits !== "×") return null;
  return (
    <div class="clash" role="status">
      <T text={text.clash(String(left), String(right))} block />
      <code>{String(message)}</code>
    </div>
  );
}

/** Puts a number into a matrix: numbers up to there become settings, those behind stay random. */
function editing(
  bench: Bench,
  settings: Values,
  name: string,
  { values }: Forms["matrix"],
): (index: number, value: number) => void {
  return (index, value) => {
    const given = settings[name] as readonly number[];
    const known = name === "x" ? values.length : Math.max(index + 1, given.length);
    const numbers = Array.from({ length: known }, (_, i) => given[i] ?? Number((values[i] ?? 0).toPrecision(4)));
    bench.set(name, Object.assign(numbers, { [index]: value }));
  };
}
