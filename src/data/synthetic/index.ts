/** Made data sets: pure functions of options and a seed, the same in Node and in browsers. */
export type { Animals } from "./animals.ts";
export { animals } from "./animals.ts";
export { booleanFunction, booleanFunctions, flips, gates, separableFunctions, xor } from "./booleans.ts";
export type { Curve, CurveName, CurveOptions } from "./curves.ts";
export { curve, curves, noisySine } from "./curves.ts";
export type { Linear2d, Linear2dOptions, SparseOptions, SparseRegression } from "./linear.ts";
export { linear2d, sparseRegression } from "./linear.ts";
export type { Points, PointsOptions, SpiralOptions } from "./points.ts";
export { blobs, circles, moons, spirals } from "./points.ts";
export type { Sample, SampleOptions } from "./sample.ts";
export type { ShapeName, Shapes, ShapesOptions } from "./shapes.ts";
export { shapeNames, shapes32 } from "./shapes.ts";
