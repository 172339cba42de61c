/** Ways to learn a Boolean function from some of its cases, each in all worlds at once. */
import { binaryCrossEntropyWithLogits, tensor } from "../../index.ts";
import { Sequential, Tanh } from "../../nn/index.ts";
import { Adam } from "../../optim/index.ts";
import { say, type Text } from "../text.ts";
import { ManyLinear } from "./many-networks.ts";
import { learner } from "./supervised.ts";

export interface Lesson {
  /** The cases: `(cases, inputs)` of −1 and 1. */
  readonly cases: readonly (readonly number[])[];
  /** What each world answers: `(worlds, cases)`. */
  readonly truths: readonly (readonly number[])[];
  /** The numbers of the cases whose answers are told. */
  readonly seen: readonly number[];
  readonly hidden: number;
}

export interface BooleanLearner {
  /** Does a step at a learning rate, if it learns in steps; gives the mean loss. */
  readonly learn: ((lr: number) => Promise<number>) | null;
  /** What it says in each world and case, 0 or 1, as of now. */
  answer(): Promise<readonly (readonly number[])[]>;
}

/**
 * A network for each world. They start from the same weights, so that what one says depends on nothing but what its world
 * has told it.
 */
function networks({ cases, truths, seen, hidden }: Lesson): BooleanLearner {
  const [worlds, inputs] = [truths.length, cases[0].length];
  const first = new ManyLinear(worlds, inputs, hidden, { std: 1, alike: true });
  const model = new Sequential(first, new Tanh(), new ManyLinear(worlds, hidden, 1, { alike: true }));
  const optimizer = new Adam(model.parameters(), { lr: 0 });
  const told = {
    x: tensor(seen.map((i) => cases[i])),
    y: tensor(truths.map((truth) => seen.map((i) => [truth[i]]))),
  };
  // The mean within a world, added up over worlds, so that none changes how fast another learns.
  const step = learner(model, optimizer, { loss: (z, y) => binaryCrossEntropyWithLogits(z, y).mul(worlds) });
  const all = tensor(cases);
  return {
    async learn(lr) {
      optimizer.lr = lr;
      return (await step(told)).loss / worlds;
    },
    async answer() {
      const logits = await model.forward(all).data();
      return truths.map((_, w) => cases.map((_, i) => (logits[w * cases.length + i] > 0 ? 1 : 0)));
    },
  };
}

/** Does as it was told, and says the opposite of what the networks say of everything else. */
function opposite(lesson: Lesson): BooleanLearner {
  const { learn, answer } = networks(lesson);
  const turned = async (): Promise<number[][]> =>
    (await answer()).map((says) => says.map((guess, i) => (lesson.seen.includes(i) ? guess : 1 - guess)));
  return { learn, answer: turned };
}

/** Says what most of the seen cases nearest to it say (Cover & Hart 1967), and 1 where they are even. */
function nearest({ cases, truths, seen }: Lesson): BooleanLearner {
  const neighbours = cases.map((x) => {
    const far = seen.map((i) => cases[i].filter((value, k) => value !== x[k]).length);
    return seen.filter((_, s) => far[s] === Math.min(...far));
  });
  return { learn: null, answer: async () => truths.map((truth) => neighbours.map((among) => most(truth, among))) };
}

/** Says of all cases what most of the seen ones say. */
const majority = ({ cases, truths, seen }: Lesson): BooleanLearner => ({
  learn: null,
  answer: async () => truths.map((truth) => cases.map((_, i) => (seen.includes(i) ? truth[i] : most(truth, seen)))),
});

const most = (truth: readonly number[], among: readonly number[]): number =>
  2 * among.filter((i) => truth[i] === 1).length >= among.length ? 1 : 0;

export const learnerNames: Readonly<Record<keyof typeof booleanLearners, Text>> = {
  mlp: say("多層パーセプトロン（MLP）", "multilayer perceptron (MLP)"),
  nearest: say("最近傍法", "nearest neighbour"),
  majority: say("多数決", "majority"),
  anti: say("あまのじゃく（未知の頂点では MLP の逆）", "anti-MLP (the opposite on unseen corners)"),
};

type Maker = (lesson: Lesson) => BooleanLearner;
/** By name. */
export const booleanLearners: Readonly<Record<"mlp" | "nearest" | "majority" | "anti", Maker>> = {
  mlp: networks,
  nearest,
  majority,
  anti: opposite,
};
