/** Parameters in a line each. */
import type { Parameter } from "../experiment.ts";
import { say, type Text } from "../text.ts";

/** Parameters of a kind. */
export type Kind<K extends Parameter["kind"]> = Extract<Parameter, { kind: K }>;

interface Range {
  readonly min?: number;
  readonly max: number;
  readonly scale?: "log";
  readonly hot?: boolean;
  readonly help?: Text;
}
export type Quantity = Kind<"integer" | "number">;
/** A number from `min`, which is 0 unless given, to `max`. */
export const numberParam = (usual: number, label: Text, range: Range): Quantity => ({
  kind: "number",
  default: usual,
  label,
  min: 0,
  ...range,
});
/** A whole one. */
export const integerParam = (usual: number, label: Text, range: Range): Quantity => ({
  ...numberParam(usual, label, range),
  kind: "integer",
});

export interface OnOff extends Kind<"choice"> {
  readonly options: readonly ["on", "off"];
}
/** Something that is there or not. */
export const onOff = (usual: "on" | "off", label: Text): OnOff => ({
  kind: "choice",
  options: ["on", "off"],
  default: usual,
  label,
  names: { on: say("あり", "on"), off: say("なし", "off") },
});

export interface Choice<Option extends string> extends Kind<"choice"> {
  readonly options: readonly Option[];
}
type More = Pick<Parameter, "hot" | "help">;
/** One of a few things, by what they are called. */
export const choiceParam = <Option extends string>(
  usual: NoInfer<Option>,
  label: Text,
  names: Readonly<Record<Option, Text>>,
  more: More = {},
): Choice<Option> => ({
  kind: "choice",
  options: Object.keys(names) as Option[],
  default: usual,
  label,
  names,
  ...more,
});

/** Numbers that are edited as a whole, each from `min` to `max`. */
export const listParam = (usual: readonly number[], label: Text, range: Range & { min: number }): Kind<"list"> => ({
  kind: "list",
  default: usual,
  label,
  ...range,
});

type LaneOf<Name extends string, Option extends string> = {
  readonly label: Text;
  readonly values: { readonly [K in Name]: Option };
};
/** A lane for each thing that a choice may be, called as it is. */
export const lanesBy = <const Name extends string, const Option extends string>(
  name: Name,
  names: Readonly<Record<Option, Text>>,
): Readonly<Record<Option, LaneOf<Name, Option>>> =>
  Object.fromEntries(
    Object.entries<Text>(names).map(([option, label]) => [option, { label, values: { [name]: option } }]),
  ) as never;
