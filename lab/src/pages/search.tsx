/** Search: what was typed, and the lessons that have it. */
import { index } from "catalog:index";
import { days } from "catalog:list";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { linkTo, rewrite, route } from "../router.ts";
import { said, T } from "../text/language.tsx";
import { words } from "../text/words.ts";
import { found } from "./found.ts";
import "./search.css";

const lessons = days
  .flatMap((day) => day.lessons)
  .map((lesson) => ({ ...lesson, keywords: index[lesson.id]?.keywords ?? "" }));

export function SearchPage(): JSX.Element {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const query = route.value.query.get("q") ?? "";
  const results = found(lessons, query);
  return (
    <main id="main" class="search">
      <h1>
        <T text={words.search} block />
      </h1>
      <label>
        <T text={words.searchFor} block />
        <input
          ref={field}
          type="search"
          data-control="search"
          value={query}
          onInput={(event) => {
            const next = new URLSearchParams(event.currentTarget.value === "" ? {} : { q: event.currentTarget.value });
            rewrite(["search"], next);
            route.value = { path: ["search"], query: next };
          }}
        />
      </label>
      <ol class="results" aria-live="polite" aria-label={said(words.search)}>
        {results.map(({ id, row, title, question }) => (
          <li key={id}>
            <a href={linkTo("lesson", id)}>
              <span class="number">{row}</span> <T text={title} />
            </a>
            <p class="muted">
              <T text={question} block />
            </p>
          </li>
        ))}
      </ol>
      {results.length === 0 && (
        <p>
          <T text={words.nothingFound} />
        </p>
      )}
    </main>
  );
}
