/** The multilayer perceptron. */
import { ValueError } from "../errors.ts";
import { Dropout, Linear, type Module, ReLU, Sequential } from "../nn/index.ts";
import { checkCount, checkOptions, print } from "../tensor/arguments.ts";

export interface MLPOptions {
  /** Makes what follows each layer but the last; ReLU unless given. */
  activation?: () => Module;
  /** The probability with which hidden values are dropped in training. */
  dropout?: number;
}

/** Linear layers with an activation between them: `new MLP([784, 300, 100, 10])` is `(…, 784) → (…, 10)`. */
export class MLP extends Sequential {
  constructor(sizes: readonly number[], options: MLPOptions = {}) {
    checkOptions("MLP", options, ["activation", "dropout"]);
    const { activation = () => new ReLU(), dropout = 0 } = options;
    if (!Array.isArray(sizes) || sizes.length < 2) {
      const want = "the sizes of the input, of hidden layers and of the output";
      throw new ValueError({
        in: "MLP",
        got: `the sizes ${print(sizes)}`,
        want,
        fix: "Give at least two, such as [784, 100, 10]",
      });
    }
    for (const size of sizes) checkCount("MLP", size, "a size", 1);
    const hidden = (): Module[] => [activation(), ...(dropout === 0 ? [] : [new Dropout(dropout)])];
    const layers = sizes.slice(1).flatMap((size, i): Module[] => {
      const isLast = i === sizes.length - 2;
      return [new Linear(sizes[i], size), ...(isLast ? [] : hidden())];
    });
    super(...layers);
  }
}
