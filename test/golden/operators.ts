/**
 * PyTorch's operators in our words: for each name, PyTorch's names for its arguments in order, and the call. What has no
 * function of its own here but is a line of others is that line. Results that we do not give are null.
 */

import type { DType, Index, Operand, Tensor } from "../../src/tensor.ts";
import * as F from "../../src/tensor.ts";
import { type Call, missing, type Row } from "./call.ts";
import type { Argument } from "./cases.ts";
import { functional } from "./functional.ts";

type Unary = { [K in keyof Tensor]: Tensor[K] extends () => Tensor ? K : never }[keyof Tensor];
type Binary = { [K in keyof Tensor]: Tensor[K] extends (x: Operand) => Tensor ? K : never }[keyof Tensor];

/** Rows that only name a method. */
const unary = (...names: Unary[]): Record<string, Row> =>
  Object.fromEntries(names.map((name): [string, Row] => [snake(name), { args: "input", f: (c) => c.x[name]() }]));
const binary = (...names: Binary[]): Record<string, Row> => {
  const row = (name: Binary): Row => ({ args: "input other", f: (c) => c.x[name](c.operand("other")) });
  return Object.fromEntries(names.map((name): [string, Row] => [snake(name), row(name)]));
};
const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** The axes to reduce; no axes are all of them. */
function axes(c: Call): number | number[] | undefined {
  const list = c.ns("dim");
  return Array.isArray(list) && list.length === 0 ? undefined : list;
}
const keep = (c: Call): { keepdim: boolean } => ({ keepdim: c.flag("keepdim") });
const pair = ({ values, indices }: { values: Tensor; indices: Tensor }): Tensor[] => [values, indices];

/** `unbiased` may stand in the place of `dim`. */
function variance(c: Call): [axes: number | number[] | undefined, options: { keepdim: boolean; correction: number }] {
  const first = c.raw("dim");
  const unbiased = typeof first === "boolean" ? first : c.flag("unbiased", true);
  return [
    typeof first === "boolean" ? undefined : axes(c),
    { ...keep(c), correction: c.n("correction", Number(unbiased)) },
  ];
}

function range(c: Call): Tensor {
  const [first, second, third] = ["start", "end", "step"].map((name) =>
    c.raw(name) === undefined ? undefined : c.n(name),
  );
  const dtype = typeOf(c.raw("dtype"));
  return second === undefined ? F.arange(first ?? 0, { dtype }) : F.arange(first ?? 0, second, third ?? 1, { dtype });
}
const typeOf = (arg: Argument | undefined): DType =>
  typeof arg === "object" && arg !== null && "dtype" in arg ? (arg.dtype as DType) : "float32";

const isRange = (i: Argument): i is { readonly slice: readonly (number | null)[] } =>
  typeof i === "object" && i !== null && !Array.isArray(i) && "slice" in i;

/** Indices and ranges; a list of indices may stand alone among ranges that take all. */
function pick(c: Call): Tensor {
  const given = c.raw("index");
  const isList = (i: Argument): i is readonly number[] =>
    Array.isArray(i) && i.every((n: Argument) => typeof n === "number");
  const items: readonly Argument[] = Array.isArray(given) && !isList(given) ? given : [given ?? null];
  const axis = items.findIndex(isList);
  const whole = (i: Argument): boolean => isRange(i) && i.slice.every((n) => n === null);
  if (axis >= 0 && items.every((i, k) => k === axis || whole(i))) {
    return c.x.indexSelect(axis, F.tensor(items[axis] as number[], { dtype: "int32" }));
  }
  return c.x.at(
    ...items.map((i): Index => {
      if (typeof i === "number") return i;
      return isRange(i) ? (i.slice as Index) : missing("index of this kind");
    }),
  );
}

const reduceRow = (
  f: (x: Tensor, axes: number | number[] | undefined, options: { keepdim: boolean }) => Tensor,
): Row => ({
  args: "input dim keepdim dtype",
  f: (c) => f(c.x, axes(c), keep(c)),
});
const axisRow = (f: (x: Tensor, axis: number) => Tensor): Row => ({
  args: "input dim dtype",
  f: (c) => f(c.x, c.n("dim")),
});
const overAxis = (f: (x: Tensor, axis: number | undefined, options: { keepdim: boolean }) => Tensor): Row => ({
  args: "input dim keepdim",
  f: (c) => f(c.x, c.raw("dim") === undefined ? undefined : c.n("dim"), keep(c)),
});
const pad: Row = {
  args: "input pad mode value",
  f: (c) => c.x.pad(c.list("pad"), { mode: c.s("mode", "constant"), value: c.n("value", 0) }),
};
const split: Row = { args: "input size dim", f: (c) => c.x.split(c.ns("size") ?? 1, c.n("dim", 0)) };

