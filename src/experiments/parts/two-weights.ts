/** Two weights, a loss that is a valley over them, and the penalties of L1 and L2: as functions of `w (…, 2)`. */
import { type Tensor, tensor } from "../../index.ts";
import { hostMath } from "../../tensor/arguments.ts";
import type { Forms } from "../probe.ts";
import { mapOf, type Plane } from "./plane.ts";

/** How much steeper the loss is across its valley than along it. */
const steepness = 4;

/** `|w₁|ᵖ + |w₂|ᵖ`. */
export const penaltyOf = (w: Tensor, p: number): Tensor => w.abs().pow(p).sum(-1);

/** The loss of a regression with two features: a valley around `centre`, turned by `angle` degrees. */
export function lossOf(w: Tensor, centre: readonly [number, number], angle: number): Tensor {
  const turn = (angle / 180) * Math.PI;
  const [c, s] = [hostMath.cos(turn), hostMath.sin(turn)];
  const offset = w.sub(tensor([...centre])).matmul(
    tensor([
      [c, -s],
      [s, c],
    ]),
  );
  return offset
    .square()
    .mul(tensor([0.5, 0.5 * steepness]))
    .sum(-1);
}

/** How far the contour of a penalty goes diagonally, as a part of how far it goes along an axis: 1 is a circle. */
export async function roundnessOf(p: number): Promise<number> {
  const diagonal = await penaltyOf(tensor([Math.SQRT1_2, Math.SQRT1_2]), p).item();
  return hostMath.exp(-hostMath.log(diagonal) / p);
}

/** A function of two weights as a map. */
export const surface = async (plane: Plane, values: Tensor): Promise<Forms["map"]> =>
  mapOf(plane, (await values.data()) as Float32Array);
