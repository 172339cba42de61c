/** Labelled images in host memory, as data sets of them are loaded. */

/** Images and what they show. */
export interface LabelledImages {
  /** `(count, channels, rows, cols)`, each from 0 to 255. */
  readonly images: Uint8Array;
  /** `(count)`: the number of a class each. */
  readonly labels: Uint8Array;
  readonly count: number;
  /** 1 unless given. */
  readonly channels?: number;
  readonly rows: number;
  readonly cols: number;
}

/** Images to train on and to test with. */
export interface ImageSet {
  readonly train: LabelledImages;
  readonly test: LabelledImages;
  /** What the labels stand for, by number. */
  readonly classes: readonly string[];
  /** Where they are from, in words. */
  readonly source: string;
}

/** Some of the images, in the order of their numbers. */
export function takeImages(from: LabelledImages, chosen: ArrayLike<number>): LabelledImages {
  const { channels = 1, rows, cols } = from;
  const size = channels * rows * cols;
  const images = new Uint8Array(chosen.length * size);
  const labels = new Uint8Array(chosen.length);
  for (let to = 0; to < chosen.length; to++) {
    images.set(from.images.subarray(chosen[to] * size, (chosen[to] + 1) * size), to * size);
    labels[to] = from.labels[chosen[to]];
  }
  return { ...from, images, labels, count: chosen.length };
}
