/** AlexNet's layers, counted by recording it: nothing of it is computed. */
import type { Tensor } from "../../index.ts";
import { type Module, summary } from "../../nn/index.ts";
import type { Forms, Probe } from "../probe.ts";
import { say } from "../text.ts";
import { imagesOf } from "./images.ts";
import type { Choice, Kind } from "./params.ts";
import { bars, scalar, table } from "./probes.ts";

/** The sizes of the kernels of its five convolutions (Krizhevsky et al. 2012). */
const published = [11, 5, 3, 3, 3];

type NetParams = {
  readonly groups: Choice<"2" | "1">;
  readonly kernels: Kind<"list">;
};
export const netParams: NetParams = {
  groups: {
    kind: "choice",
    options: ["2", "1"],
    default: "2",
    label: say("2012 年版のグループ数（GPU 2 台なら 2）", "groups of the 2012 net: 2 for two GPUs"),
  },
  kernels: {
    kind: "list",
    min: 1,
    max: 11,
    default: published,
    label: say("5 つの畳み込みのカーネルの大きさ（奇数）", "sizes of the five kernels: odd numbers"),
    help: say("縮小版では、最初のものを約半分にします。", "In the net that trains the first is about half as large."),
  },
};

type NetProbes = {
  readonly layers: Probe<"table">;
  readonly share: Probe<"bars">;
  readonly linearShare: Probe<"scalar">;
  readonly trainedShare: Probe<"scalar">;
};
export const netProbes: NetProbes = {
  layers: table("count", say("本来の AlexNet（227×227）", "AlexNet at full size (227 by 227)")),
  share: bars("count", say("層ごとのパラメーター数", "parameters of each layer")),
  linearShare: scalar("probability", say("全結合層のパラメーターの割合", "part of the parameters in linear layers")),
  trainedShare: scalar("probability", say("その割合（縮小版）", "that part in the net that trains")),
};

export interface LayerTable {
  readonly layers: Forms["table"];
  readonly share: Forms["bars"];
  /** The part of the parameters that linear layers have. */
  readonly linearShare: number;
}

/** The kernels of AlexNet from a list that may be short, or hold even numbers; the sizes that are published by default. */
export const kernelsOf = (list: readonly number[]): number[] =>
  published.map((usual, i) => 2 * Math.floor((list[i] ?? usual) / 2) + 1);
/** Those of a net for 32 × 32, whose first is about half as large. */
export const smallKernels = ([first, ...others]: readonly number[]): number[] => [
  2 * Math.floor((first - 1) / 4) + 1,
  ...others,
];

/** Layers with parameters, with shapes, parameters and multiply-adds. */
export function layerTable(model: Module, size: number): LayerTable {
  const { rows, parameters } = summary(model, [1, 3, size, size]);
  const counted = rows.filter((row) => row.parameters > 0);
  const linear = counted.filter(({ kind }) => kind === "Linear").reduce((sum, row) => sum + row.parameters, 0);
  return {
    layers: {
      head: [
        say("層", "layer"),
        say("種類", "kind"),
        say("出力", "output"),
        say("パラメーター", "parameters"),
        say("積和", "multiply-adds"),
      ],
      rows: counted.map(({ name, kind, outputShapes, parameters, macs }) => [
        name,
        kind,
        outputShapes[0].slice(1).join("×"),
        parameters,
        macs,
      ]),
    },
    share: { names: counted.map(({ name }) => name), values: counted.map((row) => row.parameters) },
    linearShare: linear / parameters,
  };
}

/** Feature maps `(1, K, H, W)` as images, eight of them. */
export async function mapsOf(maps: Tensor): Promise<Forms["images"]> {
  const [, count, rows, cols] = maps.shape;
  return imagesOf((await maps.data()) as Float32Array, Math.min(count, 8), [rows, cols]);
}
