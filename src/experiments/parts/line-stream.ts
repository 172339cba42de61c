/** What 1.13 learns from, a stream of examples of a plane whose slopes drift, and what learns it. */
import { linear2d } from "../../data/index.ts";
import { normal, tensor } from "../../index.ts";
import { Linear, type Module, ReLU, Sequential, Sigmoid } from "../../nn/index.ts";
import type { Preset } from "../experiment.ts";
import { say, type Text } from "../text.ts";
import type { Examples } from "./digits-task.ts";

/** Two weights; or the net of the course's notebook, whose weights and biases begin at random. */
export type Network = "weights" | "relu" | "sigmoid";
export const networkNames: Readonly<Record<Network, Text>> = {
  weights: say("重み 2 つ", "two weights"),
  relu: say("2-10-1 の ReLU", "2-10-1 with ReLU"),
  sigmoid: say("2-10-1 のシグモイド", "2-10-1 with sigmoids"),
};

interface NetPreset extends Preset {
  readonly values: {
    readonly network: Network;
    readonly side?: "positive";
    readonly range?: number;
    readonly drift: number;
    readonly noise: number;
  };
}
const still = { drift: 0, noise: 0 };
/** What the notebook does with its net, and what it has learners try. */
export const notebook: Readonly<Record<string, NetPreset>> = {
  "course-net": {
    label: say("講座のネットワーク", "The course's net"),
    why: say(
      "2-10-1 の ReLU、x は 0〜1。1000 件で、傾きは正解の 3 と 2 に近づきます。",
      "2-10-1 with ReLU, x from 0 to 1: after 1,000 examples its slopes are close to 3 and 2.",
    ),
    values: { ...still, network: "relu", side: "positive" },
  },
  "course-sigmoid": {
    label: say("講座の [try]：シグモイド", "The course's [try]: sigmoids"),
    why: say(
      "隠れ層をシグモイドにしても、x が 0〜1 なら学習します。",
      "With sigmoids it learns too, with x from 0 to 1.",
    ),
    values: { ...still, network: "sigmoid", side: "positive" },
  },
  "course-range": {
    label: say("講座の [try]：x を ±5 に", "The course's [try]: x from −5 to 5"),
    why: say(
      "入力が大きいと、ReLU の 1 件ずつの学習は 10 件もたたずに発散します。",
      "With inputs this large, ReLU that learns from one at a time diverges within ten examples.",
    ),
    values: { ...still, network: "relu", range: 5 },
  },
  "course-sigmoid-range": {
    label: say("講座の [try]：シグモイドで x を ±5 に", "The course's [try]: sigmoids, x from −5 to 5"),
    why: say(
      "シグモイドは発散しませんが、1 件ずつでは誤差が大きく揺れたままです。",
      "Sigmoids do not diverge, but learning from one at a time the error keeps swinging far.",
    ),
    values: { ...still, network: "sigmoid", range: 5 },
  },
};

export interface Follower {
  readonly model: Module;
  /** What it says of `x`, and by how much it rises along each axis, from end to end: of two weights, the weights. */
  look(x: readonly number[]): Promise<{ readonly guess: number; readonly slopes: readonly number[] }>;
}

/** What learns; its slopes are taken from `least` to `most`. */
export function follower(network: Network, [least, most]: readonly [number, number]): Follower {
  const model = network === "weights" ? new Linear(2, 1, { bias: false }) : netOf(network);
  if (model instanceof Linear) model.weight.assign(tensor([[0, 0]]));
  const ends = [
    [most, 0],
    [least, 0],
    [0, most],
    [0, least],
  ];
  return {
    model,
    async look(x) {
      const [guess, right, left, up, down] = await model.forward(tensor([[...x], ...ends])).data();
      return { guess, slopes: [(right - left) / (most - least), (up - down) / (most - least)] };
    },
  };
}

/** 2-10-1, as the notebook begins it: all from N(0, 1). */
function netOf(network: "relu" | "sigmoid"): Module {
  const layers = [new Linear(2, 10), new Linear(10, 1)];
  for (const p of layers.flatMap((layer) => layer.parameters())) p.assign(normal(p.shape, 0, 1));
  return new Sequential(layers[0], network === "relu" ? new ReLU() : new Sigmoid(), layers[1]);
}

export interface Stream {
  /** Some of them, one after another, as a model takes them. */
  examples(from: number, count: number): Examples;
  x(i: number): readonly number[];
  y(i: number): number;
  /** The slopes by which example `i` was made. */
  truth(i: number): readonly number[];
}

export function lineStream(options: Parameters<typeof linear2d>[0], seed: number): Stream {
  const world = linear2d(options, seed);
  const pair = (all: ArrayLike<number>, i: number): readonly number[] => [all[2 * i], all[2 * i + 1]];
  return {
    examples: (from, count) => ({
      x: tensor(world.x.slice(2 * from, 2 * (from + count)), [count, 2]),
      y: tensor(world.y.slice(from, from + count), [count, 1]),
    }),
    x: (i) => pair(world.x, i),
    y: (i) => world.y[i],
    truth: (i) => pair(world.weights, i),
  };
}
