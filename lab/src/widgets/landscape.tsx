/** A landscape that can be turned: by the pointer, or by two sliders. Where there is no WebGL 2 it says so, and maps remain. */
import { useSignal, useSignalEffect } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { say } from "../../../src/experiments/text.ts";
import { palette } from "../figures/canvas.tsx";
import { said, T } from "../text/language.tsx";
import { type Landscape, Relief } from "./relief.ts";
import "./landscape.css";

const text = {
  turn: say("回す", "turn"),
  tilt: say("見下ろす角度", "look down"),
  none: say(
    "このブラウザでは立体図を描けません。下の地図が同じ数値を示します。",
    "This browser draws no landscapes; the map below shows the same numbers.",
  ),
} as const;

interface LandscapeProps extends Omit<Landscape, "colors"> {
  readonly label: string;
  /** What the high ground is drawn in: greys unless given. */
  readonly tone?: "ink" | "positive" | "negative";
}

export function LandscapeView({ label, tone = "ink", heights, range, way }: LandscapeProps): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const relief = useRef<Relief | null>(null);
  const width = useSignal(0);
  const angle = useSignal({ turn: 30, tilt: 38 });
  const isMissing = useSignal(false);
  const shown = useSignal({ heights, range, way, tone });
  shown.value = { heights, range, way, tone };
  useEffect(() => {
    const [element, screen] = [place.current, canvas.current];
    if (!element || !screen) return;
    const watcher = new ResizeObserver(([{ contentRect }]) => {
      width.value = Math.floor(contentRect.width);
    });
    try {
      relief.current = new Relief(screen);
      watcher.observe(element);
    } catch {
      isMissing.value = true;
    }
    return () => {
      watcher.disconnect();
      relief.current?.close();
      relief.current = null;
    };
  }, [width, isMissing]);
  useSignalEffect(() => {
    const { tone: high, ...landscape } = shown.value;
    const w = width.value;
    const { paper, ink, muted, ...others } = palette();
    const view = angle.value;
    if (w === 0 || !relief.current) return;
    const colors = { paper, ink, high: high === "ink" ? muted : others[high] };
    relief.current.draw({ ...landscape, colors }, view, [w, Math.min(Math.round(0.8 * w), 340)]);
  });
  const drag = (event: PointerEvent): void => {
    if (event.buttons !== 1) return;
    const { turn, tilt } = angle.value;
    angle.value = {
      turn: ((((turn - 0.5 * event.movementX + 180) % 360) + 360) % 360) - 180,
      tilt: Math.min(Math.max(tilt + 0.4 * event.movementY, 5), 90),
    };
  };
  return (
    <div class="landscape">
      <div ref={place} hidden={isMissing.value}>
        <canvas
          ref={canvas}
          role="img"
          aria-label={label}
          onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
          onPointerMove={drag}
        />
      </div>
      {isMissing.value ? (
        <p class="help">
          <T text={text.none} block />
        </p>
      ) : (
        <div class="angles">
          {(["turn", "tilt"] as const).map((name) => (
            <label key={name}>
              <T text={text[name]} />
              <input
                type="range"
                data-angle={name}
                aria-label={`${said(text[name])}: ${label}`}
                min={name === "turn" ? -180 : 5}
                max={name === "turn" ? 180 : 90}
                value={angle.value[name]}
                onInput={(event) => {
                  angle.value = { ...angle.value, [name]: event.currentTarget.valueAsNumber };
                }}
              />
            </label>
          ))}
        </div>
      )}
    </div>
  );
}