export const operators: Readonly<Record<string, Row>> = {
  ...functional,

  // elementwise
  ...unary("abs", "ceil", "cos", "erf", "exp", "expm1", "floor", "isfinite", "isinf", "isnan", "log", "log10", "log1p"),
  ...unary("log2", "logicalNot", "neg", "reciprocal", "round", "rsqrt", "sigmoid", "sign", "sin", "sqrt", "square"),
  ...unary("tan", "tanh", "trunc"),
  frac: { args: "input", f: (c) => c.x.sub(c.x.trunc()) },
  ...binary("eq", "ne", "lt", "le", "gt", "ge", "maximum", "minimum", "mul", "pow", "fmod", "remainder", "floorDivide"),
  ...binary("logicalAnd", "logicalOr", "logicalXor"),
  "max.binary": { args: "input other", f: (c) => c.x.maximum(c.t("other")) },
  "min.binary": { args: "input other", f: (c) => c.x.minimum(c.t("other")) },
  add: {
    args: "input other alpha",
    f: (c) => c.x.add(c.raw("alpha") === undefined ? c.t("other") : c.t("other").mul(c.n("alpha"))),
  },
  sub: {
    args: "input other alpha",
    f: (c) => c.x.sub(c.raw("alpha") === undefined ? c.t("other") : c.t("other").mul(c.n("alpha"))),
  },
  "div.no_rounding_mode": { args: "input other", f: (c) => c.x.div(c.t("other")) },
  "div.floor_rounding": { args: "input other rounding_mode", f: (c) => c.x.floorDivide(c.t("other")) },
  addcmul: { args: "input a b value", f: (c) => c.x.add(c.t("a").mul(c.t("b")).mul(c.n("value", 1))) },
  addcdiv: { args: "input a b value", f: (c) => c.x.add(c.t("a").div(c.t("b")).mul(c.n("value", 1))) },
  lerp: { args: "input end weight", f: (c) => c.x.lerp(c.t("end"), c.operand("weight")) },
  clamp: {
    args: "input min max",
    f: (c) => {
      const [min, max] = [c.maybe("min"), c.maybe("max")];
      return c.x.clamp({ ...(min && { min }), ...(max && { max }) });
    },
  },
  clamp_min: { args: "input min", f: (c) => c.x.clamp({ min: c.t("min") }) },
  clamp_max: { args: "input max", f: (c) => c.x.clamp({ max: c.t("max") }) },
  where: { args: "input condition other", f: (c) => c.x.where(c.t("condition"), c.t("other")) },
  masked_fill: { args: "input mask value", f: (c) => c.x.maskedFill(c.t("mask"), c.operand("value")) },

  exp2: { args: "input", f: (c) => F.exp2(c.x) },
  logit: { args: "input eps", f: (c) => F.logit(c.x, c.raw("eps") === undefined ? {} : { eps: c.n("eps") }) },
  logaddexp: { args: "input other", f: (c) => F.logaddexp(c.x, c.t("other")) },
  hypot: { args: "input other", f: (c) => F.hypot(c.x, c.t("other")) },
  xlogy: { args: "input other", f: (c) => F.xlogy(c.x, c.t("other")) },
  nan_to_num: {
    args: "input nan posinf neginf",
    f: (c) => {
      const given = (["nan", "posinf", "neginf"] as const).filter((name) => c.raw(name) !== undefined);
      return F.nanToNum(c.x, Object.fromEntries(given.map((name) => [name, c.n(name)])));
    },
  },

  // reductions
  sum: reduceRow((x, axes, options) => x.sum(axes, options)),
  mean: reduceRow((x, axes, options) => x.mean(axes, options)),
  prod: reduceRow((x, axes, options) => x.prod(axes, options)),
  amax: reduceRow((x, axes, options) => x.amax(axes, options)),
  amin: reduceRow((x, axes, options) => x.amin(axes, options)),
  all: reduceRow((x, axes, options) => x.all(axes, options)),
  any: reduceRow((x, axes, options) => x.any(axes, options)),
  count_nonzero: reduceRow((x, axes) => x.ne(0).to("int32").sum(axes)),
  argmax: overAxis((x, axis, options) => x.argmax(axis, options)),
  argmin: overAxis((x, axis, options) => x.argmin(axis, options)),
  logsumexp: reduceRow((x, axes, options) => x.logsumexp(axes, options)),
  "max.reduction_no_dim": { args: "input", f: (c) => c.x.max() },
  "min.reduction_no_dim": { args: "input", f: (c) => c.x.min() },
  "max.reduction_with_dim": { args: "input dim keepdim", f: (c) => pair(c.x.max(c.n("dim"), keep(c))) },
  "min.reduction_with_dim": { args: "input dim keepdim", f: (c) => pair(c.x.min(c.n("dim"), keep(c))) },
  var: { args: "input dim unbiased keepdim correction", f: (c) => c.x.var(...variance(c)) },
  std: { args: "input dim unbiased keepdim correction", f: (c) => c.x.std(...variance(c)) },
  var_mean: {
    args: "input dim unbiased keepdim correction",
    f: (c) => {
      const [axes, options] = variance(c);
      return [c.x.var(axes, options), c.x.mean(axes, { keepdim: options?.keepdim ?? false })];
    },
  },
  std_mean: {
    args: "input dim unbiased keepdim correction",
    f: (c) => {
      const [axes, options] = variance(c);
      return [c.x.std(axes, options), c.x.mean(axes, { keepdim: options?.keepdim ?? false })];
    },
  },
  norm: { args: "input p dim keepdim", f: (c) => c.x.norm(axes(c), { ...keep(c), p: c.n("p", 2) }) },
  "norm.fro": { args: "input p dim keepdim", f: (c) => c.x.norm(axes(c), keep(c)) },
  "norm.inf": { args: "input p dim keepdim", f: (c) => c.x.norm(axes(c), { ...keep(c), p: c.n("p") }) },
  "linalg.vector_norm": {
    args: "input ord dim keepdim",
    f: (c) => c.x.norm(axes(c), { ...keep(c), p: c.n("ord", 2) }),
  },
  softmax: axisRow((x, axis) => x.softmax(axis)),
  log_softmax: axisRow((x, axis) => x.logSoftmax(axis)),
  "nn.functional.softmin": axisRow((x, axis) => x.neg().softmax(axis)),
  cumsum: axisRow((x, axis) => x.cumsum(axis)),
  cumprod: axisRow((x, axis) => x.cumprod(axis)),
  cummax: { args: "input dim", f: (c) => [c.x.cummax(c.n("dim")), null] },
  cummin: { args: "input dim", f: (c) => [c.x.cummin(c.n("dim")), null] },
  "nn.functional.normalize": {
    args: "input p dim eps",
    f: (c) => F.normalize(c.x, { p: c.n("p", 2), axis: c.n("dim", 1), eps: c.n("eps", 1e-12) }),
  },
  "nn.functional.cosine_similarity": {
    args: "input other dim eps",
    f: (c) => F.cosineSimilarity(c.x, c.t("other"), { axis: c.n("dim", 1), eps: c.n("eps", 1e-8) }),
  },
  "nn.functional.pairwise_distance": {
    args: "input other p eps keepdim",
    f: (c) => {
      const y = F.pairwiseDistance(c.x, c.t("other"), { p: c.n("p", 2), eps: c.n("eps", 1e-6) });
      return c.flag("keepdim") ? y.unsqueeze(-1) : y;
    },
  },

  // products
  matmul: { args: "input other", f: (c) => c.x.matmul(c.t("other")) },
  mm: { args: "input other", f: (c) => c.x.matmul(c.t("other")) },
  mv: { args: "input other", f: (c) => c.x.matmul(c.t("other")) },
  bmm: { args: "input other", f: (c) => c.x.bmm(c.t("other")) },
  dot: { args: "input other", f: (c) => c.x.dot(c.t("other")) },
  outer: { args: "input other", f: (c) => c.x.outer(c.t("other")) },
  addmm: { args: "input a b beta alpha", f: addProduct },
  baddbmm: { args: "input a b beta alpha", f: addProduct },
  inner: { args: "input other", f: (c) => (c.x.ndim === 0 ? c.x.mul(c.t("other")) : c.x.matmul(c.t("other").T)) },
  trace: { args: "input", f: (c) => c.x.diagonal().sum() },
  einsum: { args: "operands equation", f: (c) => F.einsum(c.s("equation", ""), ...c.ts("operands")) },
  "nn.functional.linear": { args: "input weight bias", f: (c) => F.linear(c.x, c.t("weight"), c.maybe("bias")) },
  "nn.functional.bilinear": {
    args: "input other weight bias",
    f: (c) => {
      const y = F.einsum("...i,oij,...j->...o", c.x, c.t("weight"), c.t("other"));
      return c.raw("bias") === undefined ? y : y.add(c.t("bias"));
    },
  },

  // shapes
  T: { args: "input", f: (c) => c.x.T },
  t: { args: "input", f: (c) => c.x.T },
  mT: { args: "input", f: (c) => c.x.mT },
  transpose: { args: "input dim0 dim1", f: (c) => c.x.transpose(c.n("dim0"), c.n("dim1")) },
  permute: { args: "input dims", f: (c) => c.x.permute(c.list("dims")) },
  movedim: { args: "input source destination", f: (c) => c.x.movedim(c.list("source"), c.list("destination")) },
  reshape: { args: "input shape", f: (c) => c.x.reshape(c.list("shape")) },
  view: { args: "input shape", f: (c) => c.x.view(c.list("shape")) },
  flatten: { args: "input start_dim end_dim", f: (c) => c.x.flatten(c.n("start_dim", 0), c.n("end_dim", -1)) },
  unflatten: { args: "input dim sizes", f: (c) => c.x.unflatten(c.n("dim"), c.list("sizes")) },
  squeeze: { args: "input dim", f: (c) => c.x.squeeze(c.ns("dim")) },
  unsqueeze: { args: "input dim", f: (c) => c.x.unsqueeze(c.n("dim")) },
  expand: { args: "input sizes", f: (c) => c.x.expand(c.list("sizes")) },
  expand_as: { args: "input other", f: (c) => c.x.expand(c.t("other").shape) },
  broadcast_to: { args: "input size", f: (c) => c.x.broadcastTo(c.list("size")) },
  flip: { args: "input dims", f: (c) => c.x.flip(c.list("dims")) },
  roll: {
    args: "input shifts dims",
    f: (c) => {
      const [shifts, dims] = [c.list("shifts"), c.ns("dims")];
      if (dims === undefined) return c.x.flatten().roll(shifts[0], 0).reshape(c.x.shape);
      return [dims].flat().reduce((x, axis, i) => x.roll(shifts[i], axis), c.x);
    },
  },
  tile: { args: "input dims", f: (c) => c.x.tile(c.list("dims")) },
  repeat: { args: "input sizes", f: (c) => c.x.repeat(c.list("sizes")) },
  repeat_interleave: {
    args: "input repeats dim",
    f: (c) => {
      const [x, axis] = c.raw("dim") === undefined ? [c.x.flatten(), 0] : [c.x, c.n("dim")];
      return x.repeatInterleave(c.n("repeats"), axis);
    },
  },
  cat: { args: "tensors dim", f: (c) => F.cat(c.ts("tensors"), c.n("dim", 0)) },
  hstack: {
    args: "tensors",
    f: (c) => {
      const xs = c.ts("tensors").map((x) => (x.ndim === 0 ? x.reshape([1]) : x));
      return F.cat(xs, xs[0].ndim === 1 ? 0 : 1);
    },
  },
  vstack: {
    args: "tensors",
    f: (c) => F.cat(c.ts("tensors").map((x) => (x.ndim < 2 ? x.reshape([1, x.numel()]) : x))),
  },
  stack: { args: "tensors dim", f: (c) => F.stack(c.ts("tensors"), c.n("dim", 0)) },
  split,
  "split.list_args": split,
  split_with_sizes: split,
  chunk: { args: "input chunks dim", f: (c) => c.x.chunk(c.n("chunks"), c.n("dim", 0)) },
  unbind: {
    args: "input dim",
    f: (c) => Array.from({ length: c.x.shape.at(c.n("dim", 0))! }, (_, i) => c.x.select(c.n("dim", 0), i)),
  },
  narrow: { args: "input dim start length", f: (c) => c.x.narrow(c.n("dim"), c.n("start"), c.n("length")) },
  select: { args: "input dim index", f: (c) => c.x.select(c.n("dim"), c.n("index")) },
  slice: { args: "input dim start end step", f: (c) => c.x.slice(c.n("dim", 0)) },
  __getitem__: { args: "input index", f: pick },
  tril: { args: "input diagonal", f: (c) => c.x.tril(c.n("diagonal", 0)) },
  triu: { args: "input diagonal", f: (c) => c.x.triu(c.n("diagonal", 0)) },
  diagonal: {
    args: "input offset dim1 dim2",
    f: (c) => c.x.diagonal({ offset: c.n("offset", 0), axis1: c.n("dim1", 0), axis2: c.n("dim2", 1) }),
  },
  diag: {
    args: "input diagonal",
    f: (c) => {
      const offset = c.n("diagonal", 0);
      if (c.x.ndim === 2) return c.x.diagonal({ offset });
      return offset === 0 ? c.x.diagEmbed() : missing("offset of diagEmbed");
    },
  },
  diag_embed: {
    args: "input offset",
    f: (c) => (c.n("offset", 0) === 0 ? c.x.diagEmbed() : missing("offset of diagEmbed")),
  },
  unfold: {
    args: "input dimension size step",
    f: (c) => c.x.unfold(c.n("dimension"), { size: c.n("size"), step: c.n("step") }),
  },
  "nn.functional.pad.constant": pad,
  "nn.functional.pad.reflect": pad,
  "nn.functional.pad.replicate": pad,
  "nn.functional.pad.circular": pad,
  "nn.functional.pixel_shuffle": { args: "input upscale_factor", f: (c) => F.pixelShuffle(c.x, c.n("upscale_factor")) },

  // indices
  gather: { args: "input dim index", f: (c) => c.x.gather(c.n("dim"), c.t("index")) },
  take_along_dim: {
    args: "input indices dim",
    f: (c) => {
      const at = c.t("indices");
      if (c.raw("dim") === undefined) return c.x.flatten().gather(0, at.flatten());
      const wide = (x: Tensor, other: Tensor): Tensor =>
        x.expand(x.shape.map((d, i) => (i === c.n("dim") || d !== 1 ? d : other.shape[i])));
      return wide(c.x, at).gather(c.n("dim"), wide(at, c.x));
    },
  },
  index_select: { args: "input dim index", f: (c) => c.x.indexSelect(c.n("dim"), c.t("index")) },
  scatter: {
    args: "input dim index src reduce",
    f: (c) =>
      c.raw("reduce") === undefined
        ? c.x.scatter(c.n("dim"), c.t("index"), c.operand("src"))
        : missing("reduction by scatter"),
  },
  index_add: {
    args: "input dim index source alpha",
    f: (c) => c.x.scatterAdd(c.n("dim"), along(c, c.t("source").shape), c.t("source").mul(c.n("alpha", 1))),
  },
  index_copy: {
    args: "input dim index source",
    f: (c) => c.x.scatter(c.n("dim"), along(c, c.t("source").shape), c.t("source")),
  },
  index_fill: {
    args: "input dim index value",
    f: (c) => {
      const [at, axis] = [c.t("index"), c.n("dim")];
      return c.x.scatter(axis, along(c, c.x.shape.with(axis, at.numel())), c.n("value"));
    },
  },
  scatter_add: { args: "input dim index src", f: (c) => c.x.scatterAdd(c.n("dim"), c.t("index"), c.t("src")) },
  sort: {
    args: "input dim descending stable",
    f: (c) => pair(c.x.sort(c.n("dim", -1), { descending: c.flag("descending") })),
  },
  argsort: {
    args: "input dim descending",
    f: (c) => c.x.argsort(c.n("dim", -1), { descending: c.flag("descending") }),
  },
  topk: {
    args: "input k dim largest sorted",
    f: (c) => pair(c.x.topk(c.n("k"), { axis: c.n("dim", -1), largest: c.flag("largest", true) })),
  },
  "nn.functional.embedding": { args: "input index", f: (c) => F.embedding(c.x, c.t("index")) },
  "nn.functional.one_hot": {
    args: "index classes",
    f: (c) => F.oneHot(c.t("index"), c.n("classes"), { dtype: "int32" }),
  },

  // creation
  arange: { args: "start end step dtype", f: range },
  linspace: {
    args: "start end steps dtype",
    f: (c) => F.linspace(c.n("start"), c.n("end"), c.n("steps"), { dtype: typeOf(c.raw("dtype")) }),
  },
  eye: { args: "n m dtype", f: (c) => F.eye(c.n("n"), c.n("m", c.n("n")), { dtype: typeOf(c.raw("dtype")) }) },
};

/** The vector of indices, for each place of a tensor of this shape. */
function along(c: Call, shape: readonly number[]): Tensor {
  const axis = c.n("dim");
  return c
    .t("index")
    .reshape(shape.map((d, i) => (i === axis ? d : 1)))
    .expand(shape);
}

function addProduct(c: Call): Tensor {
  const [x, product] = [c.x.mul(c.n("beta", 1)), c.t("a").matmul(c.t("b"))];
  return x.add(product.mul(c.n("alpha", 1)));
}
