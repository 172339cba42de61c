/** Attention of several heads (Vaswani et al. 2017, §3.2.2). */
import { ShapeError } from "../errors.ts";
import { checkCount, checkNumber, checkOptions } from "../tensor/arguments.ts";
import { attentionWeights, linear, Parameter, type Tensor, zeros } from "../tensor.ts";
import { xavierUniform } from "./init.ts";
import { Linear } from "./linear.ts";
import { checkInput, checkTensor, Module } from "./module.ts";

export interface MultiheadAttentionOptions {
  /** The probability with which a weight is dropped in training. */
  dropout?: number;
  /** Whether the four products have biases; true unless given. */
  bias?: boolean;
  /** `(N, L, E)` in place of `(L, N, E)`; false unless given, as in PyTorch. */
  batchFirst?: boolean;
}

/** What may not be seen. As in PyTorch's layer, and unlike `scaledDotProductAttention`, true hides. */
export interface AttendOptions {
  /** `(L, S)` or `(N · heads, L, S)`: true hides a key from a query; numbers are added to the scores. */
  attnMask?: Tensor | null;
  /** `(N, S)`, or `(S)` without a batch: true hides a key from all queries. */
  keyPaddingMask?: Tensor | null;
  /** Whether position `i` sees only positions up to `i`. */
  isCausal?: boolean;
  /** Whether the weights are the mean of the heads; true unless given. */
  averageAttnWeights?: boolean;
}

/**
 * Each head compares queries with keys, in projections of their own, and takes a mean of the values: `query (L, N, E)`, `key` and
 * `value (S, N, E)` → `[output (L, N, E), weights (N, L, S)]`; with `batchFirst` N comes first, and it may be left out.
 */
export class MultiheadAttention extends Module<
  [query: Tensor, key: Tensor, value: Tensor, options?: AttendOptions],
  [output: Tensor, weights: Tensor]
> {
  /** `(3E, E)`: what queries, keys and values are multiplied by, one below the other. */
  readonly inProjWeight: Parameter;
  /** `(3E)` */
  readonly inProjBias: Parameter | null;
  readonly outProj: Linear;
  readonly numHeads: number;
  readonly dropout: number;
  readonly batchFirst: boolean;

  constructor(embedDim: number, numHeads: number, options: MultiheadAttentionOptions = {}) {
    super();
    checkOptions("MultiheadAttention", options, ["dropout", "bias", "batchFirst"]);
    const { dropout = 0, bias = true, batchFirst = false } = options;
    checkCount("MultiheadAttention", embedDim, "embedDim", 1);
    this.numHeads = checkCount("MultiheadAttention", numHeads, "numHeads", 1);
    if (embedDim % numHeads !== 0) {
      const got = `${numHeads} heads for vectors of ${embedDim}`;
      const fix = "Change one of them";
      throw new ShapeError({ in: "MultiheadAttention", got, want: "heads that divide the vectors evenly", fix });
    }
    this.dropout = checkNumber("MultiheadAttention", dropout, "dropout", 0, 1);
    this.batchFirst = batchFirst;
    this.inProjWeight = new Parameter(xavierUniform([3 * embedDim, embedDim]));
    this.inProjBias = bias ? new Parameter(zeros([3 * embedDim])) : null;
    this.outProj = new Linear(embedDim, embedDim, { bias });
    this.outProj.bias?.assign(zeros([embedDim]));
  }

  override forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    options: AttendOptions = {},
  ): [output: Tensor, weights: Tensor] {
    checkOptions(`${this}`, options, ["attnMask", "keyPaddingMask", "isCausal", "averageAttnWeights"]);
    const { isCausal = false, averageAttnWeights = true } = options;
    for (const x of [query, key, value]) {
      checkTensor(this, x);
      const fits =
        (x.ndim === 2 || x.ndim === 3) && x.ndim === query.ndim && x.shape.at(-1) === this.outProj.weight.shape[1];
      const size = this.outProj.weight.shape[1];
      checkInput(
        this,
        x,
        fits,
        this.batchFirst ? `(N, L, ${size}) or (L, ${size})` : `(L, N, ${size}) or (L, ${size})`,
      );
    }
    // Inside, the batch is first: (N, L, E). The same tensor three times is one product, which is the common case.
    const isTurned = query.ndim === 3 && !this.batchFirst;
    const turn = (x: Tensor): Tensor => (x.ndim === 2 ? x.unsqueeze(0) : isTurned ? x.transpose(0, 1) : x);
    const isSame = query === key && key === value;
    const projected = isSame
      ? linear(turn(query), this.inProjWeight, this.inProjBias).chunk(3, -1)
      : [query, key, value].map((x, i) =>
          linear(turn(x), this.#part(this.inProjWeight, i), this.#part(this.inProjBias, i)),
        );
    const [q, k, v] = projected.map((x) => x.unflatten(-1, [this.numHeads, -1]).transpose(1, 2)); // (N, heads, L, E / heads)
    const dropout = this.training ? this.dropout : 0;
    const all = attentionWeights(q, k, { mask: this.#mask(q.shape, k.shape[2], options), isCausal, dropout });
    const output = this.outProj.forward(all.matmul(v).transpose(1, 2).flatten(2));
    const weights = averageAttnWeights ? all.mean(1) : all;
    return query.ndim === 2 ? [output.squeeze(0), weights.squeeze(0)] : [turn(output), weights];
  }

  /** The `i`-th third of the projections. */
  #part<T extends Tensor | null>(x: T, i: number): T | Tensor {
    const size = this.outProj.weight.shape[1];
    return x === null ? x : x.narrow(0, i * size, size);
  }

  /** Both masks as one that broadcasts to `(N, heads, L, S)`, and says what may be seen. */
  #mask(queries: readonly number[], keys: number, given: AttendOptions): Tensor | null {
    const { attnMask = null, keyPaddingMask = null } = given;
    const [batch, heads, length] = queries;
    this.#checkMask("attnMask", attnMask, [
      [length, keys],
      [batch * heads, length, keys],
    ]);
    this.#checkMask("keyPaddingMask", keyPaddingMask, batch === 1 ? [[1, keys], [keys]] : [[batch, keys]]);
    const seen = (mask: Tensor): Tensor => (mask.dtype === "bool" ? mask.logicalNot() : mask);
    const pairs = attnMask && seen(attnMask.ndim === 3 ? attnMask.unflatten(0, [batch, this.numHeads]) : attnMask);
    if (!keyPaddingMask) return pairs;
    const padding = seen(keyPaddingMask).reshape([batch, 1, 1, keys]);
    if (!pairs) return padding;
    if (pairs.dtype === padding.dtype) return padding.dtype === "bool" ? pairs.logicalAnd(padding) : pairs.add(padding);
    const [bools, numbers] = padding.dtype === "bool" ? [padding, pairs] : [pairs, padding];
    return numbers.where(bools, -Infinity);
  }

  /** Throws unless a mask has one of `shapes`. */
  #checkMask(name: string, mask: Tensor | null, shapes: readonly (readonly number[])[]): void {
    if (!mask || shapes.some((shape) => shape.join() === mask.shape.join())) return;
    const want = shapes.map((shape) => `[${shape}]`).join(" or ");
    throw new ShapeError({ in: `${this}`, got: `${name} of [${mask.shape}]`, want, fix: "Check the mask" });
  }
}
