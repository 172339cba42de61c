/** The sub-networks that dropout trains: what a mask takes out, it takes out for all inputs alike. */
import { cat, dropout, ones, stack, type Tensor } from "../../index.ts";
import { type AnyModule, Dropout, Linear, type Sequential } from "../../nn/index.ts";
import type { Forms, Probe } from "../probe.ts";
import { say } from "../text.ts";
import type { Examples } from "./digits-task.ts";
import { axes, curves, matrix, scalar } from "./probes.ts";
import type { Loss } from "./supervised.ts";

export interface SubNetwork {
  /** For each layer that drops, `(width)`: 0 for a node that is out, `1 / (1 − p)` for one that is in. */
  readonly masks: readonly Tensor[];
  readonly forward: (x: Tensor) => Tensor;
}

/** Has all dropout of a model remove with probability `p`. */
export function setDropout(model: AnyModule, p: number): void {
  for (const layer of model.modules().values()) if (layer instanceof Dropout) layer.p = p;
}

/** A sub-network of a model, drawn at random. */
export function subNetwork({ layers }: Sequential): SubNetwork {
  let width = 0;
  const masks = layers.map((layer) => {
    if (layer instanceof Linear) width = layer.weight.shape[0];
    return layer instanceof Dropout && layer.p > 0 ? dropout(ones([width]), layer.p) : null;
  });
  return {
    masks: masks.filter((mask) => mask !== null),
    forward: (x) => layers.reduce((y, layer, i) => (masks[i] ? y.mul(masks[i]) : layer.forward(y)), x),
  };
}

type FanProbes = {
  readonly fan: Probe<"curves">;
  readonly masks: Probe<"matrix">;
  readonly single: Probe<"scalar">;
  readonly averaging: Probe<"scalar">;
};
export const fanProbes: FanProbes = {
  fan: curves("signed", say("部分ネットワークの曲線と平均", "curves of sub-networks, and their mean"), {
    axes: axes.xy,
    help: say(
      "消すユニットを決めると、部分ネットワークが 1 つ決まります。平均は、全ユニットを使った出力に近くなります。",
      "A choice of units is a sub-network. Their mean is near what all units together give.",
    ),
  }),
  masks: matrix("count", say("部分ネットワークごとの、残ったユニット", "units that each sub-network has")),
  single: scalar("magnitude", say("部分ネットワーク 1 つの誤差（平均）", "error of a sub-network, on average")),
  averaging: scalar(
    "magnitude",
    say("全ユニットの出力と平均との差（2 乗平均）", "all units together, from the mean of sub-networks (MSE)"),
  ),
};

export interface Fan {
  /** What each gives. */
  readonly outputs: readonly Float32Array[];
  readonly mean: Float32Array;
  /** The error of one of them, on average. */
  readonly single: number;
  /** The mean squared difference of their mean from what all nodes together give. */
  readonly averaging: number;
  /** Which units each of them has, a row for each: the first layer's, then the second's. None where none is removed. */
  readonly masks?: Forms["matrix"];
}

/** What `count` sub-networks of a model give for examples. */
export async function fan(model: Sequential, { x, y }: Examples, error: Loss, count: number): Promise<Fan> {
  const nets = Array.from({ length: count }, () => subNetwork(model));
  const each = nets.map(({ forward }) => forward(x));
  const all = stack(each);
  const mean = all.mean(0);
  const isMasked = nets[0].masks.length > 0;
  const on = isMasked
    ? stack(
        nets.map(({ masks }) =>
          cat([...masks])
            .gt(0)
            .float(),
        ),
      )
    : null; // (count, units)
  const [values, errors, difference] = [
    (await all.data()) as Float32Array,
    stack(each.map((output) => error(output, y))).mean(),
    mean.sub(model.forward(x)).square().mean(),
  ];
  const size = values.length / count;
  return {
    outputs: nets.map((_, i) => values.subarray(i * size, (i + 1) * size)),
    mean: (await mean.data()) as Float32Array,
    single: await errors.item(),
    averaging: await difference.item(),
    ...(on && { masks: { rows: on.shape[0], cols: on.shape[1], values: await on.data() } }),
  };
}
