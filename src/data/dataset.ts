/** Data sets: examples that can be asked for by number, several at a time. */
import { DTypeError, ShapeError, ValueError } from "../errors.ts";
import { type DType, dtypes, type HostArray } from "../graph/dtype.ts";
import { show, sizeOf } from "../graph/shape.ts";
import { checkCount, checkNumber, checkOptions, print } from "../tensor/arguments.ts";
import { fromHostArray, Tensor } from "../tensor.ts";
import type { LabelledImages } from "./images.ts";
import { permutation } from "./permutation.ts";
import { HostRandom } from "./random.ts";
import { normalize, type Transform } from "./transform.ts";

/** Several examples: what goes into a model, and what should come out. */
export interface Batch {
  readonly x: Tensor;
  readonly y: Tensor;
}

/** What randomness of a batch may depend on. */
export interface Draw {
  readonly seed: number;
  readonly epoch: number;
}

export interface Dataset<B = Batch> {
  /** The number of examples. */
  readonly length: number;
  /** The examples of these numbers together, in arrays of their own. */
  batch(indices: Uint32Array, draw: Draw): B | Promise<B>;
}

/** Throws unless `dataset` is one. */
export function checkDataset<D>(op: string, dataset: D): D {
  const { length, batch } = (dataset ?? {}) as { length?: unknown; batch?: unknown };
  if (typeof batch === "function" && typeof length === "number") return dataset;
  const fix = dataset instanceof Promise ? "Await it" : "Pass new ArrayDataset({ x, y }), for example";
  const got = `${print(dataset)} in the place of the data set`;
  throw new ValueError({ in: op, got, want: "an object with length and batch()", fix });
}

/** One thing that examples have, such as their image: the elements of all examples, one after another. */
export interface Column {
  readonly data: ArrayLike<number>;
  /** The shape of one example; a scalar unless given. */
  readonly shape?: readonly number[];
  /** float32 unless given; of Int32Array and other arrays of whole numbers int32, but float32 of bytes, as in images. */
  readonly dtype?: DType;
  /** What is done to each example, in order; for float32 only. */
  readonly transforms?: readonly Transform[];
}

/** The elements of examples in arrays within arrays, one example after another. */
export type Rows = readonly (number | boolean | Rows)[];
/** What a column may be given as: rows have their shape by themselves. */
export type ColumnLike = Column | (Omit<Column, "data"> & { readonly data: Rows }) | ArrayLike<number> | Rows;

/** Examples in host memory; `new ArrayDataset({ x: { data, shape: [2] }, y: { data: labels, dtype: "int32" } })`. */
export class ArrayDataset<Name extends string = "x" | "y"> implements Dataset<Record<Name, Tensor>> {
  readonly length: number;
  readonly columns: Readonly<Record<Name, Column>>;

  constructor(given: Readonly<Record<Name, ColumnLike>>) {
    const read = Object.entries(given ?? {}).map(([name, column]) => [name, columnOf(name, column)] as const);
    const columns = Object.fromEntries(read) as Record<Name, Column>;
    const lengths = (Object.entries(columns) as [string, Column][]).map(([name, column]) => lengthOf(name, column));
    const other = lengths.find((n) => n !== lengths[0]);
    if (other !== undefined || lengths.length === 0) {
      const got = lengths.length === 0 ? "no columns" : `${lengths.join(" and ")} examples`;
      throw new ShapeError({ in: "ArrayDataset", got, want: "as many of each", fix: "Check the data and the shapes" });
    }
    this.length = lengths[0];
    this.columns = columns;
  }

  batch(indices: Uint32Array, draw: Draw): Record<Name, Tensor> {
    const entries = (Object.entries(this.columns) as [Name, Column][]).map(([name, column]) => {
      return [name, gather(column, indices, draw)] as const;
    });
    return Object.fromEntries(entries) as Record<Name, Tensor>;
  }
}

const whole = ["Int8Array", "Int16Array", "Uint16Array", "Int32Array", "Uint32Array"];

/** A column as it is kept, from all that it may be given as. */
function columnOf(name: string, given: unknown): Column {
  const isData = Array.isArray(given) || ArrayBuffer.isView(given);
  const column = (isData ? { data: given } : given) as Column;
  const { data } = column ?? {};
  if (given instanceof Tensor || (data as unknown) instanceof Tensor) {
    const want = "elements in host memory";
    const fix = "Write { data: await x.data(), shape: x.shape.slice(1), dtype: x.dtype }";
    throw new ValueError({ in: "ArrayDataset", got: `a tensor as "${name}"`, want, fix });
  }
  const isNumbers = ArrayBuffer.isView(data) && !(data instanceof DataView) && typeof data[0] !== "bigint";
  if (!isNumbers && !Array.isArray(data)) {
    const [got, want] = [`${print(given)} as "${name}"`, "the elements of all examples, in an array of numbers"];
    throw new ValueError({ in: "ArrayDataset", got, want, fix: "Write { data, shape, dtype }" });
  }
  checkOptions(`ArrayDataset: "${name}"`, column, ["data", "shape", "dtype", "transforms"]);
  const { dtype = whole.includes(data.constructor.name) && !column.transforms?.length ? "int32" : "float32" } = column;
  if (!Object.hasOwn(dtypes, dtype)) {
    const want = Object.keys(dtypes).join(", ");
    throw new DTypeError({ in: "ArrayDataset", got: `the dtype ${print(dtype)}`, want, fix: "Choose one of them" });
  }
  if (!Array.isArray(data) || !data.some((x) => typeof x !== "number")) return { ...column, dtype };
  const sizes: number[] = [];
  for (let level: unknown = data; Array.isArray(level); level = level[0]) sizes.push(level.length);
  const elements: number[] = [];
  flatten(name, data, sizes, elements);
  return { ...column, data: elements, shape: column.shape ?? sizes.slice(1), dtype };
}

