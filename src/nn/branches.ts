/** Layers side by side: sums and concatenations of what several give for one input. */
import { ShapeError, ValueError } from "../errors.ts";
import { sameShape, show } from "../graph/shape.ts";
import { cat, type Tensor } from "../tensor.ts";
import { Identity } from "./flatten.ts";
import { checkTensor, Module } from "./module.ts";

/**
 * `body(x) + shortcut(x)` (He et al. 2016, eq. 1 and 2). The shortcut is the input itself unless given; where the body changes the
 * shape, it has to do so too, as a convolution of size 1 does.
 */
export class Residual extends Module {
  readonly body: Module;
  readonly shortcut: Module;

  constructor(body: Module, shortcut: Module = new Identity()) {
    super();
    this.body = body;
    this.shortcut = shortcut;
  }

  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    const [y, same] = [this.body.forward(x), this.shortcut.forward(x)];
    if (sameShape(y.shape, same.shape)) return y.add(same);
    const got = `${show(y.shape)} of the body and ${show(same.shape)} of the shortcut`;
    throw new ShapeError({
      in: `${this}`,
      got,
      want: "one shape",
      fix: "Give a shortcut that changes the shape as the body does",
    });
  }
}

/**
 * What the branches give for one input, one after another along the channels: `(N, C, …) → (N, C₁ + C₂ + …, …)` (Szegedy et al. 2015,
 * fig. 2). Named as the layers of Sequential are. `new Concat(new Identity(), body)` is a layer of DenseNet (Huang et al. 2017).
 */
export class Concat extends Module {
  readonly branches: readonly Module[];
  readonly #names: readonly string[];

  constructor(...branches: readonly Module[] | readonly [Readonly<Record<string, Module>>]) {
    super();
    const [first] = branches;
    if (first === undefined) {
      throw new ValueError({ in: "Concat", got: "no branches", want: "at least one", fix: "Give layers" });
    }
    const isNamed = !(first instanceof Module);
    this.branches = isNamed ? Object.values(first) : (branches as readonly Module[]);
    this.#names = isNamed ? Object.keys(first) : branches.map((_, i) => String(i));
  }

  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    return cat(
      this.branches.map((branch) => branch.forward(x)),
      1,
    );
  }

  protected override children(): Iterable<readonly [string, unknown]> {
    return this.branches.map((branch, i) => [this.#names[i], branch] as const);
  }
}
