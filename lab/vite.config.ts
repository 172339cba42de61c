/** How the Lab is built: one page, one worker, nothing from anywhere else. */
import { defineConfig, type Plugin } from "vite";
import { catalog } from "./build/catalog.ts";
import { digits } from "./build/digits.ts";
import { fonts } from "./build/fonts.ts";
import { offline } from "./build/offline.ts";
import { source } from "./build/source.ts";
import { tex } from "./build/tex.ts";
import { firstPage } from "./build/unscripted.ts";

/** Pages with these may share memory among threads. */
const isolation = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };

/** What the library loads in Node only, by dynamic imports that a browser never comes to. */
const nodeOnly = (): Plugin => ({
  name: "node-only",
  enforce: "pre",
  resolveId: (id) => (/^(node:|koffi$|sharp$)/.test(id) ? "\0node-only" : null),
  load: (id) => (id === "\0node-only" ? "export default null;" : null),
});

/** Classes keep their names: labels of parameters and messages are made of them. */
const rolldownOptions = { output: { keepNames: true } };

export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  plugins: [nodeOnly(), firstPage(), catalog(), tex(), source(), fonts(), digits(), offline()],
  worker: { rolldownOptions, format: "es", plugins: () => [nodeOnly()] },
  server: { headers: isolation },
  preview: { headers: isolation },
  build: {
    rolldownOptions,
    target: "es2023",
    outDir: "dist",
    emptyOutDir: true,
    chunkSizeWarningLimit: 1000,
    assetsInlineLimit: 0,
  },
});
