/** What a figure is drawn with. */

/** Colours by what they mean, as the theme has them now. */
export interface Palette {
  readonly paper: string;
  readonly ink: string;
  readonly muted: string;
  readonly grid: string;
  readonly positive: string;
  readonly negative: string;
  readonly gradient: string;
  readonly probability: string;
}

export interface Pen {
  readonly context: CanvasRenderingContext2D;
  readonly width: number;
  readonly height: number;
  readonly colors: Palette;
}
