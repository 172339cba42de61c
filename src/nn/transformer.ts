/** Layers of the transformer (Vaswani et al. 2017, §3.1), with normalization after each part or before it (Xiong et al. 2020). */
import { ValueError } from "../errors.ts";
import { checkCount, checkNumber, checkOptions, print } from "../tensor/arguments.ts";
import { dropout as drop, gelu, relu, type Tensor } from "../tensor.ts";
import { type AttendOptions, MultiheadAttention } from "./attention.ts";
import { Linear } from "./linear.ts";
import { Module } from "./module.ts";
import { LayerNorm } from "./norm.ts";

const activations = { relu: (x: Tensor): Tensor => relu(x), gelu: (x: Tensor): Tensor => gelu(x) };

export interface TransformerLayerOptions {
  /** The width between the two products of each position: 2,048 unless given. */
  dimFeedforward?: number;
  /** In training, of what each part gives, of the weights of attention, and between the two products: 0.1 unless given. */
  dropout?: number;
  /** Between the two products: ReLU unless given. */
  activation?: keyof typeof activations;
  /** Whether normalization comes before each part; after it unless given. */
  normFirst?: boolean;
  /** `(N, L, E)` in place of `(L, N, E)`; false unless given, as in PyTorch. */
  batchFirst?: boolean;
  layerNormEps?: number;
}

/** What layers of the encoder and of the decoder have in common. */
abstract class TransformerLayer<Inputs extends readonly unknown[]> extends Module<Inputs> {
  readonly selfAttn: MultiheadAttention;
  readonly linear1: Linear;
  readonly linear2: Linear;
  readonly norm1: LayerNorm;
  readonly norm2: LayerNorm;
  readonly dropout: number;
  readonly activation: keyof typeof activations;
  readonly normFirst: boolean;

  constructor(dModel: number, nhead: number, options: TransformerLayerOptions = {}) {
    super();
    const op = this.constructor.name;
    const names = ["dimFeedforward", "dropout", "activation", "normFirst", "batchFirst", "layerNormEps"];
    checkOptions(op, options, names);
    const { dimFeedforward = 2048, dropout = 0.1, activation = "relu", normFirst = false } = options;
    const { batchFirst = false, layerNormEps: eps = 1e-5 } = options;
    if (!Object.hasOwn(activations, activation)) {
      throw new ValueError({
        in: op,
        got: `activation ${print(activation)}`,
        want: '"relu" or "gelu"',
        fix: "Choose one",
      });
    }
    checkCount(op, dimFeedforward, "dimFeedforward", 1);
    this.dropout = checkNumber(op, dropout, "dropout", 0, 1);
    this.activation = activation;
    this.normFirst = normFirst;
    this.selfAttn = new MultiheadAttention(dModel, nhead, { dropout, batchFirst });
    this.linear1 = new Linear(dModel, dimFeedforward);
    this.linear2 = new Linear(dimFeedforward, dModel);
    this.norm1 = new LayerNorm(dModel, { eps });
    this.norm2 = new LayerNorm(dModel, { eps });
  }

  /** `x` and what a part makes of it, normalized afterwards; or `x` and what it makes of `x` normalized. */
  protected add(x: Tensor, norm: LayerNorm, part: (x: Tensor) => Tensor): Tensor {
    if (this.normFirst) return x.add(this.drop(part(norm.forward(x))));
    return norm.forward(x.add(this.drop(part(x))));
  }

  protected drop(x: Tensor): Tensor {
    return this.dropout === 0 ? x : drop(x, this.dropout, { training: this.training });
  }

  /** The same two products at each position. */
  protected feedForward(x: Tensor): Tensor {
    return this.linear2.forward(this.drop(activations[this.activation](this.linear1.forward(x))));
  }
}

/** Attention of a sequence to itself, then two products at each position: `(L, N, E) → (L, N, E)`. */
export class TransformerEncoderLayer extends TransformerLayer<[src: Tensor, options?: AttendOptions]> {
  override forward(src: Tensor, options: AttendOptions = {}): Tensor {
    const x = this.add(src, this.norm1, (x) => this.selfAttn.forward(x, x, x, options)[0]);
    return this.add(x, this.norm2, (x) => this.feedForward(x));
  }
}

/** Attention of the target to itself, then to the encoder's memory, then two products: `(L, N, E)`, `(S, N, E)` → `(L, N, E)`. */
export class TransformerDecoderLayer extends TransformerLayer<
  [tgt: Tensor, memory: Tensor, options?: { self?: AttendOptions; memory?: AttendOptions }]
> {
  readonly multiheadAttn: MultiheadAttention;
  readonly norm3: LayerNorm;

  constructor(dModel: number, nhead: number, options: TransformerLayerOptions = {}) {
    super(dModel, nhead, options);
    const { batchFirst } = this.selfAttn;
    this.multiheadAttn = new MultiheadAttention(dModel, nhead, { dropout: this.dropout, batchFirst });
    this.norm3 = new LayerNorm(dModel, { eps: this.norm1.eps });
  }

  override forward(
    tgt: Tensor,
    memory: Tensor,
    options: { self?: AttendOptions; memory?: AttendOptions } = {},
  ): Tensor {
    checkOptions(`${this}`, options, ["self", "memory"]);
    const own = this.add(tgt, this.norm1, (x) => this.selfAttn.forward(x, x, x, options.self)[0]);
    const both = this.add(own, this.norm2, (x) => this.multiheadAttn.forward(x, memory, memory, options.memory)[0]);
    return this.add(both, this.norm3, (x) => this.feedForward(x));
  }
}
