/**
 * The tensor: a handle on a node of the graph. Its methods are PyTorch's, in camelCase, each one line over a function of
 * ops/; they record and return at once. `await` stands where a device works: realize, item, data, toArray. The file is long
 * because it is the table of contents of what can be done with a tensor.
 */
import { DisposedError, DTypeError, ShapeError, UnsupportedError, ValueError } from "../errors.ts";
import { type DType, dtypes, type HostArray, isFloat, read as readElement } from "../graph/dtype.ts";
import type { Node } from "../graph/node.ts";
import * as g from "../graph/ops.ts";
import { type Shape, sameShape, show, sizeOf } from "../graph/shape.ts";
import * as activation from "../ops/activation.ts";
import {
  broadcastShapes,
  broadcastTo,
  checkOptions,
  type Operand as NodeOperand,
  print,
  toNode,
} from "../ops/check.ts";
import * as elementwise from "../ops/elementwise.ts";
import * as index from "../ops/index.ts";
import * as join from "../ops/join.ts";
import * as linalg from "../ops/linalg.ts";
import * as random from "../ops/random.ts";
import * as reduce from "../ops/reduce.ts";
import * as shape from "../ops/shape.ts";
import { assign, type Handle, keep, read, realize } from "../runtime/realize.ts";
import { fromHost, fromRecipe, type Storage, storageOf } from "../runtime/storage.ts";
import { disown, forget, gradientFlows, gradients, own, remember, type Wanting } from "./gradients.ts";

/** What an elementwise operation takes beside a tensor. */
export type Operand = Tensor | number | boolean;
/** The elements of a tensor in arrays, as deep as it has axes. */
export type Nested = number | boolean | readonly Nested[];
/** What `at()` takes for an axis: an index, `[start, stop, step]` as in Python, or null for all of it. */
export type Index = number | readonly [start?: number | null, stop?: number | null, step?: number] | null;
/** Elements along an axis and where they were. */
export interface Found {
  readonly values: Tensor;
  readonly indices: Tensor;
}
type Axes = reduce.Axes;
type ReduceOptions = reduce.ReduceOptions;

export class Tensor implements Handle, Wanting, Disposable {
  #node: Node;
  /** The storage that disposing of this tensor frees. */
  #owned: Storage | null;
  #disposed = false;
  #requiresGrad = false;
  #grad: Tensor | null = null;

  /** A handle on `node`; made by the functions of the library. `owns`: whether it may free the storage. */
  constructor(node: Node, { owns = false }: { owns?: boolean } = {}) {
    this.#node = node;
    this.#owned = owns ? storageOf(node) : null;
  }

  // What it is.

