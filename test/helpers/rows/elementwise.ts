/** Operations on single elements, and activations. */

import * as F from "../../../src/tensor.ts";
import { tensor, where } from "../../../src/tensor.ts";
import type { Rows } from "./row.ts";

const none = { gradient: false } as const;
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const softplus = (x: number): number => Math.log1p(Math.exp(x));
/** The error function by its series, enough for small numbers. */
function erf(x: number): number {
  let [term, total] = [x, x];
  for (let n = 1; n < 60; n++) {
    term *= -(x * x) / n;
    total += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * total;
}
const halfEven = (x: number): number => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));

export const elementwise: Rows = {
  // arithmetic
  add: { f: (a, b) => a.add(b), on: ["3x4", "3x4"], ref: (a, b) => a + b, also: ["int32", "uint8", "int8", "bool"] },
  "add, broadcast": { f: (a, b) => a.add(b), on: ["3x4", "4"], ref: (a, b) => a + b },
  "add, both broadcast": { f: (a, b) => a.add(b), on: ["3x1", "1x4"], ref: (a, b) => a + b },
  "add, rank 0": { f: (a, b) => a.add(b), on: ["", "2x3"], ref: (a, b) => a + b },
  "add a number": { f: (a) => a.add(0.5), on: ["5"], ref: (a) => a + 0.5 },
  sub: { f: (a, b) => a.sub(b), on: ["3x4", "3x4"], ref: (a, b) => a - b, also: ["int32", "uint8", "int8"] },
  mul: { f: (a, b) => a.mul(b), on: ["3x4", "3x4"], ref: (a, b) => a * b, also: ["int32", "uint8", "int8", "bool"] },
  "mul, broadcast": { f: (a, b) => a.mul(b), on: ["2x3x4", "3x1"], ref: (a, b) => a * b },
  div: { f: (a, b) => a.div(b), on: ["5", "5"], in: [0.5, 2], ref: (a, b) => a / b, also: ["int32"] },
  "div, broadcast": { f: (a, b) => a.div(b), on: ["4", "3x4"], in: [0.5, 2], ref: (a, b) => a / b },
  floorDivide: {
    f: (a, b) => a.floorDivide(b),
    on: ["9", "9"],
    in: [-9, 9],
    ref: (a, b) => Math.floor(a / b),
    also: ["int32"],
    ...none,
  },
  remainder: {
    f: (a, b) => a.remainder(b),
    on: ["9", "9"],
    in: [1, 9],
    ref: (a, b) => a - Math.floor(a / b) * b,
    also: ["int32"],
  },
  fmod: { f: (a, b) => a.fmod(b), on: ["9", "9"], in: [1, 9], ref: (a, b) => a % b, also: ["int32"] },
  pow: { f: (a, b) => a.pow(b), on: ["6", "6"], in: [0.5, 2], ref: (a, b) => a ** b },
  "pow 0": { f: (a) => a.pow(0), on: ["5"], ref: () => 1, also: ["int32"] },
  "pow 2": { f: (a) => a.pow(2), on: ["5"], ref: (a) => a * a, also: ["int32"] },
  "pow 3": { f: (a) => a.pow(3), on: ["5"], ref: (a) => a ** 3, also: ["int32"] },
  "pow 5": { f: (a) => a.pow(5), on: ["5"], ref: (a) => a ** 5, also: ["int32"] },
  "pow −1": { f: (a) => a.pow(-1), on: ["5"], in: [0.5, 2], ref: (a) => 1 / a },
  "pow ½": { f: (a) => a.pow(0.5), on: ["5"], in: [0.5, 2], ref: Math.sqrt },
  "pow 2.5": { f: (a) => a.pow(2.5), on: ["5"], in: [0.5, 2], ref: (a) => a ** 2.5 },
  maximum: { f: (a, b) => a.maximum(b), on: ["7", "7"], ref: Math.max, also: ["int32", "uint8", "int8"] },
  minimum: { f: (a, b) => a.minimum(b), on: ["7", "7"], ref: Math.min, also: ["int32", "uint8", "int8"] },
  lerp: { f: (a, b, w) => a.lerp(b, w), on: ["5", "5", "5"], ref: (a, b, w) => a + w * (b - a) },
  clamp: { f: (a) => a.clamp({ min: -0.5, max: 1 }), on: ["9"], ref: (a) => Math.min(Math.max(a, -0.5), 1) },
  "clamp from below": { f: (a) => a.clamp({ min: 0 }), on: ["9"], ref: (a) => Math.max(a, 0), also: ["int32"] },
  neg: { f: (a) => a.neg(), on: ["5"], ref: (a) => -a, also: ["int32", "uint8", "int8"] },
  abs: { f: (a) => a.abs(), on: ["7"], ref: Math.abs, also: ["int32", "uint8", "int8"] },
  sign: { f: (a) => a.sign(), on: ["7"], ref: Math.sign, also: ["int32"], ...none },
  square: { f: (a) => a.square(), on: ["5"], ref: (a) => a * a, also: ["int32"] },
  // functions
  sqrt: { f: (a) => a.sqrt(), on: ["7"], in: [0.1, 3], ref: Math.sqrt },
  rsqrt: { f: (a) => a.rsqrt(), on: ["7"], in: [0.1, 3], ref: (a) => 1 / Math.sqrt(a) },
  reciprocal: { f: (a) => a.reciprocal(), on: ["7"], in: [0.1, 3], ref: (a) => 1 / a },
  exp: { f: (a) => a.exp(), on: ["7"], ref: Math.exp },
  "exp, far": { f: (a) => a.exp(), on: ["65"], in: [-80, 80], ref: Math.exp, ...none },
  expm1: { f: (a) => a.expm1(), on: ["7"], ref: Math.expm1 },
  "expm1, near 0": { f: (a) => a.expm1(), on: ["33"], in: [-1e-3, 1e-3], ref: Math.expm1 },
  log: { f: (a) => a.log(), on: ["7"], in: [0.1, 3], ref: Math.log },
  log1p: { f: (a) => a.log1p(), on: ["7"], in: [-0.5, 3], ref: Math.log1p },
  "log1p, near 0": { f: (a) => a.log1p(), on: ["33"], in: [-1e-3, 1e-3], ref: Math.log1p },
  log2: { f: (a) => a.log2(), on: ["7"], in: [0.1, 3], ref: Math.log2 },
  log10: { f: (a) => a.log10(), on: ["7"], in: [0.1, 3], ref: Math.log10 },
  sin: { f: (a) => a.sin(), on: ["7"], ref: Math.sin },
  "sin, far": { f: (a) => a.sin(), on: ["65"], in: [-1e4, 1e4], ref: Math.sin, ...none },
  cos: { f: (a) => a.cos(), on: ["7"], ref: Math.cos },
  tan: { f: (a) => a.tan(), on: ["7"], in: [-1, 1], ref: Math.tan },
  tanh: { f: (a) => a.tanh(), on: ["7"], ref: Math.tanh },
  erf: { f: (a) => a.erf(), on: ["7"], ref: erf },
  exp2: { f: (a) => F.exp2(a), on: ["7"], ref: (a) => 2 ** a },
  hypot: { f: (a, b) => F.hypot(a, b), on: ["7", "7"], ref: Math.hypot },
  xlogy: { f: (a, b) => F.xlogy(a, b), on: ["7", "7"], in: [0.1, 2], ref: (a, b) => a * Math.log(b) },
  logit: { f: (a) => F.logit(a), on: ["7"], in: [0.1, 0.9], ref: (a) => Math.log(a / (1 - a)) },
  logaddexp: { f: (a, b) => F.logaddexp(a, b), on: ["7", "7"], ref: (a, b) => Math.log(Math.exp(a) + Math.exp(b)) },
  "logaddexp of equals": { f: (a) => F.logaddexp(a, a.mul(1)), on: ["5"], ref: (a) => a + Math.LN2 },
  nanToNum: { f: (a) => F.nanToNum(a.sqrt(), { nan: 5 }), on: ["7"], ref: (a) => (a < 0 ? 5 : Math.sqrt(a)), ...none },
  // rounding
  floor: { f: (a) => a.floor(), on: ["9"], ref: Math.floor, also: ["int32"], ...none },
  ceil: { f: (a) => a.ceil(), on: ["9"], ref: Math.ceil, also: ["int32"], ...none },
  trunc: { f: (a) => a.trunc(), on: ["9"], ref: Math.trunc, also: ["int32"], ...none },
  round: { f: (a) => a.round(), on: ["9"], ref: halfEven, also: ["int32"], ...none },
  "round, halves": {
    f: (a) => a.floor().add(0.5).round(),
    on: ["9"],
    in: [-4, 4],
    ref: (a) => halfEven(Math.floor(a) + 0.5),
    ...none,
  },
  // conversions
  "to int32 and back": {
    f: (a) => a.to("int32").to("float64"),
    on: ["9"],
    in: [-9, 9],
    ref: Math.trunc,
    also: ["uint8", "bool"],
    ...none,
  },
  "to bool": { f: (a) => a.bool(), on: ["9"], ref: (a) => Number(a !== 0), also: ["int32"], ...none },
  "to float64 and back": { f: (a) => a.to("float64").to(a.dtype), on: ["9"], ref: (a) => a },
  // comparisons
  eq: {
    f: (a, b) => a.floor().eq(b.floor()),
    on: ["9", "9"],
    ref: (a, b) => Number(Math.floor(a) === Math.floor(b)),
    also: ["int32"],
    ...none,
  },
  ne: {
    f: (a, b) => a.floor().ne(b.floor()),
    on: ["9", "9"],
    ref: (a, b) => Number(Math.floor(a) !== Math.floor(b)),
    also: ["int32"],
    ...none,
  },
  lt: { f: (a, b) => a.lt(b), on: ["9", "9"], ref: (a, b) => Number(a < b), also: ["int32", "uint8", "int8"], ...none },
  le: {
    f: (a, b) => a.floor().le(b.floor()),
    on: ["9", "9"],
    ref: (a, b) => Number(Math.floor(a) <= Math.floor(b)),
    also: ["int32"],
    ...none,
  },
  gt: { f: (a, b) => a.gt(b), on: ["9", "9"], ref: (a, b) => Number(a > b), also: ["int32"], ...none },
  ge: {
    f: (a, b) => a.floor().ge(b.floor()),
    on: ["9", "9"],
    ref: (a, b) => Number(Math.floor(a) >= Math.floor(b)),
    also: ["int32"],
    ...none,
  },
  logicalAnd: {
    f: (a, b) => a.gt(0).logicalAnd(b.gt(0)),
    on: ["9", "9"],
    ref: (a, b) => Number(a > 0 && b > 0),
    ...none,
  },
  logicalOr: {
    f: (a, b) => a.gt(0).logicalOr(b.gt(0)),
    on: ["9", "9"],
    ref: (a, b) => Number(a > 0 || b > 0),
    ...none,
  },
  logicalXor: {
    f: (a, b) => a.gt(0).logicalXor(b.gt(0)),
    on: ["9", "9"],
    ref: (a, b) => Number(a > 0 !== b > 0),
    ...none,
  },
  logicalNot: { f: (a) => a.gt(0).logicalNot(), on: ["9"], ref: (a) => Number(!(a > 0)), ...none },
  isnan: { f: (a) => a.div(a.floor()).mul(0).isnan(), on: ["9"], in: [0, 2], ref: (a) => Number(a < 1), ...none },
  isinf: { f: (a) => a.div(a.floor()).isinf(), on: ["9"], in: [0.1, 2], ref: (a) => Number(a < 1), ...none },
  isfinite: { f: (a) => a.div(a.floor()).isfinite(), on: ["9"], in: [0.1, 2], ref: (a) => Number(a >= 1), ...none },
  where: {
    f: (a, b) => where(a.gt(b), a, b.mul(2)),
    on: ["7", "7"],
    ref: (a, b) => (a > b ? a : 2 * b),
    also: ["int32"],
  },
  "where, broadcast": { f: (a, b) => where(b.gt(0), a, 3), on: ["3x4", "4"], ref: (a, b) => (b > 0 ? a : 3) },
  maskedFill: { f: (a) => a.maskedFill(a.gt(1), -1), on: ["7"], ref: (a) => (a > 1 ? -1 : a), also: ["int32"] },
  // activations
  relu: { f: (a) => a.relu(), on: ["9"], ref: (a) => Math.max(a, 0), also: ["int32"] },
  step: { f: (a) => F.step(a), on: ["9"], ref: (a) => Number(a > 0), also: ["int32"] },
  "step at 0": { f: (a) => F.step(a.sub(a.detach()), { atZero: 0.5 }), on: ["3"], ref: () => 0.5, ...none },
  relu6: { f: (a) => F.relu6(a), on: ["9"], in: [-2, 8], ref: (a) => Math.min(Math.max(a, 0), 6) },
  leakyRelu: { f: (a) => F.leakyRelu(a), on: ["9"], ref: (a) => (a > 0 ? a : 0.01 * a) },
  prelu: { f: (a, w) => F.prelu(a, w), on: ["2x3x4", "3"], in: [-2, 2] },
  elu: { f: (a) => F.elu(a, { alpha: 1.5 }), on: ["9"], ref: (a) => (a > 0 ? a : 1.5 * Math.expm1(a)) },
  selu: {
    f: (a) => F.selu(a),
    on: ["9"],
    ref: (a) => 1.0507009873554805 * (a > 0 ? a : 1.6732632423543772 * Math.expm1(a)),
  },
  sigmoid: { f: (a) => a.sigmoid(), on: ["9"], ref: sigmoid },
  "sigmoid, far": { f: (a) => a.sigmoid(), on: ["33"], in: [-80, 80], ref: sigmoid },
  "sigmoid at 0": { f: (a) => a.mul(0).add(a.sub(a)).sigmoid(), on: ["3"], ref: () => 0.5 },
  softplus: { f: (a) => F.softplus(a), on: ["9"], ref: softplus },
  "softplus, beta": { f: (a) => F.softplus(a, { beta: 2 }), on: ["9"], ref: (a) => softplus(2 * a) / 2 },
  "softplus at 0": { f: (a) => F.softplus(a.sub(a.detach())), on: ["3"], ref: () => Math.LN2, ...none },
  logSigmoid: { f: (a) => F.logSigmoid(a), on: ["9"], ref: (a) => -softplus(-a) },
  silu: { f: (a) => F.silu(a), on: ["9"], ref: (a) => a * sigmoid(a) },
  mish: { f: (a) => F.mish(a), on: ["9"], ref: (a) => a * Math.tanh(softplus(a)) },
  gelu: { f: (a) => F.gelu(a), on: ["9"], ref: (a) => 0.5 * a * (1 + erf(a / Math.SQRT2)) },
  "gelu, tanh": {
    f: (a) => F.gelu(a, { approximate: "tanh" }),
    on: ["9"],
    ref: (a) => 0.5 * a * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (a + 0.044715 * a ** 3))),
  },
  softsign: { f: (a) => F.softsign(a), on: ["9"], ref: (a) => a / (1 + Math.abs(a)) },
  hardsigmoid: {
    f: (a) => F.hardsigmoid(a),
    on: ["9"],
    in: [-5, 5],
    ref: (a) => Math.min(Math.max(a / 6 + 0.5, 0), 1),
  },
  hardswish: {
    f: (a) => F.hardswish(a),
    on: ["9"],
    in: [-5, 5],
    ref: (a) => a * Math.min(Math.max(a / 6 + 0.5, 0), 1),
  },
  hardtanh: { f: (a) => F.hardtanh(a), on: ["9"], ref: (a) => Math.min(Math.max(a, -1), 1) },
  tanhshrink: { f: (a) => F.tanhshrink(a), on: ["9"], ref: (a) => a - Math.tanh(a) },
  celu: { f: (a) => F.celu(a, { alpha: 1.5 }), on: ["9"], ref: (a) => (a > 0 ? a : 1.5 * Math.expm1(a / 1.5)) },
  threshold: { f: (a) => F.threshold(a, 0.5, -1), on: ["9"], ref: (a) => (a > 0.5 ? a : -1) },
  softshrink: { f: (a) => F.softshrink(a), on: ["9"], ref: (a) => Math.sign(a) * Math.max(Math.abs(a) - 0.5, 0) },
  hardshrink: { f: (a) => F.hardshrink(a), on: ["9"], ref: (a) => (Math.abs(a) > 0.5 ? a : 0) },
  // structure
  detach: { f: (a) => a.detach().mul(a), on: ["5"], ref: (a) => a * a, ...none },
  "a chain": {
    f: (a, b) => a.mul(b).sub(a.exp()).div(b.square().add(1)),
    on: ["17", "17"],
    ref: (a, b) => (a * b - Math.exp(a)) / (b * b + 1),
  },
  "a number on the left": { f: (a) => tensor(2).double().sub(a), on: ["5"], ref: (a) => 2 - a },
};
