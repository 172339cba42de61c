/** A point of a map that can be dragged, or moved by the arrow keys; a click on the map brings it there. */
import type { ComponentChildren, JSX } from "preact";
import type { Forms } from "../../../src/experiments/probe.ts";
import "./drag-point.css";

export type Place = readonly [x: number, y: number];

interface DragPointProps {
  readonly map: Pick<Forms["map"], "x" | "y" | "rows" | "cols">;
  readonly at: Place;
  /** What the point is, for who does not see it. */
  readonly label: string;
  /** While it is dragged. */
  onDrag(at: Place): void;
  onDrop(at: Place): void;
  /** The figure of the map. */
  readonly children: ComponentChildren;
}

/** How many presses of an arrow key take it from one side of the map to the other; with Shift ten times as many. */
const presses = 60;
const arrows: Readonly<Record<string, Place>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

export function DragPoint({ map, at, label, onDrag, onDrop, children }: DragPointProps): JSX.Element {
  const { x, y, rows, cols } = map;
  const within = ([px, py]: Place): Place => [inside(px, x), inside(py, y)];
  const under = (event: MouseEvent): Place => {
    const plane = (event.currentTarget as Element).closest(".drag-plane") as Element;
    const { left, top, width, height } = plane.getBoundingClientRect();
    const [right, up] = [(event.clientX - left) / width, 1 - (event.clientY - top) / height];
    return within([x[0] + right * (x[1] - x[0]), y[0] + up * (y[1] - y[0])]);
  };
  const isHeld = (event: PointerEvent): boolean =>
    (event.currentTarget as Element).hasPointerCapture?.(event.pointerId) ?? false;
  const part = (value: number, [from, to]: Place): number => (100 * (value - from)) / (to - from);
  return (
    <div class="drag-point">
      {children}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the handle does the same by keys */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: as above */}
      <div class="drag-plane" style={{ "--ratio": cols / rows }} onClick={(event) => onDrop(under(event))}>
        <button
          type="button"
          class="handle"
          aria-label={label}
          style={{ left: `${part(inside(at[0], x), x)}%`, top: `${100 - part(inside(at[1], y), y)}%` }}
          onClick={(event) => event.stopPropagation()}
          onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
          onPointerMove={(event) => {
            if (isHeld(event)) onDrag(under(event));
          }}
          onPointerUp={(event) => {
            if (isHeld(event)) onDrop(under(event));
          }}
          onKeyDown={(event) => {
            const arrow = arrows[event.key];
            if (!arrow) return;
            event.preventDefault();
            const size = event.shiftKey ? presses * 10 : presses;
            onDrop(within([at[0] + (arrow[0] * (x[1] - x[0])) / size, at[1] + (arrow[1] * (y[1] - y[0])) / size]));
          }}
        />
      </div>
    </div>
  );
}

/** The nearest number within a range, to three digits after the point. */
const inside = (value: number, [from, to]: Place): number =>
  Math.min(Math.max(Math.round(value * 1000) / 1000, from), to);
