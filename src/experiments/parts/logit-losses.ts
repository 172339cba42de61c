/** Losses of one logit and a truth of 0 or 1, and their shapes. */
import { binaryCrossEntropyWithLogits, mseLoss, type Tensor, zeros } from "../../index.ts";
import type { Forms } from "../probe.ts";
import { say, type Text } from "../text.ts";
import { graphOf } from "./slopes.ts";

export type LogitLoss = "mse" | "ce";
export const lossNames: Readonly<Record<LogitLoss, Text>> = {
  mse: say("平均二乗誤差", "mean squared error"),
  ce: say("交差エントロピー", "cross-entropy"),
};
interface Reduced {
  readonly reduction?: "mean" | "none";
}
type Loss = (z: Tensor, y: Tensor, options?: Reduced) => Tensor;
/** Of the sigmoid of a logit. */
export const losses: Readonly<Record<LogitLoss, Loss>> = {
  mse: (z, y, options) => mseLoss(z.sigmoid(), y, options),
  ce: binaryCrossEntropyWithLogits,
};

/** The mean logit of the examples whose truth is 0. */
export const meanLogit0 = (z: Tensor, y: Tensor): Tensor => z.mul(y.neg().add(1)).sum().div(y.neg().add(1).sum());

/** A loss and its slope by the logit, from −8 to 8, where the truth is 0. */
export async function shapesOf(kind: LogitLoss): Promise<Forms["curves"]> {
  const { x, y, slope } = await graphOf((z) => losses[kind](z, zeros(z.shape), { reduction: "none" }), 8, 81);
  return [
    { name: say("誤差", "loss"), x, y },
    { name: say("傾き（勾配）", "slope"), x, y: slope },
  ];
}
