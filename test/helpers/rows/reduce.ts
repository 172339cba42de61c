/** Reductions, running ones, and what is made of them. Inputs of 2 × 3 × 4 unless the shape matters. */
import * as F from "../../../src/tensor.ts";
import type { Row, Rows } from "./row.ts";

const none = { gradient: false } as const;
const sum = (x: number[]): number => x.reduce((a, b) => a + b, 0);
/** The rows of a matrix of `width` columns. */
const rows = (x: number[], width: number): number[][] =>
  Array.from({ length: x.length / width }, (_, i) => x.slice(i * width, (i + 1) * width));
const mean = (x: number[]): number => sum(x) / x.length;
const variance = (x: number[]): number => sum(x.map((v) => (v - mean(x)) ** 2)) / (x.length - 1);
const softmax = (x: number[]): number[] => x.map((v) => Math.exp(v) / sum(x.map(Math.exp)));

/** Axis lengths around the widths of vectors and blocks, where loops have their tails. */
const lengths = [1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63, 65, 127, 129, 255, 257, 1023, 1025];
const tails: Rows = Object.fromEntries(
  lengths.flatMap((n): [string, Row][] => {
    const some = { second: false, gradient: n < 100 }; // differences of long rows take long and tell nothing new
    const rowsOf = (x: number[]): number[][] => rows(x, n);
    return [
      [`RED-11 sum over ${n}, last`, { f: (a) => a.sum(1), on: [`3x${n}`], value: (x) => rowsOf(x).map(sum), ...some }],
      [`RED-11 sum over ${n}, first`, { f: (a) => a.sum(0), on: [`${n}x3`], ...some }],
      [
        `RED-11 max over ${n}, last`,
        { f: (a) => a.amax(1), on: [`3x${n}`], value: (x) => rowsOf(x).map((r) => Math.max(...r)), ...some },
      ],
      [`RED-11 mean over ${n}, middle`, { f: (a) => a.mean(1), on: [`2x${n}x2`], ...some }],
    ];
  }),
);

