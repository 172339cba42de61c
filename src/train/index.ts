/** Training loops, measurements and checkpoints: what `tsumiki/train` offers. */
export type { Training } from "./checkpoint.ts";
export { loadModel, loadTraining, saveModel, saveTraining, snapshot } from "./checkpoint.ts";
export type { Batches, EvaluateOptions, Loss } from "./evaluate.ts";
export { evaluate, inEvalMode, predictions } from "./evaluate.ts";
export type { EarlyStop, EpochRecord, FitOptions, FitResult } from "./fit.ts";
export { fit, fitting } from "./fit.ts";
export type { Metric } from "./metrics.ts";
export { accuracy, binaryAccuracy, confusionMatrix } from "./metrics.ts";
export type { Culprit } from "./non-finite.ts";
export { findNonFinite, NonFiniteError } from "./non-finite.ts";
export type { TrainingProgress } from "./progress.ts";
export { Pace, Recent } from "./progress.ts";
export type { Between, Choice, Drawn, SearchOptions, SearchResult, Space, Trial } from "./search.ts";
export { NoResultError, search } from "./search.ts";
