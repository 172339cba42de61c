/** What the Lab keeps in the browser, where it may and where it may not. */
import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { keep, kept } from "../../lab/src/kept.ts";

describe("what is kept in the browser", () => {
  const real = Object.getOwnPropertyDescriptor(globalThis, "localStorage");
  afterEach(() => {
    if (real) Object.defineProperty(globalThis, "localStorage", real);
    else Reflect.deleteProperty(globalThis, "localStorage");
  });
  const storageIs = (get: () => unknown): void => {
    Object.defineProperty(globalThis, "localStorage", { configurable: true, get });
  };

  test("is there again under its name", () => {
    const all = new Map<string, string>();
    const storage = {
      getItem: (name: string) => all.get(name) ?? null,
      setItem: (name: string, text: string) => all.set(name, text),
    };
    storageIs(() => storage);
    assert.equal(kept("theme"), null);
    keep("theme", "dark");
    assert.equal(kept("theme"), "dark");
  });

  test("is nothing where the browser forbids it, and nothing fails", () => {
    storageIs(() => {
      throw new Error("SecurityError");
    });
    keep("theme", "dark");
    assert.equal(kept("theme"), null);
  });
});