  /** The sizes of its axes, outermost first. */
  get shape(): Shape {
    return this.#node.shape;
  }
  get dtype(): DType {
    return this.#node.dtype;
  }
  /** The number of axes. */
  get ndim(): number {
    return this.#node.shape.length;
  }
  /** The number of elements. */
  numel(): number {
    return sizeOf(this.shape);
  }
  /** What messages call it; kept by values of its own, such as parameters. */
  get label(): string {
    return storageOf(this.#node)?.label ?? "";
  }
  set label(label: string) {
    const storage = storageOf(this.#node);
    if (storage) storage.label = label;
  }
  /** The node of the graph that it stands for now. */
  get node(): Node {
    if (!this.#disposed) return this.#node;
    throw new DisposedError({
      in: "tensor",
      got: `${this.#owned?.name ?? `one of shape ${show(this.shape)}`} after dispose()`,
      want: "a tensor that is still in use",
      fix: "Dispose of it later",
    });
  }
  /** The runtime's: points the handle at a value that has been computed. Gradients still find the way it was computed. */
  set node(next: Node) {
    if (next === this.#node) return;
    remember(next, this.#node);
    this.#node = next;
    this.#owned = storageOf(next);
  }
  toString(): string {
    return `Tensor(${this.dtype} ${show(this.shape)}${this.label ? ` "${this.label}"` : ""})`;
  }
  /** Operators take no tensors: `+` would join their names, and `<` would compare them. */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === "string") return this.toString();
    throw new UnsupportedError({
      in: "tensor",
      got: `${this} in the place of a number`,
      want: "methods: `+` and `<` do not work on tensors",
      fix: "Use add(), lt(), or await item()",
    });
  }
  /** JSON would have to wait for the values. */
  toJSON(): never {
    const fix = "Write await x.toArray(), or await x.item()";
    throw new UnsupportedError({ in: "JSON.stringify", got: `${this}`, want: "values that are there", fix });
  }

  // Its values.

  /** Computes it, together with all pending assignments, and keeps the value until it is disposed of or collected. */
  async realize(): Promise<this> {
    this.node;
    await realize([this]);
    return this;
  }

  /** A copy of its elements in row-major order: Float32Array for the halves too, and 0 and 1 in Uint8Array for bool. */
  async data(): Promise<HostArray> {
    return (await this.#read("data()")).slice();
  }

  /** Its one element. */
  async item(): Promise<number> {
    if (this.numel() !== 1) {
      throw new ShapeError({
        in: "item()",
        got: `a tensor of shape ${show(this.shape)}`,
        want: "one element",
        fix: "Reduce it first, or use data()",
      });
    }
    return (await this.#read("item()"))[0];
  }

  /** Its elements in nested arrays; a scalar gives its element. */
  async toArray(): Promise<Nested> {
    const values = await this.#read("toArray()");
    const elements = Array.from(values, (x): Nested => (this.dtype === "bool" ? x !== 0 : x));
    return nest(elements, this.shape);
  }

  /** Its elements, for reading only. They are kept in host memory, so that reading again costs nothing. */
  async #read(by: string): Promise<HostArray> {
    const n = this.node;
    const host = await read(n, by);
    if (!storageOf(n) && this.#node === n) this.node = fromHost(host, n.shape, n.dtype);
    if (n.dtype !== "float16" && n.dtype !== "bfloat16") return host;
    return Float32Array.from({ length: host.length }, (_, i) => readElement(host, i, n.dtype));
  }

  /**
   * Gives it a value of its own, computed from `value` with the next realize(); returns itself. What was recorded with the
   * old value and is not computed by then is lost, and says so. The value is broadcast and converted, never the tensor.
   */
  assign(value: Operand): this {
    const next = toNode(nodeOf("assign", value), this.dtype);
    if (!sameShape(broadcastShapes("assign", [this.shape, next.shape]), this.shape)) {
      const got = `${show(next.shape)} for a tensor of ${show(this.shape)}`;
      throw new ShapeError({ in: "assign", got, want: "a value that fits", fix: "Reduce or slice it" });
    }
    this.node;
    assign(this, broadcastTo(next, this.shape));
    forget(this.#node);
    if (this.#requiresGrad) own(this.#node, this);
    return this;
  }

  /** Frees its memory at once, where it has some of its own. Recipes that read it can no longer be computed. */
  dispose(): void {
    this.#disposed = true;
    this.#owned?.release("disposed");
  }
  [Symbol.dispose](): void {
    this.dispose();
  }

  // Gradients.

  /** Whether backward() gives it a gradient. Only a value of its own can: set it before computing with it. */
  get requiresGrad(): boolean {
    return this.#requiresGrad || gradientFlows(this.#node);
  }
  set requiresGrad(on: boolean) {
    if (!on) {
      this.#requiresGrad = false;
      disown(this.#node, this);
      return;
    }
    if (!isFloat(this.dtype)) {
      const fix = "Convert it with float()";
      throw new ValueError({ in: "requiresGrad", got: `a ${this.dtype} tensor`, want: "floating point", fix });
    }
    if (!this.#requiresGrad && gradientFlows(this.node)) {
      const fix = "Call detach() first, or use grad()";
      throw new ValueError({ in: "requiresGrad", got: "a result", want: "a tensor that has a value of its own", fix });
    }
    if (!storageOf(this.#node)) {
      this.#node = fromRecipe(this.#node);
      this.#owned = storageOf(this.#node);
    }
    this.#requiresGrad = true;
    own(this.#node, this);
  }

  /** What backward() has accumulated; null before. */
  get grad(): Tensor | null {
    return this.#grad;
  }
  set grad(gradient: Tensor | null) {
    if (gradient && !sameShape(gradient.shape, this.shape)) {
      const got = `a gradient of ${show(gradient.shape)}`;
      throw new ShapeError({ in: "grad", got, want: show(this.shape), fix: "Reshape or reduce it" });
    }
    this.#grad = gradient;
  }
  zeroGrad(): void {
    this.#grad = null;
  }

  /**
   * Records the gradients of this scalar: each parameter that it was computed from gets one in `grad`, added to what is
   * there. Nothing is computed, and the tensor itself is kept through the next update, so that printing it costs nothing.
   * A tensor of several elements takes its own gradient, in its shape.
   */
  backward(gradient?: Tensor): void {
    const n = this.node;
    if (!isFloat(n.dtype)) {
      const fix = "Compute the loss in floating point";
      throw new ValueError({ in: "backward", got: `a ${n.dtype} tensor`, want: "floating point", fix });
    }
    if (!gradient && this.numel() !== 1) {
      const fix = "Reduce it with sum() or mean(), or give its gradient";
      throw new ValueError({ in: "backward", got: `a tensor of shape ${show(n.shape)}`, want: "one element", fix });
    }
    if (gradient && !sameShape(gradient.shape, n.shape)) {
      const got = `a gradient of ${show(gradient.shape)} for ${show(n.shape)}`;
      throw new ShapeError({ in: "backward", got, want: "equal shapes", fix: "Expand the gradient" });
    }
    const seed = gradient ? g.cast(tensorNode("backward", gradient), n.dtype) : g.like(n, 1);
    const found = this.#requiresGrad ? new Map<Wanting, Node>([[this, seed]]) : gradients(n, seed);
    if (found.size === 0) {
      const fix = "Compute it from parameters, or set requiresGrad on what it is computed from";
      const got = "a tensor that no parameter leads to, or only through detach(), integers or comparisons";
      throw new ValueError({ in: "backward", got, want: "a gradient path", fix });
    }
    for (const [owner, value] of found) {
      const tensor = owner as Tensor;
      tensor.#grad = new Tensor(tensor.#grad ? g.add(tensor.#grad.node, value) : value);
    }
    keep(this);
  }

  /** The same value, through which no gradient flows. */
  detach(): Tensor {
    return new Tensor(g.detach(this.node));
  }
  /** The same value; not affected by an assignment to this tensor once it is computed. */
  clone(): Tensor {
    return new Tensor(g.node("reshape", [this.node], { shape: this.shape }));
  }

  // Types. A float becomes an integer by truncation, saturating; NaN becomes 0. Integers wrap.

  /** Converted to `dtype`. */
  to(dtype: DType): Tensor {
    if (!Object.hasOwn(dtypes, dtype)) {
      const want = Object.keys(dtypes).join(", ");
      throw new DTypeError({ in: "to", got: print(dtype), want, fix: "Choose one of them" });
    }
    return new Tensor(g.cast(this.node, dtype));
  }
  /** Converted to float32. */
  float(): Tensor {
    return this.to("float32");
  }
  /** Converted to float64. */
  double(): Tensor {
    return this.to("float64");
  }
  /** Converted to float16. */
  half(): Tensor {
    return this.to("float16");
  }
  /** Converted to int32. */
  int(): Tensor {
    return this.to("int32");
  }
  /** Whether each element is not 0. */
  bool(): Tensor {
    return this.to("bool");
  }

  // Arithmetic: shapes are broadcast, types promoted as in PyTorch.

  add(other: Operand): Tensor {
    return new Tensor(elementwise.add(this.node, nodeOf("add", other)));
  }
  sub(other: Operand): Tensor {
    return new Tensor(elementwise.sub(this.node, nodeOf("sub", other)));
  }
  mul(other: Operand): Tensor {
    return new Tensor(elementwise.mul(this.node, nodeOf("mul", other)));
  }
  /** True division: integers give float32. */
  div(other: Operand): Tensor {
    return new Tensor(elementwise.div(this.node, nodeOf("div", other)));
  }
  /** `⌊this / other⌋`. An integer divided by 0 is itself. */
  floorDivide(other: Operand): Tensor {
    return new Tensor(elementwise.floorDivide(this.node, nodeOf("floorDivide", other)));
  }
  /** The remainder with the sign of `other`. Of an integer by 0, 0. */
  remainder(other: Operand): Tensor {
    return new Tensor(elementwise.remainder(this.node, nodeOf("remainder", other)));
  }
  /** The remainder with the sign of this tensor. Of an integer by 0, 0. */
  fmod(other: Operand): Tensor {
    return new Tensor(elementwise.fmod(this.node, nodeOf("fmod", other)));
  }
  pow(exponent: Operand): Tensor {
    return new Tensor(elementwise.pow(this.node, nodeOf("pow", exponent)));
  }
  /** The greater of the two; NaN wins, and equals share the gradient. */
  maximum(other: Operand): Tensor {
    return new Tensor(elementwise.maximum(this.node, nodeOf("maximum", other)));
  }
  /** The lesser of the two; NaN wins, and equals share the gradient. */
  minimum(other: Operand): Tensor {
    return new Tensor(elementwise.minimum(this.node, nodeOf("minimum", other)));
  }
  /** `this + weight · (end − this)`. */
  lerp(end: Operand, weight: Operand): Tensor {
    return new Tensor(elementwise.lerp(this.node, nodeOf("lerp", end), nodeOf("lerp", weight)));
  }
  /** Within `min` and `max`; the gradient flows where it was within them. */
  clamp(range: { min?: Operand; max?: Operand }): Tensor {
    checkOptions("clamp", range, ["min", "max"]);
    const { min, max } = range ?? {};
    const limits = {
      ...(min === undefined ? {} : { min: nodeOf("clamp", min) }),
      ...(max === undefined ? {} : { max: nodeOf("clamp", max) }),
    };
    return new Tensor(elementwise.clamp(this.node, limits));
  }
  neg(): Tensor {
    return new Tensor(elementwise.neg(this.node));
  }
  /** With derivative 0 at 0. */
  abs(): Tensor {
    return new Tensor(elementwise.abs(this.node));
  }
  /** −1, 0 or 1. */
  sign(): Tensor {
    return new Tensor(elementwise.sign(this.node));
  }
  square(): Tensor {
    return new Tensor(elementwise.square(this.node));
  }
  sqrt(): Tensor {
    return new Tensor(elementwise.sqrt(this.node));
  }
  /** `1 / √x`. */
  rsqrt(): Tensor {
    return new Tensor(elementwise.rsqrt(this.node));
  }
  reciprocal(): Tensor {
    return new Tensor(elementwise.reciprocal(this.node));
  }
  exp(): Tensor {
    return new Tensor(elementwise.exp(this.node));
  }
  /** `eˣ − 1`, precise near 0. */
  expm1(): Tensor {
    return new Tensor(elementwise.expm1(this.node));
  }
  log(): Tensor {
    return new Tensor(elementwise.log(this.node));
  }
  /** `log(1 + x)`, precise near 0. */
  log1p(): Tensor {
    return new Tensor(elementwise.log1p(this.node));
  }
  log2(): Tensor {
    return new Tensor(elementwise.log2(this.node));
  }
  log10(): Tensor {
    return new Tensor(elementwise.log10(this.node));
  }
  sin(): Tensor {
    return new Tensor(elementwise.sin(this.node));
  }
  cos(): Tensor {
    return new Tensor(elementwise.cos(this.node));
  }
  tan(): Tensor {
    return new Tensor(elementwise.tan(this.node));
  }
  tanh(): Tensor {
    return new Tensor(elementwise.tanh(this.node));
  }
  erf(): Tensor {
    return new Tensor(elementwise.erf(this.node));
  }
  sigmoid(): Tensor {
    return new Tensor(activation.sigmoid(this.node));
  }
  /** `max(x, 0)`, with derivative 0 at 0; NaN stays NaN. */
  relu(): Tensor {
    return new Tensor(activation.relu(this.node));
  }
  /** Rounded down; no gradient flows through the roundings. */
  floor(): Tensor {
    return new Tensor(elementwise.floor(this.node));
  }
  /** Rounded up. */
  ceil(): Tensor {
    return new Tensor(elementwise.ceil(this.node));
  }
  /** Rounded to the nearest, halves to even. */
  round(): Tensor {
    return new Tensor(elementwise.round(this.node));
  }
  /** Rounded towards 0. */
  trunc(): Tensor {
    return new Tensor(elementwise.trunc(this.node));
  }

  // Comparisons and logic give bools.

  eq(other: Operand): Tensor {
    return new Tensor(elementwise.eq(this.node, nodeOf("eq", other)));
  }
  ne(other: Operand): Tensor {
    return new Tensor(elementwise.ne(this.node, nodeOf("ne", other)));
  }
  lt(other: Operand): Tensor {
    return new Tensor(elementwise.lt(this.node, nodeOf("lt", other)));
  }
  le(other: Operand): Tensor {
    return new Tensor(elementwise.le(this.node, nodeOf("le", other)));
  }
  gt(other: Operand): Tensor {
    return new Tensor(elementwise.gt(this.node, nodeOf("gt", other)));
  }
  ge(other: Operand): Tensor {
    return new Tensor(elementwise.ge(this.node, nodeOf("ge", other)));
  }
  logicalAnd(other: Operand): Tensor {
    return new Tensor(elementwise.logicalAnd(this.node, nodeOf("logicalAnd", other)));
  }
  logicalOr(other: Operand): Tensor {
    return new Tensor(elementwise.logicalOr(this.node, nodeOf("logicalOr", other)));
  }
  logicalXor(other: Operand): Tensor {
    return new Tensor(elementwise.logicalXor(this.node, nodeOf("logicalXor", other)));
  }
  logicalNot(): Tensor {
    return new Tensor(elementwise.logicalNot(this.node));
  }
  isnan(): Tensor {
    return new Tensor(elementwise.isnan(this.node));
  }
  isinf(): Tensor {
    return new Tensor(elementwise.isinf(this.node));
  }
  isfinite(): Tensor {
    return new Tensor(elementwise.isfinite(this.node));
  }
  /** This tensor where `condition` holds, `other` elsewhere. */
  where(condition: Tensor, other: Operand): Tensor {
    return new Tensor(elementwise.where(condition.node, this.node, nodeOf("where", other)));
  }
  /** `value` wherever `mask` holds. */
  maskedFill(mask: Tensor, value: Operand): Tensor {
    return new Tensor(index.maskedFill(this.node, tensorNode("maskedFill", mask), nodeOf("maskedFill", value)));
  }

  // Reductions: over one axis, several, or all. `keepdim` leaves the reduced axes, with size 1.

  /** Integers add up in int32, which wraps. */
  sum(axes?: Axes, options?: ReduceOptions): Tensor {
    return new Tensor(reduce.sum(this.node, axes, options));
  }
  prod(axes?: Axes, options?: ReduceOptions): Tensor {
    return new Tensor(reduce.prod(this.node, axes, options));
  }
  mean(axes?: Axes, options?: ReduceOptions): Tensor {
    return new Tensor(reduce.mean(this.node, axes, options));
  }
  /** The variance; unbiased unless `correction` is 0. */
  var(axes?: Axes, options?: reduce.VarianceOptions): Tensor {
    return new Tensor(reduce.variance(this.node, axes, options));
  }
  /** The standard deviation; from the unbiased variance unless `correction` is 0. */
  std(axes?: Axes, options?: reduce.VarianceOptions): Tensor {
    return new Tensor(reduce.std(this.node, axes, options));
  }
  /** The greatest element (equals share the gradient); or those along an axis and their first indices. */
  max(): Tensor;
  max(axis: number, options?: ReduceOptions): Found;
  max(axis?: number, options?: ReduceOptions): Tensor | Found {
    return axis === undefined ? this.amax() : found(reduce.max(this.node, axis, options));
  }
  /** The least element, or those along an axis and their first indices. */
  min(): Tensor;
  min(axis: number, options?: ReduceOptions): Found;
  min(axis?: number, options?: ReduceOptions): Tensor | Found {
    return axis === undefined ? this.amin() : found(reduce.min(this.node, axis, options));
  }
  /** The greatest elements; NaN wins, and equals share the gradient. */
  amax(axes?: Axes, options?: ReduceOptions): Tensor {
    return new Tensor(reduce.amax(this.node, axes, options));
  }
  /** The least elements; NaN wins, and equals share the gradient. */
  amin(axes?: Axes, options?: ReduceOptions): Tensor {
    return new Tensor(reduce.amin(this.node, axes, options));
  }
  /** The first index of the greatest element along `axis`, or in the flat tensor; int32. */
  argmax(axis?: number, options?: ReduceOptions): Tensor {
    return new Tensor(reduce.argmax(this.node, axis, options));
  }
  /** The first index of the least element along `axis`, or in the flat tensor; int32. */
  argmin(axis?: number, options?: ReduceOptions): Tensor {
    return new Tensor(reduce.argmin(this.node, axis, options));
  }
  /** Whether all elements are not 0. */
  all(axes?: Axes, options?: ReduceOptions): Tensor {
    return new Tensor(reduce.all(this.node, axes, options));
  }
  /** Whether any element is not 0. */
  any(axes?: Axes, options?: ReduceOptions): Tensor {
    return new Tensor(reduce.any(this.node, axes, options));
  }
  /** The `p`-norm, 2 by default. Its gradient at 0 is 0. */
  norm(axes?: Axes, options?: ReduceOptions & { p?: number }): Tensor {
    return new Tensor(reduce.norm(this.node, axes, options));
  }
  /** `log Σ eˣ`. */
  logsumexp(axes?: Axes, options?: ReduceOptions): Tensor {
    return new Tensor(reduce.logsumexp(this.node, axes, options));
  }
  softmax(axis: number): Tensor {
    return new Tensor(reduce.softmax(this.node, axis));
  }
  logSoftmax(axis: number): Tensor {
    return new Tensor(reduce.logSoftmax(this.node, axis));
  }
  /** The running sum. */
  cumsum(axis: number): Tensor {
    return new Tensor(reduce.cumsum(this.node, axis));
  }
  /** The running product. */
  cumprod(axis: number): Tensor {
    return new Tensor(reduce.cumprod(this.node, axis));
  }
  /** The running maximum (PyTorch gives its indices too). */
  cummax(axis: number): Tensor {
    return new Tensor(reduce.cummax(this.node, axis));
  }
  /** The running minimum (PyTorch gives its indices too). */
  cummin(axis: number): Tensor {
    return new Tensor(reduce.cummin(this.node, axis));
  }

  // Shapes: views, which cost nothing by themselves.

  /** The elements in another shape; one size may be −1. */
  reshape(sizes: Shape): Tensor {
    return new Tensor(shape.reshape(this.node, sizes));
  }
  /** The same as reshape: nothing is ever copied by it. */
  view(sizes: Shape): Tensor {
    return new Tensor(shape.reshape(this.node, sizes, "view"));
  }
  /** The axes from `start` to `end`, both included, joined to one. */
  flatten(start?: number, end?: number): Tensor {
    return new Tensor(shape.flatten(this.node, start, end));
  }
  /** One axis split into several. */
  unflatten(axis: number, sizes: Shape): Tensor {
    return new Tensor(shape.unflatten(this.node, axis, sizes));
  }
  /** Without axes of size 1: those given, or all. */
  squeeze(axes?: Axes): Tensor {
    return new Tensor(shape.squeeze(this.node, axes));
  }
  /** With a new axis of size 1. */
  unsqueeze(axis: number): Tensor {
    return new Tensor(shape.unsqueeze(this.node, axis));
  }
  /** Axis `i` of the result is axis `order[i]`. */
  permute(order: readonly number[]): Tensor {
    return new Tensor(shape.permute(this.node, order));
  }
  /** With two axes exchanged. */
  transpose(a: number, b: number): Tensor {
    return new Tensor(shape.transpose(this.node, a, b));
  }
  /** With all axes in reverse: the transposed matrix. */
  get T(): Tensor {
    return new Tensor(g.permute(this.node, this.shape.map((_, i) => i).reverse()));
  }
  /** The transposed matrices: the last two axes exchanged. */
  get mT(): Tensor {
    return new Tensor(shape.transpose(this.node, -2, -1));
  }
  /** Axes moved to other places. */
  movedim(source: Axes, destination: Axes): Tensor {
    return new Tensor(shape.movedim(this.node, source, destination));
  }
  /** Axes of size 1 repeated to the sizes given; −1 leaves an axis as it is. */
  expand(sizes: Shape): Tensor {
    return new Tensor(shape.expand(this.node, sizes));
  }
  /** Repeated to `sizes` by the rules of broadcasting. */
  broadcastTo(sizes: Shape): Tensor {
    return new Tensor(shape.expand(this.node, sizes));
  }
  /**
   * Part of it, axis by axis: a number picks an index and drops the axis, `[start, stop, step]` takes a range as Python
   * does, null takes all. `x.at(0, [1, -1], null, [null, null, -1])`.
   */
  at(...indices: readonly Index[]): Tensor {
    return new Tensor(pick(this.node, indices));
  }
  /** The elements from `start` to before `stop` along an axis, `step` apart; a negative end counts from the end. */
  slice(axis: number, range?: shape.Range): Tensor {
    return new Tensor(shape.slice(this.node, axis, range));
  }
  /** `length` elements from `start` along an axis. */
  narrow(axis: number, start: number, length: number): Tensor {
    return new Tensor(shape.narrow(this.node, axis, start, length));
  }
  /** The slice at one index of an axis, without the axis. */
  select(axis: number, at: number): Tensor {
    return new Tensor(index.select(this.node, axis, at));
  }
  /** Back to front. */
  flip(axes: Axes): Tensor {
    return new Tensor(shape.flip(this.node, axes));
  }
  /** Moved along an axis; what leaves at one end comes in at the other. */
  roll(shift: number, axis: number): Tensor {
    return new Tensor(shape.roll(this.node, shift, axis));
  }
  /** Repeated whole, `counts[i]` times along axis `i`. */
  repeat(counts: readonly number[]): Tensor {
    return new Tensor(join.repeat(this.node, counts));
  }
  /** As repeat; missing counts are 1. */
  tile(counts: readonly number[]): Tensor {
    return new Tensor(join.tile(this.node, counts));
  }
  /** Each element along an axis repeated in place. */
  repeatInterleave(count: number, axis: number): Tensor {
    return new Tensor(join.repeatInterleave(this.node, count, axis));
  }
  /** Parts of `sizes` elements along an axis. */
  split(sizes: number | readonly number[], axis = 0): Tensor[] {
    return shape.split(this.node, sizes, axis).map((n) => new Tensor(n));
  }
  /** At most `count` parts of equal size along an axis. */
  chunk(count: number, axis = 0): Tensor[] {
    return shape.chunk(this.node, count, axis).map((n) => new Tensor(n));
  }
  /** New elements around: counts before and after the last axis, then the one before it, and so on. */
  pad(padding: readonly number[], options?: join.PadOptions): Tensor {
    return new Tensor(join.pad(this.node, padding, options));
  }
  /** Windows along an axis; they get a last axis of their own. */
  unfold(axis: number, options: { size: number; step?: number; dilation?: number }): Tensor {
    return new Tensor(shape.unfold(this.node, axis, options));
  }
  /** The diagonal of two axes, as the last axis. */
  diagonal(options?: { offset?: number; axis1?: number; axis2?: number }): Tensor {
    return new Tensor(shape.diagonal(this.node, options));
  }
  /** Matrices with its last axis as their diagonals. */
  diagEmbed(): Tensor {
    return new Tensor(shape.diagEmbed(this.node));
  }
  /** The lower triangle of matrices, 0 above. */
  tril(diagonal?: number): Tensor {
    return new Tensor(shape.tril(this.node, diagonal));
  }
  /** The upper triangle of matrices, 0 below. */
  triu(diagonal?: number): Tensor {
    return new Tensor(shape.triu(this.node, diagonal));
  }

  // Indices: whole numbers from 0, in int32 or uint8. Those in host memory are checked here, others by the device.

  /** `out[…, i, …] = this[…, at[…, i, …], …]` along `axis`. */
  gather(axis: number, at: Tensor): Tensor {
    const out = index.gather(this.node, axis, tensorNode("gather", at));
    return checked("gather", at, this.shape, axis, out);
  }
  /** The slices at the indices of a vector, along `axis`. */
  indexSelect(axis: number, at: Tensor): Tensor {
    const out = index.indexSelect(this.node, axis, tensorNode("indexSelect", at));
    return checked("indexSelect", at, this.shape, axis, out);
  }
  /** The elements at indices of the flat tensor, in the shape of `at`. */
  take(at: Tensor): Tensor {
    return checked("take", at, [this.numel()], 0, index.take(this.node, tensorNode("take", at)));
  }
  /** With the elements of `source` put at indices along `axis`; of several for one place, the last one wins. */
  scatter(axis: number, at: Tensor, source: Operand): Tensor {
    return checked(
      "scatter",
      at,
      this.shape,
      axis,
      index.scatter(this.node, axis, tensorNode("scatter", at), nodeOf("scatter", source)),
    );
  }
  /** With the elements of `source` added at indices along `axis`. */
  scatterAdd(axis: number, at: Tensor, source: Operand): Tensor {
    const out = index.scatter(this.node, axis, tensorNode("scatterAdd", at), nodeOf("scatterAdd", source), "add");
    return checked("scatterAdd", at, this.shape, axis, out);
  }
  /** The elements where `mask` holds, as a vector: their number depends on the data, so it waits for the mask. */
  async maskedSelect(mask: Tensor): Promise<Tensor> {
    index.checkMask("maskedSelect", this.node, tensorNode("maskedSelect", mask));
    const positions = await new Tensor(broadcastTo(tensorNode("maskedSelect", mask), this.shape)).#positions();
    return this.take(new Tensor(fromHost(positions, [positions.length], "int32"), { owns: true }));
  }
  /** The indices of the elements that are not 0, `(count, axes)`: it waits for the values. */
  async nonzero(): Promise<Tensor> {
    const positions = await this.#positions();
    const rank = this.ndim;
    const places = new Int32Array(positions.length * rank);
    positions.forEach((flat, i) => {
      let rest = flat;
      for (let axis = rank - 1; axis >= 0; axis--) {
        places[i * rank + axis] = rest % this.shape[axis];
        rest = Math.floor(rest / this.shape[axis]);
      }
    });
    return new Tensor(fromHost(places, [positions.length, rank], "int32"), { owns: true });
  }
  async #positions(): Promise<Int32Array> {
    const values = await this.#read("nonzero()");
    const positions: number[] = [];
    values.forEach((x, i) => {
      if (x !== 0) positions.push(i);
    });
    return Int32Array.from(positions);
  }
  /** Sorted along `axis`, and where each was. Stable, with NaN last either way. */
  sort(axis?: number, options?: { descending?: boolean }): Found {
    return found(index.sort(this.node, axis, options));
  }
  /** The permutation that sorts along `axis`, as int32. */
  argsort(axis?: number, options?: { descending?: boolean }): Tensor {
    return new Tensor(index.argsort(this.node, axis, options));
  }
  /** The `k` greatest (or least) elements along an axis, best first, and where they were. */
  topk(k: number, options?: { axis?: number; largest?: boolean }): Found {
    return found(index.topk(this.node, k, options));
  }

  // Products.

  /**
   * The matrix product over the last two axes; those before are broadcast, and vectors are rows or columns. Of bytes (`int8`,
   * `uint8`) with `{ dtype: "int32" }` it is exact, unless sums exceed int32.
   */
  matmul(other: Tensor, options?: linalg.MatmulOptions): Tensor {
    return new Tensor(linalg.matmul(this.node, tensorNode("matmul", other), "matmul", options));
  }
  /** `(B, M, K) × (B, K, N) → (B, M, N)`. */
  bmm(other: Tensor): Tensor {
    return new Tensor(linalg.bmm(this.node, tensorNode("bmm", other)));
  }
  /** The sum of the products of two vectors. */
  dot(other: Tensor): Tensor {
    return new Tensor(linalg.dot(this.node, tensorNode("dot", other)));
  }
  /** The products of all pairs of elements of two vectors. */
  outer(other: Tensor): Tensor {
    return new Tensor(linalg.outer(this.node, tensorNode("outer", other)));
  }

  // Chance.

  /** 1 with the probabilities that it holds, else 0. */
  bernoulli(options?: { generator?: random.Generator }): Tensor {
    return new Tensor(random.bernoulli(this.node, options));
  }
  /** `count` indices of the last axis, drawn with probabilities proportional to its elements. */
  multinomial(count: number, options?: random.MultinomialOptions): Tensor {
    const weights = hostOf(this);
    if (weights) random.checkWeights(weights, this.shape, count, options?.replacement ?? false);
    return new Tensor(random.multinomial(this.node, count, options));
  }
}

// So that console.log shows what a tensor is, not how it is made.
Object.defineProperty(Tensor.prototype, Symbol.for("nodejs.util.inspect.custom"), { value: Tensor.prototype.toString });

/** A tensor that is trained: it has a value of its own, which gradients and optimizers find. */
export class Parameter extends Tensor {
  /** Its first value is `value`, computed on first use. */
  constructor(value: Tensor, { label = "", requiresGrad = true }: { label?: string; requiresGrad?: boolean } = {}) {
    super(fromRecipe(tensorNode("Parameter", value), label), { owns: true });
    if (requiresGrad) this.requiresGrad = true;
  }
}

/** An operand as functions on nodes take it. */
export function nodeOf(op: string, x: Operand): NodeOperand {
  if (x instanceof Tensor) return x.node;
  if (typeof x === "number" || typeof x === "boolean") return x;
  throw new DTypeError({ in: op, got: print(x), want: "tensors, numbers and bools", fix: toTensor(x) });
}

/** The node of what has to be a tensor; `name` is the argument's, where there are several. */
export function tensorNode(op: string, x: Tensor, name?: string): Node {
  if (x instanceof Tensor) return x.node;
  const got = name === undefined ? print(x) : `${print(x)} as ${name}`;
  throw new DTypeError({ in: op, got, want: "a tensor", fix: toTensor(x) });
}

/** Promises that `x` is computed with the next update, so that it can be read after it too; gives it back. */
export function keepThroughUpdate(x: Tensor): Tensor {
  keep(x);
  return x;
}

/** The way from something else to a tensor. */
const toTensor = (x: unknown): string =>
  x instanceof Promise ? "Await it" : Array.isArray(x) ? "Make a tensor of it with tensor()" : "Make a tensor of it";

/** The elements of a tensor that is in host memory anyway, else null. */
export function hostOf(x: Tensor): HostArray | null {
  const storage = storageOf(x.node);
  return storage?.state === "live" && !storage.init ? storage.host : null;
}

const found = ({ values, indices }: { values: Node; indices: Node }): Found => ({
  values: new Tensor(values),
  indices: new Tensor(indices),
});

/** `out`, if the indices it was made with are on the axis, as far as that can be known now. */
function checked(op: string, at: Tensor, sizes: Shape, axis: number, out: Node): Tensor {
  const [values, i] = [hostOf(at), axis < 0 ? axis + sizes.length : axis];
  if (values) index.checkIndices(op, values, sizes[i], `axis ${i}`);
  return new Tensor(out);
}

function pick(x: Node, indices: readonly Index[]): Node {
  if (indices.length > x.shape.length) {
    const got = `${indices.length} indices for ${x.shape.length} axes`;
    throw new ShapeError({ in: "at", got, want: "no more than there are axes", fix: "Remove some" });
  }
  let [y, axis] = [x, 0];
  for (const i of indices) {
    if (typeof i === "number") y = index.select(y, axis, i, "at");
    else {
      if (!Array.isArray(i ?? [])) throw notAnIndex(i);
      const [start, stop, step] = i ?? [];
      y = shape.slice(y, axis++, { start: start ?? undefined, stop: stop ?? undefined, step: step ?? undefined });
    }
  }
  return y;
}

function notAnIndex(i: unknown): ValueError {
  const byTensor = "Choose by a tensor with indexSelect() or gather(), and by a mask with where() or maskedFill()";
  return new ValueError({
    ...{ in: "at", got: print(i), want: "for each axis a number, a range such as [0, 3], or null for all" },
    fix: i instanceof Tensor ? byTensor : "Write ranges as arrays",
  });
}

/** Elements in arrays as deep as there are sizes. */
function nest(elements: readonly Nested[], sizes: Shape, start = 0): Nested {
  if (sizes.length === 0) return elements[start];
  const [size, ...rest] = sizes;
  const step = sizeOf(rest);
  return Array.from({ length: size }, (_, i) => nest(elements, rest, start + i * step));
}
