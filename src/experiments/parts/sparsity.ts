/** Which units of a network are at 0: in each layer on average, and in one of them digit by digit. */
import { stack, type Tensor } from "../../index.ts";
import type { Probe, Readings } from "../probe.ts";
import { say } from "../text.ts";
import { type DigitNetwork, layerNames, traceOf } from "./digit-network.ts";
import { bars, matrix } from "./probes.ts";

/** How many digits the picture of units shows. */
const shown = 50;

type SparsityProbes = { readonly zeros: Probe<"bars">; readonly units: Probe<"matrix"> };
export const sparsityProbes: SparsityProbes = {
  zeros: bars("probability", say("出力が 0 のユニットの割合", "part of units at 0"), {
    help: say("隠れ層ごとに、200 枚の画像についての平均です。", "In each hidden layer, over 200 digits."),
  }),
  units: matrix("probability", say("ユニット × 画像（1：点灯、0：消灯）", "units × digits: 1 where a unit is on")),
};

/** What examples `(N, 784)` turn off; the picture is of hidden layer `layer`, from 1, or of the last. */
export async function sparsityOf(network: DigitNetwork, x: Tensor, layer: number): Promise<Readings<SparsityProbes>> {
  const outputs = traceOf(network, x).map(({ output }) => output);
  const zeros = await stack(outputs.map((y) => y.eq(0).float().mean())).data();
  const seen = outputs[Math.min(layer, outputs.length) - 1].narrow(0, 0, shown).T;
  const on = await seen.ne(0).float().data();
  return {
    zeros: { names: layerNames(outputs.length), values: zeros },
    units: { rows: seen.shape[0], cols: shown, values: on },
  };
}
