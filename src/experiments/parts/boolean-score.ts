/** How well something answers in all 256 worlds of three inputs, and in each kind of them. */
import { booleanFunctions, flips, separableFunctions } from "../../data/index.ts";
import { say, type Text } from "../text.ts";

const worlds = booleanFunctions(3);
/** What each world answers in each case. */
export const truths: readonly (readonly number[])[] = worlds.map(({ y }) => Array.from(y));
/** The cases: the corners of a cube, as −1 and 1. */
export const cube: readonly (readonly number[])[] = Array.from({ length: 8 }, (_, i) =>
  Array.from(worlds[0].x.subarray(3 * i, 3 * i + 3), (bit) => 2 * bit - 1),
);

const flipsOf = worlds.map(flips);
const planes = separableFunctions(3);
/** A kind of worlds: its name, and which belong to it. */
export interface WorldKind {
  readonly name: Text;
  readonly has: readonly boolean[];
}
type KindName = "all" | "separable" | "smooth" | "parity";
/** What the kinds are called. */
export const kindNames: Readonly<Record<KindName, Text>> = {
  all: say("すべて", "all"),
  separable: say("線形分離可能", "linearly separable"),
  smooth: say("変化が少ない（≤ 4 辺）", "few flips (≤ 4 edges)"),
  parity: say("パリティに近い（8 辺以上）", "parity-like (8 edges or more)"),
};
export const worldKinds: Readonly<Record<KindName, WorldKind>> = {
  all: { name: kindNames.all, has: truths.map(() => true) },
  separable: { name: kindNames.separable, has: truths.map((_, world) => planes.has(world)) },
  smooth: { name: kindNames.smooth, has: flipsOf.map((n) => n <= 4) },
  parity: { name: kindNames.parity, has: flipsOf.map((n) => n >= 8) },
};

/** A number for each kind of worlds by its name, from bars that have them in the order of these. */
export const ofKinds = (values: ArrayLike<number>): Readonly<Record<KindName, number>> =>
  Object.fromEntries(Object.keys(worldKinds).map((kind, i) => [kind, values[i]])) as Record<KindName, number>;

export interface Score {
  /** The part of right answers in a world. */
  readonly perWorld: readonly number[];
  /** The same over all worlds of a kind. Whole numbers are added up, so it is exact. */
  mean(has: readonly boolean[]): number;
  /** In how many worlds of a kind 0, 1, … cases are right. */
  counts(has: readonly boolean[]): number[];
}

/** The score of what is said, `(worlds, cases)`, in the cases `at`. */
export function scoreOf(says: readonly (readonly number[])[], at: readonly number[]): Score {
  const hits = truths.map((truth, w) => at.filter((i) => says[w][i] === truth[i]).length);
  const among = (has: readonly boolean[]): number[] => hits.filter((_, w) => has[w]);
  return {
    perWorld: hits.map((n) => n / at.length),
    mean: (has) => among(has).reduce((sum, n) => sum + n, 0) / (among(has).length * at.length),
    counts: (has) => [...at, 0].map((_, k) => among(has).filter((n) => n === k).length),
  };
}

/** The mean score by the number of edges of the cube at whose ends a world answers differently. */
export function byFlips({ mean }: Score): { names: string[]; values: number[] } {
  const numbers = [...new Set(flipsOf)].sort((a, b) => a - b);
  return { names: numbers.map(String), values: numbers.map((n) => mean(flipsOf.map((count) => count === n))) };
}
