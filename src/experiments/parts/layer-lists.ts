/** Settings with an entry for each hidden layer, the last of which goes on for further layers. */
import { say } from "../text.ts";
import { type Activation, activations } from "./digit-network.ts";
import type { Kind } from "./params.ts";

/** What a list says about a layer, by its place from 0; `missing` where the list is empty. */
const at = (list: readonly number[], layer: number, missing: number): number =>
  list[Math.min(layer, list.length - 1)] ?? missing;

export const activationsParam: Kind<"list"> = {
  kind: "list",
  min: 0,
  max: 2,
  default: [1],
  label: say("各層の活性化関数", "activation of each layer"),
  help: say(
    "0：シグモイド、1：ReLU、2：tanh。層の数より短ければ、最後の値が続きます。",
    "0: sigmoid, 1: ReLU, 2: tanh. The last one goes on for further layers.",
  ),
};
/** The list that says of all layers that they have one activation. */
export const only = (activation: Activation): readonly number[] => [activations.indexOf(activation)];
export const activationAt = (list: readonly number[], layer: number): Activation =>
  activations[Math.round(at(list, layer, 1))];
/** Whether all layers have one activation. */
export const isAll = (list: readonly number[], activation: Activation): boolean =>
  list.every((_, layer) => activationAt(list, layer) === activation);

export const normsParam: Kind<"list"> = {
  kind: "list",
  min: 0,
  max: 1,
  default: [1],
  label: say("各層のバッチ正規化（1：あり、0：なし）", "batch normalization of each layer: 1 or 0"),
  help: say("層の数より短ければ、最後の値が続きます。", "The last one goes on for further layers."),
};
export const isNormed = (list: readonly number[], layer: number): boolean => at(list, layer, 0) >= 0.5;
