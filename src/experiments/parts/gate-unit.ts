/** A unit of two inputs that learns a gate: its weights and mistakes, and what it says over the plane. */
import type { Tensor } from "../../index.ts";
import type { Linear } from "../../nn/index.ts";
import type { Forms, Line } from "../probe.ts";
import { cases } from "./gate-task.ts";
import { mapOf, square } from "./plane.ts";
import { graphOf, linesOf } from "./slopes.ts";

/** The weights of a unit of two inputs, and in how many cases it is wrong. */
export async function stateOf(unit: Linear, answers: readonly number[]): Promise<UnitState> {
  const [w1, w2] = await unit.weight.data();
  const [b] = (await unit.bias?.data()) ?? [0];
  const wrong = cases.filter(([x, y], i) => (w1 * x + w2 * y + b > 0 ? 1 : 0) !== answers[i]).length;
  return { wrong, weights: { names: ["w1", "w2", "b"], values: [w1, w2, b] } };
}
export interface UnitState {
  readonly wrong: number;
  readonly weights: { readonly names: readonly string[]; readonly values: readonly number[] };
}

/** The line where `w1 x + w2 y + b` is 0, across the picture. */
function border([w1, w2, b]: readonly number[]): Line[] {
  const [from, to] = [-0.5, 1.5];
  if (Math.abs(w1) + Math.abs(w2) < 1e-12) return [];
  const steep = Math.abs(w1) > Math.abs(w2);
  const ends = [from, to].map((t) => (steep ? -(w2 * t + b) / w1 : -(w1 * t + b) / w2));
  return [{ name: "u = 0", x: steep ? ends : [from, to], y: steep ? [from, to] : ends }];
}

interface UnitPicture extends UnitState {
  /** The output over the plane, its border, and the cases with the answers they should get. */
  readonly output: Forms["map"];
  /** The activation and its slope. */
  readonly activation: Forms["curves"];
}
/** A unit with activation `bend`, as it is by now. */
export async function pictureOf(
  unit: Linear,
  bend: (u: Tensor) => Tensor,
  answers: readonly number[],
): Promise<UnitPicture> {
  const state = await stateOf(unit, answers);
  const plane = square(-0.5, 1.5, 40);
  const points = cases.map(([x, y], i) => ({ x, y, label: answers[i] }));
  const values = await bend(unit.forward(plane.places)).data();
  return {
    ...state,
    output: { ...mapOf(plane, values), points, paths: border(state.weights.values) },
    activation: linesOf(await graphOf(bend, 4, 161)),
  };
}
