/**
 * Pages whose code comes when they are opened. Not from `preact/compat`: where that is loaded, a field's `onChange` is told
 * of every key, as in React, and a run would begin anew at each digit of a number.
 */
import { signal } from "@preact/signals";
import type { ComponentType, JSX } from "preact";
import { useEffect } from "preact/hooks";
import { T } from "./text/language.tsx";
import { words } from "./text/words.ts";

export function lazy<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  const loaded = signal<ComponentType<P> | "missing" | null>(null);
  return function Lazy(props: P): JSX.Element {
    useEffect(() => {
      if (loaded.peek() === null || loaded.peek() === "missing") {
        load().then(
          (Page) => (loaded.value = Page),
          () => (loaded.value = "missing"), // no net, and a page that was never opened
        );
      }
    }, []);
    const Page = loaded.value;
    if (Page !== null && Page !== "missing") return <Page {...props} />;
    return (
      <main id="main" aria-busy={Page === null}>
        {Page === "missing" && (
          <p role="alert">
            <T text={words.unloaded} block />
          </p>
        )}
      </main>
    );
  };
}
