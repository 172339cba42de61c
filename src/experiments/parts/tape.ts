/** A network of one hidden layer, value by value, with the gradient of each: the tape that goes backwards. */
import { vjp } from "../../graph/grad.ts";
import { topo } from "../../graph/node.ts";
import { like } from "../../graph/ops.ts";
import { mseLoss, normal, Parameter, Tensor, tensor } from "../../index.ts";
import type { Forms } from "../probe.ts";
import { say, show } from "../text.ts";

/** A value of the computation and the gradient of the error by it. */
export interface TapeNode {
  readonly name: string;
  readonly value: readonly number[];
  readonly gradient: readonly number[];
}

export interface Tape {
  readonly parameters: readonly Parameter[];
  /** Nodes that are computed for the error, and those that all gradients add. */
  readonly graph: { readonly forward: number; readonly backward: number };
  /** Passes through the network by now: forward and backward ones of backpropagation, forward ones of differences. */
  readonly passes: { readonly backpropagation: number; readonly differences: number };
  /** By one pass forward, and one backward for all: from the error back to the input, each after those it follows from. */
  nodes(): Promise<TapeNode[]>;
  /** The error by a forward pass, for a difference. */
  error(): Promise<number>;
}

/** `2 → hidden → 2` with sigmoids, and the squared error of one example. */
export function tapeOf(hidden: number): Tape {
  const parameter = (label: string, shape: number[]): Parameter => new Parameter(normal(shape, 0, 1), { label });
  const [w1, b1] = [parameter("W₁", [2, hidden]), parameter("b₁", [hidden])];
  const [w2, b2] = [parameter("W₂", [hidden, 2]), parameter("b₂", [2])];
  const [x, target] = [tensor([[1, -0.5]]), tensor([[0, 1]])];
  const passes = { backpropagation: 0, differences: 0 };
  const forward = (): [name: string, value: Tensor][] => {
    const u1 = x.matmul(w1).add(b1);
    const y1 = u1.sigmoid();
    const u2 = y1.matmul(w2).add(b2);
    const y2 = u2.sigmoid();
    const inner = { "y₂": y2, "u₂": u2, "W₂": w2, "b₂": b2, "y₁": y1, "u₁": u1, "W₁": w1, "b₁": b1 };
    return [["E", mseLoss(y2, target)], ...Object.entries(inner)];
  };
  const backward = (values: readonly Tensor[]): Tensor[] => {
    const [error] = values;
    const gradients = vjp(
      [error.node],
      [like(error.node, 1)],
      values.map(({ node }) => node),
    );
    return gradients.map((node, i) => (node ? new Tensor(node) : values[i].mul(0)));
  };
  const numbers = async (t: Tensor): Promise<number[]> => Array.from(await t.data(), Number);
  const graph = { forward: 0, backward: 0 };
  return {
    parameters: [w2, b2, w1, b1],
    graph,
    passes,
    async nodes() {
      const named = forward();
      const values = named.map(([, value]) => value);
      const gradients = backward(values);
      passes.backpropagation += 2;
      graph.forward = computedFor(values.slice(0, 1));
      graph.backward = computedFor([...values, ...gradients]) - graph.forward;
      const found: TapeNode[] = [];
      for (const i of inOrder(gradients)) {
        const [name, value] = named[i];
        found.push({ name, value: await numbers(value), gradient: await numbers(gradients[i]) });
      }
      return found;
    },
    error: () => {
      passes.differences++;
      const [[, error]] = forward();
      return error.item();
    },
  };
}

/** The numbers of gradients in the order in which they can be known: the more of them one is computed from, the later. */
function inOrder(gradients: readonly Tensor[]): number[] {
  const needs = gradients.map(({ node }) => {
    const before = new Set(topo([node]));
    return gradients.filter((other) => before.has(other.node)).length;
  });
  return gradients.map((_, i) => i).sort((i, k) => needs[i] - needs[k]);
}

/** How many nodes are computed for some values: all but inputs and constants. */
const computedFor = (values: readonly Tensor[]): number =>
  topo(values.map(({ node }) => node)).filter(({ src }) => src.length > 0).length;

/** A weight or a bias, and the gradient that backpropagation found for it. */
export interface TapeElement {
  readonly name: string;
  readonly parameter: Parameter;
  readonly index: number;
  readonly gradient: number;
}

/** All weights and biases of a tape whose nodes are known. */
export const weightsOf = ({ parameters }: Tape, nodes: readonly TapeNode[]): TapeElement[] =>
  parameters.flatMap((parameter) => {
    const node = nodes.find(({ name }) => name === parameter.label);
    return (node?.gradient ?? []).map((gradient, index) => ({
      name: `${node?.name}[${index}]`,
      parameter,
      index,
      gradient,
    }));
  });

/** The gradient of one element by central differences of width `h`: two forward passes. */
export async function differenceAt(tape: Tape, { parameter, index }: TapeElement, h: number): Promise<number> {
  const before = Float32Array.from((await parameter.data()) as Float32Array);
  const errorWith = async (shift: number): Promise<number> => {
    const moved = before.with(index, before[index] + shift);
    parameter.assign(tensor(moved, parameter.shape));
    return tape.error();
  };
  const slope = ((await errorWith(h)) - (await errorWith(-h))) / (2 * h);
  parameter.assign(tensor(before, parameter.shape));
  return slope;
}

/** The elements of some nodes with their names, such as "W₁[2]". */
export const elementsOf = (nodes: readonly TapeNode[], of: (node: TapeNode) => readonly number[]): Forms["bars"] => ({
  names: nodes.flatMap((node) => of(node).map((_, i) => `${node.name}[${i}]`)),
  values: nodes.flatMap(of),
});

/** Values and gradients as a table, four elements of each; of the first `known` nodes the gradients are told. */
export const tableOf = (nodes: readonly TapeNode[], known: number): Forms["table"] => {
  const some = (numbers: readonly number[]): string => numbers.slice(0, 4).map(show).join(", ");
  return {
    head: [say("値", "value"), say("順伝播", "forward"), say("勾配 ∂E/∂", "gradient ∂E/∂")],
    rows: nodes.map(({ name, value, gradient }, i) => [name, some(value), i < known ? some(gradient) : "…"]),
  };
};
