/** Matrix products, convolutions, attention. */
import * as F from "../../../src/tensor.ts";
import type { Rows } from "./row.ts";

/** `(m, k) × (k, n)` in plain JavaScript. */
function product(a: number[], b: number[], m: number, k: number, n: number): number[] {
  return Array.from({ length: m * n }, (_, at) => {
    const [row, column] = [Math.floor(at / n), at % n];
    let sum = 0;
    for (let i = 0; i < k; i++) sum += a[row * k + i] * b[i * n + column];
    return sum;
  });
}

/** Sizes around the tiles of matrix kernels. */
const sizes = [1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 63, 65];
const tails: Rows = Object.fromEntries(
  sizes.flatMap((n, i) => {
    const [k, m] = [sizes[(i * 5 + 3) % sizes.length], sizes[(i * 7 + 1) % sizes.length]];
    const plain = { on: [`${m}x${k}`, `${k}x${n}`], gradient: false };
    return [
      [
        `GEO-03 ${m}×${k}×${n}`,
        { f: (a, b) => a.matmul(b), ...plain, value: (a, b) => product(a, b, m, k, n), also: ["int32"] },
      ],
      [
        `GEO-03 ${m}×${k}×${n}, right transposed`,
        { f: (a, b) => a.matmul(b.T), ...plain, on: [`${m}x${k}`, `${n}x${k}`] },
      ],
      [
        `GEO-03 ${m}×${k}×${n}, left transposed`,
        { f: (a, b) => a.T.matmul(b), ...plain, on: [`${k}x${m}`, `${k}x${n}`] },
      ],
    ] satisfies [string, Rows[string]][];
  }),
);

/** The same rows with factors that are rounded to bfloat16; float64, in which values and derivatives are compared, is not. */
const autocast = (rows: Rows): Rows =>
  Object.fromEntries(
    Object.entries(rows).map(([name, { also: _, ...row }]) => [
      `${name}, in autocast`,
      { ...row, f: (...xs) => F.autocast("bfloat16", () => row.f(...xs)), second: false },
    ]),
  );

