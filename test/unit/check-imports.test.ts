import assert from "node:assert/strict";
import { test } from "node:test";
import { violations } from "../../tools/check-imports.ts";

const check = (sources: Record<string, string>): string[] => violations(new Map(Object.entries(sources)));

test("an import along the arrows passes, one against them is named", () => {
  const sources = {
    "src/graph/node.ts": "export const a = 1;\n",
    "src/compile/fuse.ts": 'import { a } from "../graph/node.ts";\nexport { a };\n',
    "src/device/wasm.ts": 'import type { a } from "../compile/fuse.ts";\n',
  };
  assert.deepEqual(check(sources), []);
  assert.deepEqual(check({ ...sources, "src/graph/bad.ts": 'import {\n  x,\n} from "../device/wasm.ts";\n' }), [
    "src/graph/bad.ts imports ../device/wasm.ts: graph may import errors and nothing else.",
  ]);
});

test("the command line sees only what users see", () => {
  const nn = { "src/nn/index.ts": "", "src/nn/linear.ts": "" };
  assert.deepEqual(check({ ...nn, "src/cli/main.ts": 'await import("../nn/index.ts");' }), []);
  assert.equal(check({ ...nn, "src/cli/main.ts": 'await import("../nn/linear.ts");' }).length, 1);
});

test("circles, unknown folders and missing files are named", () => {
  assert.deepEqual(check({ "src/nn/a.ts": 'import "./b.ts";', "src/nn/b.ts": 'export * from "./a.ts";' }), [
    "src/nn/a.ts → src/nn/b.ts → src/nn/a.ts: imports go in a circle.",
  ]);
  assert.match(
    check({ "src/errors.ts": "", "src/graph/a.ts": "", "src/new/a.ts": 'import "../graph/a.ts";' })[0],
    /no row/,
  );
  assert.match(check({ "src/nn/a.ts": 'import "./none.ts";' })[0], /no such file/);
});

test("what stands in a comment is no import", () => {
  assert.deepEqual(check({ "src/nn/a.ts": '/** As in `import { a } from "./a.ts"`. */\n// import "./a.ts";\n' }), []);
});
