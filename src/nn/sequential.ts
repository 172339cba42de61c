/** Layers one after another. */
import type { Tensor } from "../tensor.ts";
import { checkTensor, Module } from "./module.ts";

/**
 * What each layer gives is what the next one takes. Layers are named by their places, `"0"`, `"1"`, …, or as the fields of
 * one object: `new Sequential({ hidden: new Linear(2, 8), act: new Tanh(), out: new Linear(8, 1) })`.
 */
export class Sequential extends Module {
  readonly layers: readonly Module[];
  readonly #names: readonly string[];

  constructor(...layers: readonly Module[] | readonly [Readonly<Record<string, Module>>]) {
    super();
    const [first] = layers;
    const isNamed = first !== undefined && !(first instanceof Module);
    this.layers = isNamed ? Object.values(first) : (layers as readonly Module[]);
    this.#names = isNamed ? Object.keys(first) : layers.map((_, i) => String(i));
  }

  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    return this.layers.reduce((y, layer) => layer.forward(y), x);
  }

  protected override children(): Iterable<readonly [string, unknown]> {
    return this.layers.map((layer, i) => [this.#names[i], layer] as const);
  }
}
