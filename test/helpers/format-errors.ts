/** Errors of files that are not what they ought to be. */
import assert from "node:assert/strict";
import { FormatError } from "../../src/errors.ts";

/** Asserts that a file is refused, with the code and the words. */
export function refusesFile(work: () => unknown, code: string, says: RegExp = /./): void {
  assert.throws(work, isFormatError(code, says));
}

/** The same of an error that is at hand. */
export const isFormatError =
  (code: string, says: RegExp = /./) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof FormatError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, says);
    return true;
  };
