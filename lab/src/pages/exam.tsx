/** The exam: a question, an answer, and then the run that says whether it is right. Seeds differ, so numbers do. */

import { details } from "catalog:all";
import { days } from "catalog:list";
import { questions } from "catalog:questions";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { say, type Text } from "../../../src/experiments/text.ts";
import { toQuery } from "../bench/address.ts";
import { Bench } from "../bench/store.ts";
import type { Details } from "../details.ts";
import { linkTo, rewrite, route, visits } from "../router.ts";
import { said, T } from "../text/language.tsx";
import { words } from "../text/words.ts";
import { nextMoment } from "./exam-clock.ts";
import { keepMarks, keptMarks, type Mark } from "./exam-marks.ts";
import { answered, drawn, type Question } from "./exam-questions.ts";
import "./exam.css";

const text = {
  about: say(
    "答えてから、その場で実験を動かして採点します。シードは毎回変わるので、答えの丸暗記は通用しません。",
    "Answer first; then the experiment runs here and marks it. Seeds change every time, so answers cannot be learnt by heart.",
  ),
  number: (n: number, of: number) => say(`第 ${n} 問 / ${of} 問`, `question ${n} of ${of}`),
  score: (right: number, of: number) => say(`${of} 問中 ${right} 問正解`, `${right} of ${of} right`),
  sentence: say("試される文：", "The sentence that is tested:"),
  choose: say("答えを選んでください", "Choose an answer"),
  answer: say("答える", "Answer"),
  skip: say("とばす", "Skip it"),
  right: say("正解です。", "Right."),
  wrong: say("違いました。正しくは：", "No. The right answer:"),
  untold: say("この実行では決まりませんでした。採点しません。", "This run cannot tell: it does not count."),
  running: say("実験しています…", "Running the experiment …"),
  left: (seconds: number) => say(`あと約 ${seconds} 秒`, `about ${seconds} s left`),
  within: (seconds: number) =>
    seconds < 60
      ? say(`あと ${seconds} 秒以内`, `${seconds} seconds left at most`)
      : say(`あと ${seconds / 60} 分以内`, `${seconds / 60} min left at most`),
  open: say("この実験を開く", "Open this run"),
  next: say("次の問題", "Next question"),
  finish: say("結果を見る", "See the result"),
  over: say("おわり", "The end"),
  missed: say("間違えた問題と、とばした問題のレッスン", "Lessons of the questions that you missed or skipped"),
  none: say("間違いはありません。", "There is none that you missed."),
  again: say("別の問題でもう一度", "Again, with other questions"),
} as const;

const ids = Object.keys(questions);
const titles = new Map(days.flatMap((day) => day.lessons.map(({ id, row, title }) => [id, { row, title }])));
const length = 10;

/** An exam that nobody has had: its number stands in the address, so that it can be given to others. */
const newExam = (): number => Date.now() % 1_000_000;

/** An address that is gone to from this one may be of another exam. */
export const ExamPage = (): JSX.Element => <Exam key={visits.value} />;

function Exam(): JSX.Element {
  const asked = Number(route.value.query.get("exam") ?? "");
  const exam = useSignal(Number.isSafeInteger(asked) && asked > 0 ? asked : newExam());
  const marks = useSignal<readonly Mark[]>(useMemo(() => keptMarks(exam.peek()), [exam]));
  const at = useSignal(marks.value.length);
  useEffect(() => rewrite(["exam"], new URLSearchParams({ exam: String(exam.value) })), [exam.value, exam]);
  const isOver = at.value >= length;
  const right = marks.value.filter((mark) => mark === "right").length;
  const counted = marks.value.filter((mark) => mark !== "untold").length;
  const again = (): void => {
    [exam.value, at.value, marks.value] = [newExam(), 0, []];
  };
  return (
    <main id="main" class="exam">
      <h1>
        <T text={words.exam} block />
      </h1>
      <p>
        <T text={text.about} block />
      </p>
      <p class="number" data-score={right}>
        {isOver ? <T text={text.over} /> : <T text={text.number(at.value + 1, length)} />}
        {marks.value.length > 0 && (
          <>
            {" · "}
            <T text={text.score(right, counted)} />
          </>
        )}
      </p>
      {isOver ? (
        <>
          <Missed exam={exam.value} marks={marks.value} />
          <button type="button" data-action="again" onClick={again}>
            <T text={text.again} />
          </button>
        </>
      ) : (
        <Asked
          key={`${exam.value} ${at.value}`}
          exam={exam.value}
          number={at.value}
          onMark={(mark) => {
            marks.value = [...marks.value.slice(0, at.value), mark];
            keepMarks(exam.value, marks.value);
          }}
          onNext={() => {
            at.value++;
          }}
        />
      )}
    </main>
  );
}

