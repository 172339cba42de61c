/** Units one after another, each with one input: what a change of the first input comes to at each of them. */
import { type Tensor, tensor } from "../../index.ts";
import { say } from "../text.ts";
import { type Choice, choiceParam } from "./params.ts";
import { type Graph, graphOf, slopeOf } from "./slopes.ts";

type Bias = "centred" | "none";
/** Where the bends of the units lie. */
export const biasParam: Choice<Bias> = choiceParam(
  "centred",
  say("バイアス", "bias"),
  { centred: say("中央に合わせる", "centred"), none: say("なし", "none") },
  {
    help: say(
      "「中央に合わせる」は、x = 0 のとき全ユニットの総入力が 0（微分が最大）になるバイアスです。",
      "With centred, the input of every unit is 0, where its slope is greatest, if x is 0.",
    ),
  },
);

export interface Chain {
  /** How steep each unit is at what comes in, with its weight. */
  readonly factors: readonly number[];
  /** How steep the output is by the input of each unit. */
  readonly products: readonly number[];
  /** What the activation gives for the input by itself, and what the whole chain gives. */
  readonly first: number;
  readonly last: number;
  readonly graph: Graph;
}

/** `links` units of weight `gain`, at the input `x`; with centred biases all their inputs are 0 where `x` is. */
export async function chainOf(
  f: (x: Tensor) => Tensor,
  x: number,
  { gain, links, bias }: { gain: number; links: number; bias: Bias },
): Promise<Chain> {
  const [middle] = await f(tensor([0])).data();
  const link =
    (i: number) =>
    (h: Tensor): Tensor =>
      f(h.mul(gain).sub(i > 0 && bias === "centred" ? gain * middle : 0));
  const chain =
    (from: number) =>
    (h: Tensor): Tensor =>
      Array.from({ length: links - from }, (_, i) => link(from + i)).reduce((y, one) => one(y), h);
  const [factors, products]: number[][] = [[], []];
  const at = tensor([x]);
  for (let [i, h] = [0, at]; i < links; h = link(i++)(h)) {
    factors.push(Math.abs(await slopeOf(link(i), h).item()));
    products.push(Math.abs(await slopeOf(chain(i), h).item()));
  }
  const [first, last] = [await f(at).item(), await chain(0)(at).item()];
  return { factors, products, first, last, graph: await graphOf(chain(0), 8) };
}
