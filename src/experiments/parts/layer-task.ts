/** A network of two layers that tells the classes of animals by their features, with shapes that may not fit. */
import { animals } from "../../data/index.ts";
import { ShapeError } from "../../errors.ts";
import { linear, stack, type Tensor } from "../../index.ts";
import type { Verdict } from "../experiment.ts";
import type { Forms } from "../probe.ts";
import { type Label, say, type Text } from "../text.ts";
import { matrixOf } from "./matrices.ts";
import { undecided } from "./verdicts.ts";

const table = animals();
/** A dog, a pigeon and a crocodile, for instance: one of each class. */
const chosen = [1, 8, 10];
const animalNames: readonly Text[] = chosen.map((i) => table.animals[i]);
const featureNames: readonly Text[] = table.features;
const classNames: readonly Text[] = table.classes;

/** Their features one after another, each from its mean and in its standard deviations over all animals, to two digits. */
export const animalFeatures: readonly number[] = chosen.flatMap((i) =>
  table.features.map((_, k) => {
    const column = Array.from({ length: table.count }, (_, row) => table.x[row * table.features.length + k]);
    const mean = column.reduce((sum, x) => sum + x, 0) / table.count;
    const spread = Math.sqrt(column.reduce((sum, x) => sum + (x - mean) ** 2, 0) / table.count);
    return Math.round((100 * (column[i] - mean)) / spread) / 100;
  }),
);

/** `x Wᵀ + b`: for each unit by itself, the sum of its inputs times its weights, and its bias; or at once. */
export const products: Readonly<Record<"units" | "matrix", (x: Tensor, w: Tensor, b: Tensor) => Tensor>> = {
  units: (x, w, b) =>
    stack(
      Array.from({ length: w.shape[0] }, (_, i) => x.matmul(w.select(0, i)).add(b.select(0, i))),
      1,
    ),
  matrix: linear,
};

/** What the columns of a table of edges between layers are. */
const edgeHead: readonly Text[] = [
  say("境目", "edge"),
  say("左", "left"),
  say("右", "right"),
  say("合うか", "fits"),
  say("ライブラリの答え", "what the library says"),
];

/** A product, or what the library says against it; and a row of the table of edges. */
function attempt(
  x: Tensor | undefined,
  w: Tensor,
  product: () => Tensor | undefined,
): { value?: Tensor; row: Label[] } {
  const shapes = [x ? `${x.shape.join("×")}` : "–", `${w.shape.toReversed().join("×")}`];
  if (!x) return { row: [...shapes, "–", say("手前で止まりました", "stopped before")] };
  try {
    const value = product();
    return { ...(value && { value }), row: [...shapes, "○", ""] };
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    return { row: [...shapes, "×", error.message] };
  }
}

export interface Layers {
  /** An example in each row. */
  readonly x: Tensor;
  readonly w1: Tensor;
  readonly b1: Tensor;
  readonly w2: Tensor;
  readonly b2: Tensor;
}
type Passed = { readonly edges: Forms["table"] } & { readonly [K in keyof Layers]: Forms["matrix"] } & {
  /** What comes after an edge that does not fit is missing. */
  readonly [K in "u1" | "z1" | "u2" | "y"]?: Forms["matrix"];
};

/** All matrices of a forward pass, and whether shapes fit at both edges. Rows and columns have names where they are animals. */
export async function forward(
  { x, w1, b1, w2, b2 }: Layers,
  product: (x: Tensor, w: Tensor, b: Tensor) => Tensor,
  activation: (u: Tensor) => Tensor,
): Promise<Passed> {
  const first = attempt(x, w1, () => product(x, w1, b1));
  const z1 = first.value && activation(first.value);
  const second = attempt(z1, w2, () => z1 && product(z1, w2, b2));
  const names = x.shape[0] === animalNames.length ? animalNames : [];
  const outputs = w2.shape[0] === classNames.length ? classNames : [];
  const features = (count: number): readonly Text[] => (count === featureNames.length ? featureNames : []);
  return {
    x: await matrixOf(x, names, features(x.shape[1])),
    w1: await matrixOf(w1, [], features(w1.shape[1])),
    b1: await matrixOf(b1),
    ...(first.value && { u1: await matrixOf(first.value, names) }),
    ...(z1 && { z1: await matrixOf(z1, names) }),
    w2: await matrixOf(w2, outputs),
    b2: await matrixOf(b2, [], outputs),
    ...(second.value && { u2: await matrixOf(second.value, names, outputs) }),
    ...(second.value && { y: await matrixOf(second.value.softmax(1), names, outputs) }),
    edges: {
      head: edgeHead,
      rows: [
        ["x W1ᵀ", ...first.row],
        ["z1 W2ᵀ", ...second.row],
      ],
    },
  };
}

/** The verdict of a pass that stopped where shapes did not fit; null if all did. */
export function needsFit({ rows }: Forms["table"]): Verdict | null {
  const edge = rows.find(([, , , fits]) => fits === "×");
  if (!edge) return null;
  const [name, left, right] = edge;
  return undecided(
    `${name} の境目で形が合いません（${left} と ${right}）。`,
    `The shapes do not fit at ${name}: ${left} and ${right}.`,
  );
}
