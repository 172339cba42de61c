/** What has come of an exam so far, kept for as long as the tab is open, so that a reload loses none of it. */
import { keep, kept } from "../kept.ts";

/** `untold`: the run could not tell, and the question does not count. */
export type Mark = "right" | "wrong" | "skipped" | "untold";
const marks: readonly unknown[] = ["right", "wrong", "skipped", "untold"] satisfies Mark[];
const key = "tsumiki-exam";

/** The marks of questions in their order, if what was kept is of this exam. */
export function readMarks(exam: number, text: string | null): Mark[] {
  try {
    const read: unknown = JSON.parse(text ?? "null");
    const { exam: of, marks: all } = (read ?? {}) as { exam?: unknown; marks?: unknown };
    return of === exam && Array.isArray(all) && all.every((mark) => marks.includes(mark)) ? all : [];
  } catch {
    return [];
  }
}
export const keptMarks = (exam: number): Mark[] => readMarks(exam, kept(key, "sessionStorage"));
export const keepMarks = (exam: number, all: readonly Mark[]): void =>
  keep(key, JSON.stringify({ exam, marks: all }), "sessionStorage");