export const reductions: Rows = {
  sum: { f: (a) => a.sum(), on: ["2x3x4"], value: (x) => [sum(x)], also: ["int32", "uint8", "int8", "bool"] },
  "sum, first axis": { f: (a) => a.sum(0), on: ["2x3x4"], also: ["int32"] },
  "sum, middle axis": { f: (a) => a.sum(1, { keepdim: true }), on: ["2x3x4"], also: ["int32"] },
  "sum, last axis": { f: (a) => a.sum(-1), on: ["6x4"], value: (x) => rows(x, 4).map(sum), also: ["int32"] },
  "sum, two axes": { f: (a) => a.sum([0, 2]), on: ["2x3x4"], also: ["int32"] },
  "sum, rank 0": { f: (a) => a.sum(), on: [""], value: (x) => x },
  "sum, then a function": { f: (a) => a.exp().sum(1).log().mul(2), on: ["3x5"] },
  prod: { f: (a) => a.prod(), on: ["2x3"], value: (x) => [x.reduce((a, b) => a * b, 1)], also: ["int32"] },
  "prod, an axis": { f: (a) => a.prod(1), on: ["2x3x2"], also: ["int32"] },
  amax: { f: (a) => a.amax(), on: ["2x3x4"], value: (x) => [Math.max(...x)], also: ["int32", "uint8", "int8"] },
  "amax, an axis": { f: (a) => a.amax(1), on: ["2x3x4"], also: ["int32"] },
  amin: { f: (a) => a.amin(), on: ["2x3x4"], value: (x) => [Math.min(...x)], also: ["int32", "uint8", "int8"] },
  "max, an axis": {
    f: (a) => a.max(-1).values,
    on: ["3x5"],
    value: (x) => rows(x, 5).map((r) => Math.max(...r)),
    also: ["int32"],
  },
  "min, an axis": { f: (a) => a.min(-1, { keepdim: true }).values, on: ["3x5"], also: ["int32"] },
  argmax: {
    f: (a) => a.argmax(1),
    on: ["4x6"],
    value: (x) => rows(x, 6).map((r) => r.indexOf(Math.max(...r))),
    also: ["int32"],
    ...none,
  },
  "argmax, all": {
    f: (a) => a.argmax(),
    on: ["4x6"],
    value: (x) => [x.indexOf(Math.max(...x))],
    also: ["int32"],
    ...none,
  },
  argmin: { f: (a) => a.argmin(0), on: ["4x6"], also: ["int32"], ...none },
  all: {
    f: (a) => a.gt(-1).all(1),
    on: ["8x3"],
    value: (x) => rows(x, 3).map((r) => Number(r.every((v) => v > -1))),
    ...none,
  },
  any: {
    f: (a) => a.gt(1).any(1),
    on: ["8x3"],
    value: (x) => rows(x, 3).map((r) => Number(r.some((v) => v > 1))),
    ...none,
  },
  mean: { f: (a) => a.mean(), on: ["2x3x4"], value: (x) => [mean(x)], also: ["int32"] },
  "mean, an axis": { f: (a) => a.mean(1), on: ["2x3x4"] },
  var: { f: (a) => a.var(), on: ["9"], value: (x) => [variance(x)] },
  "var, biased": {
    f: (a) => a.var(1, { correction: 0 }),
    on: ["3x5"],
    value: (x) => rows(x, 5).map((r) => (variance(r) * 4) / 5),
  },
  std: { f: (a) => a.std(1), on: ["3x5"], value: (x) => rows(x, 5).map((r) => Math.sqrt(variance(r))) },
  norm: { f: (a) => a.norm(), on: ["9"], value: (x) => [Math.hypot(...x)] },
  "norm 1": { f: (a) => a.norm(1, { p: 1 }), on: ["3x5"], value: (x) => rows(x, 5).map((r) => sum(r.map(Math.abs))) },
  "norm 3": {
    f: (a) => a.norm(1, { p: 3 }),
    on: ["3x5"],
    value: (x) => rows(x, 5).map((r) => Math.cbrt(sum(r.map((v) => Math.abs(v) ** 3)))),
  },
  "norm ∞": {
    f: (a) => a.norm(1, { p: Infinity }),
    on: ["3x5"],
    value: (x) => rows(x, 5).map((r) => Math.max(...r.map(Math.abs))),
  },
  logsumexp: {
    f: (a) => a.logsumexp(1),
    on: ["3x5"],
    value: (x) => rows(x, 5).map((r) => Math.log(sum(r.map(Math.exp)))),
  },
  softmax: { f: (a) => a.softmax(1), on: ["3x5"], value: (x) => rows(x, 5).flatMap(softmax) },
  "softmax, first axis": { f: (a) => a.softmax(0), on: ["3x5"] },
  "softmax, middle axis": { f: (a) => a.softmax(1), on: ["2x3x4"] },
  logSoftmax: {
    f: (a) => a.logSoftmax(1),
    on: ["3x5"],
    value: (x) => rows(x, 5).flatMap((r) => softmax(r).map(Math.log)),
  },
  "softmax of large numbers": { f: (a) => a.mul(100).softmax(-1), on: ["4x9"], second: false },
  cumsum: {
    f: (a) => a.cumsum(1),
    on: ["3x5"],
    value: (x) => rows(x, 5).flatMap((r) => r.map((_, i) => sum(r.slice(0, i + 1)))),
    also: ["int32", "uint8", "int8"],
  },
  "cumsum, first axis": { f: (a) => a.cumsum(0), on: ["5x3"], also: ["int32"] },
  "cumsum, long": { f: (a) => a.cumsum(0), on: ["257"], second: false },
  cumprod: { f: (a) => a.cumprod(1), on: ["2x4"], also: ["int32"] },
  cummax: { f: (a) => a.cummax(0), on: ["7x2"], also: ["int32"] },
  cummin: { f: (a) => a.cummin(-1), on: ["2x7"] },
  normalize: { f: (a) => F.normalize(a), on: ["3x4"] },
  cosineSimilarity: { f: (a, b) => F.cosineSimilarity(a, b), on: ["3x4", "3x4"] },
  pairwiseDistance: { f: (a, b) => F.pairwiseDistance(a, b), on: ["3x4", "3x4"] },
  "GRAPH-12 rank 8": {
    f: (a) => a.permute([7, 2, 5, 0, 3, 6, 1, 4]).sum([1, 3, 5, 7]),
    on: ["2x1x3x2x1x2x3x2"],
    second: false,
    also: ["int32"],
  },
  ...tails,
};
