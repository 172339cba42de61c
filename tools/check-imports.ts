/**
 * Who may import whom in src/, and that no imports go in a circle: the arrows of ARCHITECTURE.md, enforced.
 * Prints a line for each violation; type-only and dynamic imports count, for they tie files together as well.
 */
import { globSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** What each part of src/ may import besides itself and `errors`. A part is a folder, or a file that stands alone. */
const parts: Record<string, readonly string[]> = {
  errors: [],
  graph: [],
  ops: ["graph"],
  compile: ["graph"],
  emit: ["graph", "compile"],
  device: ["graph", "compile", "emit"],
  runtime: ["graph", "compile", "device"],
  tensor: ["graph", "ops", "runtime"],
  nn: ["graph", "tensor"],
  optim: ["graph", "tensor"],
  io: ["graph", "tensor"],
  data: ["graph", "tensor", "io"],
  text: ["graph", "tensor", "io"],
  audio: ["graph", "tensor"],
  distributed: ["graph", "tensor"],
  models: ["graph", "tensor", "nn"],
  train: ["graph", "tensor", "nn", "optim", "data", "io"],
  rl: ["graph", "tensor", "nn", "models", "optim", "data", "io", "train"],
  compress: ["graph", "tensor", "nn", "models", "optim", "data", "io", "train"],
};
const anything = ["index", "cli", "experiments"];
/** These see only what a user sees: the `index.ts` of a part. */
const outside = ["cli"];

const partOf = (file: string): string => file.replace(/^src\//, "").replace(/(\/.*|\.ts)$/, "");

/** The modules that a source names, in order. */
function importsOf(source: string): string[] {
  const code = source.replace(/^[ \t]*(\/\*[\s\S]*?\*\/|\/\/.*$)/gm, "");
  const patterns =
    /^[ \t]*(?:import|export)\b[^;"'`]*?\bfrom\s*"([^"]+)"|^[ \t]*import\s*"([^"]+)"|\bimport\(\s*"([^"]+)"/gm;
  return [...code.matchAll(patterns)].map((m) => m[1] ?? m[2] ?? m[3]);
}

/** Why `file` may not import `target`, or nothing. Both are paths such as `"src/nn/linear.ts"`. */
function refusal(file: string, target: string): string | undefined {
  const [from, to] = [partOf(file), partOf(target)];
  if (from === to || to === "errors" || from === "index") return;
  const mayBe = parts[from];
  if (!mayBe && !anything.includes(from)) return `src/${from} has no row in tools/check-imports.ts`;
  if (mayBe && !mayBe.includes(to)) return `${from} may import ${["errors", ...mayBe].join(", ")} and nothing else`;
  if (outside.includes(from) && to !== "experiments" && !/^src\/([^/]+\/)?index\.ts$/.test(target)) {
    return `${from} may import only what users may: an index.ts`;
  }
}

/** One circle of imports through each file that closes one, as the files in order. */
function circles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = [];
  const done = new Set<string>();
  const visit = (file: string, path: string[]): void => {
    const start = path.indexOf(file);
    if (start >= 0) found.push([...path.slice(start), file]);
    if (start >= 0 || done.has(file)) return;
    for (const target of graph.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  return found;
}

/** Every violation in `sources`, a map from paths such as `"src/nn/linear.ts"` to their text. */
export function violations(sources: ReadonlyMap<string, string>): string[] {
  const lines: string[] = [];
  const graph = new Map<string, string[]>();
  for (const [file, source] of sources) {
    const targets: string[] = [];
    for (const name of importsOf(source)) {
      if (!name.startsWith(".")) continue;
      const target = join(dirname(file), name).replaceAll("\\", "/");
      const reason = sources.has(target) ? refusal(file, target) : "there is no such file in src/";
      if (reason) lines.push(`${file} imports ${name}: ${reason}.`);
      targets.push(target);
    }
    graph.set(file, targets);
  }
  for (const circle of circles(graph)) lines.push(`${circle.join(" → ")}: imports go in a circle.`);
  return lines;
}

if (import.meta.main) {
  const root = resolve(import.meta.dirname, "..");
  const files = globSync("src/**/*.ts", { cwd: root })
    .map((file) => file.replaceAll("\\", "/"))
    .sort();
  const lines = violations(new Map(files.map((file) => [file, readFileSync(join(root, file), "utf8")])));
  for (const line of lines) console.error(line);
  if (lines.length > 0) process.exitCode = 1;
  else console.log(`check-imports: ${files.length} files keep to the layers.`);
}
