/** What layers that move a window ask of their arguments when they are made, before there is an input. */
import { type PerAxis, perAxis } from "../tensor/arguments.ts";

/** How many axes a window has. */
export type Rank = 1 | 2 | 3;

/** The axes behind the channels, by their number less one, in words. */
export const spatial: readonly string[] = ["L", "H, W", "D, H, W"];

interface Windows {
  readonly stride?: PerAxis;
  readonly padding?: PerAxis | "same" | "valid";
  readonly outputPadding?: PerAxis;
  readonly dilation?: PerAxis;
}

/** The sizes of a window, one for each axis, if they and all the rest are whole numbers, one for all axes or one for each. */
export function checkWindows(layer: string, rank: Rank, size: PerAxis, options: Windows = {}): number[] {
  const { stride = 1, padding = 0, outputPadding = 0, dilation = 1 } = options;
  perAxis(layer, stride, "stride", rank, 1);
  if (padding !== "same" && padding !== "valid") perAxis(layer, padding, "padding", rank, 0);
  perAxis(layer, outputPadding, "outputPadding", rank, 0);
  perAxis(layer, dilation, "dilation", rank, 1);
  return perAxis(layer, size, "the kernel size", rank, 1);
}
