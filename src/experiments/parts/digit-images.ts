/** Digits as pictures: moved, scrambled, and small networks that take them with or without their two dimensions. */
import { type Digits, permutation } from "../../data/index.ts";
import { tensor } from "../../index.ts";
import { Conv2d, Flatten, Linear, MaxPool2d, type Module, ReLU, Sequential } from "../../nn/index.ts";
import type { Forms } from "../probe.ts";
import { say, type Text } from "../text.ts";
import type { Examples, Task } from "./digits-task.ts";

export const side = 28;

/** The image moved by whole pixels; what comes in is paper. */
export const shifted = (image: Float32Array, right: number, down: number): Float32Array =>
  image.map((_, i) => {
    const [x, y] = [(i % side) - right, Math.floor(i / side) - down];
    return x >= 0 && x < side && y >= 0 && y < side ? image[y * side + x] : 0;
  });

/** Gives every image its pixels in the same other order, which the seed chooses. */
export function scrambler(seed: number): (image: Float32Array) => Float32Array {
  const order = permutation(side * side, seed, 1);
  return (image) => image.map((_, i) => image[order[i]]);
}

export const networkNames: Readonly<Record<"mlp" | "cnn", Text>> = {
  mlp: say("全結合", "fully connected"),
  cnn: say("畳み込み", "convolutions"),
};

/** About as many parameters each: 784-24-10, or two convolutions and a linear layer, for `(N, 1, 28, 28)`. */
export function digitReader(network: "mlp" | "cnn"): Module {
  if (network === "mlp") return new Sequential(new Flatten(), new Linear(784, 24), new ReLU(), new Linear(24, 10));
  return new Sequential(
    ...[new Conv2d(1, 8, 5, { padding: 2 }), new ReLU(), new MaxPool2d(2)],
    ...[new Conv2d(8, 16, 5, { padding: 2 }), new ReLU(), new MaxPool2d(2)],
    ...[new Flatten(), new Linear(16 * 7 * 7, 10)],
  );
}

export interface MoveOptions {
  readonly count: number;
  /** Pixels to the right. */
  readonly shift: number;
  /** Done to each image afterwards. */
  readonly scramble: (image: Float32Array) => Float32Array;
}

/** The first `count` digits, moved, as examples `(count, 1, 28, 28)`. */
export function moved({ images, labels }: Digits, { count, shift, scramble }: MoveOptions): Examples {
  const size = side * side;
  const x = new Float32Array(count * size);
  for (let at = 0; at < x.length; at += size) {
    const image = Float32Array.from(images.subarray(at, at + size), (v) => v / 255);
    x.set(scramble(shifted(image, shift, 0)), at);
  }
  return { x: tensor(x, [count, 1, side, side]), y: tensor(Int32Array.from(labels.subarray(0, count))) };
}

/** The first images of a task, with what they show. */
export const firstImages = ({ images, labels }: Task, count: number): Forms["images"] => ({
  rows: side,
  cols: side,
  images: Array.from({ length: count }, (_, i) => ({
    pixels: images.subarray(i * side * side, (i + 1) * side * side),
    caption: String(labels[i]),
  })),
});
