/** Tensors from data, from a rule, and from chance. */
import { DTypeError, LimitError, ShapeError, ValueError } from "../errors.ts";
import { type DType, dtypes, type HostArray, write } from "../graph/dtype.ts";
import * as g from "../graph/ops.ts";
import { type Shape, show, sizeOf } from "../graph/shape.ts";
import { checkCount, checkDim, checkNumber, checkOptions, checkShape, maxDim, maxRank, print } from "../ops/check.ts";
import { add, mul, sub } from "../ops/elementwise.ts";
import * as random from "../ops/random.ts";
import { fromHost } from "../runtime/storage.ts";
import { type Nested, Tensor } from "./tensor.ts";

export interface TensorOptions {
  dtype?: DType;
}
type TypedArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

/** The dtype of a tensor made from such an array, unless another is asked for. */
const natural: Record<string, DType> = {
  Int8Array: "int8",
  Uint8Array: "uint8",
  Uint8ClampedArray: "uint8",
  Int16Array: "int32",
  Uint16Array: "int32",
  Int32Array: "int32",
  Uint32Array: "int32",
  Float16Array: "float16",
  Float32Array: "float32",
  Float64Array: "float64",
  BigInt64Array: "int32",
  BigUint64Array: "int32",
};

/** Throws where sizes were given one by one, as in PyTorch: `randn(4, 5)`. */
function checkSizes(op: string, shape: unknown, next: unknown): void {
  if (typeof shape !== "number") return;
  const fix = `Write [${typeof next === "number" ? `${shape}, ${next}` : shape}]`;
  throw new ShapeError({ in: op, got: print(shape), want: "an array of sizes", fix });
}

/** The options of a new tensor; what else PyTorch takes there has another place. */
function checkTensorOptions(op: string, options: unknown): void {
  const requiresGrad = "Make a Parameter of it, or set requiresGrad on it";
  const device = "Choose the device before the first tensor is made";
  const advice = { requiresGrad, requires_grad: requiresGrad, device };
  checkOptions(op, options, ["dtype"], advice);
}

function checkDType(op: string, dtype: DType): DType {
  if (Object.hasOwn(dtypes, dtype)) return dtype;
  const want = Object.keys(dtypes).join(", ");
  throw new DTypeError({ in: op, got: `the dtype ${print(dtype)}`, want, fix: "Choose one of them" });
}

/**
 * A tensor of the elements of a number, of nested arrays or of a typed array, which are copied. Numbers are float32 and
 * bools bool, unless `dtype` says otherwise; an integer dtype takes only integers it can hold. A shape after the data gives
 * flat data another one.
 */
export function tensor(data: Nested | TypedArray, shape?: Shape, options?: TensorOptions): Tensor;
export function tensor(data: Nested | TypedArray, options?: TensorOptions): Tensor;
export function tensor(data: Nested | TypedArray, shape?: Shape | TensorOptions, options?: TensorOptions): Tensor {
  checkTensorOptions("tensor", options);
  if (!Array.isArray(shape)) checkTensorOptions("tensor", shape);
  const given = Array.isArray(shape) ? checkShape("tensor", shape) : undefined;
  const asked = options?.dtype ?? (shape as TensorOptions | undefined)?.dtype;
  if ((data as unknown) instanceof Promise || (data as unknown) instanceof Tensor) {
    const fix = (data as unknown) instanceof Promise ? "Await it" : "Use it as it is, or clone() it";
    throw new DTypeError({ in: "tensor", got: print(data), want: "numbers, in arrays or alone", fix });
  }
  if (ArrayBuffer.isView(data)) return fromTyped(data as TypedArray, given, asked);
  const { elements, sizes, dtype } = flat(data as Nested);
  return fromElements(elements, given ?? sizes, asked ?? dtype, given !== undefined);
}

function fromTyped(data: TypedArray, shape: Shape | undefined, asked: DType | undefined): Tensor {
  // Memory that is shared has neither; and pages that may not share any do not know its name.
  const { detached, resizable } = data.buffer as ArrayBuffer;
  // What may shrink or vanish under us is refused rather than copied at a moment that happens to be right.
  const state = detached ? "detached" : resizable ? "resizable" : null;
  if (state || data instanceof DataView) {
    const got = state ? `an array over a ${state} buffer` : "a DataView";
    throw new ValueError({
      in: "tensor",
      got,
      want: "a typed array over memory that stays",
      fix: "Copy it with slice()",
    });
  }
  const dtype = checkDType("tensor", asked ?? natural[data.constructor.name] ?? "float32");
  const elements =
    ArrayBuffer.isView(data) && typeof data[0] === "bigint" ? Array.from(data as BigInt64Array, exactNumber) : data;
  return fromElements(elements as ArrayLike<number>, shape ?? [data.length], dtype, shape !== undefined);
}

function exactNumber(x: bigint): number {
  if (Number.isSafeInteger(Number(x))) return Number(x);
  throw new ValueError({
    in: "tensor",
    got: `${x}`,
    want: "integers that fit in int32",
    fix: "Convert it to a number",
  });
}

