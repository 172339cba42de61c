/** Layers that leave things out at random while training (Srivastava et al. 2014), and nothing at inference. */
import { checkNumber } from "../tensor/arguments.ts";
import { alphaDropout, dropout, dropoutChannels, type Tensor } from "../tensor.ts";
import { checkInput, checkTensor, Module } from "./module.ts";

/** 0 in place of each element with probability `p`, the others divided by `1 − p`, in any shape. */
export class Dropout extends Module {
  /** May be another from step to step; a step that is compiled keeps the one it was compiled with. */
  p: number;
  constructor(p = 0.5) {
    super();
    this.p = checkNumber("Dropout", p, "the probability", 0, 1);
  }
  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    return dropout(x, this.p, { training: this.training });
  }
}

/** As Dropout, for what comes after SELU: it keeps mean 0 and variance 1 (Klambauer et al. 2017). */
export class AlphaDropout extends Module {
  readonly p: number;
  constructor(p = 0.5) {
    super();
    this.p = checkNumber("AlphaDropout", p, "the probability", 0, 1);
  }
  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    return alphaDropout(x, this.p, { training: this.training });
  }
}

abstract class ChannelDropout extends Module {
  readonly p: number;
  readonly #want: string;
  readonly #rank: number;
  constructor(p: number, rank: number, want: string) {
    super();
    this.p = checkNumber(this.constructor.name, p, "the probability", 0, 1);
    this.#rank = rank;
    this.#want = want;
  }
  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    checkInput(this, x, x.ndim === this.#rank, this.#want);
    return dropoutChannels(x, this.p, { training: this.training });
  }
}
/** Leaves out whole channels of `(N, C, L)`. */
export class Dropout1d extends ChannelDropout {
  constructor(p = 0.5) {
    super(p, 3, "(N, C, L)");
  }
}
/** Leaves out whole channels of `(N, C, H, W)`. */
export class Dropout2d extends ChannelDropout {
  constructor(p = 0.5) {
    super(p, 4, "(N, C, H, W)");
  }
}
/** Leaves out whole channels of `(N, C, D, H, W)`. */
export class Dropout3d extends ChannelDropout {
  constructor(p = 0.5) {
    super(p, 5, "(N, C, D, H, W)");
  }
}
