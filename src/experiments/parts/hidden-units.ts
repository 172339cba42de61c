/** What the hidden units of a network do at given points: their inputs, who is silent, and how they fold the plane. */
import type { MLP } from "../../models/index.ts";
import { LeakyReLU, Linear, type Module, ReLU, Sigmoid } from "../../nn/index.ts";
import type { Tensor } from "../../tensor.ts";
import { say, type Text } from "../text.ts";

/** Activations that bend at 0, or nearly. */
export const hinges: Readonly<Record<"sigmoid" | "relu" | "leaky", () => Module>> = {
  sigmoid: () => new Sigmoid(),
  relu: () => new ReLU(),
  leaky: () => new LeakyReLU(0.1),
};
/** What they are called. */
export const hingeNames: Readonly<Record<keyof typeof hinges, Text>> = {
  sigmoid: say("シグモイド", "sigmoid"),
  relu: say("ReLU", "ReLU"),
  leaky: say("Leaky ReLU", "Leaky ReLU"),
};

/** The input of each hidden layer's activation, `(N, units)`, from the first layer on. */
export function hiddenInputs(model: MLP, x: Tensor): Tensor[] {
  const inputs: Tensor[] = [];
  let y = x;
  for (const layer of model.layers.slice(0, -1)) {
    y = layer.forward(y);
    if (layer instanceof Linear) inputs.push(y);
  }
  return inputs;
}

/** The number of each point's region, where all points of a region lie on the same side of every unit's hinge. */
export async function regionsOf(model: MLP, places: Tensor): Promise<{ numbers: Float32Array; count: number }> {
  const sides = await Promise.all(
    hiddenInputs(model, places).map(async (u) => ({ units: u.shape[1], on: await u.gt(0).int().data() })),
  );
  const known = new Map<string, number>();
  const numbers = new Float32Array(places.shape[0]);
  for (let i = 0; i < numbers.length; i++) {
    const pattern = sides.map(({ units, on }) => on.subarray(i * units, (i + 1) * units).join("")).join();
    if (!known.has(pattern)) known.set(pattern, known.size);
    numbers[i] = known.get(pattern) ?? 0;
  }
  return { numbers, count: known.size };
}
