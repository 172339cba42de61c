/** An image as a grid of pixels, with frames around some of them; a pixel can be picked with the pointer. */
import type { JSX } from "preact";
import type { Numbers } from "../../../src/experiments/probe.ts";
import { Canvas, type Pen } from "../figures/canvas.tsx";
import { type Box, paintCells } from "../figures/field.ts";
import { extent, mix, rgb, shade } from "../figures/scale.ts";
import "./pixel-grid.css";

/** A frame around a rectangle of pixels. */
export interface Mark {
  readonly row: number;
  readonly col: number;
  readonly rows: number;
  readonly cols: number;
  readonly tone?: "ink" | "gradient" | "positive";
}

interface PixelGridProps {
  readonly rows: number;
  readonly cols: number;
  readonly values: Numbers;
  /** `ink`: from paper at 0 to ink at 1; else the colours of the kind. */
  readonly look: "ink" | "signed" | "magnitude";
  readonly label: string;
  readonly marks?: readonly Mark[];
  /** Pixels of paper around it, as padding adds them. */
  readonly border?: number;
  /** No wider than this. */
  readonly most?: number;
  /** The pixel under the pointer while it is pressed, counted from the corner of the border. */
  readonly onPick?: ((row: number, col: number) => void) | undefined;
}

export function PixelGrid(props: PixelGridProps): JSX.Element {
  const { rows, cols, label, border = 0, most = 240, onPick } = props;
  const [tall, wide] = [rows + 2 * border, cols + 2 * border];
  return (
    <div class="pixel-grid" style={{ maxWidth: `${most}px` }}>
      <Canvas
        label={label}
        height={(width) => Math.ceil((Math.min(width, most) * tall) / wide)}
        draw={(pen) => draw(pen, props)}
        {...(onPick
          ? {
              onPointer: (event: PointerEvent, at: { x: number; y: number; width: number; height: number }) => {
                if (event.buttons !== 1) return;
                const pick = (part: number, count: number): number =>
                  Math.min(Math.max(Math.floor(part * count), 0), count - 1);
                onPick(pick(at.y / at.height, tall), pick(at.x / at.width, wide));
              },
            }
          : {})}
      />
    </div>
  );
}

function draw(pen: Pen, { rows, cols, values, look, marks = [], border = 0, most = 240 }: PixelGridProps): void {
  const { context, colors } = pen;
  const width = Math.min(pen.width, most);
  const cell = width / (cols + 2 * border);
  const box: Box = { x: border * cell, y: border * cell, width: cols * cell, height: rows * cell };
  const [paper, ink] = [rgb(colors.paper), rgb(colors.ink)];
  const color =
    look === "ink"
      ? (v: number) => mix(paper, ink, Math.min(Math.max(v, 0), 1))
      : shade(look, extent([values], look), colors);
  paintCells(pen, values, rows, cols, box, color);
  context.strokeStyle = colors.grid;
  context.lineWidth = 1;
  context.strokeRect(box.x + 0.5, box.y + 0.5, box.width - 1, box.height - 1);
  if (border > 0) context.strokeRect(0.5, 0.5, width - 1, (rows + 2 * border) * cell - 1);
  for (const { row, col, rows: tall, cols: wide, tone = "ink" } of marks) {
    const frame = [col * cell, row * cell, wide * cell, tall * cell] as const;
    // With paper around, a frame is seen on ink as well.
    for (const [style, thick] of [
      [colors.paper, 5],
      [colors[tone], 2.5],
    ] as const) {
      context.strokeStyle = style;
      context.lineWidth = thick;
      context.strokeRect(...frame);
    }
  }
}
