import assert from "node:assert/strict";
import { test } from "node:test";
import { FormatError, IoError, ShapeError, TsumikiError } from "../../src/errors.ts";

const problem = {
  in: "matmul",
  got: "[2,3] × [2,1]",
  want: "3 rows on the right",
  fix: "Transpose one side",
};

test("a message names the operation, what was given, what it takes, and the way out", () => {
  const error = new ShapeError(problem);
  assert.equal(error.message, "matmul: got [2,3] × [2,1], but it takes 3 rows on the right. Transpose one side.");
  assert.deepEqual(error.problem, problem);
});

test("an error has its class's name and a stable code", () => {
  const error = new ShapeError(problem);
  assert.equal(error.name, "ShapeError");
  assert.equal(error.code, "SHAPE");
  assert.ok(error instanceof TsumikiError && error instanceof Error);
  assert.equal(new FormatError("ST_DUP", problem).code, "ST_DUP");
  assert.equal(new FormatError("ST_DUP", problem).name, "FormatError");
});

test("an error keeps what caused it", () => {
  const cause = new Error("EACCES");
  assert.equal(new IoError(problem, { cause }).cause, cause);
});
