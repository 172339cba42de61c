/** A lesson on the page: question, guess, bench, what happened, formulas, source, and what is not shown. */

import { details } from "catalog:all";
import { days } from "catalog:list";
import { effect, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { fromQuery, toQuery } from "../bench/address.ts";
import { BenchView, LiveRegion } from "../bench/bench.tsx";
import { Claims, hasGuessed, RunForVerdict, skipGuesses } from "../bench/claims.tsx";
import { Bench } from "../bench/store.ts";
import type { Details } from "../details.ts";
import { linkTo, rewrite, route, visits } from "../router.ts";
import { language, said, T } from "../text/language.tsx";
import { PageReading, Pieces, Prose } from "../text/prose.tsx";
import { Reading } from "../text/reading.ts";
import { words } from "../text/words.ts";
import { FillInTask } from "./fill-in.tsx";
import { lessonOf } from "./index.ts";
import { type Lesson, Seen } from "./lesson.ts";
import "katex/dist/katex.min.css";
import "./lesson.css";

const all = days.flatMap(({ lessons }) => lessons);

export function LessonPage({ id }: { id: string }): JSX.Element {
  const loaded = useSignal<{ details: Details; lesson: Lesson | null } | null | "missing">(null);
  useEffect(() => {
    loaded.value = null;
    const load = details[id];
    if (!load) {
      loaded.value = "missing";
      return;
    }
    let isCurrent = true;
    void Promise.all([load(), lessonOf(id)?.()]).then(([d, l]) => {
      if (isCurrent) loaded.value = { details: d.default, lesson: l?.lesson ?? null };
    });
    return () => {
      isCurrent = false;
    };
  }, [id, loaded]);
  if (loaded.value === "missing") {
    return (
      <main id="main">
        <p>
          <T text={words.missing} />
        </p>
      </main>
    );
  }
  if (loaded.value === null || loaded.value.details.id !== id) return <main id="main" aria-busy="true" />;
  // An address that is gone to from this one is another run.
  return <Loaded key={`${id} ${visits.value}`} {...loaded.value} />;
}

function Loaded({ details, lesson }: { details: Details; lesson: Lesson | null }): JSX.Element {
  const bench = useMemo(() => new Bench(details, fromQuery(route.peek().query, details)), [details]);
  useEffect(() => {
    const stop = effect(() => rewrite(["lesson", details.id], toQuery(bench.opening.value)));
    Object.assign(globalThis, { tsumikiBench: bench, tsumikiLesson: lesson }); // for teachers' consoles, and for tests
    return () => {
      stop();
      bench.close();
    };
  }, [bench, details, lesson]);
  useEffect(() => {
    if (route.peek().query.get("play") !== "1") return;
    const stop = effect(() => {
      if (bench.status.value !== "ready") return;
      queueMicrotask(() => {
        stop(); // once: a reader may pause it
        bench.play();
      });
    });
    return stop;
  }, [bench]);
  useKeys(bench);
  useEffect(() => {
    document.title = `${details.row} ${said(details.title)} · Tsumiki`;
  });
  const reading = useMemo(() => readingOf(details, lesson, new Seen(bench)), [details, lesson, bench]);
  const Extra = lesson?.Extra;
  const asked = route.value.query.get("figure");
  const alone = asked !== null && Object.hasOwn(details.probes, asked) ? asked : null;
  const only = alone ? [alone] : Object.keys(details.probes).filter((name) => !lesson?.covers?.includes(name));
  return (
    <PageReading.Provider value={reading}>
      <main id="main" class="lesson" data-lesson={details.id}>
        <article class="text">
          <div data-part="intro">
            <p class="row-number number">{details.row}</p>
            <h1>
              <T text={details.title} block />
            </h1>
            <p class="question">
              <T text={details.question} block />
            </p>
            {lesson?.intro.map((text, i) => (
              <p key={text.en}>
                <Prose part="intro" at={i} text={text} />
              </p>
            ))}
          </div>
          <Claims bench={bench} />
          {lesson && (
            <p class="todo" data-part="intro">
              <Prose part="todo" text={lesson.todo} />
            </p>
          )}
        </article>
        <div class="stage">
          <BenchView
            bench={bench}
            only={only}
            isAwaited={alone !== null}
            primary={lesson?.primary ?? firstSlider(details)}
          >
            {Extra && <Extra bench={bench} />}
          </BenchView>
          <LiveRegion bench={bench} />
        </div>
        {lesson && (
          <article class="text after">
            <section data-part="happened">
              <Happened reading={reading} bench={bench} />
            </section>
            <section data-part="maths">
              <Formulas lesson={lesson} />
            </section>
            <section data-part="code">
              <Sources lesson={lesson} />
            </section>
            <section data-part="fill-in">
              <FillInTask key={details.id} task={lesson.fillIn} />
            </section>
            {details.presets.course && (
              <section data-part="course">
                <Course bench={bench} />
              </section>
            )}
            <section data-part="limits">
              <h2>
                <T text={words.notShown} />
              </h2>
              <p>
                <Prose part="limits" text={lesson.notShown} />
              </p>
            </section>
            <Onward id={details.id} related={lesson.related} />
          </article>
        )}
      </main>
    </PageReading.Provider>
  );
}

const firstSlider = ({ params }: Details): string | undefined =>
  Object.keys(params).find((name) => params[name].kind === "number" || params[name].kind === "integer");

/** The prose of a lesson in the order in which it is read. What happened is live, and is read once it is unfolded. */
function readingOf(details: Details, lesson: Lesson | null, seen: Seen): Reading {
  const claims = Object.values(details.claims).map(({ sentence }) => sentence);
  if (!lesson) return new Reading(details.id, language, { claims: () => claims });
  const { intro, todo, formulas, fillIn, notShown } = lesson;
  const { course } = details.presets;
  return new Reading(details.id, language, {
    intro: () => intro,
    claims: () => claims,
    todo: () => [todo],
    happened: () => (hasGuessed(details) && seen.isDone ? lesson.happened(seen) : []),
    maths: () => formulas.map(({ spoken }) => spoken),
    "fill-in": () => [fillIn.prompt, fillIn.hint],
    course: () => (course ? [course.why] : []),
    limits: () => [notShown],
  });
}

/** The explanation, folded until there is a guess that it could not spoil any more, and a run that it can tell of. */
function Happened({ reading, bench }: { reading: Reading; bench: Bench }): JSX.Element {
  const { details } = bench;
  return (
    <>
      <h2>
        <T text={words.happened} />
      </h2>
      {hasGuessed(details) && bench.status.value !== "done" ? (
        <>
          <p class="muted">
            <T text={words.toldAfterRun} block />
          </p>
          <RunForVerdict bench={bench} />
        </>
      ) : hasGuessed(details) ? (
        <div class="happened">
          {reading.pieces("happened").map((pieces, i) => (
            <p key={i}>
              <Pieces of={pieces} />
            </p>
          ))}
        </div>
      ) : (
        <p class="muted">
          <T text={words.foldedUntilGuess} block />{" "}
          <button type="button" class="quiet" data-action="skip-guesses" onClick={() => skipGuesses(details)}>
            <T text={words.skipGuess} />
          </button>
        </p>
      )}
    </>
  );
}

/** Formulas; a symbol that stands for something measured lights up its figure. */
function Formulas({ lesson }: { lesson: Lesson }): JSX.Element {
  const light = (event: Event, on: boolean): void => {
    const symbol = (event.target as Element).closest?.("[data-probe]");
    const probe = symbol?.getAttribute("data-probe");
    if (!symbol || !probe) return;
    for (const mark of document.querySelectorAll(`[data-probe="${CSS.escape(probe)}"]`))
      mark.classList.toggle("lit", on);
  };
  return (
    <>
      <h2>
        <T text={words.maths} />
      </h2>
      {lesson.formulas.map(({ html, spoken }, i) => (
        <figure
          key={spoken.en}
          class="formula"
          onPointerOver={(event) => light(event, true)}
          onPointerOut={(event) => light(event, false)}
        >
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: on a phone it scrolls, by the keyboard too */}
          <div class="scroll" tabIndex={0} dangerouslySetInnerHTML={{ __html: html }} />
          <figcaption>
            <Prose part="maths" at={i} text={spoken} />
          </figcaption>
        </figure>
      ))}
    </>
  );
}

