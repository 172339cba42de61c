/** What kind of screen the page is on. */
import { type ReadonlySignal, signal } from "@preact/signals";

function matches(query: string): ReadonlySignal<boolean> {
  const list = matchMedia(query);
  const now = signal(list.matches);
  list.addEventListener("change", () => {
    now.value = list.matches;
  });
  return now;
}

/** A phone held upright: the bench stays at the top of it, and text scrolls below. `layout.css` has the same numbers. */
export const isPhone: ReadonlySignal<boolean> = matches("(max-width: 767px) and (min-height: 560px)");
