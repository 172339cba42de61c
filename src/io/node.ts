/**
 * Node's own modules, for what works with files. They are asked for when they are needed, and in words that bundlers do not
 * follow, so that pages can load what names them.
 */
import { UnsupportedError } from "../errors.ts";

interface Modules {
  readonly "node:crypto": typeof import("node:crypto");
  readonly "node:fs/promises": typeof import("node:fs/promises");
  readonly "node:os": typeof import("node:os");
  readonly "node:path": typeof import("node:path");
  readonly "node:stream/web": typeof import("node:stream/web");
  readonly "node:url": typeof import("node:url");
}

/** One of Node's modules, for the operation `op`; throws where there is no Node, as in a browser. */
export function nodeModule<Name extends keyof Modules>(op: string, name: Name): Modules[Name] {
  const found = globalThis.process?.getBuiltinModule?.(name);
  if (found) return found as Modules[Name];
  throw new UnsupportedError({
    ...{ in: op, got: "a program without Node, which has no files", want: "Node" },
    fix: "In a page, use what takes and gives bytes, such as parseSafetensors(), parseCsv() and serializeSafetensors()",
  });
}
