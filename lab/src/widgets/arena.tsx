/**
 * The arena of optimizers: all lanes race as comets on one map, from a start that can be dragged. Where there are maps of
 * basins, the start can be dragged over these too. All that is drawn is measured: this only sets where to start.
 */
import { useSignal } from "@preact/signals";
import { scaleLinear } from "d3-scale";
import type { JSX } from "preact";
import type { Forms, Line } from "../../../src/experiments/probe.ts";
import { type Label, say } from "../../../src/experiments/text.ts";
import { useDraft } from "../bench/draft.ts";
import type { Bench } from "../bench/store.ts";
import type { LaneFrame } from "../engine/protocol.ts";
import { Canvas, type Pen } from "../figures/canvas.tsx";
import { map, mapBox } from "../figures/field.ts";
import { FigureHead, Table } from "../figures/figure.tsx";
import { extent, mix, type Rgb, rgb } from "../figures/scale.ts";
import { Seen } from "../lessons/lesson.ts";
import { said, T } from "../text/language.tsx";
import { BasinMap } from "./basin-map.tsx";
import { DragPoint, type Place } from "./drag-point.tsx";
import { useLastShown } from "./last-shown.ts";
import "./arena.css";

/** Probes whose figures the arena takes the place of. */
export const arenaCovers: readonly string[] = ["path", "basin", "ends", "position", "move", "gradient", "escape"];

const text = {
  race: say(
    "競走：出発点（輪）をドラッグすると、そこから走り直します",
    "The race: drag the start, the ring, to run from there",
  ),
  start: ([x, y]: Place) =>
    say(`出発点 (${x}, ${y})。矢印キーで動かせます。`, `The start, (${x}, ${y}). Arrow keys move it.`),
  coordinate: (axis: string) => say(`出発点の ${axis}`, `${axis} of the start`),
  key: say(
    "○ 大域的最適解　● 局所的最適解　― 通った道（太いほど最近）　実線の矢印：次の歩みの向き（速度）　金の矢印：勾配を下る向き",
    "○ global optimum, ● local optimum, — the way (bolder where recent), ink arrow: velocity, gold arrow: down the gradient",
  ),
  method: say("手法", "method"),
  position: say("現在地", "where it is"),
  height: say("高さ", "height"),
  move: say("1 歩の長さ", "length of a step"),
  gradient: say("勾配の大きさ", "size of the gradient"),
  escape: say("平地を抜けたステップ", "off the flat place at step"),
} as const;

interface ArenaProps {
  readonly bench: Bench;
  /** Lanes that are shown; all unless given. */
  readonly only?: readonly string[];
}

export function Arena({ bench, only }: ArenaProps): JSX.Element | null {
  const dragged = useSignal<Place | null>(null);
  const shown = useLastShown(bench, ({ lanes: all }) => all.some(({ readings }) => readings.path));
  const lanes = (shown?.lanes ?? []).filter(({ id }) => !only || only.includes(id));
  if (lanes.length === 0) return null;
  const [first] = bench.settings.values();
  const [x = 0, y = 0] = first.start as readonly number[];
  const at = dragged.value ?? [x, y];
  const drop = (to: Place): void => {
    dragged.value = null;
    if (to[0] === x && to[1] === y) return;
    const goesOn = bench.step.value > 0;
    bench.set("start", [...to]);
    if (goesOn && bench.status.value !== "playing") bench.play();
  };
  const drag = {
    at,
    label: said(text.start(at)),
    onDrag: (to: Place) => {
      dragged.value = to;
    },
    onDrop: drop,
  };
  const { probes } = bench.details;
  return (
    <section class="arena" aria-label={said(text.race)}>
      <figure class="figure" data-probe="path">
        <FigureHead probe={{ ...probes.path, label: text.race }} />
        <div class="race">
          <div>
            <div class="lanes" style={{ "--lanes": 1 }}>
              {bySurface(lanes).map((group) => (
                <Race key={String(group[0].values.surface)} bench={bench} lanes={group} drag={drag} />
              ))}
            </div>
            <p class="help">
              <T text={text.key} block />
            </p>
            <StartInputs at={at} onChange={drop} />
          </div>
          <Footsteps bench={bench} lanes={lanes} />
        </div>
      </figure>
      {probes.basin && (
        <figure class="figure" data-probe="basin">
          <FigureHead probe={probes.basin} />
          <div class="lanes" style={{ "--lanes": lanes.length }}>
            {lanes.map(({ id, readings }) =>
              readings.basin && readings.ends ? (
                <div key={id} class="lane" data-lane={id}>
                  <div class="lane-name">
                    <T text={bench.details.lanes[id].label} />
                  </div>
                  <BasinMap basin={readings.basin as Forms["map"]} ends={readings.ends as Forms["bars"]} {...drag} />
                </div>
              ) : null,
            )}
          </div>
        </figure>
      )}
    </section>
  );
}

/** Lanes that walk on the same surface are on one map. */
function bySurface(lanes: readonly LaneFrame[]): readonly LaneFrame[][] {
  const groups = new Map<unknown, LaneFrame[]>();
  for (const lane of lanes) {
    if (!lane.readings.path) continue;
    const group = groups.get(lane.values.surface);
    if (group) group.push(lane);
    else groups.set(lane.values.surface, [lane]);
  }
  return [...groups.values()];
}

type Drag = Omit<Parameters<typeof DragPoint>[0], "map" | "children">;

