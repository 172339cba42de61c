#!/usr/bin/env node
// The command `tsumiki`. In a checkout it runs the sources, which needs no build; else what the package was built to.
// Plain JavaScript, because an older Node may have to start it.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));
if (existsSync(source)) {
  process.argv.splice(2, 0, "node", source);
  await import("../tools/setup.mjs");
} else await import("../dist/cli/main.js");
