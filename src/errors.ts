/**
 * The errors a user can meet. Each is built from the same record, so none can leave out the operation, what was given,
 * what it takes, or the way out. A broken invariant inside is a plain `Error("plan: …")`: a bug, not advice.
 */

/** What went wrong, in the order in which it is told. */
export interface Problem {
  /** The operation, as the user wrote it: `"matmul"`, `"item()"`. */
  readonly in: string;
  /** What was given. */
  readonly got: string;
  /** What it takes. */
  readonly want: string;
  /** The way out: an imperative sentence without its full stop. */
  readonly fix: string;
}

/** Any error that Tsumiki throws on purpose. `code` is stable and may be tested. */
export abstract class TsumikiError extends Error {
  readonly code: string;
  readonly problem: Problem;

  constructor(code: string, problem: Problem, options?: ErrorOptions) {
    super(`${problem.in}: got ${problem.got}, but it takes ${problem.want}. ${problem.fix}.`, options);
    this.name = new.target.name;
    this.code = code;
    this.problem = problem;
  }
}

/** An error class whose code is the same for all of its instances. */
function kind(code: string): new (problem: Problem, options?: ErrorOptions) => TsumikiError {
  return class extends TsumikiError {
    constructor(problem: Problem, options?: ErrorOptions) {
      super(code, problem, options);
    }
  };
}

/** Shapes that do not fit. */
export class ShapeError extends kind("SHAPE") {}
/** A dtype that the operation does not take. */
export class DTypeError extends kind("DTYPE") {}
/** A value outside the range that is taken. */
export class ValueError extends kind("VALUE") {}
/** An index outside the axis. */
export class IndexError extends kind("INDEX") {}
/** More than a documented limit. */
export class LimitError extends kind("LIMIT") {}
/** Something that exists elsewhere but not here. */
export class UnsupportedError extends kind("UNSUPPORTED") {}
/** A tensor used after `dispose()`. */
export class DisposedError extends kind("DISPOSED") {}
/** A recipe whose leaf was overwritten before it was computed. */
export class StaleError extends kind("STALE") {}
/** A value read while `jit` records. */
export class TraceError extends kind("TRACE") {}
/** A device that is absent, or tensors of two devices in one operation. */
export class DeviceError extends kind("DEVICE") {}
/** No memory left on a device. */
export class OutOfMemoryError extends kind("OUT_OF_MEMORY") {}
/** A file or folder that could not be read or written. */
export class IoError extends kind("IO") {}
/** A state that does not fit the model or optimizer it is loaded into. */
export class CheckpointError extends kind("CHECKPOINT") {}
/** A download that failed or does not have the expected checksum. */
export class DownloadError extends kind("DOWNLOAD") {}

/** A file that is not what it says it is. `code` tells which rule it breaks, such as `"ST_DUP"`. */
export class FormatError extends TsumikiError {}
