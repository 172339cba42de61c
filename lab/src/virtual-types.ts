/**
 * A test of types, which compiles or does not: what `virtual.d.ts` declares is something, and not `any`. To `any` the lines
 * below would be no errors, and an error that is expected and does not come is one.
 */
import type { details } from "catalog:all";
import type { days } from "catalog:list";
import type { questions } from "catalog:questions";
import type code from "source:src/tensor.ts#x";

type Lesson = (typeof days)[number]["lessons"][number];
type Loaded = Awaited<ReturnType<(typeof details)[string]>>["default"];

declare function take(number: number): void;
declare const made: {
  code: typeof code;
  lesson: Lesson;
  details: Loaded;
  question: (typeof questions)[string][number];
};

export function areTyped(): void {
  // @ts-expect-error
  take(made.code);
  // @ts-expect-error
  take(made.lesson.title);
  // @ts-expect-error
  take(made.lesson.question);
  // @ts-expect-error
  take(made.details);
  // @ts-expect-error
  take(made.question);
}
