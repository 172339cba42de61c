/**
 * First values for parameters, by shape: `layer.weight.assign(init.kaimingNormal(layer.weight.shape))`. What PyTorch writes
 * into a tensor in place is returned here, for values are computed when they are needed.
 */
import { ValueError } from "../errors.ts";
import { type Shape, show } from "../graph/shape.ts";
import { checkNumber, checkOptions, print } from "../tensor/arguments.ts";
import * as F from "../tensor.ts";
import { type Generator, type Tensor, where } from "../tensor.ts";

export interface InitOptions {
  /** Where random numbers come from; by default the generator that `seed()` sets. */
  generator?: Generator;
}

/** 0 everywhere. */
export const zeros = (shape: Shape): Tensor => F.zeros(shape);
/** 1 everywhere. */
export const ones = (shape: Shape): Tensor => F.ones(shape);
/** `value` everywhere. */
export const constant = (shape: Shape, value: number): Tensor => F.full(shape, value, { dtype: "float32" });
/** 1 on the diagonal of a matrix. */
export function identity(shape: Shape): Tensor {
  checkMatrix("identity", shape, 2);
  return F.eye(shape[0], shape[1]);
}
/** Uniform in [`low`, `high`). */
export const uniform = (shape: Shape, low = 0, high = 1, options: InitOptions = {}): Tensor =>
  F.uniform(shape, low, high, options);
/** Normal with mean `mean` and standard deviation `std`. */
export const normal = (shape: Shape, mean = 0, std = 1, options: InitOptions = {}): Tensor =>
  F.normal(shape, mean, std, options);

export interface TruncatedNormalOptions extends InitOptions {
  mean?: number;
  std?: number;
  /** The limits, which are values and not multiples of `std`: −2 and 2 unless given. */
  low?: number;
  high?: number;
}

/** Normal, given that it is within `low` and `high`: the inverse of its distribution at uniform numbers. */
export function truncatedNormal(shape: Shape, options: TruncatedNormalOptions = {}): Tensor {
  checkOptions("truncatedNormal", options, ["mean", "std", "low", "high", "generator"]);
  const { mean = 0, std = 1, low = -2, high = 2, ...rest } = options;
  checkNumber("truncatedNormal", mean, "mean");
  checkNumber("truncatedNormal", std, "std", Number.MIN_VALUE);
  checkNumber("truncatedNormal", low, "low");
  checkNumber("truncatedNormal", high, "high", low);
  const [a, b] = [low, high].map((limit) => erf((limit - mean) / (std * Math.SQRT2)));
  const quantile = F.uniform(shape, a, b, rest).clamp({ min: -1 + 2 ** -24, max: 1 - 2 ** -24 });
  return inverseErf(quantile)
    .mul(std * Math.SQRT2)
    .add(mean)
    .clamp({ min: low, max: high });
}

/**
 * erf by its series over `e^(x²)`, `2/√π · Σ 2ⁿ x^(2n+1) / (2n+1)!!` (DLMF 7.6.2), both from terms of one sign. It is
 * arithmetic only, so that it has the same bits on every machine; Math.exp does not.
 */
function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let [term, sum, power, exponential] = [x, x, 1, 1];
  for (let n = 1; n < 200; n++) {
    sum += term *= (2 * x * x) / (2 * n + 1);
    exponential += power *= (x * x) / n;
  }
  return (2 / Math.sqrt(Math.PI)) * (sum / exponential);
}

/** The inverse of erf in float32: the polynomials of Giles (2012, "Approximating the erfinv function", table 5). */
function inverseErf(x: Tensor): Tensor {
  const w = x.neg().add(1).mul(x.add(1)).log().neg();
  const polynomial = (at: Tensor, coefficients: readonly number[]): Tensor =>
    coefficients.slice(1).reduce((p, c) => p.mul(at).add(c), at.mul(0).add(coefficients[0]));
  const near = [
    2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 2.1858087e-4, -1.25372503e-3, -4.17768164e-3,
    0.246640727, 1.50140941,
  ];
  const far = [
    -2.00214257e-4, 1.00950558e-4, 1.34934322e-3, -3.67342844e-3, 5.73950773e-3, -7.6224613e-3, 9.43887047e-3,
    1.00167406, 2.83297682,
  ];
  return where(w.lt(5), polynomial(w.sub(2.5), near), polynomial(w.maximum(5).sqrt().sub(3), far)).mul(x);
}

/** What follows a layer: it decides by how much its weights are scaled. */
export type Nonlinearity = "linear" | "sigmoid" | "tanh" | "relu" | "leakyRelu" | "selu";

/** The factor that keeps the variance through a nonlinearity; `slope` is that of leakyRelu, 0.01 unless given. */
export function gain(nonlinearity: Nonlinearity, slope = 0.01): number {
  const gains: Record<Nonlinearity, number> = {
    linear: 1,
    sigmoid: 1,
    tanh: 5 / 3,
    relu: Math.SQRT2,
    leakyRelu: Math.sqrt(2 / (1 + slope * slope)),
    selu: 3 / 4,
  };
  if (Object.hasOwn(gains, nonlinearity)) return gains[nonlinearity];
  const want = Object.keys(gains).join(", ");
  throw new ValueError({ in: "gain", got: print(nonlinearity), want, fix: "Choose one of them" });
}

