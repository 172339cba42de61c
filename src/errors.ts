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
  /** The way out: an imperative sentence without its full stop, or a question. */
  readonly fix: string;
}

/** Any error that Tsumiki throws on purpose. `code` is stable and may be tested. */
export abstract class TsumikiError extends Error {
  readonly code: string;
  readonly problem: Problem;

  constructor(code: string, problem: Problem, options?: ErrorOptions) {
    super(
      `${problem.in}: got ${problem.got}, but it takes ${problem.want}. ${problem.fix}${problem.fix.endsWith("?") ? "" : "."}`,
      options,
    );
    this.name = new.target.name;
    this.code = code;
    this.problem = problem;
  }
}

/** An error class whose code is the same for all of its instances: its static `code`. */
abstract class Kind extends TsumikiError {
  declare static readonly code: string;

  constructor(problem: Problem, options?: ErrorOptions) {
    super(new.target.code, problem, options);
  }
}

/** Shapes that do not fit. */
export class ShapeError extends Kind {
  static override readonly code = "SHAPE";
}
/** A dtype that the operation does not take. */
export class DTypeError extends Kind {
  static override readonly code = "DTYPE";
}
/** A value outside the range that is taken. */
export class ValueError extends Kind {
  static override readonly code = "VALUE";
}
/** An index outside the axis. */
export class IndexError extends Kind {
  static override readonly code = "INDEX";
}
/** More than a documented limit. */
export class LimitError extends Kind {
  static override readonly code = "LIMIT";
}
/** Something that exists elsewhere but not here. */
export class UnsupportedError extends Kind {
  static override readonly code = "UNSUPPORTED";
}
/** A tensor used after `dispose()`. */
export class DisposedError extends Kind {
  static override readonly code = "DISPOSED";
}
/** A recipe whose leaf was overwritten before it was computed. */
export class StaleError extends Kind {
  static override readonly code = "STALE";
}
/** A value read while `jit` records. */
export class TraceError extends Kind {
  static override readonly code = "TRACE";
}
/** A device that is absent, or tensors of two devices in one operation. */
export class DeviceError extends Kind {
  static override readonly code = "DEVICE";
}
/** No memory left on a device. */
export class OutOfMemoryError extends Kind {
  static override readonly code = "OUT_OF_MEMORY";
}
/** A file or folder that could not be read or written. */
export class IoError extends Kind {
  static override readonly code = "IO";
}
/** A state that does not fit the model or optimizer it is loaded into. */
export class CheckpointError extends Kind {
  static override readonly code = "CHECKPOINT";
}
/** A download that failed or does not have the expected checksum. */
export class DownloadError extends Kind {
  static override readonly code = "DOWNLOAD";
}

/** A file that is not what it says it is. `code` tells which rule it breaks, such as `"ST_DUP"`. */
export class FormatError extends TsumikiError {}
