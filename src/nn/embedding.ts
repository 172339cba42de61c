/** Vectors for whole numbers. */
import { checkCount, checkOptions } from "../tensor/arguments.ts";
import { arange, embedding, Parameter, randn, type Tensor } from "../tensor.ts";
import { checkTensor, Module } from "./module.ts";

export interface EmbeddingOptions {
  /** An index whose vector is 0 and stays so: it gets no gradient. */
  paddingIndex?: number;
}

/** A learned vector for each of 0 … `count` − 1: int32 in any shape `(…)` → `(…, size)`. First values are normal, as in PyTorch. */
export class Embedding extends Module {
  /** `(count, size)` */
  readonly weight: Parameter;
  readonly paddingIndex: number | null;

  constructor(count: number, size: number, options: EmbeddingOptions = {}) {
    super();
    checkOptions("Embedding", options, ["paddingIndex"]);
    const { paddingIndex } = options;
    checkCount("Embedding", count, "the number of vectors", 1);
    checkCount("Embedding", size, "their size", 1);
    if (paddingIndex !== undefined) checkCount("Embedding", paddingIndex, "paddingIndex", 0, count - 1);
    const values = randn([count, size]);
    const isPadding = paddingIndex === undefined ? null : arange(count).eq(paddingIndex).unsqueeze(1);
    this.weight = new Parameter(isPadding ? values.maskedFill(isPadding, 0) : values);
    this.paddingIndex = paddingIndex ?? null;
  }

  override forward(at: Tensor): Tensor {
    checkTensor(this, at);
    return embedding(this.weight, at, this.paddingIndex === null ? {} : { paddingIndex: this.paddingIndex });
  }
}