function checkMatrix(op: string, shape: Shape, most = 64): void {
  if (shape.length >= 2 && shape.length <= most) return;
  const want = most === 2 ? "a matrix" : "a weight of at least 2 axes";
  throw new ValueError({ in: op, got: `the shape ${show(shape)}`, want, fix: "Use normal() or uniform() for others" });
}

/** How many inputs an output is computed from, and how many outputs an input goes to: `(outputs, inputs, …kernel)`. */
export function fans(shape: Shape, op = "fans"): { fanIn: number; fanOut: number } {
  checkMatrix(op, shape);
  const kernel = shape.slice(2).reduce((a, b) => a * b, 1);
  return { fanIn: shape[1] * kernel, fanOut: shape[0] * kernel };
}

export interface XavierOptions extends InitOptions {
  gain?: number;
}
/** Uniform with variance `2 · gain² / (fanIn + fanOut)` (Glorot & Bengio 2010, eq. 16). */
export function xavierUniform(shape: Shape, options: XavierOptions = {}): Tensor {
  checkOptions("xavierUniform", options, ["gain", "generator"]);
  const { gain = 1, ...rest } = options;
  const { fanIn, fanOut } = fans(shape, "xavierUniform");
  const bound = checkNumber("xavierUniform", gain, "gain", 0) * Math.sqrt(6 / (fanIn + fanOut));
  return F.uniform(shape, -bound, bound, rest);
}
/** Normal with variance `2 · gain² / (fanIn + fanOut)`. */
export function xavierNormal(shape: Shape, options: XavierOptions = {}): Tensor {
  checkOptions("xavierNormal", options, ["gain", "generator"]);
  const { gain = 1, ...rest } = options;
  const { fanIn, fanOut } = fans(shape, "xavierNormal");
  return F.normal(shape, 0, checkNumber("xavierNormal", gain, "gain", 0) * Math.sqrt(2 / (fanIn + fanOut)), rest);
}

export interface KaimingOptions extends InitOptions {
  /** Keep the variance of values going forward, or of gradients going back. */
  mode?: "fanIn" | "fanOut";
  nonlinearity?: Nonlinearity;
  /** The slope of leakyRelu below 0. */
  slope?: number;
}
function kaimingStd(op: string, shape: Shape, options: KaimingOptions): number {
  checkOptions(op, options, ["mode", "nonlinearity", "slope", "generator"]);
  const { mode = "fanIn", nonlinearity = "leakyRelu", slope = 0 } = options; // PyTorch's defaults: the gain of relu
  const fan = fans(shape, op)[mode];
  if (fan !== undefined) return gain(nonlinearity, checkNumber(op, slope, "slope")) / Math.sqrt(fan);
  throw new ValueError({ in: op, got: `mode ${print(mode)}`, want: '"fanIn" or "fanOut"', fix: "Choose one of them" });
}
/** Uniform with variance `gain² / fan` (He et al. 2015). */
export function kaimingUniform(shape: Shape, options: KaimingOptions = {}): Tensor {
  const bound = Math.sqrt(3) * kaimingStd("kaimingUniform", shape, options);
  return F.uniform(shape, -bound, bound, options.generator ? { generator: options.generator } : {});
}
/** Normal with variance `gain² / fan` (He et al. 2015, eq. 10). */
export function kaimingNormal(shape: Shape, options: KaimingOptions = {}): Tensor {
  const std = kaimingStd("kaimingNormal", shape, options);
  return F.normal(shape, 0, std, options.generator ? { generator: options.generator } : {});
}

/** Uniform with variance `1 / fanIn` (LeCun et al. 1998, sect. 4.6): for tanh and sigmoid. */
export function lecunUniform(shape: Shape, options: InitOptions = {}): Tensor {
  checkOptions("lecunUniform", options, ["generator"]);
  const bound = Math.sqrt(3 / fans(shape, "lecunUniform").fanIn);
  return F.uniform(shape, -bound, bound, options);
}
/** Normal with variance `1 / fanIn` (LeCun et al. 1998, eq. 16): what selu needs (Klambauer et al. 2017). */
export function lecunNormal(shape: Shape, options: InitOptions = {}): Tensor {
  checkOptions("lecunNormal", options, ["generator"]);
  return F.normal(shape, 0, Math.sqrt(1 / fans(shape, "lecunNormal").fanIn), options);
}

/**
 * Rows, or columns if there are fewer, that are orthonormal, times `gain` (Saxe et al. 2014). It is the orthogonal factor of
 * the polar decomposition of normal numbers, by Newton–Schulz iteration (Higham 2008, eq. 8.20), so it is made of products
 * and computed on the device. PyTorch takes the factor of QR: other numbers, of the same distribution.
 */
export function orthogonal(shape: Shape, options: XavierOptions = {}): Tensor {
  checkOptions("orthogonal", options, ["gain", "generator"]);
  const { gain = 1, ...rest } = options;
  checkMatrix("orthogonal", shape);
  const columns = shape.slice(1).reduce((a, b) => a * b, 1);
  const wide = shape[0] <= columns;
  const start = F.randn(wide ? [shape[0], columns] : [columns, shape[0]], rest);
  let x = start.div(start.norm()); // its singular values are then at most 1, as the iteration needs
  for (let i = 0; i < 40; i++) x = x.mul(1.5).sub(x.matmul(x.T).matmul(x).mul(0.5));
  return (wide ? x : x.T).reshape(shape).mul(checkNumber("orthogonal", gain, "gain"));
}
