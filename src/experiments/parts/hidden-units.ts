/** What the hidden units of a network do at given points: their inputs, who is silent, and how they fold the plane. */
import { cat, jit, type Tensor } from "../../index.ts";
import type { MLP } from "../../models/index.ts";
import { Linear } from "../../nn/index.ts";
import type { Forms } from "../probe.ts";
import { layerNames } from "./digit-network.ts";
import { mapOf, type Plane } from "./plane.ts";

/** The input of each hidden layer's activation, `(N, units)`, from the first layer on. */
function hiddenInputs(model: MLP, x: Tensor): Tensor[] {
  const inputs: Tensor[] = [];
  let y = x;
  for (const layer of model.layers.slice(0, -1)) {
    y = layer.forward(y);
    if (layer instanceof Linear) inputs.push(y);
  }
  return inputs;
}

/** The number of each point's region, where all points of a region lie on the same side of every unit's hinge. */
async function regionsOf(model: MLP, places: Tensor): Promise<{ numbers: Float32Array; count: number }> {
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

interface Folds {
  readonly zeros: Forms["bars"];
  readonly regions: Forms["map"];
  readonly pieces: number;
}
/** The regions of the plane, and which part of each layer's inputs is at most 0 at the points `x`. */
export async function foldsOf(model: MLP, x: Tensor, plane: Plane): Promise<Folds> {
  const { numbers, count } = await regionsOf(model, plane.places);
  const inputs = hiddenInputs(model, x);
  const zeros = await cat(inputs.map((u) => u.le(0).float().mean().reshape([1]))).data();
  return { zeros: { names: layerNames(inputs.length), values: zeros }, regions: mapOf(plane, numbers), pieces: count };
}

/** Units that are asleep: their input is at most 0 at every example, where ReLU has neither output nor gradient. */
export class Sleepers {
  readonly #highest: () => Promise<Tensor>;
  #before: readonly boolean[] = [];
  #revived = 0;

  constructor(model: MLP, x: Tensor) {
    this.#highest = jit(async () => cat(hiddenInputs(model, x).map((u) => u.amax(0))));
  }
  /** How many there are by now, and how often one of them came back. */
  async count(): Promise<{ asleep: number; revived: number }> {
    const now = Array.from(await (await this.#highest()).data(), (u) => u <= 0);
    this.#revived += this.#before.filter((asleep, i) => asleep && !now[i]).length;
    this.#before = now;
    return { asleep: now.filter(Boolean).length, revived: this.#revived };
  }
}
