/** How the Lab is built: one page, one worker, nothing from anywhere else. */
import { defineConfig } from "vite";
import { catalog } from "./build/catalog.ts";
import { digits } from "./build/digits.ts";
import { fonts } from "./build/fonts.ts";
import { source } from "./build/source.ts";
import { tex } from "./build/tex.ts";

/** Pages with these may share memory among threads. */
const isolation = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };

export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  plugins: [catalog(), tex(), source(), fonts(), digits()],
  worker: { format: "es" },
  server: { headers: isolation },
  preview: { headers: isolation },
  build: { target: "es2023", outDir: "dist", emptyOutDir: true, chunkSizeWarningLimit: 1000 },
});
