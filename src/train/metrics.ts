/** What is measured beside the loss. */
import { IndexError } from "../errors.ts";
import { checkCount } from "../tensor/arguments.ts";
import type { Tensor } from "../tensor.ts";

/** A number for a batch: the mean over its examples, as a tensor of one element. */
export type Metric = (output: Tensor, target: Tensor) => Tensor;

/** The part of the examples whose greatest output is that of their class: outputs `(N, C)`, classes `(N)`. */
export const accuracy: Metric = (output, target) => output.argmax(1).eq(target).float().mean();

/** The part of the examples whose output has the sign that the target, 0 or 1, asks for: logits and targets in one shape. */
export const binaryAccuracy: Metric = (output, target) => output.gt(0).eq(target.bool()).float().mean();

/** How often each class was taken for each: `counts[actual][predicted]`. */
export function confusionMatrix(actual: ArrayLike<number>, predicted: ArrayLike<number>, classes: number): number[][] {
  checkCount("confusionMatrix", classes, "classes", 1);
  checkCount("confusionMatrix", predicted.length, "the number of predictions", actual.length, actual.length);
  const counts = Array.from({ length: classes }, () => Array<number>(classes).fill(0));
  for (let i = 0; i < actual.length; i++) {
    for (const label of [actual[i], predicted[i]]) {
      if (Number.isInteger(label) && label >= 0 && label < classes) continue;
      const got = `the class ${label} of example ${i}`;
      throw new IndexError({ in: "confusionMatrix", got, want: `0 … ${classes - 1}`, fix: "Check the classes" });
    }
    counts[actual[i]][predicted[i]]++;
  }
  return counts;
}
