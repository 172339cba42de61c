/** A table small enough to multiply by hand, to see that a layer is a product of matrices. */
import type { Sample } from "./sample.ts";

/** A word in both languages. */
interface Words {
  readonly en: string;
  readonly ja: string;
}

export interface Animals extends Sample<Int32Array> {
  /** What the rows are. */
  readonly animals: readonly Words[];
  /** What the columns are, with their units. */
  readonly features: readonly (Words & { readonly unit: string })[];
  /** What y stands for. */
  readonly classes: readonly Words[];
}

const classes: readonly Words[] = [
  { en: "mammal", ja: "哺乳類" },
  { en: "bird", ja: "鳥類" },
  { en: "reptile", ja: "爬虫類" },
];

const features = [
  { en: "body length", ja: "体長", unit: "cm" },
  { en: "weight", ja: "体重", unit: "kg" },
  { en: "legs", ja: "足の本数", unit: "" },
  { en: "top speed", ja: "最高速度", unit: "km/h" },
  { en: "life span", ja: "寿命", unit: "y" },
];

/** Typical grown animals, in round numbers of our own; birds by their top speed in flight where they fly. */
const rows: readonly (readonly [en: string, ja: string, label: number, ...numbers: number[]])[] = [
  ["cat", "ネコ", 0, 50, 4, 4, 45, 15],
  ["dog", "イヌ", 0, 80, 20, 4, 45, 13],
  ["horse", "ウマ", 0, 240, 500, 4, 70, 27],
  ["elephant", "ゾウ", 0, 600, 5000, 4, 35, 65],
  ["mouse", "ハツカネズミ", 0, 8, 0.02, 4, 12, 2],
  ["dolphin", "イルカ", 0, 250, 200, 0, 40, 40],
  ["penguin", "ペンギン", 1, 70, 6, 2, 8, 18],
  ["ostrich", "ダチョウ", 1, 180, 110, 2, 70, 45],
  ["pigeon", "ハト", 1, 33, 0.35, 2, 80, 8],
  ["tortoise", "リクガメ", 2, 60, 40, 4, 0.5, 90],
  ["crocodile", "ワニ", 2, 400, 350, 4, 15, 60],
  ["snake", "ヘビ", 2, 150, 1, 0, 6, 12],
];

/** 12 animals `(12, 5)` with their length, weight, legs, speed and life span, and whether each is mammal, bird or reptile. */
export const animals = (): Animals => ({
  x: Float32Array.from(rows.flatMap(([, , , ...numbers]) => numbers)),
  y: Int32Array.from(rows, ([, , label]) => label),
  count: rows.length,
  shape: [features.length],
  animals: rows.map(([en, ja]) => ({ en, ja })),
  features,
  classes,
});
