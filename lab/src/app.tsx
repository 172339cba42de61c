/** The frame around every page: the thread of lessons, the language, the theme; and the page that the address names. */

import { days } from "catalog:list";
import { effect, signal } from "@preact/signals";
import type { ComponentType, JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { Text } from "../../src/experiments/text.ts";
import { reachedOf } from "./bench/claims.tsx";
import { themes } from "./figures/canvas.tsx";
import { keep, kept } from "./kept.ts";
import { lazy } from "./lazy.tsx";
import { Home } from "./pages/home.tsx";
import { linkTo, route } from "./router.ts";
import { mode, modes, nextMode, said, T } from "./text/language.tsx";
import { words } from "./text/words.ts";

/** Pages besides lessons, by the first part of the address; loaded when they are opened. */
const pages: Readonly<Record<string, { title: Text; Page: ComponentType; isListed: boolean }>> = {
  sandbox: {
    title: words.sandbox,
    Page: lazy(() => import("./pages/sandbox.tsx").then(({ SandboxPage }) => SandboxPage)),
    isListed: true,
  },
  arena: {
    title: words.arena,
    Page: lazy(() => import("./pages/arena.tsx").then(({ ArenaPage }) => ArenaPage)),
    isListed: true,
  },
  search: {
    title: words.search,
    Page: lazy(() => import("./pages/search.tsx").then(({ SearchPage }) => SearchPage)),
    isListed: true,
  },
  map: {
    title: words.concepts,
    Page: lazy(() => import("./pages/map.tsx").then(({ MapPage }) => MapPage)),
    isListed: true,
  },
  compiler: {
    title: words.compiler,
    Page: lazy(() => import("./pages/compiler.tsx").then(({ CompilerPage }) => CompilerPage)),
    isListed: true,
  },
  exam: {
    title: words.exam,
    Page: lazy(() => import("./pages/exam.tsx").then(({ ExamPage }) => ExamPage)),
    isListed: true,
  },
  teach: {
    title: words.teach,
    Page: lazy(() => import("./pages/teach.tsx").then(({ TeachPage }) => TeachPage)),
    isListed: true,
  },
  run: {
    title: words.lastRun,
    Page: lazy(() => import("./pages/recorded.tsx").then(({ RecordedPage }) => RecordedPage)),
    isListed: false,
  },
};

const LessonPage = lazy(() => import("./lessons/page.tsx").then(({ LessonPage: Page }) => Page));

const theme = signal<"auto" | "light" | "dark">((kept("theme") as "light" | "dark" | null) ?? "auto");
effect(() => {
  keep("theme", theme.value);
  if (theme.value === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme.value;
  themes.value = themes.peek() + 1;
});

/** The smallest module with an instruction of 128 bits: what the engine cannot do without. */
const simd = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
];
const hasEngine = typeof WebAssembly === "object" && WebAssembly.validate(new Uint8Array(simd));

/** Whether the drawer with the contents is open, where there is no room for it beside the page. */
const isOpen = signal(false);

export function App(): JSX.Element {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === "Escape" && isOpen.peek()) {
        isOpen.value = false;
        document.querySelector<HTMLElement>("header .menu")?.focus();
      }
      if (event.key === "/" || (event.key === "k" && (event.ctrlKey || event.metaKey))) {
        if (/^(INPUT|SELECT|TEXTAREA)$/.test((event.target as Element).tagName)) return;
        event.preventDefault();
        location.hash = linkTo("search");
      }
      if (
        event.key !== "l" ||
        event.ctrlKey ||
        event.metaKey ||
        /^(INPUT|SELECT|TEXTAREA)$/.test((event.target as Element).tagName)
      )
        return;
      nextMode();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  useEffect(() => {
    route.value;
    isOpen.value = false;
    scrollTo(0, 0);
  }, [route.value.path.join("/")]);
  return (
    <>
      <button type="button" class="skip" onClick={skip}>
        <T text={words.skip} />
      </button>
      <Header />
      {!hasEngine && (
        <p class="no-engine" role="alert">
          <T text={words.noEngine} block />
        </p>
      )}
      <Thread />
      {isOpen.value && (
        <button type="button" class="veil" aria-label={said(words.close)} onClick={() => (isOpen.value = false)} />
      )}
      <Content />
    </>
  );
}

function skip(): void {
  const main = document.getElementById("main");
  main?.setAttribute("tabindex", "-1");
  main?.focus();
}

function Content(): JSX.Element {
  const [first, second] = route.value.path;
  if (first === undefined) return <Home />;
  if (first === "lesson" && second !== undefined) return <LessonPage id={second} />;
  const page = pages[first];
  if (page) return <page.Page />;
  return (
    <main id="main">
      <p>
        <T text={words.missing} />{" "}
        <a href="#/">
          <T text={words.toFirst} />
        </a>
      </p>
    </main>
  );
}

function Header(): JSX.Element {
  const names = { ja: ["日本語", "日"], en: ["English", "EN"], both: ["併記", "併"] } as const;
  return (
    <header class="top" data-part="frame">
      <button
        type="button"
        class="menu"
        aria-expanded={isOpen.value}
        aria-controls="thread"
        onClick={() => (isOpen.value = !isOpen.value)}
      >
        {said(words.contents)}
      </button>
      <a class="brand" href="#/">
        {said(words.name)}
      </a>
      <fieldset class="language" aria-label={said(words.language)}>
        {modes.map((m) => (
          <button
            key={m}
            type="button"
            data-language={m}
            aria-pressed={mode.value === m}
            lang={m === "en" ? "en" : "ja"}
            title={names[m][0]}
            onClick={() => (mode.value = m)}
          >
            <span class="whole">{names[m][0]}</span>
            <span class="short">{names[m][1]}</span>
          </button>
        ))}
      </fieldset>
      <select
        aria-label={said(words.theme)}
        value={theme.value}
        onChange={(event) => (theme.value = event.currentTarget.value as "auto")}
      >
        <option value="auto">{said(words.themeAuto)}</option>
        <option value="light">{said(words.themeLight)}</option>
        <option value="dark">{said(words.themeDark)}</option>
      </select>
    </header>
  );
}

/** One thread through all lessons; a knot is filled when a verdict was reached there. */
function Thread(): JSX.Element {
  const current = route.value.path[0] === "lesson" ? route.value.path[1] : null;
  return (
    <nav
      id="thread"
      class={isOpen.value ? "thread open" : "thread"}
      data-part="frame"
      aria-label={said(words.contents)}
    >
      {days.map(({ day, lessons }) => (
        <section key={day}>
          <h2>
            <T text={words.day(day.replace("day", ""))} />
          </h2>
          <ol>
            {lessons.map(({ id, row, title }) => (
              <li key={id} class={reachedOf(id) ? "reached" : ""}>
                <a href={linkTo("lesson", id)} aria-current={current === id ? "page" : undefined}>
                  <span class="number">{row}</span> <T text={title} />
                </a>
              </li>
            ))}
          </ol>
        </section>
      ))}
      <ul>
        {Object.entries(pages)
          .filter(([, { isListed }]) => isListed)
          .map(([path, { title }]) => (
            <li key={path}>
              <a href={linkTo(path)} aria-current={route.value.path[0] === path ? "page" : undefined}>
                <T text={title} />
              </a>
            </li>
          ))}
      </ul>
    </nav>
  );
}
