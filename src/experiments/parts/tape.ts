/** A network of one hidden layer, computed node by node, with the gradient of every node: the tape that goes backwards. */
import { mseLoss, normal, Parameter, type Tensor, tensor } from "../../index.ts";

/** A value of the computation and the gradient of the error by it. */
export interface TapeNode {
  readonly name: string;
  readonly value: readonly number[];
  readonly gradient: readonly number[];
}

export interface Tape {
  readonly parameters: readonly Parameter[];
  /** From the error back to the input. */
  nodes(): Promise<TapeNode[]>;
  /** The error, computed anew; each call is one forward pass. */
  error(): Promise<number>;
}

/** `2 → hidden → 3` with sigmoids, the squared error of one example. */
export function tapeOf(hidden: number): Tape {
  const parameter = (label: string, shape: number[]): Parameter => new Parameter(normal(shape, 0, 1), { label });
  const [w1, b1] = [parameter("W₁", [2, hidden]), parameter("b₁", [hidden])];
  const [w2, b2] = [parameter("W₂", [hidden, 3]), parameter("b₂", [3])];
  const [x, target] = [tensor([[1, -0.5]]), tensor([[0, 1, 0]])];
  const forward = (from: Record<string, Tensor>): { name: string; value: Tensor }[] => {
    // Each value is a leaf of its own where one is given, so that its gradient can be asked for.
    const at = (name: string, value: Tensor): Tensor => from[name] ?? value;
    const u1 = at("u₁", x.matmul(w1).add(b1));
    const y1 = at("y₁", u1.sigmoid());
    const u2 = at("u₂", y1.matmul(w2).add(b2));
    const y2 = at("y₂", u2.sigmoid());
    const e = mseLoss(y2, target);
    return [e, y2, u2, y1, u1].map((value, i) => ({ name: ["E", "y₂", "u₂", "y₁", "u₁"][i], value }));
  };
  const numbers = async (t: Tensor | null): Promise<number[]> => (t ? Array.from(await t.data(), Number) : []);
  const parameters = [w2, b2, w1, b1];
  return {
    parameters,
    async nodes() {
      const plain = forward({});
      const found: TapeNode[] = [{ name: "E", value: await numbers(plain[0].value), gradient: [1] }];
      for (const { name, value } of plain.slice(1)) {
        const leaf = new Parameter(tensor((await value.data()) as Float32Array, value.shape), { label: name });
        forward({ [name]: leaf })[0].value.backward();
        found.push({ name, value: await numbers(leaf), gradient: await numbers(leaf.grad) });
        for (const p of parameters) p.zeroGrad();
      }
      forward({})[0].value.backward();
      for (const p of parameters)
        found.push({ name: p.label, value: await numbers(p), gradient: await numbers(p.grad) });
      for (const p of parameters) p.zeroGrad();
      const order = ["E", "y₂", "u₂", "W₂", "b₂", "y₁", "u₁", "W₁", "b₁"];
      return found.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
    },
    error: () => forward({})[0].value.item(),
  };
}

/** The gradient of one element by central differences: two forward passes. */
export async function differenceAt(tape: Tape, p: Parameter, index: number, h = 2e-2): Promise<number> {
  const before = Float32Array.from((await p.data()) as Float32Array);
  const errorWith = async (shift: number): Promise<number> => {
    p.assign(
      tensor(
        before.map((v, i) => (i === index ? v + shift : v)),
        p.shape,
      ),
    );
    return tape.error();
  };
  const slope = ((await errorWith(h)) - (await errorWith(-h))) / (2 * h);
  p.assign(tensor(before, p.shape));
  return slope;
}
