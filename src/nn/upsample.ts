/** Images made larger (or smaller) by interpolation. */
import { ValueError } from "../errors.ts";
import { checkCount, checkNumber, checkOptions, type PerAxis, print } from "../tensor/arguments.ts";
import { fromHostArray, type Tensor } from "../tensor.ts";
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

/** `(N, C, …) → (N, C, …′)`. Each axis is a product with a matrix of the neighbours' weights. PyTorch's bicubic is missing. */
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
    let y = x;
    for (let k = 0; k < axes; k++) {
      const axis = k + 2;
      const own = given.length === 1 ? given[0] : given[k];
      const length = x.shape[axis];
      const out = size === undefined ? Math.floor(length * own) : own;
      checkInput(this, x, out >= 1, "a factor that leaves something over");
      const step = size === undefined ? 1 / own : length / out;
      const weights = weightsOf(length, out, step, mode === "nearest" ? "nearest" : "linear", alignCorners);
      y = y
        .movedim(axis, -1)
        .matmul(fromHostArray(weights, [length, out], "float32").to(x.dtype))
        .movedim(-1, axis);
    }
    return y;
  }
}

/** `(length, out)`: how much of each element is in each of the new ones, which are `step` apart in the old. */
function weightsOf(
  length: number,
  out: number,
  step: number,
  mode: "nearest" | "linear",
  corners: boolean,
): Float32Array {
  const weights = new Float32Array(length * out);
  for (let i = 0; i < out; i++) {
    if (mode === "nearest") {
      weights[Math.min(Math.floor(i * step), length - 1) * out + i] = 1;
      continue;
    }
    const at = corners ? (out > 1 ? (i * (length - 1)) / (out - 1) : 0) : Math.max((i + 0.5) * step - 0.5, 0);
    const low = Math.min(Math.floor(at), length - 1);
    const high = Math.min(low + 1, length - 1);
    weights[low * out + i] += 1 - (at - low);
    weights[high * out + i] += at - low;
  }
  return weights;
}
