/** The settings and the measurements that experiments with networks on the digits have. */
import { ValueError } from "../../errors.ts";
import type { Probe } from "../probe.ts";
import { say, type Text } from "../text.ts";
import { namesOf } from "./activations.ts";
import { stepsParam } from "./common.ts";
import { type Activation, activations, type Weights } from "./digit-network.ts";
import { type Choice, choiceParam, type Kind, listParam, numberParam, type Quantity } from "./params.ts";
import { bars, scalar } from "./probes.ts";

/** Which activation all hidden layers have. */
export const activationParam = (usual: Activation): Choice<Activation> =>
  choiceParam(usual, say("活性化関数", "activation"), namesOf(...activations));

export const weightNames: Readonly<Record<Weights, Text>> = {
  gaussian: say("正規分布（下の標準偏差）", "normal, with the deviation below"),
  xavier: say("Xavier", "Xavier's"),
  he: say("He", "He's"),
};
/** From what weights all layers start. */
export const weightsParam: Choice<Weights> = choiceParam(
  "gaussian",
  say("重みの初期値", "initial weights"),
  weightNames,
);

/** The standard deviation of weights that are normal. */
export const stdParam: Quantity = numberParam(0.01, say("正規分布の標準偏差", "its standard deviation"), { max: 2 });

/** The widths of the hidden layers. */
export const hiddenParam = (usual: readonly number[]): Kind<"list"> =>
  listParam(usual, say("隠れ層のユニット数（入力側から）", "units of each hidden layer, from the input on"), {
    min: 1,
    max: 1000,
  });

/** From what weights a lane started, in a few words. */
export const weightsText = ({ weights, std }: { readonly weights: Weights; readonly std: number }): Text =>
  weights === "gaussian" ? say(`標準偏差 ${std}`, `deviation ${std}`) : weightNames[weights];

type NetworkParams = {
  readonly hidden: Kind<"list">;
  readonly weights: Choice<Weights>;
  readonly std: Quantity;
  readonly lr: Quantity;
  readonly steps: Quantity;
};

/** The settings that experiments with these networks have. */
export const networkParams = (usual: { hidden: readonly number[]; lr: number; steps: number }): NetworkParams => ({
  hidden: hiddenParam(usual.hidden),
  weights: weightsParam,
  std: stdParam,
  lr: numberParam(usual.lr, say("学習率", "learning rate"), { max: 10, hot: true }),
  steps: stepsParam(usual.steps, 5000),
});

type NetworkProbes = {
  readonly gradient: Probe<"bars">;
  readonly loss: Probe<"scalar">;
  readonly accuracy: Probe<"scalar">;
};

/** What they measure of them. */
export const networkProbes: NetworkProbes = {
  gradient: bars("magnitude", say("重みの勾配の平均絶対値", "mean absolute gradient of the weights"), {
    help: say(
      "上が入力側、下が出力側の層です。",
      "The layer at the input is at the top, the output layer at the bottom.",
    ),
  }),
  loss: scalar("magnitude", say("損失", "loss")),
  accuracy: scalar("probability", say("テスト正解率", "test accuracy")),
};

/** The widths of hidden layers as a list setting gives them; throws ValueError unless there are 1 to 10. */
export function widthsOf(id: string, hidden: readonly number[]): number[] {
  if (hidden.length >= 1 && hidden.length <= 10) return hidden.map(Math.round);
  const got = `${hidden.length} hidden layers`;
  throw new ValueError({ in: id, got, want: "1 to 10", fix: "Give the width of each" });
}
