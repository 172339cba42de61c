/** The lessons there are, each loaded when it is opened: a file for each, named as its experiment. */
import type { Lesson } from "./lesson.ts";

const files = import.meta.glob<{ lesson: Lesson }>("./day*/*.tsx");

export const lessonOf = (id: string): (() => Promise<{ lesson: Lesson }>) | undefined =>
  Object.entries(files).find(([path]) => path.endsWith(`/${id}.tsx`))?.[1];
