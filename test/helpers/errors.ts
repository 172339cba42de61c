/** Errors as results: their kind and what they say. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { TsumikiError } from "../../src/errors.ts";
import type { Nested, Tensor } from "../../src/tensor.ts";
import { devices, use } from "./devices.ts";

export type Code = "SHAPE" | "DTYPE" | "VALUE" | "INDEX" | "LIMIT" | "DISPOSED" | "STALE" | "UNSUPPORTED";

/** Asserts that each of `calls` throws an error of a kind, as the first or a part of its message. */
export function refuses(code: Code, ...calls: (() => unknown)[]): void {
  for (const call of calls) assert.throws(call, isError(code), String(call));
}

/** Asserts that an error's message is as written, word for word. */
export function says(message: string, call: () => unknown): void {
  assert.throws(call, (error: Error) => {
    assert.equal(error.message, message);
    return true;
  });
}

/** Asserts the same of a promise. */
export async function rejects(code: Code, ...calls: (() => Promise<unknown>)[]): Promise<void> {
  for (const call of calls) await assert.rejects(call, isError(code), String(call));
}

const isError =
  (code: Code) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof TsumikiError, `an error on purpose, not ${error}`);
    assert.equal(error.code, code, error.message);
    return true;
  };

/** A test on every device. */
export function onDevices(name: string, body: () => Promise<void>): void {
  for (const device of devices) {
    test(`${name} (${device})`, async () => {
      await use(device);
      await body();
    });
  }
}

/** Asserts that tensors have the values given, exactly; NaN equals NaN, and 0 is not −0. */
export async function gives(...pairs: [Tensor, Nested][]): Promise<void> {
  for (const [x, expected] of pairs) assert.deepEqual(await x.toArray(), expected);
}
