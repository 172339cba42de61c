/** Where experiments have real data from. A front end gives its own: a browser fetches what Node reads from its disk. */
import { type Digits, loadMnist } from "../data/index.ts";

export interface DataSource {
  /**
   * 8,000 handwritten digits of MNIST to learn from and 2,000 others to test with; or, if `size` is `"full"` and where that
   * can be had, all 60,000 and 10,000, which are fetched if need be.
   */
  digits(size?: "small" | "full"): Promise<{ readonly train: Digits; readonly test: Digits }>;
}

let small: Promise<{ train: Digits; test: Digits }> | undefined;

/** Data as it comes with the package, for Node. */
export const packaged: DataSource = {
  digits(size) {
    if (size === "full") return loadMnist({ source: "download" });
    small ??= loadMnist({ source: "embedded" });
    return small;
  },
};
