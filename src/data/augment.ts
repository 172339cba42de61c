/** Images changed at random on the host, so that a model sees more of them than there are. Pixels are from 0 to 1. */
import { ShapeError, ValueError } from "../errors.ts";
import { checkCount, checkNumber, checkOptions, hostMath, print } from "../tensor/arguments.ts";
import type { HostRandom } from "./random.ts";
import type { Transform } from "./transform.ts";

/** What comes in at the edge: a number, the nearest pixel, or the image as in a mirror. */
export type Fill = number | "edge" | "reflect";

/** The place within 0 … size − 1 that stands for `at`, or −1 where a number comes in. */
function inside(at: number, size: number, fill: Fill): number {
  if (at >= 0 && at < size) return at;
  if (fill === "edge") return at < 0 ? 0 : size - 1;
  if (fill !== "reflect") return -1;
  const period = Math.max(1, 2 * (size - 1));
  const folded = ((at % period) + period) % period;
  return folded < size ? folded : period - folded;
}

function checkFill(op: string, fill: Fill): Fill {
  if (fill === "edge" || fill === "reflect") return fill;
  if (typeof fill === "number") return checkNumber(op, fill, "fill", -Number.MAX_VALUE, Number.MAX_VALUE);
  const want = 'a number, "edge" or "reflect"';
  throw new ValueError({ in: op, got: `the fill ${print(fill)}`, want, fix: "Choose one of them" });
}

/** The last two axes, of an example that has them. */
function sizesOf(op: string, shape: readonly number[]): [number, number] {
  if (shape.length >= 2) return [shape[shape.length - 2], shape[shape.length - 1]];
  throw new ShapeError({ in: op, got: `examples of [${shape}]`, want: "(…, H, W)", fix: "Leave them as images" });
}

/** Images `(…, H, W)` with `padding` pixels around them, from which H × W at a random place are kept. */
export function randomCrop(padding: number, options: { fill?: Fill } = {}): Transform {
  checkCount("randomCrop", padding, "padding", 0);
  checkOptions("randomCrop", options, ["fill"]);
  const fill = checkFill("randomCrop", options.fill ?? 0);
  return ({ data, shape, random }) => {
    const [height, width] = sizesOf("randomCrop", shape);
    const [dy, dx] = [random.below(2 * padding + 1) - padding, random.below(2 * padding + 1) - padding];
    const before = data.slice();
    for (let start = 0; start < data.length; start += height * width) {
      for (let y = 0; y < height; y++) {
        const fromY = inside(y + dy, height, fill);
        for (let x = 0; x < width; x++) {
          const fromX = inside(x + dx, width, fill);
          const isOut = fromY < 0 || fromX < 0;
          data[start + y * width + x] = isOut ? (fill as number) : before[start + fromY * width + fromX];
        }
      }
    }
  };
}

export interface AffineOptions {
  /** The most that it turns by, either way. */
  degrees?: number;
  /** The most that it moves by along each axis, as a share of the size. */
  translate?: number;
  /** The smallest and the largest scale. */
  scale?: readonly [number, number];
  /** The most that it leans by, in degrees, either way. */
  shear?: number;
  fill?: Fill;
}

/** Images `(…, H, W)` turned, moved, scaled and leaning at random about their middle, between pixels bilinearly. */
export function randomAffine(options: AffineOptions): Transform {
  checkOptions("randomAffine", options, ["degrees", "translate", "scale", "shear", "fill"]);
  const { degrees = 0, translate = 0, scale = [1, 1], shear = 0 } = options ?? {};
  checkNumber("randomAffine", degrees, "degrees", 0, 360);
  checkNumber("randomAffine", translate, "translate", 0, 1);
  checkNumber("randomAffine", shear, "shear", 0, 80);
  for (const s of scale) checkNumber("randomAffine", s, "a scale", 1e-3, 1e3);
  const fill = checkFill("randomAffine", options?.fill ?? 0);
  return ({ data, shape, random }) => {
    const [height, width] = sizesOf("randomAffine", shape);
    const draw = (most: number): number => random.uniform(-most, most);
    const [angle, lean] = [(draw(degrees) * Math.PI) / 180, (draw(shear) * Math.PI) / 180];
    const [moveY, moveX] = [draw(translate) * height, draw(translate) * width];
    const by = 1 / random.uniform(scale[0], scale[1]);
    // Where a pixel of the result is from: the way back through moving, turning, scaling and leaning.
    const [cos, sin, tan] = [hostMath.cos(angle), hostMath.sin(angle), hostMath.sin(lean) / hostMath.cos(lean)];
    const [middleY, middleX] = [(height - 1) / 2, (width - 1) / 2];
    const before = data.slice();
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const [v, u] = [y - middleY - moveY, x - middleX - moveX];
        const [row, column] = [by * (cos * v - sin * u), by * (sin * v + cos * u)];
        const [fromY, fromX] = [row + middleY, column - tan * row + middleX];
        const [top, left] = [Math.floor(fromY), Math.floor(fromX)];
        const [wy, wx] = [fromY - top, fromX - left];
        const [y0, y1] = [inside(top, height, fill), inside(top + 1, height, fill)];
        const [x0, x1] = [inside(left, width, fill), inside(left + 1, width, fill)];
        for (let start = 0; start < data.length; start += height * width) {
          const at = (i: number, j: number): number =>
            i < 0 || j < 0 ? (fill as number) : before[start + i * width + j];
          const upper = at(y0, x0) * (1 - wx) + at(y0, x1) * wx;
          const lower = at(y1, x0) * (1 - wx) + at(y1, x1) * wx;
          data[start + y * width + x] = upper * (1 - wy) + lower * wy;
        }
      }
    }
  };
}

