/**
 * What pages need to know of experiments, as data made at build time: so a page that shows a title need not load the
 * library. `catalog:list` has ids and titles, `catalog:questions` what an exam asks, `catalog:<id>` all of an experiment but its functions.
 */
import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";
import type { Experiment } from "../../src/experiments/experiment.ts";
import { days, experiments } from "../../src/experiments/index.ts";
import { questionsOf } from "../src/pages/exam-questions.ts";

const prefix = "catalog:";
const root = fileURLToPath(new URL("../..", import.meta.url));

/** What a lesson can be found by, and which lessons it leads to, read from its source. */
function indexOf(id: string): { keywords: string; related: string[] } {
  const [file] = globSync(`lab/src/lessons/day*/${id}.tsx`, { cwd: root });
  const text = file ? readFileSync(`${root}${file}`, "utf8") : "";
  const keywords = /keywords:\s*"([^"]*)"/.exec(text)?.[1] ?? "";
  const related = /related:\s*\[([^\]]*)\]/.exec(text)?.[1] ?? "";
  return { keywords, related: [...related.matchAll(/"([^"]+)"/g)].map((m) => m[1]) };
}

function detailsOf({ id, row, title, question, params, probes, lanes, presets, claims }: Experiment): unknown {
  const sentences = Object.entries(claims).map(([key, { sentence, predictions }]) => [key, { sentence, predictions }]);
  return { id, row, title, question, params, probes, lanes, presets, claims: Object.fromEntries(sentences) };
}

export function catalog(): Plugin {
  return {
    name: "catalog",
    resolveId: (source) => (source.startsWith(prefix) ? `\0${source}` : null),
    load(id) {
      if (!id.startsWith(`\0${prefix}`)) return null;
      const name = id.slice(prefix.length + 1);
      if (name === "list") {
        const list = Object.entries(days).map(([day, experiments]) => ({
          day,
          lessons: experiments.map(({ id, row, title, question }) => ({ id, row, title, question })),
        }));
        return `export const days = ${JSON.stringify(list)};`;
      }
      if (name === "index") {
        const entries = Object.values(days)
          .flat()
          .map(({ id }) => [id, indexOf(id)]);
        return `export const index = ${JSON.stringify(Object.fromEntries(entries))};`;
      }
      if (name === "questions") {
        const entries = Object.values(days)
          .flat()
          .map((experiment) => [experiment.id, questionsOf(experiment)] as const)
          .filter(([, questions]) => questions.length > 0);
        return `export const questions = ${JSON.stringify(Object.fromEntries(entries))};`;
      }
      if (name === "all") {
        const cases = [...experiments.keys()].map((key) => `${JSON.stringify(key)}: () => import("${prefix}${key}")`);
        return `export const details = {${cases.join(", ")}};`;
      }
      const experiment = experiments.get(name);
      if (!experiment) throw new Error(`catalog: there is no experiment ${name}`);
      return `export default ${JSON.stringify(detailsOf(experiment))};`;
    },
  };
}
