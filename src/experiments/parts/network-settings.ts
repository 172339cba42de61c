/** The settings and the measurements that experiments with networks on the digits have. */
import { ValueError } from "../../errors.ts";
import type { Parameter } from "../experiment.ts";
import type { Probe } from "../probe.ts";
import { say } from "../text.ts";
import { type Activation, activations, type Weights } from "./digit-network.ts";

type Kind<K extends Parameter["kind"]> = Extract<Parameter, { kind: K }>;
type Number = Kind<"integer" | "number">;
type ActivationParam = Kind<"choice"> & { readonly options: readonly Activation[] };
/** Which activation all hidden layers have. */
export const activationParam = (usual: Activation): ActivationParam => ({
  kind: "choice",
  options: activations,
  default: usual,
  names: { sigmoid: say("シグモイド", "sigmoid"), relu: say("ReLU", "ReLU"), tanh: say("tanh", "tanh") },
  label: say("活性化関数", "activation"),
});

type NetworkParams = {
  readonly hidden: Kind<"list">;
  readonly weights: Kind<"choice"> & { readonly options: readonly Weights[] };
  readonly std: Number;
  readonly lr: Number;
  readonly steps: Number;
};

/** The settings that experiments with these networks have. */
export const networkParams = (usual: { hidden: readonly number[]; lr: number; steps: number }): NetworkParams => ({
  hidden: {
    kind: "list",
    min: 1,
    max: 1000,
    default: usual.hidden,
    label: say("隠れ層のユニット数（入力側から）", "units of each hidden layer, from the input on"),
  },
  weights: {
    kind: "choice",
    options: ["gaussian", "xavier", "he"],
    default: "gaussian",
    names: {
      gaussian: say("正規分布（下の標準偏差）", "normal, with the deviation below"),
      xavier: say("Xavier", "Xavier's"),
      he: say("He", "He's"),
    },
    label: say("重みの初期値", "initial weights"),
  },
  std: { kind: "number", min: 0, max: 2, default: 0.01, label: say("正規分布の標準偏差", "its standard deviation") },
  lr: { kind: "number", min: 0, max: 10, default: usual.lr, hot: true, label: say("学習率", "learning rate") },
  steps: { kind: "integer", min: 0, max: 5000, default: usual.steps, label: say("ステップ数", "steps") },
});

type NetworkProbes = {
  readonly gradient: Probe & { readonly form: "bars" };
  readonly loss: Probe & { readonly form: "scalar" };
  readonly accuracy: Probe & { readonly form: "scalar" };
};

/** What they measure of them. */
export const networkProbes: NetworkProbes = {
  gradient: {
    form: "bars",
    kind: "magnitude",
    label: say("重みの勾配の平均絶対値", "mean absolute gradient of the weights"),
    help: say("左が入力側、右が出力側の層です。", "From the input on the left to the output on the right."),
  },
  loss: { form: "scalar", kind: "magnitude", label: say("損失", "loss") },
  accuracy: { form: "scalar", kind: "probability", label: say("テスト正解率", "test accuracy") },
};

/** The widths of hidden layers as a list setting gives them; throws ValueError unless there are 1 to 10. */
export function widthsOf(id: string, hidden: readonly number[]): number[] {
  if (hidden.length >= 1 && hidden.length <= 10) return hidden.map(Math.round);
  const got = `${hidden.length} hidden layers`;
  throw new ValueError({ in: id, got, want: "1 to 10", fix: "Give the width of each" });
}
