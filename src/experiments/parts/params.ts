/** Parameters in a line each. */
import type { Parameter } from "../experiment.ts";
import { say, type Text } from "../text.ts";

type Kind<K extends Parameter["kind"]> = Extract<Parameter, { kind: K }>;

interface Range {
  readonly min?: number;
  readonly max: number;
  readonly scale?: "log";
  readonly hot?: boolean;
  readonly help?: Text;
}
type Quantity = Kind<"integer" | "number">;
/** A number from `min`, which is 0 unless given, to `max`. */
export const numberParam = (usual: number, label: Text, range: Range): Quantity => ({
  ...{ kind: "number", default: usual, label, min: 0 },
  ...range,
});
/** A whole one. */
export const integerParam = (usual: number, label: Text, range: Range): Quantity => ({
  ...numberParam(usual, label, range),
  kind: "integer",
});

interface OnOff extends Kind<"choice"> {
  readonly options: readonly ["on", "off"];
}
/** Something that is there or not. */
export const onOff = (usual: "on" | "off", label: Text): OnOff => ({
  ...{ kind: "choice", options: ["on", "off"], default: usual, label },
  names: { on: say("あり", "on"), off: say("なし", "off") },
});
