/** A network that is small enough to train for thousands of steps in seconds. */
import { Linear, ReLU, Sequential } from "../../src/nn/index.ts";
import { AdamW, type Optimizer } from "../../src/optim/index.ts";
import { crossEntropy, seed, tensor } from "../../src/tensor.ts";

export interface Net {
  readonly model: Sequential;
  readonly optimizer: Optimizer;
}

export function net(): Net {
  seed(1);
  const model = new Sequential(new Linear(8, 16), new ReLU(), new Linear(16, 4));
  return { model, optimizer: new AdamW(model.parameters(), { lr: 1e-3 }) };
}

/** One step on a batch from the host, as a loader gives them. */
export async function step({ model, optimizer }: Net, size = 5): Promise<number> {
  const x = tensor(
    Float32Array.from({ length: size * 8 }, (_, i) => Math.sin(i)),
    [size, 8],
  );
  const y = tensor(Int32Array.from({ length: size }, (_, i) => i % 4));
  const loss = crossEntropy(model.forward(x), y);
  loss.backward();
  await optimizer.step();
  return loss.item();
}