function Sources({ lesson }: { lesson: Lesson }): JSX.Element {
  return (
    <>
      <h2>
        <T text={words.code} />
      </h2>
      {lesson.sources.map(({ file, line, html }, i) => (
        <details key={`${file} ${line}`} class="source" open={i === 0}>
          <summary>
            <code>
              {file.split(/(?<=\/)/).map((part) => (
                <>
                  {part}
                  <wbr />
                </>
              ))}
              :{line}
            </code>
          </summary>
          <div class="scroll" dangerouslySetInnerHTML={{ __html: html }} />
        </details>
      ))}
    </>
  );
}

function Course({ bench }: { bench: Bench }): JSX.Element {
  const { course } = bench.details.presets;
  return (
    <>
      <h2>
        <T text={words.course} />
      </h2>
      <p>
        <Prose part="course" text={course.why} />
      </p>
      <button
        type="button"
        data-action="try-course"
        onClick={() => {
          bench.choosePreset("course");
          bench.play();
          document.querySelector(".bench")?.scrollIntoView({ block: "start", behavior: "smooth" });
        }}
      >
        <T text={words.tryIt} />
      </button>
    </>
  );
}

function Onward({ id, related }: { id: string; related: readonly string[] }): JSX.Element {
  const at = all.findIndex((lesson) => lesson.id === id);
  const link = (lesson: (typeof all)[number] | undefined, text: typeof words.next): JSX.Element | null =>
    lesson ? (
      <a href={linkTo("lesson", lesson.id)}>
        <T text={text} /> <span class="number">{lesson.row}</span> <T text={lesson.title} />
      </a>
    ) : null;
  return (
    <nav class="onward" data-part="onward" aria-label={said(words.related)}>
      {link(all[at - 1], words.previous)}
      {link(all[at + 1], words.next)}
      {related.map((other) => (
        <span key={other}>
          {link(
            all.find((lesson) => lesson.id === other),
            words.related,
          )}
        </span>
      ))}
    </nav>
  );
}

/** Space runs, → steps, R starts over, [ and ] change the speed. Not while something is typed. */
function useKeys(bench: Bench): void {
  const current = useRef(bench);
  current.current = bench;
  useEffect(() => {
    const paces = [2, 30, null];
    const onKey = (event: KeyboardEvent): void => {
      const target = event.target as HTMLElement;
      if (
        event.ctrlKey ||
        event.metaKey ||
        event.altKey ||
        /^(INPUT|SELECT|TEXTAREA|BUTTON|SUMMARY|A)$/.test(target.tagName)
      )
        return;
      const { current: b } = current;
      const pace = paces.indexOf(b.pace.value);
      const actions: Record<string, () => void> = {
        " ": () => b.toggle(),
        ArrowRight: () => b.stepOnce(),
        r: () => b.reset(),
        "[": () => b.setPace(paces[Math.max(pace - 1, 0)]),
        "]": () => b.setPace(paces[Math.min(pace + 1, 2)]),
      };
      const action = actions[event.key];
      if (!action) return;
      event.preventDefault();
      action();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
}
