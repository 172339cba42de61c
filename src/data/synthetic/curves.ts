/** Functions of one number, to be learnt from points on them. */
import { ValueError } from "../../errors.ts";
import { checkOptions, hostMath, print } from "../../tensor/arguments.ts";
import { checkLeast, drawing, type Sample, type SampleOptions, sampleOptions } from "./sample.ts";

export type CurveName = "sin" | "step" | "abs" | "sawtooth";

/** The functions that `curve` knows. */
export const curves: Readonly<Record<CurveName, (x: number) => number>> = {
  sin: hostMath.sin,
  /** 0 below 0, and 1 from there on. */
  step: (x) => (x < 0 ? 0 : 1),
  abs: Math.abs,
  /** Rises from −1 to 1 within each two units, through 0 at 0. */
  sawtooth: (x) => x - 2 * Math.floor((x + 1) / 2),
};

export interface CurveOptions extends SampleOptions {
  /** Where x lies; from −π to π unless given. */
  from?: number;
  to?: number;
  /** The standard deviation of what is added to y. */
  noise?: number;
  /** Whether x is drawn at random; otherwise it goes in equal steps from one end to the other. */
  random?: boolean;
}

export interface Curve extends Sample {
  /** `(count)`: y without its noise. */
  readonly clean: Float32Array;
}

/** `count` points `(x, f(x))`, 200 unless given, of a function by its name or of one's own. */
export function curve(target: CurveName | ((x: number) => number), options: CurveOptions = {}, seed = 0): Curve {
  checkOptions("curve", options, [...sampleOptions, "from", "to", "noise", "random"]);
  const { from = -Math.PI, to = Math.PI, noise = 0, random = false } = options;
  const { count, randomOf } = drawing("curve", { count: 200, ...options }, seed);
  checkLeast("curve", noise, "noise", 0);
  checkLeast("curve", from, "from");
  checkLeast("curve", to, "to", from);
  const f = typeof target === "function" ? target : Object.hasOwn(curves, target) ? curves[target] : undefined;
  if (!f) {
    const want = `a function, or ${Object.keys(curves).join(", ")}`;
    throw new ValueError({ in: "curve", got: print(target), want, fix: "Choose one of them" });
  }
  const [x, y, clean] = [0, 1, 2].map(() => new Float32Array(count));
  for (let i = 0; i < count; i++) {
    const draw = randomOf(i);
    const share = random ? draw.next() : count === 1 ? 0.5 : i / (count - 1);
    x[i] = from + (to - from) * share;
    clean[i] = f(x[i]);
    if (!Number.isFinite(clean[i])) {
      const got = `a function that is ${clean[i]} at ${x[i]}`;
      throw new ValueError({ in: "curve", got, want: "finite numbers", fix: "Choose other ends" });
    }
    y[i] = noise > 0 ? clean[i] + noise * draw.normal() : clean[i];
  }
  return { x, y, clean, count, shape: [1] };
}

/**
 * A few points of a period of a sine with much noise: a world that is easy to overfit. 15 points, x at random from −1 to 1,
 * `y = sin(πx)` and noise of 0.3. To measure what was learnt, take `clean` of many points of another sample.
 */
export function noisySine(options: SampleOptions & { noise?: number } = {}, seed = 0): Curve {
  checkOptions("noisySine", options, [...sampleOptions, "noise"]);
  const sine = (x: number): number => hostMath.sin(Math.PI * x);
  return curve(sine, { count: 15, from: -1, to: 1, noise: 0.3, random: true, ...options }, seed);
}
