/** Makes `sw.js`, which keeps all files of the built Lab, so that it opens without a net once it was loaded. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

const source = fileURLToPath(new URL("offline-worker.js", import.meta.url));

export function offline(): Plugin {
  return {
    name: "offline",
    enforce: "post",
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        // Browsers that run WebAssembly take woff2: KaTeX's other fonts are never asked for.
        const files = [...Object.keys(bundle).filter((name) => !/\.(woff|ttf|map)$/.test(name)), "index.html"];
        const urls = [...new Set(files)].sort().map((name) => `./${name}`);
        const hash = createHash("sha256");
        for (const output of Object.values(bundle)) {
          hash.update(output.fileName).update(output.type === "chunk" ? output.code : output.source);
        }
        const text = readFileSync(source, "utf8")
          .replace("__CACHE__", `tsumiki-${hash.digest("hex").slice(0, 16)}`)
          .replace("__FILES__", JSON.stringify(urls));
        this.emitFile({ type: "asset", fileName: "sw.js", source: text });
      },
    },
  };
}