/** Puts the numbers of nested arrays of `sizes` one after another. */
function flatten(name: string, value: unknown, [size, ...rest]: readonly number[], into: number[]): void {
  if (size === undefined && (typeof value === "number" || typeof value === "boolean")) into.push(Number(value));
  else if (size !== undefined && Array.isArray(value) && value.length === size) {
    for (const x of value) flatten(name, x, rest, into);
  } else {
    const got = `${Array.isArray(value) ? `${value.length} elements` : print(value)} in "${name}"`;
    const want = size === undefined ? "a number there, as before it" : `${size} elements there, as before it`;
    throw new ShapeError({ in: "ArrayDataset", got, want, fix: "Make all examples equally large" });
  }
}

function lengthOf(name: string, { data, shape = [], dtype = "float32", transforms = [] }: Column): number {
  for (const d of shape) checkCount("ArrayDataset", d, `a size of "${name}"`, 1);
  const count = data.length / sizeOf(shape);
  if (!Number.isInteger(count)) {
    const got = `${data.length} elements of "${name}" for examples of ${show(shape)}`;
    throw new ShapeError({ in: "ArrayDataset", got, want: "whole examples", fix: "Check the shape" });
  }
  if (transforms.length > 0 && dtype !== "float32") {
    const got = `transforms of "${name}" in ${dtype}`;
    throw new ValueError({ in: "ArrayDataset", got, want: "float32", fix: "Leave them out, or the dtype" });
  }
  return count;
}

/** A fresh array each time: tensors are read when they are used, which may be after the next batch was made. */
function gather({ data, shape = [], dtype = "float32", transforms = [] }: Column, at: Uint32Array, draw: Draw): Tensor {
  const size = sizeOf(shape);
  const host: HostArray = new dtypes[dtype].array(at.length * size);
  for (let i = 0; i < at.length; i++) {
    for (let k = 0, from = at[i] * size, to = i * size; k < size; k++) host[to + k] = data[from + k];
    if (transforms.length === 0) continue;
    const example = (host as Float32Array).subarray(i * size, (i + 1) * size);
    const random = new HostRandom(draw.seed, draw.epoch, at[i]);
    for (const transform of transforms) transform({ data: example, shape, random });
  }
  return fromHostArray(host, [at.length, ...shape], dtype);
}

export interface ImageOptions {
  /** Of pixels from 0 to 1: one number, or one for each channel. Unless given, pixels stay from 0 to 1. */
  mean?: number | readonly number[];
  std?: number | readonly number[];
  /** What is done to the images before they are normalized, with pixels from 0 to 1. */
  transforms?: readonly Transform[];
  /** As vectors `(N, channels · rows · cols)`, for models that want no images. */
  flat?: boolean;
}

/** Mean and deviation of the pixels of known training sets, from 0 to 1: `imageDataset(train, pixelStatistics.cifar10)`. */
export const pixelStatistics: Readonly<Record<"mnist" | "fashionMnist" | "cifar10", ImageOptions>> = {
  mnist: { mean: 0.1307, std: 0.3081 },
  fashionMnist: { mean: 0.286, std: 0.353 },
  cifar10: { mean: [0.4914, 0.4822, 0.4465], std: [0.247, 0.2435, 0.2616] },
};

/** Digits as batches of images `(N, 1, rows, cols)`, normalized as those of MNIST, and labels `(N)` in int32. */
export function digitsDataset(digits: LabelledImages, options: ImageOptions = {}): ArrayDataset {
  return datasetOf("digitsDataset", digits, options, pixelStatistics.mnist);
}

/** Images as batches `(N, channels, rows, cols)` of pixels from 0 to 1, normalized if asked for, and labels `(N)` in int32. */
export function imageDataset(images: LabelledImages, options: ImageOptions = {}): ArrayDataset {
  return datasetOf("imageDataset", images, options, { mean: 0, std: 1 });
}

