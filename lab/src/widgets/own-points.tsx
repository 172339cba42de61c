/** Points of one's own: put on a sheet by the pointer or by two sliders, or read from a table. */
import { useSignal } from "@preact/signals";
import { scaleLinear } from "d3-scale";
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { say } from "../../../src/experiments/text.ts";
import type { Bench } from "../bench/store.ts";
import { Canvas, isHeld } from "../figures/canvas.tsx";
import { dot } from "../figures/field.ts";
import { TextTwin } from "../figures/figure.tsx";
import type { Pen } from "../figures/pen.ts";
import { said, T } from "../text/language.tsx";
import { Captioned } from "./captioned.tsx";
import { PointsTable } from "./points-table.tsx";
import { useRest } from "./rest.ts";
import "./own-points.css";

const text = {
  sheet: say("自分の点を置くところ", "A sheet for points of your own"),
  what: say(
    "x₁ と x₂ が −1 から 1 までの平面です。置いた点がそのまま学習データになり、クラスは点の形と塗り方で見分けます。",
    "The plane of x₁ and x₂ from −1 to 1. The points are what is learnt from; classes differ in form and filling.",
  ),
  hint: say(
    "押すと点が置かれ、押したまま動かすと続けて置かれます。キーボードでは、2 つのスライダーで場所を選んで「点を置く」を押します。",
    "Press to put a point, and drag to put several. From the keyboard, choose a place with the two sliders and press “Put a point”.",
  ),
  chosen: say("置く点のクラス", "class of the points to put"),
  nameOf: (c: number) => say(`クラス ${c}`, `class ${c}`),
  put: say("点を置く", "Put a point"),
  undo: say("元に戻す", "Undo"),
  clear: say("すべて消す", "Clear all"),
  full: say("これ以上は置けません（300 個まで）。", "There is no room for more: 300 points at most."),
  count: (n: number, classes: number) =>
    say(
      `${n} 個の点、${classes} クラス`,
      `${n} ${n === 1 ? "point" : "points"} in ${classes} ${classes === 1 ? "class" : "classes"}`,
    ),
  class: say("クラス", "class"),
} as const;

/** As many as the experiment takes. */
const [most, classes] = [300, [0, 1, 2]];
/** How far the pointer goes, of a side of 2, before another point is put; and milliseconds of rest before they are learnt. */
const [stride, pause] = [0.12, 250];

type List = readonly number[];

export function OwnPoints({ bench }: { bench: Bench }): JSX.Element {
  const draft = useSignal<List | null>(null);
  const chosen = useSignal(0);
  const [x, y] = [useSignal(0), useSignal(0)];
  const before = useRef<List[]>([]);
  const last = useRef<readonly [number, number]>([0, 0]);
  const rest = useRest();
  const [first] = bench.settings.values();
  const list = draft.value ?? (first.data === "own" ? (first.points as List) : []);
  const count = list.length / 3;
  const learn = (points: List): void => {
    draft.value = null;
    bench.begin({ data: "own", points });
  };
  /** Keeps what was there, to go back to. */
  const change = (points: List): void => {
    before.current.push(list);
    draft.value = points;
    rest.after(pause, () => learn(points));
  };
  const put = (at: readonly [number, number]): void => {
    if (count >= most) return;
    last.current = at;
    change([...list, ...at.map((v) => Number(Math.min(Math.max(v, -1), 1).toFixed(3))), chosen.value]);
  };
  const undo = (): void => {
    const points = before.current.pop() ?? list.slice(0, -3);
    draft.value = points;
    rest.after(pause, () => learn(points));
  };
  const used = new Set(list.filter((_, i) => i % 3 === 2)).size;
  return (
    <section class="own-points" data-widget="own-points">
      <Captioned caption={text.sheet} what={text.what}>
        <Canvas
          label={`${said(text.sheet)}: ${said(text.count(count, used))}`}
          height={(width) => Math.min(width, 320)}
          draw={(pen) => draw(pen, list, [x.value, y.value])}
          onPointer={(event, { x: px, y: py, width, height }) => {
            if (!isHeld(event)) return;
            const side = Math.min(width, height);
            const at = [(2 * px) / side - 1, 1 - (2 * py) / side] as const;
            if (Math.max(...at.map(Math.abs)) > 1) return;
            const [lx, ly] = last.current;
            if (event.type === "pointerdown" || Math.hypot(at[0] - lx, at[1] - ly) > stride) put(at);
          }}
        />
        <p class="help">
          <T text={text.hint} block />
        </p>
      </Captioned>
      <div>
        <fieldset>
          <legend>
            <T text={text.chosen} />
          </legend>
          {classes.map((c) => (
            <label key={c}>
              <input
                type="radio"
                name="own-class"
                data-class={c}
                checked={chosen.value === c}
                onChange={() => {
                  chosen.value = c;
                }}
              />{" "}
              <span aria-hidden="true">{["○", "●", "□"][c]}</span> <T text={text.nameOf(c)} />
            </label>
          ))}
        </fieldset>
        {[["x", x] as const, ["y", y] as const].map(([name, place]) => (
          <label key={name}>
            <span class="number">
              {name} = {place.value.toFixed(2)}
            </span>{" "}
            <input
              type="range"
              data-control={`own-${name}`}
              min={-1}
              max={1}
              step={0.05}
              value={place.value}
              onInput={(event) => {
                place.value = event.currentTarget.valueAsNumber;
              }}
            />
          </label>
        ))}
        <div class="buttons">
          <button type="button" data-action="put" disabled={count >= most} onClick={() => put([x.value, y.value])}>
            <T text={text.put} />
          </button>
          <button type="button" data-action="undo" disabled={count === 0 && before.current.length === 0} onClick={undo}>
            <T text={text.undo} />
          </button>
          <button type="button" data-action="clear-points" disabled={count === 0} onClick={() => change([])}>
            <T text={text.clear} />
          </button>
        </div>
        <p role="status">
          <T text={count >= most ? text.full : text.count(count, used)} />
        </p>
        <TextTwin
          twins={[
            [
              text.sheet,
              () => ({
                head: ["x", "y", text.class],
                rows: Array.from({ length: count }, (_, i) => [list[3 * i], list[3 * i + 1], String(list[3 * i + 2])]),
              }),
            ],
          ]}
        />
        <PointsTable onRead={change} />
      </div>
    </section>
  );
}

function draw(pen: Pen, list: List, [cx, cy]: readonly [number, number]): void {
  const { context, width, height, colors } = pen;
  const side = Math.min(width, height);
  const [x, y] = [scaleLinear([-1, 1], [0, side]), scaleLinear([-1, 1], [side, 0])];
  context.lineWidth = 1;
  context.strokeStyle = colors.grid;
  context.beginPath();
  context.moveTo(x(0), 0);
  context.lineTo(x(0), side);
  context.moveTo(0, y(0));
  context.lineTo(side, y(0));
  context.stroke();
  context.strokeStyle = colors.muted;
  context.strokeRect(0.5, 0.5, side - 1, side - 1);
  // Where the sliders are.
  context.setLineDash([3, 3]);
  context.beginPath();
  context.arc(x(cx), y(cy), 7, 0, 2 * Math.PI);
  context.stroke();
  context.setLineDash([]);
  for (let i = 0; i < list.length; i += 3) dot(pen, x(list[i]), y(list[i + 1]), list[i + 2]);
}
