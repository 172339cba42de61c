/** Looking up, writing at places, and order. Indices are made here: they take no gradient. */
import { arange, embedding, oneHot, segmentSum, tensor } from "../../../src/tensor.ts";
import type { Rows } from "./row.ts";

const int = (...x: number[]) => tensor(x, { dtype: "int32" });
const grid = (rows: number[][]) => tensor(rows, { dtype: "int32" });
const moved = { also: ["int32"], second: false } as const;
const order = (x: number[]): number[] => x.map((_, i) => i).sort((i, j) => x[i] - x[j]);

export const indexed: Rows = {
  gather: {
    f: (a) =>
      a.gather(
        1,
        grid([
          [2, 0],
          [1, 1],
        ]),
      ),
    on: ["2x3"],
    value: (x) => [2, 0, 4, 4].map((i) => x[i]),
    ...moved,
  },
  "gather, fewer rows": {
    f: (a) => a.gather(0, grid([[3, 0, 3]])),
    on: ["4x3"],
    value: (x) => [9, 1, 11].map((i) => x[i]),
    ...moved,
  },
  "gather from what is computed": {
    f: (a) =>
      a
        .exp()
        .gather(
          1,
          grid([
            [2, 0, 2],
            [1, 1, 0],
          ]),
        )
        .sum(1),
    on: ["2x3"],
  },
  indexSelect: {
    f: (a) => a.indexSelect(0, int(2, 0, 2)),
    on: ["3x2"],
    value: (x) => [4, 5, 0, 1, 4, 5].map((i) => x[i]),
    ...moved,
  },
  "indexSelect, last axis": {
    f: (a) => a.indexSelect(-1, int(1, 1)),
    on: ["2x3"],
    value: (x) => [1, 1, 4, 4].map((i) => x[i]),
    ...moved,
  },
  take: {
    f: (a) =>
      a.take(
        grid([
          [5, 0],
          [3, 3],
        ]),
      ),
    on: ["2x3"],
    value: (x) => [5, 0, 3, 3].map((i) => x[i]),
    ...moved,
  },
  embedding: {
    f: (w) =>
      embedding(
        w,
        grid([
          [0, 3],
          [3, 1],
        ]),
      ),
    on: ["4x2"],
    value: (x) => [0, 1, 6, 7, 6, 7, 2, 3].map((i) => x[i]),
    ...moved,
  },
  "embedding, then used": {
    f: (w, v) =>
      embedding(
        w,
        grid([
          [0, 3],
          [3, 1],
        ]),
      ).matmul(v),
    on: ["4x3", "3x2"],
  },
  oneHot: {
    f: (a) => oneHot(a.abs().to("int32"), 3),
    on: ["5"],
    value: (x) => x.flatMap((v) => [0, 1, 2].map((c) => Number(Math.trunc(Math.abs(v)) === c))),
    gradient: false,
  },
  scatter: {
    f: (a, b) => a.scatter(0, int(3, 0, 3), b),
    on: ["4", "3"],
    value: (a, b) => [b[1], a[1], a[2], b[2]],
    ...moved,
  },
  "scatter, rows": {
    f: (a, b) =>
      a.scatter(
        1,
        grid([
          [0, 2],
          [1, 1],
        ]),
        b,
      ),
    on: ["2x3", "2x2"],
    ...moved,
  },
  "scatter a number": { f: (a) => a.scatter(0, int(1), 5), on: ["3"], value: (a) => [a[0], 5, a[2]], ...moved },
  "scatter into a corner": { f: (a, b) => a.scatter(0, grid([[2, 0]]), b), on: ["3x4", "1x2"], ...moved },
  scatterAdd: {
    f: (a, b) => a.scatterAdd(0, int(3, 0, 3), b),
    on: ["4", "3"],
    value: (a, b) => [a[0] + b[1], a[1], a[2], a[3] + b[0] + b[2]],
    also: ["int32"],
  },
  "scatterAdd, rows": {
    f: (a, b) =>
      a.scatterAdd(
        1,
        grid([
          [0, 2, 0],
          [1, 1, 1],
        ]),
        b,
      ),
    on: ["2x3", "2x3"],
    also: ["int32"],
  },
  segmentSum: {
    f: (a) => segmentSum(a, int(2, 0, 2, 1), 4),
    on: ["4x2"],
    value: (x) => [x[2], x[3], x[6], x[7], x[0] + x[4], x[1] + x[5], 0, 0],
    also: ["int32"],
  },
  sort: {
    f: (a) => a.sort(-1).values,
    on: ["2x5"],
    value: (x) => [x.slice(0, 5), x.slice(5)].flatMap((r) => r.sort((a, b) => a - b)),
    ...moved,
  },
  "sort, down the first axis": { f: (a) => a.sort(0, { descending: true }).values, on: ["5x2"], ...moved },
  "sort, long": {
    f: (a) => a.sort().values,
    on: ["1000"],
    value: (x) => x.toSorted((a, b) => a - b),
    also: ["int32"],
    gradient: false,
  },
  argsort: { f: (a) => a.argsort(), on: ["9"], value: order, also: ["int32"], gradient: false },
  "argsort of equals": { f: (a) => a.floor().argsort(0, { descending: true }), on: ["33"], gradient: false },
  topk: { f: (a) => a.topk(2).values, on: ["3x5"], ...moved },
  "topk, least": { f: (a) => a.topk(3, { axis: 0, largest: false }).values, on: ["5x2"], ...moved },
  "topk, indices": { f: (a) => a.topk(2).indices, on: ["3x5"], also: ["int32"], gradient: false },
  "an index that is computed": {
    f: (a) => a.gather(0, arange(5).mul(2).remainder(5)),
    on: ["5"],
    value: (x) => [0, 2, 4, 1, 3].map((i) => x[i]),
    ...moved,
  },
};
