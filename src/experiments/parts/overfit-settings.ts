/** Settings and measurements of all experiments on overfitting, and the recipes of the worlds in which they run. */
import type { Values } from "../experiment.ts";
import type { Probe } from "../probe.ts";
import { say, type Text } from "../text.ts";
import { rateParam, stepsParam } from "./common.ts";
import { type Method, methodNames } from "./methods.ts";
import { type Choice, choiceParam, integerParam, numberParam, type Quantity } from "./params.ts";
import { axes, curves, scalar } from "./probes.ts";

export type WorldName = "sine" | "sparse" | "digits";
const worldNames: Readonly<Record<WorldName, Text>> = {
  sine: say("サイン波の点", "points of a sine"),
  sparse: say("60 個の特徴のうち一部だけが効く線形回帰", "linear regression: a few of 60 features matter"),
  digits: say("手書き数字（講座の演習）", "handwritten digits, as in the course"),
};

type OverfitParams = {
  readonly world: Choice<WorldName>;
  readonly optimizer: Choice<Method>;
  readonly width: Quantity;
  readonly depth: Quantity;
  readonly points: Quantity;
  readonly noise: Quantity;
  readonly lr: Quantity;
  readonly steps: Quantity;
};
type Recipe = Partial<Values<OverfitParams>>;

/** What each world takes, for presets: the few digits of the course's exercise, and regression with useless features. */
export const recipes: Readonly<Record<"digits" | "sparse", Recipe>> = {
  digits: { world: "digits", optimizer: "sgd", width: 100, depth: 6, points: 300, lr: 0.01, steps: 1000 },
  sparse: { world: "sparse", optimizer: "sgd", points: 50, noise: 0.5, lr: 0.05, steps: 2000 },
};

/** The settings: 15 points of a sine with 64 units in two layers, unless `usual` says otherwise. */
export function overfitParams(usual: Recipe): OverfitParams {
  const { world = "sine", optimizer = "adam", width = 64, depth = 2, points = 15, noise = 0.3, lr = 0.005 } = usual;
  return {
    world: choiceParam(world, say("データ", "data"), worldNames),
    optimizer: choiceParam(optimizer, say("最適化手法", "optimizer"), methodNames),
    width: integerParam(width, say("各層のユニット数", "units in each layer"), { min: 1, max: 128 }),
    depth: integerParam(depth, say("隠れ層の数", "hidden layers"), { max: 8 }),
    points: integerParam(points, say("学習データの数", "examples to learn from"), { min: 3, max: 500 }),
    noise: numberParam(noise, say("データのノイズ（数字以外）", "noise of the data, but for digits"), { max: 2 }),
    lr: rateParam(lr),
    steps: stepsParam(usual.steps ?? 4000),
  };
}

type OverfitProbes = {
  readonly curve: Probe<"curves">;
  readonly trainError: Probe<"scalar">;
  readonly testError: Probe<"scalar">;
};
const measured = say("回帰では MSE、数字では読み間違えた割合です。", "MSE; of digits, the part that is misread.");
export const overfitProbes: OverfitProbes = {
  curve: curves(
    "signed",
    say("学んだ曲線（線形回帰では重み）", "the curve that was learnt; in linear regression, the weights"),
    { axes: axes.xy },
  ),
  trainError: scalar("magnitude", say("学習データの誤差", "error on what it learns from"), { help: measured }),
  testError: scalar("magnitude", say("真の値・新しいデータの誤差", "error on new data"), { help: measured }),
};

export const gapProbe: Probe<"scalar"> = {
  ...scalar("signed", say("差（新しいデータ − 学習データ）", "the gap: new data minus what it learns from")),
  help: say("過学習とは、この差が開くことです。", "Overfitting is that this gap opens."),
};
