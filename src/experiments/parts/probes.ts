/** Probes in a line each. */
import type { Form, Probe } from "../probe.ts";
import { say, type Text } from "../text.ts";

type Make<F extends Form> = (
  kind: Probe["kind"],
  label: Text,
  more?: Pick<Probe, "help" | "timed" | "apart" | "axes">,
) => Probe<F>;
const form =
  <F extends Form>(form: F): Make<F> =>
  (kind, label, more = {}) => ({ form, kind, label, ...more });

/** A number that is read again and again. */
export const scalar: Make<"scalar"> = form("scalar");
/** A number for each of a few things. */
export const bars: Make<"bars"> = form("bars");
export const curves: Make<"curves"> = form("curves");
export const map: Make<"map"> = form("map");
export const matrix: Make<"matrix"> = form("matrix");
export const table: Make<"table"> = form("table");
export const images: Make<"images"> = form("images");
export const histograms: Make<"histograms"> = form("histograms");

/** What axes are, where pictures of several experiments have the same. */
export const axes: Readonly<Record<"xy" | "plane" | "slopes" | "unit", readonly [Text, Text]>> = {
  xy: [say("x", "x"), say("y", "y")],
  plane: [say("x₁", "x₁"), say("x₂", "x₂")],
  slopes: [say("x", "x"), say("傾き", "slope")],
  unit: [say("総入力 u", "total input u"), say("値", "value")],
};