/** Where to read on: the lessons of what was not answered, or not right. */
function Missed({ exam, marks }: { exam: number; marks: readonly Mark[] }): JSX.Element {
  const missed = marks.flatMap((mark, i) => (mark === "wrong" || mark === "skipped" ? [drawn(exam, i, ids).id] : []));
  return (
    <section data-part="missed">
      <h2>
        <T text={text.missed} />
      </h2>
      {missed.length === 0 && (
        <p>
          <T text={text.none} />
        </p>
      )}
      <ul>
        {missed.map((id) => (
          <li key={id}>
            <a href={linkTo("lesson", id)}>
              <Title id={id} />
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Title({ id }: { id: string }): JSX.Element {
  const { row, title } = titles.get(id) ?? { row: "", title: id };
  return (
    <>
      <span class="number">{row}</span> <T text={title} />
    </>
  );
}

interface AskedProps {
  readonly exam: number;
  readonly number: number;
  onMark(mark: Mark): void;
  onNext(): void;
}

function Asked(props: AskedProps): JSX.Element | null {
  const { id } = drawn(props.exam, props.number, ids);
  const loaded = useSignal<Details | null>(null);
  useEffect(() => {
    void details[id]().then((module) => {
      loaded.value = module.default;
    });
  }, [id, loaded]);
  return loaded.value && <Posed {...props} details={loaded.value} />;
}

/** The bench of a question: the default run, without a step where the first look says it all. */
function benchFor(d: Details, { about }: Question, seed: number): Bench {
  const isShort = "atOnce" in about && about.atOnce && "steps" in d.params;
  return new Bench(d, { experiment: d.id, seed, choice: isShort ? { values: { steps: 0 } } : {}, changes: [] });
}

function Posed({ exam, number, details: d, onMark, onNext }: AskedProps & { details: Details }): JSX.Element {
  const { seed, roll } = drawn(exam, number, ids);
  const question: Question = questions[d.id][Math.floor(roll * questions[d.id].length)];
  const bench = useMemo(() => benchFor(d, question, seed), [d, question, seed]);
  const chosen = useSignal<number | null>(null);
  /** When the answer was given; null: not yet. */
  const since = useSignal<number | null>(null);
  useEffect(() => () => bench.close(), [bench]);
  const isDone = since.value !== null && bench.status.value === "done";
  const answer = isDone
    ? answered(question, bench.verdicts.value ?? {}, (lane, probe) => bench.curves[lane]?.[probe]?.values.at(-1))
    : null;
  useEffect(() => {
    if (answer) onMark(answer.right === null ? "untold" : answer.right === chosen.value ? "right" : "wrong");
  }, [isDone]);
  const give = (): void => {
    since.value = performance.now();
    if (bench.status.peek() !== "done") bench.play();
  };
  const skip = (): void => {
    onMark("skipped");
    onNext();
  };
  return (
    <section class="claim" data-question={d.id}>
      <p class="muted">
        <Title id={d.id} />
      </p>
      <p class="question">
        <T text={question.prompt} block />
      </p>
      {question.sentence && (
        <>
          <p class="muted">
            <T text={text.sentence} />
          </p>
          <blockquote>
            <T text={question.sentence} block />
          </blockquote>
        </>
      )}
      <fieldset disabled={since.value !== null}>
        <legend>
          <T text={text.choose} />
        </legend>
        {question.options.map((option, i) => (
          <label key={option.en}>
            <input
              type="radio"
              name="answer"
              data-answer={i}
              checked={chosen.value === i}
              onChange={() => {
                chosen.value = i;
              }}
            />
            <span>
              <T text={option} />
            </span>
          </label>
        ))}
      </fieldset>
      {!answer && (
        <p class="row">
          {since.value === null ? (
            <button type="button" class="primary" data-action="answer" disabled={chosen.value === null} onClick={give}>
              <T text={text.answer} />
            </button>
          ) : (
            <Waiting bench={bench} since={since.value} />
          )}
          <button type="button" class="quiet" data-action="skip" onClick={skip}>
            <T text={text.skip} />
          </button>
        </p>
      )}
      {answer && (
        <div
          class="verdict"
          role="status"
          data-right={answer.right === null ? "untold" : answer.right === chosen.value}
        >
          <p>
            {answer.right === null ? (
              <T text={text.untold} />
            ) : answer.right === chosen.value ? (
              <T text={text.right} />
            ) : (
              <>
                <T text={text.wrong} /> <T text={question.options[answer.right]} />
              </>
            )}
          </p>
          <p>
            <T text={answer.because} block />
          </p>
          <p>
            <a href={`#/lesson/${d.id}?${toQuery(bench.opening.value)}`}>
              <T text={text.open} />
            </a>
          </p>
          <button type="button" class="primary" data-action="next" onClick={onNext}>
            <T text={number + 1 < length ? text.next : text.finish} />
          </button>
        </div>
      )}
    </section>
  );
}

/** How far the run is, and how long it will take as far as one can tell: shown by the second, said at few moments. */
function Waiting({ bench, since }: { bench: Bench; since: number }): JSX.Element {
  const [step, steps] = [bench.step.value, bench.steps.value];
  const seconds = (performance.now() - since) / 1000;
  const left = step > 0 && seconds > 1 ? (seconds / step) * (steps - step) : null;
  const spoken = useSignal<Text | null>(null);
  const told = useRef(Number.POSITIVE_INFINITY);
  useEffect(() => {
    spoken.value = text.running; // what a region has from the first is not read out
  }, [spoken]);
  useEffect(() => {
    const moment = left === null ? null : nextMoment(left, told.current);
    if (moment === null) return;
    told.current = moment;
    spoken.value = text.within(moment);
  });
  return (
    <>
      <span class="muted">
        <T text={text.running} /> <progress value={step} max={Math.max(steps, 1)} aria-label={said(text.running)} />{" "}
        <span class="number" data-part="left">
          {left !== null && <T text={text.left(Math.ceil(left))} />}
        </span>
      </span>
      <span class="visually-hidden" role="status">
        {spoken.value && said(spoken.value)}
      </span>
    </>
  );
}
