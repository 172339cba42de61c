/** What experiments measure: numbers in a few forms, of a few kinds. The kind chooses the scale of every picture of them. */
import type { Label, Text } from "./text.ts";

export type Numbers = ArrayLike<number>;

/** Numbers over numbers: a line, or dots. */
export interface Line {
  readonly name: Label;
  readonly x: Numbers;
  readonly y: Numbers;
  readonly dots?: boolean;
}
export interface Point {
  readonly x: number;
  readonly y: number;
  /** Its class, from 0. */
  readonly label: number;
}

/** The forms that readings have. */
export interface Forms {
  scalar: number;
  /** A number for each of a few things with names, such as layers. */
  bars: { readonly names: readonly Label[]; readonly values: Numbers };
  curves: readonly Line[];
  /** A function over a rectangle of the plane: row by row, the one with the greatest `y` first. */
  map: {
    readonly x: readonly [from: number, to: number];
    readonly y: readonly [from: number, to: number];
    readonly rows: number;
    readonly cols: number;
    readonly values: Numbers;
    readonly points?: readonly Point[];
    readonly paths?: readonly Line[];
  };
  /** A table of numbers that is looked at as a whole, such as weights, or counts of mistakes. */
  matrix: {
    readonly rows: number;
    readonly cols: number;
    readonly values: Numbers;
    readonly rowNames?: readonly Label[];
    readonly colNames?: readonly Label[];
  };
  /** Images of one size: of probabilities where 0 is paper and 1 ink, of signed numbers where they are weights. */
  images: {
    readonly rows: number;
    readonly cols: number;
    readonly images: readonly { readonly pixels: Numbers; readonly caption?: Label }[];
  };
  /** How numbers are distributed: counts in equal bins from `from` to `to`. */
  histograms: readonly { readonly name: Label; readonly from: number; readonly to: number; readonly counts: Numbers }[];
  table: { readonly head: readonly Label[]; readonly rows: readonly (readonly (Label | number)[])[] };
}
export type Form = keyof Forms;

export interface Probe<F extends Form = Form> {
  readonly form: F;
  /**
   * Signed numbers are shown around 0, probabilities from 0 to 1, magnitudes (such as gradients and errors) by their
   * powers of ten, counts from 0 up.
   */
  readonly kind: "signed" | "probability" | "magnitude" | "count";
  readonly label: Text;
  /** What it is, for who points at it and asks. */
  readonly help?: Text;
  /** Whether it measures time: then it is another in every run. */
  readonly timed?: boolean;
  /** Whether each lane measures something of its own by it, such as another loss: then lanes are not compared by it. */
  readonly apart?: boolean;
  /** What the axes of curves and maps are. */
  readonly axes?: readonly [x: Text, y: Text];
}
export type Probes = Readonly<Record<string, Probe>>;

export type Reading<P extends Probe = Probe> = Forms[P["form"]];
/** What was measured at one time: of some probes or of all. */
export type Readings<Q extends Probes = Probes> = { readonly [K in keyof Q]?: Reading<Q[K]> };
