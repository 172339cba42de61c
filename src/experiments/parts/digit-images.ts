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

export const pixelNames: Readonly<Record<"original" | "scrambled", Text>> = {
  original: say("もとのまま", "as they are"),
  scrambled: say("入れ替え", "scrambled"),
};

export interface PixelOrder {
  /** Which pixel comes to each place. */
  readonly order: Uint32Array;
  /** An image with its pixels in this order. */
  prepare(image: Float32Array): Float32Array;
}
/** Pixels as they are, or in the same other order for every image, which the seed chooses. */
export function orderOf(pixels: "original" | "scrambled", seed: number): PixelOrder {
  const size = side * side;
  const order = pixels === "scrambled" ? permutation(size, seed, 1) : Uint32Array.from({ length: size }, (_, i) => i);
  return { order, prepare: (image) => image.map((_, i) => image[order[i]]) };
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

/** The first images of a task, with what they show; and after them the same as they are when they are moved. */
export async function firstImages({ images, labels }: Task, { x }: Examples, count: number): Promise<Forms["images"]> {
  const size = side * side;
  const others = (await x.narrow(0, 0, count).data()) as Float32Array;
  const shown = (pixels: Float32Array, ja: string, en: string): Forms["images"]["images"][number][] =>
    Array.from({ length: count }, (_, i) => ({
      pixels: pixels.slice(i * size, (i + 1) * size),
      caption: say(`${labels[i]}${ja}`, `${labels[i]}${en}`),
    }));
  return { rows: side, cols: side, images: [...shown(images, "", ""), ...shown(others, "（ずらす）", ", moved")] };
}