function datasetOf(op: string, given: LabelledImages, options: ImageOptions, usual: ImageOptions): ArrayDataset {
  checkOptions(op, options, ["mean", "std", "transforms", "flat"]);
  const { mean = usual.mean ?? 0, std = usual.std ?? 1, transforms = [], flat = false } = options;
  const { images, labels, channels = 1, rows, cols } = given ?? {};
  if (!ArrayBuffer.isView(images) || !ArrayBuffer.isView(labels)) {
    const isPromise = (given as unknown) instanceof Promise;
    const isSet = typeof given === "object" && given !== null && "train" in given;
    const fix = isPromise ? "Await it" : isSet ? "Pass its train or its test" : "Pass (await loadMnist()).train";
    throw new ValueError({ in: op, got: print(given), want: "images and labels", fix });
  }
  if (flat && (transforms.length > 0 || Array.isArray(mean) || Array.isArray(std))) {
    const got = transforms.length > 0 ? "transforms of flat images" : "a mean for each channel of flat images";
    throw new ValueError({ in: op, got, want: "images", fix: "Flatten them in the model" });
  }
  const scaled = (numbers: number | readonly number[]): number[] => [numbers].flat().map((n) => n * 255);
  const plain = [normalize(scaled(mean), scaled(std))];
  const all = transforms.length === 0 ? plain : [normalize(0, 255), ...transforms, normalize(mean, std)];
  const shape = flat ? [channels * rows * cols] : [channels, rows, cols];
  return new ArrayDataset({ x: { data: images, shape, transforms: all }, y: { data: labels, dtype: "int32" } });
}

/** Some examples of a data set. */
export class Subset<B> implements Dataset<B> {
  readonly dataset: Dataset<B>;
  /** Their numbers in the whole set. */
  readonly indices: Uint32Array;

  constructor(dataset: Dataset<B>, indices: Uint32Array) {
    this.dataset = dataset;
    this.indices = indices;
  }
  get length(): number {
    return this.indices.length;
  }
  batch(at: Uint32Array, draw: Draw): B | Promise<B> {
    return this.dataset.batch(
      at.map((i) => this.indices[i]),
      draw,
    );
  }
}

export interface SplitOptions {
  /** Makes the parts reproducible: the same seed gives the same parts. */
  seed?: number;
  /** A label for each example: each part then gets its share of each label. */
  stratify?: ArrayLike<number>;
}

/** A data set in parts at random, by fractions that add up to 1: `split(set, [0.9, 0.1])`. None may be left empty. */
export function split<B>(dataset: Dataset<B>, fractions: readonly number[], options: SplitOptions = {}): Subset<B>[] {
  checkOptions("split", options, ["seed", "stratify"]);
  const { seed = 0, stratify } = options;
  checkDataset("split", dataset);
  const isList = Array.isArray(fractions) && fractions.every((f) => typeof f === "number");
  if (!isList || fractions.some((f) => f > 1)) {
    const counts = isList && fractions.reduce((a, b) => a + b, 0) === dataset.length;
    const shown = counts ? fractions.map((f) => f / dataset.length) : [0.8, 0.2];
    const fix = `Write ${print(shown).replaceAll(",", ", ")}`;
    throw new ValueError({ in: "split", got: print(fractions), want: "fractions, such as [0.8, 0.2]", fix });
  }
  for (const f of fractions) checkNumber("split", f, "a fraction", 0, 1);
  const total = fractions.reduce((a, b) => a + b, 0);
  if (Math.abs(total - 1) > 1e-6 || fractions.includes(0)) {
    const got = `the fractions ${print(fractions)}`;
    throw new ValueError({ in: "split", got, want: "numbers above 0 that add up to 1", fix: "Check the fractions" });
  }
  if (stratify && stratify.length !== dataset.length) {
    const got = `${stratify.length} labels for ${dataset.length} examples`;
    throw new ValueError({ in: "split", got, want: "a label for each", fix: "Check the labels" });
  }
  const order = permutation(dataset.length, seed);
  const groups = stratify ? byLabel(order, stratify) : [[...order]];
  const parts = fractions.map((): number[] => []);
  for (const group of groups) {
    let [start, sum] = [0, 0];
    fractions.forEach((f, k) => {
      sum += f;
      const end = k === fractions.length - 1 ? group.length : Math.round(sum * group.length);
      parts[k].push(...group.slice(start, end));
      if (end === start) {
        const got = `${group.length} example${group.length === 1 ? "" : "s"}${stratify ? ` of label ${stratify[group[0]]}` : ""} for part ${k}`;
        throw new ValueError({ in: "split", got, want: "at least one in each part", fix: "Use fewer or larger parts" });
      }
      start = end;
    });
  }
  return parts.map((indices) => new Subset(dataset, Uint32Array.from(indices)));
}

/** The examples of each label. (Map.groupBy is not there in Node 20.) */
function byLabel(order: Iterable<number>, labels: ArrayLike<number>): number[][] {
  const groups = new Map<number, number[]>();
  for (const i of order) {
    const group = groups.get(labels[i]);
    if (group) group.push(i);
    else groups.set(labels[i], [i]);
  }
  return [...groups.values()];
}
