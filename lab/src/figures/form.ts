/** What each form of readings needs to be shown: how high it is, how it is drawn, and its numbers as a table. */
import type { Form, Forms, Numbers, Probe } from "../../../src/experiments/probe.ts";
import type { Label } from "../../../src/experiments/text.ts";
import type { Pen } from "./pen.ts";
import type { Rgb } from "./scale.ts";

/** Whose numbers the colours of an image are scaled by: its own, all of its lane, all of the figure. */
export type Scope = "each" | "lane" | "figure";

export interface Frame {
  readonly probe: Probe;
  /** Least and greatest of all lanes: their pictures can be compared. */
  readonly range: readonly [number, number];
  /** Among which images signed colours can be compared: each has a scale of its own unless given. */
  readonly scope?: Scope;
  /** How a word is said in the present language. */
  say(label: Label): string;
  /** Other colours of a map than those of its kind, for what is no quantity to be read from it. */
  readonly color?: (value: number) => Rgb;
}

/** The numbers of a picture as rows: its text twin. */
export interface Twin {
  readonly head: readonly Label[];
  readonly rows: readonly (readonly (Label | number)[])[];
}

export interface FormView<F extends Form> {
  /** `say` where it depends on words. */
  height(reading: Forms[F], width: number, say?: Frame["say"]): number;
  draw(pen: Pen, reading: Forms[F], frame: Frame): void;
  /** The numbers whose range decides the scale. */
  numbers(reading: Forms[F]): Iterable<Numbers>;
  twin(reading: Forms[F]): Twin;
}

/** How wide a text is about to be, in the font of figures: for what has to be known before there is anything to draw on. */
export const roughWidth = (text: string): number =>
  Array.from(text).reduce((sum, c) => sum + ((c.codePointAt(0) ?? 0) < 0x2e80 ? 7.2 : 12), 0);

/** Text that ends at `x` or begins or is centred there, no wider than `room`. */
export function write(
  { context }: Pen,
  text: string,
  x: number,
  y: number,
  { color, align = "left", room }: { color: string; align?: CanvasTextAlign; room?: number },
): void {
  context.fillStyle = color;
  context.textAlign = align;
  context.textBaseline = "middle";
  if (room === undefined) context.fillText(text, x, y);
  else context.fillText(text, x, y, Math.max(room, 1));
}

/** Text that can be read over what is drawn below it: with a rim of paper. */
export function writeOver(
  pen: Pen,
  text: string,
  x: number,
  y: number,
  how: { color: string; align?: CanvasTextAlign },
): void {
  const { context, colors } = pen;
  context.setLineDash([]);
  context.lineJoin = "round";
  context.lineWidth = 3;
  context.strokeStyle = colors.paper;
  context.textAlign = how.align ?? "left";
  context.textBaseline = "middle";
  context.strokeText(text, x, y);
  write(pen, text, x, y, how);
}