/** Images `(…, H, W)` turned by up to `degrees`, either way. */
export function randomRotation(degrees: number, options: { fill?: Fill } = {}): Transform {
  checkOptions("randomRotation", options, ["fill"]);
  return randomAffine({ degrees, ...options });
}

export interface JitterOptions {
  /** Each factor is drawn from 1 − its option to 1 + it, but is never below 0. */
  brightness?: number;
  contrast?: number;
  saturation?: number;
}

/**
 * The colours of images `(1, H, W)` or `(3, H, W)` changed at random, in this order: brightness, contrast about the mean of
 * grey, saturation (PyTorch: in random order). Pixels stay from 0 to 1.
 */
export function colorJitter(options: JitterOptions): Transform {
  checkOptions("colorJitter", options, ["brightness", "contrast", "saturation"]);
  const { brightness = 0, contrast = 0, saturation = 0 } = options ?? {};
  for (const [name, value] of Object.entries({ brightness, contrast, saturation })) {
    checkNumber("colorJitter", value, name, 0, 100);
  }
  const factor = (random: HostRandom, most: number): number => random.uniform(Math.max(0, 1 - most), 1 + most);
  return ({ data, shape, random }) => {
    const channels = shape[0];
    if (shape.length !== 3 || (channels !== 1 && channels !== 3)) {
      const want = "(1, H, W) or (3, H, W)";
      throw new ShapeError({ in: "colorJitter", got: `examples of [${shape}]`, want, fix: "Leave it out" });
    }
    const size = data.length / channels;
    const grey = (i: number): number =>
      channels === 1 ? data[i] : 0.299 * data[i] + 0.587 * data[i + size] + 0.114 * data[i + 2 * size];
    const bounded = (value: number): number => Math.min(1, Math.max(0, value));
    const [light, spread, strength] = [brightness, contrast, saturation].map((most) => factor(random, most));
    for (let i = 0; i < data.length; i++) data[i] = bounded(data[i] * light);
    let mean = 0;
    for (let i = 0; i < size; i++) mean += grey(i) / size;
    for (let i = 0; i < data.length; i++) data[i] = bounded(mean + (data[i] - mean) * spread);
    for (let i = 0; i < size; i++) {
      const value = grey(i);
      for (let at = i; at < data.length; at += size) data[at] = bounded(value + (data[at] - value) * strength);
    }
  };
}

/** Images `(…, H, W)` with a square of `size` pixels overwritten, whose middle is anywhere in them (DeVries & Taylor 2017). */
export function cutout(size: number, options: { fill?: number } = {}): Transform {
  checkCount("cutout", size, "size", 1);
  checkOptions("cutout", options, ["fill"]);
  const fill = checkNumber("cutout", options.fill ?? 0, "fill", -Number.MAX_VALUE, Number.MAX_VALUE);
  return ({ data, shape, random }) => {
    const [height, width] = sizesOf("cutout", shape);
    const [top, left] = [random.below(height), random.below(width)].map((middle) => middle - (size >> 1));
    for (let start = 0; start < data.length; start += height * width) {
      for (let y = Math.max(0, top); y < Math.min(height, top + size); y++) {
        const row = start + y * width;
        data.fill(fill, row + Math.max(0, left), row + Math.min(width, Math.max(0, left + size)));
      }
    }
  };
}
