/** Where experiments have real data from. A front end gives its own: a browser fetches what Node reads from its disk. */
import { type Digits, loadMnist } from "../data/index.ts";

export interface DataSource {
  /** 8,000 handwritten digits of MNIST to learn from and 2,000 others to test with. */
  digits(): Promise<{ readonly train: Digits; readonly test: Digits }>;
}

let digits: Promise<{ train: Digits; test: Digits }> | undefined;

/** Data as it comes with the package, for Node. */
export const packaged: DataSource = {
  digits: () => (digits ??= loadMnist({ source: "embedded" })),
};
