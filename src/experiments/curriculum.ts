/** The experiments of the curriculum, day by day, in the order in which they are listed. */
import { backpropagation } from "./day1/backpropagation.ts";
import { crossEntropyLoss } from "./day1/cross-entropy.ts";
import { gradientDescent } from "./day1/gradient-descent.ts";
import { identityOutput } from "./day1/identity-output.ts";
import { layerProduct } from "./day1/layer-product.ts";
import { meanSquaredError } from "./day1/mean-squared-error.ts";
import { minibatch } from "./day1/minibatch.ts";
import { noFreeLunch } from "./day1/no-free-lunch.ts";
import { onlineLearning } from "./day1/online-learning.ts";
import { relu } from "./day1/relu.ts";
import { sigmoid } from "./day1/sigmoid.ts";
import { sigmoidOutput } from "./day1/sigmoid-output.ts";
import { softmax } from "./day1/softmax.ts";
import { stepFunction } from "./day1/step-function.ts";
import { universalApproximation } from "./day1/universal-approximation.ts";
import { adagrad } from "./day2/adagrad.ts";
import { adam } from "./day2/adam.ts";
import { alexnet } from "./day2/alexnet.ts";
import { batchNormalization } from "./day2/batch-normalization.ts";
import { convolution } from "./day2/convolution.ts";
import { dropout } from "./day2/dropout.ts";
import { he } from "./day2/he.ts";
import { lasso } from "./day2/lasso.ts";
import { momentum } from "./day2/momentum.ts";
import { norms } from "./day2/norms.ts";
import { overfitting } from "./day2/overfitting.ts";
import { penaltyShapes } from "./day2/penalty-shapes.ts";
import { pooling } from "./day2/pooling.ts";
import { ridge } from "./day2/ridge.ts";
import { rmsprop } from "./day2/rmsprop.ts";
import { sparseRelu } from "./day2/sparse-relu.ts";
import { vanishingGradient } from "./day2/vanishing-gradient.ts";
import { whyConvolution } from "./day2/why-convolution.ts";
import { xavier } from "./day2/xavier.ts";
import type { Experiment } from "./experiment.ts";

const day1: readonly Experiment[] = [
  universalApproximation,
  noFreeLunch,
  layerProduct,
  stepFunction,
  sigmoid,
  relu,
  softmax,
  identityOutput,
  sigmoidOutput,
  meanSquaredError,
  crossEntropyLoss,
  gradientDescent,
  onlineLearning,
  minibatch,
  backpropagation,
];
const day2: readonly Experiment[] = [
  vanishingGradient,
  sparseRelu,
  xavier,
  he,
  batchNormalization,
  momentum,
  adagrad,
  rmsprop,
  adam,
  overfitting,
  norms,
  lasso,
  ridge,
  penaltyShapes,
  dropout,
  whyConvolution,
  convolution,
  pooling,
  alexnet,
];

/** By the name of the day. */
export const days: Readonly<Record<string, readonly Experiment[]>> = { day1, day2 };

/** All of them, by id. */
export const curriculum: ReadonlyMap<string, Experiment> = new Map(
  Object.values(days)
    .flat()
    .map((experiment) => [experiment.id, experiment]),
);
