/** A network in two sizes: as it is set, and with a small part of its units and layers. */
import { say, type Text } from "../text.ts";
import { type Choice, choiceParam } from "./params.ts";

export const sizeNames: Readonly<Record<"small" | "large", Text>> = {
  small: say("小さい", "small"),
  large: say("大きい", "large"),
};
export const sizeParam: Choice<"small" | "large"> = choiceParam(
  "large",
  say("ネットワークの大きさ", "size of the network"),
  sizeNames,
  {
    help: say(
      "小さいほうは、ユニットが 1/16、層が半分です。",
      "The small one has a 16th of the units in half of the layers.",
    ),
  },
);
/** The small network's settings, from those of the large one. */
export const shrunk = <V extends { readonly width: number; readonly depth: number }>(values: V): V => ({
  ...values,
  width: Math.max(Math.round(values.width / 16), 1),
  depth: Math.ceil(values.depth / 2),
});