const plain: Rows = {
  matmul: { f: (a, b) => a.matmul(b), on: ["3x4", "4x5"], value: (a, b) => product(a, b, 3, 4, 5), also: ["int32"] },
  "matmul, batch": { f: (a, b) => a.matmul(b), on: ["2x3x4", "2x4x2"] },
  "matmul, one right side": { f: (a, b) => a.matmul(b), on: ["2x3x4", "4x2"] },
  "matmul, broadcast": { f: (a, b) => a.matmul(b), on: ["2x1x3x2", "4x2x3"] },
  "matmul, row": { f: (a, b) => a.matmul(b), on: ["4", "4x3"], value: (a, b) => product(a, b, 1, 4, 3) },
  "matmul, column": { f: (a, b) => a.matmul(b), on: ["2x3x4", "4"] },
  "matmul, vectors": { f: (a, b) => a.matmul(b), on: ["5", "5"], value: (a, b) => product(a, b, 1, 5, 1) },
  "matmul, prologue and epilogue": { f: (a, b, c) => a.exp().matmul(b.mul(2)).add(c).relu(), on: ["3x4", "4x5", "5"] },
  "matmul, strided": { f: (a, b) => a.slice(1, { step: 2 }).matmul(b.flip(0)), on: ["3x8", "4x2"] },
  "matmul, 65": { f: (a, b) => a.matmul(b), on: ["65x65", "65x65"], gradient: false },
  "matmul of K = 0": { f: (a, b) => a.matmul(b), on: ["2x0", "0x3"], value: () => [0, 0, 0, 0, 0, 0], also: ["int32"] },
  "matmul of M = 0": { f: (a, b) => a.matmul(b), on: ["0x2", "2x3"], value: () => [] },
  "matmul of no batch": { f: (a, b) => a.matmul(b), on: ["0x2x3", "0x3x2"], value: () => [] },
  bmm: { f: (a, b) => a.bmm(b), on: ["2x3x2", "2x2x3"] },
  dot: { f: (a, b) => a.dot(b), on: ["7", "7"], value: (a, b) => product(a, b, 1, 7, 1), also: ["int32"] },
  outer: { f: (a, b) => a.outer(b), on: ["3", "4"], value: (a, b) => product(a, b, 3, 1, 4), also: ["int32"] },
  linear: { f: (x, w, b) => F.linear(x, w, b), on: ["2x3x4", "5x4", "5"] },
  "einsum, matrices": {
    f: (a, b) => F.einsum("ij,jk->ik", a, b),
    on: ["3x4", "4x5"],
    value: (a, b) => product(a, b, 3, 4, 5),
  },
  "einsum, batch": { f: (a, b) => F.einsum("bhid,bhjd->bhij", a, b), on: ["2x2x3x2", "2x2x4x2"] },
  "einsum, implicit": {
    f: (a, b) => F.einsum("ij,jk", a, b),
    on: ["3x4", "4x2"],
    value: (a, b) => product(a, b, 3, 4, 2),
  },
  "einsum, trace": { f: (a) => F.einsum("ii", a), on: ["3x3"], value: (x) => [x[0] + x[4] + x[8]] },
  "einsum, diagonal": { f: (a) => F.einsum("iij->ji", a), on: ["3x3x2"] },
  "einsum, sum": { f: (a) => F.einsum("ij->j", a), on: ["2x3"], value: (x) => [x[0] + x[3], x[1] + x[4], x[2] + x[5]] },
  "einsum, three": { f: (a, b, c) => F.einsum("i,ij,j->", a, b, c), on: ["2", "2x3", "3"] },
  "einsum, ellipsis": { f: (a, b) => F.einsum("...ij,...jk->...ik", a, b), on: ["2x2x3", "1x3x2"] },
  "einsum, outer": { f: (a, b) => F.einsum("i,j->ji", a, b), on: ["2", "3"] },
  // convolutions
  conv1d: { f: (x, w, b) => F.conv1d(x, w, b), on: ["2x3x7", "4x3x3", "4"], second: false },
  "conv1d, everything": {
    f: (x, w) => F.conv1d(x, w, null, { stride: 2, padding: 3, dilation: 2, groups: 2 }),
    on: ["2x4x9", "6x2x3"],
  },
  conv2d: { f: (x, w, b) => F.conv2d(x, w, b), on: ["2x2x4x5", "3x2x3x2", "3"], second: false },
  "conv2d by hand": {
    f: (x, w) => F.conv2d(x, w),
    on: ["1x1x2x3", "1x1x2x2"],
    value: (x, w) => [0, 1].map((c) => x[c] * w[0] + x[c + 1] * w[1] + x[c + 3] * w[2] + x[c + 4] * w[3]),
    also: ["int32"],
  },
  "conv2d, stride and padding": {
    f: (x, w) => F.conv2d(x, w, null, { stride: [2, 1], padding: [1, 0] }),
    on: ["1x2x5x4", "2x2x3x3"],
    also: ["int32"],
  },
  "conv2d, same": { f: (x, w) => F.conv2d(x, w, null, { padding: "same", dilation: 2 }), on: ["1x1x5x4", "2x1x3x2"] },
  "conv2d, groups": { f: (x, w) => F.conv2d(x, w, null, { groups: 2 }), on: ["2x4x3x3", "4x2x2x2"] },
  "conv2d, depthwise": {
    f: (x, w) => F.conv2d(x, w, null, { groups: 3, padding: 1 }),
    on: ["1x3x4x4", "6x1x3x3"],
    second: false,
  },
  "conv2d, 1×1": { f: (x, w, b) => F.conv2d(x, w, b).relu(), on: ["2x3x3x3", "4x3x1x1", "4"], second: false },
  "conv2d without a batch": { f: (x, w) => F.conv2d(x, w), on: ["2x4x4", "3x2x3x3"], second: false },
  "conv2d, leftover": { f: (x, w) => F.conv2d(x, w, null, { stride: 3 }), on: ["1x1x8x7", "1x1x2x2"] },
  conv3d: {
    f: (x, w) => F.conv3d(x, w, null, { padding: 1, stride: [1, 2, 1] }),
    on: ["1x2x3x4x3", "2x2x2x2x2"],
    second: false,
  },
  convTranspose1d: {
    f: (x, w, b) => F.convTranspose1d(x, w, b, { stride: 2, padding: 1, outputPadding: 1 }),
    on: ["2x3x4", "3x2x3", "2"],
    second: false,
  },
  convTranspose2d: { f: (x, w) => F.convTranspose2d(x, w), on: ["1x2x3x2", "2x3x2x3"], second: false },
  "convTranspose2d, everything": {
    f: (x, w) => F.convTranspose2d(x, w, null, { stride: [2, 3], padding: [1, 4], dilation: [2, 1], groups: 2 }),
    on: ["1x4x3x4", "4x1x3x2"],
    second: false,
  },
  convTranspose3d: {
    f: (x, w) => F.convTranspose3d(x, w, null, { stride: 2 }),
    on: ["1x1x2x2x2", "1x2x2x1x2"],
    second: false,
  },
  // attention
  attention: { f: (q, k, v) => F.scaledDotProductAttention(q, k, v), on: ["2x3x4", "2x5x4", "2x5x2"], second: false },
  "attention, causal": {
    f: (q, k, v) => F.scaledDotProductAttention(q, k, v, { isCausal: true }),
    on: ["3x2", "3x2", "3x2"],
  },
  "attention, a mask that hides a row": {
    f: (q, k, v) =>
      F.scaledDotProductAttention(q, k, v, {
        mask: F.tensor([
          [true, false],
          [false, false],
        ]),
      }),
    on: ["2x3", "2x3", "2x2"],
  },
  "attention, scores added": {
    f: (q, k, v, m) => F.scaledDotProductAttention(q, k, v, { mask: m, scale: 1 }),
    on: ["2x3", "4x3", "4x2", "2x4"],
    second: false,
  },
  ...tails,
};

export const products: Rows = { ...plain, ...autocast(plain) };