function fromElements(elements: ArrayLike<number>, shape: Shape, asked: DType, reshaped: boolean): Tensor {
  const dtype = checkDType("tensor", asked);
  if (elements.length !== sizeOf(shape)) {
    const got = `${elements.length} elements for the shape ${show(shape)}`;
    throw new ShapeError({ in: "tensor", got, want: `${sizeOf(shape)} elements`, fix: "Check the shape" });
  }
  const host = new dtypes[dtype].array(elements.length);
  const integer = dtypes[dtype].kind === "int";
  const [lo, hi] = dtypes[dtype].range;
  for (let i = 0; i < elements.length; i++) {
    const x = elements[i];
    if (integer && !(Number.isInteger(x) && x >= lo && x <= hi)) {
      throw new ValueError({
        in: "tensor",
        got: `${print(x)} at position ${i} for ${dtype}`,
        want: `whole numbers from ${lo} to ${hi}`,
        fix: `Make a float tensor and convert it with to("${dtype}")`,
      });
    }
    write(host, i, x, dtype);
  }
  return new Tensor(fromHost(host, reshaped ? [...shape] : shape, dtype), { owns: true });
}

/** The elements of nested arrays in order, and their sizes: all arrays of one depth are equally long. */
function flat(data: Nested): { elements: number[]; sizes: number[]; dtype: DType } {
  const sizes: number[] = [];
  for (let level: unknown = data; Array.isArray(level); level = level[0]) {
    if (sizes.push(level.length) > maxRank) checkShape("tensor", sizes);
    if (level.length === 0) break;
  }
  const elements: number[] = [];
  let onlyBools = true;
  const visit = (value: unknown, depth: number, path: string): void => {
    if (depth < sizes.length) {
      if (!Array.isArray(value) || value.length !== sizes[depth]) {
        const got = Array.isArray(value) ? `${value.length} elements in data${path}` : `${print(value)} in data${path}`;
        const want = `${sizes[depth]} elements there, as in the arrays before it`;
        throw new ShapeError({ in: "tensor", got, want, fix: "Make all arrays of one depth equally long" });
      }
      for (let i = 0; i < value.length; i++) visit(value[i], depth + 1, `${path}[${i}]`);
    } else if (Array.isArray(value)) {
      const got = `an array in data${path}`;
      throw new ShapeError({ in: "tensor", got, want: "a number there, as before it", fix: "Check the brackets" });
    } else if (typeof value === "number" || typeof value === "boolean") {
      onlyBools &&= typeof value === "boolean";
      elements.push(Number(value));
    } else {
      const got = `${print(value)} in data${path}`;
      throw new DTypeError({
        in: "tensor",
        got,
        want: "numbers and bools",
        fix: "Fill the gap, or convert with Number()",
      });
    }
  };
  visit(data, 0, "");
  return { elements, sizes, dtype: onlyBools && elements.length > 0 ? "bool" : "float32" };
}

// From a rule: nothing is stored until it is needed.

/** `value` everywhere; a bool gives a bool tensor. */
export function full(shape: Shape, value: number | boolean, options: TensorOptions = {}, op = "full"): Tensor {
  checkSizes(op, shape, op === "full" ? undefined : options);
  checkTensorOptions(op, options);
  const { dtype } = options;
  const type = checkDType(op, dtype ?? (typeof value === "boolean" ? "bool" : "float32"));
  const [lo, hi] = dtypes[type].range;
  const x = Number(value);
  if (dtypes[type].kind === "int") checkCount(op, x, `the ${type}`, lo, hi);
  return new Tensor(g.fill(x, checkShape(op, shape), type));
}
export const zeros = (shape: Shape, options?: TensorOptions): Tensor => full(shape, 0, options, "zeros");
export const ones = (shape: Shape, options?: TensorOptions): Tensor => full(shape, 1, options, "ones");
/** As zeros: nothing is left to chance here. */
export const empty = (shape: Shape, options?: TensorOptions): Tensor => full(shape, 0, options, "empty");
export const zerosLike = (x: Tensor, options?: TensorOptions): Tensor => zeros(x.shape, { dtype: x.dtype, ...options });
export const onesLike = (x: Tensor, options?: TensorOptions): Tensor => ones(x.shape, { dtype: x.dtype, ...options });
export const fullLike = (x: Tensor, value: number | boolean, options?: TensorOptions): Tensor =>
  full(x.shape, value, { dtype: x.dtype, ...options }, "fullLike");

