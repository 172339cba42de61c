/** AlexNet's layers as published, counted by recording it: nothing of it is computed. */
import type { Tensor } from "../../index.ts";
import { AlexNet } from "../../models/index.ts";
import { summary } from "../../nn/index.ts";
import type { Forms } from "../probe.ts";
import { say } from "../text.ts";

export interface LayerTable {
  readonly layers: Forms["table"];
  readonly share: Forms["bars"];
  /** The part of the parameters that linear layers have. */
  readonly linearShare: number;
}

/** Layers with parameters, with shapes, parameters and multiply-adds, at 227 × 227. */
export function layerTable(groups: 1 | 2): LayerTable {
  const { rows, parameters } = summary(new AlexNet({ groups }), [1, 3, 227, 227]);
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
  const all = (await maps.data()) as Float32Array;
  const image = (i: number): Float32Array => all.slice(i * rows * cols, (i + 1) * rows * cols);
  return { rows, cols, images: Array.from({ length: Math.min(count, 8) }, (_, i) => ({ pixels: image(i) })) };
}
