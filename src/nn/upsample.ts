/** Images made larger (or smaller) by interpolation. */
import { ValueError } from "../errors.ts";
import { checkCount, checkNumber, checkOptions, type PerAxis, print } from "../tensor/arguments.ts";
import { interpolate, type Tensor } from "../tensor.ts";
import { checkInput, checkTensor, Module } from "./module.ts";

export interface UpsampleOptions {
  /** The sizes of the last axes afterwards; or how many times as large they become. */
  size?: PerAxis;
  scaleFactor?: PerAxis;
  /** The nearest element, or between neighbours: "linear", "bilinear", "trilinear" for one, two, three axes. */
  mode?: "nearest" | "linear" | "bilinear" | "trilinear";
  /** Whether the outermost elements stay where they are, instead of the outer edges. */
  alignCorners?: boolean;
}

const axesOf = { linear: 1, bilinear: 2, trilinear: 3 };

/** `(N, C, …) → (N, C, …′)`. PyTorch's modes "bicubic" and "nearest-exact" are missing. */
export class Upsample extends Module {
  readonly options: UpsampleOptions;

  constructor(options: UpsampleOptions) {
    super();
    checkOptions("Upsample", options, ["size", "scaleFactor", "mode", "alignCorners"]);
    const { size, scaleFactor, mode = "nearest" } = options;
    if ((size === undefined) === (scaleFactor === undefined)) {
      const got = size === undefined ? "neither size nor scaleFactor" : "size and scaleFactor";
      throw new ValueError({ in: "Upsample", got, want: "one of them", fix: "Choose one" });
    }
    if (mode !== "nearest" && !Object.hasOwn(axesOf, mode)) {
      const want = ["nearest", ...Object.keys(axesOf)].map(print).join(", ");
      throw new ValueError({ in: "Upsample", got: `mode ${print(mode)}`, want, fix: "Choose one of them" });
    }
    for (const n of [size ?? []].flat()) checkCount("Upsample", n, "a size", 1);
    for (const f of [scaleFactor ?? []].flat()) checkNumber("Upsample", f, "a factor", 1e-3, 1e3);
    this.options = options;
  }

  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    const { size, scaleFactor, mode = "nearest", alignCorners = false } = this.options;
    const axes = mode === "nearest" ? x.ndim - 2 : axesOf[mode];
    const given = [size ?? scaleFactor ?? 1].flat();
    const fits = axes >= 1 && x.ndim === axes + 2 && (given.length === 1 || given.length === axes);
    checkInput(this, x, fits, mode === "nearest" ? "(N, C, …)" : `(N, C, …) with ${axes} more axes`);
    const how = { mode: mode === "nearest" ? mode : "linear", alignCorners } as const;
    return interpolate(x, size === undefined ? { scale: scaleFactor!, ...how } : { size, ...how });
  }
}