function Race({ bench, lanes, drag }: { bench: Bench; lanes: readonly LaneFrame[]; drag: Drag }): JSX.Element {
  const { probes, lanes: all } = bench.details;
  const walks = lanes.map(({ id, readings }) => ({
    name: all[id].label,
    way: (readings.path as Forms["map"]).paths?.[0] as Line,
    move: pair(readings.move as Forms["bars"] | undefined),
    gradient: pair(readings.gradient as Forms["bars"] | undefined),
  }));
  const surface = lanes[0].readings.path as Forms["map"];
  const reading = { ...surface, paths: walks.map(({ name, way }) => ({ ...way, name })) };
  const draw = (pen: Pen): void => {
    const range = extent([surface.values], probes.path.kind);
    map.draw(pen, reading, { probe: probes.path, range, say: said, color: relief(range, pen) });
    if (walks.length > 2) return; // too many arrows tell nothing
    const { context } = pen;
    const { x, y, width, height } = mapBox(surface, pen);
    context.save();
    context.beginPath();
    context.rect(x, y, width, height);
    context.clip();
    for (const { way, move, gradient } of walks) arrows(pen, surface, { way, move, gradient });
    context.restore();
  };
  const names = walks.map(({ name }) => said(name)).join(", ");
  return (
    <DragPoint map={surface} {...drag}>
      <Canvas
        label={`${said(probes.path.label)}: ${names}`}
        height={(width) => map.height(surface, width)}
        draw={draw}
      />
    </DragPoint>
  );
}

/** Heights in greys, the lowest the lightest, so that ways and gradients stand out. */
function relief([low, high]: readonly [number, number], { colors }: Pen): (height: number) => Rgb {
  const [paper, ink] = [rgb(colors.paper), rgb(colors.ink)];
  const [a, b] = [Math.log(low), Math.log(high)];
  return (height) => mix(paper, ink, height <= low ? 0 : 0.2 * Math.min((Math.log(height) - a) / (b - a || 1), 1));
}

const pair = (bars: Forms["bars"] | undefined): Place => (bars ? [bars.values[0], bars.values[1]] : [0, 0]);

/** From the head of a way: its last move, several times as long, in ink, and the way down the gradient in gold. */
function arrows(pen: Pen, surface: Forms["map"], walk: { way: Line; move: Place; gradient: Place }): void {
  const { colors } = pen;
  const box = mapBox(surface, pen);
  const x = scaleLinear(surface.x, [box.x, box.x + box.width]);
  const y = scaleLinear(surface.y, [box.y + box.height, box.y]);
  const { length } = walk.way.x;
  const [hx, hy] = [walk.way.x[length - 1], walk.way.y[length - 1]];
  const from: Place = [x(hx), y(hy)];
  const [mx, my] = [8 * (x(hx + walk.move[0]) - from[0]), 8 * (y(hy + walk.move[1]) - from[1])];
  const long = Math.hypot(mx, my);
  const [gx, gy] = walk.gradient;
  const steep = Math.hypot(gx, gy);
  // Its length tells nothing, for gradients go from 1e-8 to 10: only where it points.
  if (steep > 1e-4) arrow(pen, from, [(-30 * gx) / steep, (30 * gy) / steep], colors.gradient);
  const short = Math.min(long, 50) / long;
  if (long > 3) arrow(pen, from, [mx * short, my * short], colors.ink);
}

function arrow({ context }: Pen, [x, y]: Place, [dx, dy]: Place, color: string): void {
  const [ex, ey] = [x + dx, y + dy];
  const angle = Math.atan2(dy, dx);
  context.strokeStyle = color;
  context.lineWidth = 2;
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(ex, ey);
  for (const side of [-0.5, 0.5]) {
    context.moveTo(ex, ey);
    context.lineTo(ex - 7 * Math.cos(angle + side), ey - 7 * Math.sin(angle + side));
  }
  context.stroke();
}

/** The start as numbers: for the keyboard, and to the digit. */
function StartInputs({ at, onChange }: { at: Place; onChange(at: Place): void }): JSX.Element {
  return (
    <div class="start-inputs">
      <StartInput axis="x" value={at[0]} onNumber={(x) => onChange([x, at[1]])} />
      <StartInput axis="y" value={at[1]} onNumber={(y) => onChange([at[0], y])} />
    </div>
  );
}

interface StartInputProps {
  readonly axis: "x" | "y";
  readonly value: number;
  onNumber(value: number): void;
}

function StartInput({ axis, value, onNumber }: StartInputProps): JSX.Element {
  const draft = useDraft(String(value), (typed) => {
    if (typed.trim() !== "" && Math.abs(Number(typed)) <= 5) onNumber(Number(typed));
  });
  return (
    <label>
      <T text={text.coordinate(axis)} />
      <input type="number" class="number" data-start={axis} min={-5} max={5} step={0.05} {...draft} />
    </label>
  );
}

/** Where everyone is, as numbers: the race's text twin. */
function Footsteps({ bench, lanes }: { bench: Bench; lanes: readonly LaneFrame[] }): JSX.Element {
  const seen = new Seen(bench);
  const { lanes: all, probes } = bench.details;
  const length = (bars: unknown): number | string =>
    seen.step === 0 ? "–" : Math.hypot(...pair(bars as Forms["bars"] | undefined)); // before a step, neither is known
  const escapes = "escape" in probes;
  const head = [text.method, text.position, text.height, text.move, text.gradient];
  return (
    <Table
      head={escapes ? [...head, text.escape] : head}
      rows={lanes.map(({ id, readings }): (Label | number)[] => {
        const way = (readings.path as Forms["map"] | undefined)?.paths?.[0];
        const row = [
          all[id].label,
          way ? `(${coordinate(way.x)}, ${coordinate(way.y)})` : "–",
          seen.number(id, "height") ?? "–",
          length(readings.move),
          length(readings.gradient),
        ];
        return escapes ? [...row, seen.number(id, "escape") ?? "–"] : row;
      })}
    />
  );
}

const coordinate = (all: ArrayLike<number>): string => String(Number(all[all.length - 1].toFixed(3)));
