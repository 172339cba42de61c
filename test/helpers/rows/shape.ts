/** Views, joins, and chains of them. */
import { cat, pixelShuffle, stack } from "../../../src/tensor.ts";
import type { Rows } from "./row.ts";

const moved = { also: ["int32", "uint8", "int8", "bool"], second: false } as const;

export const shapes: Rows = {
  reshape: { f: (a) => a.reshape([6, 4]), on: ["2x3x4"], value: (x) => x, ...moved },
  "reshape through a transposition": {
    f: (a) => a.reshape([6, 4]).permute([1, 0]).reshape([3, 8]),
    on: ["2x3x4"],
    ...moved,
  },
  "reshape, −1": { f: (a) => a.view([-1, 2]), on: ["2x3x4"], value: (x) => x, ...moved },
  "reshape to rank 0": { f: (a) => a.reshape([]), on: ["1x1"], value: (x) => x, ...moved },
  flatten: { f: (a) => a.flatten(1), on: ["2x3x4"], value: (x) => x, ...moved },
  unflatten: { f: (a) => a.unflatten(1, [3, -1]), on: ["2x6"], value: (x) => x, ...moved },
  squeeze: { f: (a) => a.squeeze(), on: ["2x1x3x1"], value: (x) => x, ...moved },
  "squeeze, an axis": { f: (a) => a.squeeze(1), on: ["2x1x3x1"], value: (x) => x, ...moved },
  unsqueeze: { f: (a) => a.unsqueeze(-2), on: ["2x3"], value: (x) => x, ...moved },
  permute: {
    f: (a) => a.permute([2, 0, 1]),
    on: ["2x3x4"],
    value: (x) => [0, 1, 2, 3].flatMap((k) => [0, 1, 2, 3, 4, 5].map((r) => x[r * 4 + k])),
    ...moved,
  },
  transpose: { f: (a) => a.transpose(0, -1), on: ["2x3x4"], ...moved },
  T: { f: (a) => a.T, on: ["2x3"], value: (x) => [0, 3, 1, 4, 2, 5].map((i) => x[i]), ...moved },
  mT: { f: (a) => a.mT, on: ["2x3x4"], ...moved },
  movedim: { f: (a) => a.movedim([0, 1], [-1, 0]), on: ["2x3x4"], ...moved },
  expand: { f: (a) => a.expand([4, -1, 2]), on: ["3x1"], ...moved },
  "expand, summed again": { f: (a) => a.expand([4, 3, 2]).sum(0), on: ["3x1"] },
  slice: { f: (a) => a.slice(0, { start: 1, stop: -1 }), on: ["5x2"], value: (x) => x.slice(2, 8), ...moved },
  "slice, step 3": {
    f: (a) => a.slice(1, { step: 3 }),
    on: ["2x8"],
    value: (x) => [0, 3, 6, 8, 11, 14].map((i) => x[i]),
    ...moved,
  },
  "slice, step −2": {
    f: (a) => a.slice(0, { start: -2, step: -2 }),
    on: ["7"],
    value: (x) => [5, 3, 1].map((i) => x[i]),
    ...moved,
  },
  narrow: { f: (a) => a.narrow(1, -3, 2), on: ["2x5"], value: (x) => [2, 3, 7, 8].map((i) => x[i]), ...moved },
  select: { f: (a) => a.select(1, -1), on: ["3x4"], value: (x) => [3, 7, 11].map((i) => x[i]), ...moved },
  at: {
    f: (a) => a.at(1, null, [null, null, -2]),
    on: ["2x3x4"],
    value: (x) => [15, 13, 19, 17, 23, 21].map((i) => x[i]),
    ...moved,
  },
  flip: { f: (a) => a.flip([0, 1]), on: ["3x4"], value: (x) => x.toReversed(), ...moved },
  roll: { f: (a) => a.roll(2, 0), on: ["5"], value: (x) => [3, 4, 0, 1, 2].map((i) => x[i]), ...moved },
  "roll backwards": { f: (a) => a.roll(-6, 0), on: ["5"], value: (x) => [1, 2, 3, 4, 0].map((i) => x[i]), ...moved },
  repeat: { f: (a) => a.repeat([2, 1, 3]), on: ["2x2"], ...moved },
  tile: { f: (a) => a.tile([2]), on: ["2x2"], value: (x) => [0, 1, 0, 1, 2, 3, 2, 3].map((i) => x[i]), ...moved },
  repeatInterleave: {
    f: (a) => a.repeatInterleave(2, 0),
    on: ["2x2"],
    value: (x) => [0, 1, 0, 1, 2, 3, 2, 3].map((i) => x[i]),
    ...moved,
  },
  cat: {
    f: (a, b) => cat([a, b], 1),
    on: ["2x2", "2x1"],
    value: (a, b) => [a[0], a[1], b[0], a[2], a[3], b[1]],
    ...moved,
  },
  "cat of a tensor with itself": { f: (a) => cat([a, a]), on: ["2x2"], value: (x) => [...x, ...x], ...moved },
  "cat of what is computed": { f: (a, b) => cat([a.exp(), b.mul(2), a], -1).sum(0), on: ["3x2", "3x3"] },
  "cat with nothing": { f: (a, b) => cat([a, b]), on: ["2x3", "0x3"], value: (x) => x, ...moved },
  stack: {
    f: (a, b) => stack([a, b], 1),
    on: ["2x2", "2x2"],
    value: (a, b) => [a[0], a[1], b[0], b[1], a[2], a[3], b[2], b[3]],
    ...moved,
  },
  split: { f: (a) => a.split([1, 2, 2])[1], on: ["5x2"], value: (x) => x.slice(2, 6), ...moved },
  "split, both used": {
    f: (a) =>
      a
        .split(3)
        .map((p) => p.sum())
        .reduce((p, q) => p.mul(q)),
    on: ["5"],
  },
  chunk: { f: (a) => a.chunk(2, 1)[1], on: ["2x5"], value: (x) => [3, 4, 8, 9].map((i) => x[i]), ...moved },
  pad: { f: (a) => a.pad([1, 2]), on: ["2x2"], value: (x) => [0, x[0], x[1], 0, 0, 0, x[2], x[3], 0, 0], ...moved },
  "pad with a value": {
    f: (a) => a.pad([0, 1, 1, 0], { value: 3 }),
    on: ["1x2"],
    value: (x) => [3, 3, 3, ...x, 3],
    also: ["int32"],
    second: false,
  },
  "pad, cropping": { f: (a) => a.pad([-1, 1]), on: ["2x3"], value: (x) => [x[1], x[2], 0, x[4], x[5], 0], ...moved },
  "pad, then exp": { f: (a) => a.pad([1, 1]).exp(), on: ["3"], value: (x) => [1, ...x.map(Math.exp), 1] },
  "exp, then pad": { f: (a) => a.exp().pad([1, 1]), on: ["3"], value: (x) => [0, ...x.map(Math.exp), 0] },
  "pad, reflect": {
    f: (a) => a.pad([2, 1], { mode: "reflect" }),
    on: ["4"],
    value: (x) => [2, 1, 0, 1, 2, 3, 2].map((i) => x[i]),
    ...moved,
  },
  "pad, replicate": { f: (a) => a.pad([2, 1, 1, 0], { mode: "replicate" }), on: ["2x2"], ...moved },
  "pad, circular": {
    f: (a) => a.pad([2, 1], { mode: "circular" }),
    on: ["4"],
    value: (x) => [2, 3, 0, 1, 2, 3, 0].map((i) => x[i]),
    ...moved,
  },
  unfold: {
    f: (a) => a.unfold(0, { size: 3, step: 2 }),
    on: ["7"],
    value: (x) => [0, 1, 2, 2, 3, 4, 4, 5, 6].map((i) => x[i]),
    ...moved,
  },
  "unfold, dilated": { f: (a) => a.unfold(1, { size: 2, dilation: 3 }), on: ["2x6"], ...moved },
  "unfold, apart": { f: (a) => a.unfold(0, { size: 2, step: 3 }), on: ["9x2"], ...moved },
  diagonal: { f: (a) => a.diagonal(), on: ["3x4"], value: (x) => [x[0], x[5], x[10]], ...moved },
  "diagonal, to the right": { f: (a) => a.diagonal({ offset: 1, axis1: 1, axis2: 2 }), on: ["2x3x4"], ...moved },
  "diagonal, to the left": { f: (a) => a.diagonal({ offset: -2 }), on: ["4x3"], value: (x) => [x[6], x[10]], ...moved },
  diagEmbed: { f: (a) => a.diagEmbed(), on: ["2x2"], value: (x) => [x[0], 0, 0, x[1], x[2], 0, 0, x[3]], ...moved },
  tril: { f: (a) => a.tril(), on: ["2x3"], value: (x) => [x[0], 0, 0, x[3], x[4], 0], ...moved },
  "tril, up": { f: (a) => a.tril(1), on: ["3x3"], ...moved },
  triu: { f: (a) => a.triu(), on: ["2x3"], value: (x) => [x[0], x[1], x[2], 0, x[4], x[5]], ...moved },
  pixelShuffle: {
    f: (a) => pixelShuffle(a, 2),
    on: ["1x4x1x2"],
    value: (x) => [0, 2, 1, 3, 4, 6, 5, 7].map((i) => x[i]),
    ...moved,
  },
  "VIEW-07 a chain of views": {
    f: (a) => a.flip(1).permute([2, 0, 1]).slice(2, { step: 3 }).pad([1, 2]).reshape([4, -1]).flip([0, 1]).sum(0),
    on: ["2x7x4"],
  },
};