/** Numbers from `start` (0 if there is one argument) to before `stop`, `step` apart. Whole arguments give int32. */
export function arange(stop: number, options?: TensorOptions): Tensor;
export function arange(start: number, stop: number, step?: number, options?: TensorOptions): Tensor;
export function arange(a: number, b?: number | TensorOptions, step = 1, options: TensorOptions = {}): Tensor {
  const [start, stop] = typeof b === "number" ? [a, b] : [0, a];
  const asked = typeof b === "object" ? b : options;
  checkTensorOptions("arange", asked);
  for (const [value, name] of [[start, "start"] as const, [stop, "stop"] as const, [step, "step"] as const]) {
    checkNumber("arange", value, name, -Number.MAX_VALUE, Number.MAX_VALUE);
  }
  if (step === 0) {
    throw new ValueError({ in: "arange", got: "step 0", want: "a step other than 0", fix: "Check the step" });
  }
  const count = Math.max(Math.ceil((stop - start) / step), 0);
  if (count > maxDim) {
    const got = `about ${count.toExponential(0)} elements`;
    throw new LimitError({ in: "arange", got, want: `at most ${maxDim}`, fix: "Choose a larger step" });
  }
  const whole = [start, stop, step].every((x) => Number.isInteger(x) && Math.abs(x) < 2 ** 31);
  const dtype = checkDType("arange", asked.dtype ?? (whole ? "int32" : "float32"));
  const i = g.cast(g.iota(0, [count]), dtype);
  return new Tensor(add(step === 1 ? i : mul(i, step), start)).to(dtype);
}

/** `count` numbers from `start` to `stop`, both included, equally far apart. */
export function linspace(start: number, stop: number, count: number, options: TensorOptions = {}): Tensor {
  checkTensorOptions("linspace", options);
  const { dtype = "float32" } = options;
  checkNumber("linspace", start, "start", -Number.MAX_VALUE, Number.MAX_VALUE);
  checkNumber("linspace", stop, "stop", -Number.MAX_VALUE, Number.MAX_VALUE);
  const n = checkCount("linspace", count, "count");
  const i = g.cast(g.iota(0, [n]), "float32");
  const step = n > 1 ? (stop - start) / (n - 1) : 0;
  const wide = checkDType("linspace", dtype) === "float64" ? g.cast(i, "float64") : i;
  // Each half is counted from its own end, so that both ends are exact.
  const half = g.lt(wide, g.like(wide, n / 2));
  const fromStart = add(mul(wide, step), start);
  const fromStop = sub(stop, mul(sub(n - 1, wide), step));
  return new Tensor(g.where(half, fromStart, fromStop)).to(dtype);
}

/** 1 on the diagonal of a matrix of `rows` rows and `columns` columns, as many unless given. */
export function eye(rows: number, columns: number = rows, options: TensorOptions = {}): Tensor {
  checkTensorOptions("eye", options);
  const { dtype = "float32" } = options;
  for (const [n, name] of [[rows, "rows"] as const, [columns, "columns"] as const]) checkCount("eye", n, name);
  const shape = checkShape("eye", [rows, columns]);
  return new Tensor(g.cast(g.eq(g.iota(0, shape), g.iota(1, shape)), checkDType("eye", dtype)));
}

// From chance. Each call takes the next key of a generator: `seed(n)` sets the one that is used by default.

function checkRandom(op: string, shape: unknown, options: unknown): void {
  checkSizes(op, shape, options);
  const requiresGrad = "Make a Parameter of it, or set requiresGrad on it";
  checkOptions(op, options, ["dtype", "generator"], { requiresGrad, requires_grad: requiresGrad });
  checkShape(op, shape as Shape);
}

/** Uniform numbers in [0, 1). */
export function rand(shape: Shape, options?: random.RandomOptions): Tensor {
  checkRandom("rand", shape, options);
  return new Tensor(random.rand(shape, options));
}
/** Uniform numbers in [`low`, `high`). */
export function uniform(shape: Shape, low: number, high: number, options?: random.RandomOptions): Tensor {
  checkRandom("uniform", shape, options);
  return new Tensor(random.uniform(shape, low, high, options));
}
/** Normal numbers of mean 0 and standard deviation 1. */
export function randn(shape: Shape, options?: random.RandomOptions): Tensor {
  checkRandom("randn", shape, options);
  return new Tensor(random.randn(shape, options));
}
/** Normal numbers of mean `mean` and standard deviation `std`. */
export function normal(shape: Shape, mean: number, std: number, options?: random.RandomOptions): Tensor {
  checkRandom("normal", shape, options);
  return new Tensor(random.normal(shape, mean, std, options));
}
/** Whole numbers from `low` to before `high`, as int32. */
export function randint(low: number, high: number, shape: Shape, options?: random.RandomOptions): Tensor {
  checkRandom("randint", shape, options);
  return new Tensor(random.randint(low, high, shape, options));
}
/** The numbers from 0 to `n` − 1 in random order, as int32. */
export function randperm(n: number, options?: Omit<random.RandomOptions, "dtype">): Tensor {
  checkOptions("randperm", options, ["generator"]);
  return new Tensor(random.randperm(checkDim("randperm", n, 0), options));
}

/** The values of a host array that the caller hands over: it is not copied, and must not be changed. */
export const fromHostArray = (host: HostArray, shape: Shape, dtype: DType): Tensor =>
  new Tensor(fromHost(host, checkShape("tensor", shape), dtype), { owns: true });
