/** A row of the table of operations: all that a test has to be told about one. */
import type { DType, Tensor } from "../../../src/tensor.ts";

export interface Row {
  f: (...x: Tensor[]) => Tensor;
  /** Shapes of the inputs, such as `"2x3"`; `""` is a scalar. */
  on: readonly string[];
  /** Range of the inputs; [−2, 2] unless given. */
  in?: readonly [number, number];
  /** The same as `f` on one element, in plain JavaScript. The row is then elementwise. */
  ref?: (...x: number[]) => number;
  /** The same as `f` on the flat inputs, where it is not elementwise. */
  value?: (...x: number[][]) => number[];
  /** Other types that it is also computed in, with results that have to be the same bits on every device. */
  also?: readonly DType[];
  /** Whether gradients are compared: not where there are none. */
  gradient?: boolean;
  /** Whether second derivatives are compared as well. */
  second?: boolean;
}
export type Rows = Record<string, Row>;
