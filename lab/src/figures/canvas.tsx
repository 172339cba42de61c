/** What figures draw on: a canvas as wide as its place, sharp on every screen, drawn again when what it reads changes. */
import { signal, useSignalEffect } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Palette, Pen } from "./pen.ts";

export type { Pen };

const names = ["paper", "ink", "muted", "grid", "positive", "negative", "gradient", "probability"] as const;

/** Counts changes of the theme, for figures to follow. */
export const themes = signal(0);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => themes.value++);

let known: { theme: number; palette: Palette } | null = null;
export function palette(): Palette {
  const theme = themes.value;
  if (known?.theme !== theme) {
    const style = getComputedStyle(document.documentElement);
    const entries = names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()] as const);
    known = { theme, palette: Object.fromEntries(entries) as unknown as Palette };
  }
  return known.palette;
}

interface CanvasProps {
  /** Of the figure, in CSS pixels, for its width. */
  readonly height: number | ((width: number) => number);
  /** What the figure shows, for who does not see it. */
  readonly label: string;
  /** Draws all of it. It is called again when a signal that it reads changes. */
  draw(pen: Pen): void;
  readonly onPointer?: (event: PointerEvent, at: { x: number; y: number; width: number; height: number }) => void;
}

/** Whether the pointer is held down on a picture, which then has its moves until it is let go. For `onPointer`. */
export function isHeld(event: PointerEvent): boolean {
  if (event.buttons !== 1) return false;
  if (event.type === "pointerdown") (event.target as Element).setPointerCapture(event.pointerId);
  return true;
}

const widths = new WeakMap<Element, (width: number) => void>();
const observer = new ResizeObserver((entries) => {
  for (const { target, contentRect } of entries) widths.get(target)?.(contentRect.width);
});

export function Canvas({ height, label, draw, onPointer }: CanvasProps): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useRef(signal(0)).current;
  const latest = useRef(signal(draw)).current;
  latest.value = draw;
  useEffect(() => {
    const element = place.current as HTMLDivElement;
    widths.set(element, (w) => {
      width.value = Math.floor(w);
    });
    observer.observe(element);
    return () => observer.unobserve(element);
  }, [width]);
  useSignalEffect(() => {
    const w = width.value;
    const element = canvas.current;
    const context = element?.getContext("2d");
    const drawNow = latest.value;
    if (!element || !context || w === 0) return;
    const h = typeof height === "number" ? height : height(w);
    const scale = devicePixelRatio;
    if (element.width !== Math.round(w * scale) || element.height !== Math.round(h * scale)) {
      element.width = Math.round(w * scale);
      element.height = Math.round(h * scale);
      element.style.width = `${w}px`;
      element.style.height = `${h}px`;
    }
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, w, h);
    context.font = "12px 'JetBrains Mono', 'Zen Kaku Gothic New', monospace";
    drawNow({ context, width: w, height: h, colors: palette() });
  });
  const pointer = (event: PointerEvent): void => {
    const box = canvas.current?.getBoundingClientRect();
    if (!box || !onPointer) return;
    onPointer(event, { x: event.clientX - box.left, y: event.clientY - box.top, width: box.width, height: box.height });
  };
  return (
    <div ref={place} class="canvas">
      <canvas
        ref={canvas}
        role="img"
        aria-label={label}
        {...(onPointer ? { onPointerDown: pointer, onPointerMove: pointer, style: { touchAction: "none" } } : {})}
      />
    </div>
  );
}
