/** The exam: a question, an answer, and then the run that says whether it is right. Seeds differ, so numbers do. */

import { details } from "catalog:all";
import { days } from "catalog:list";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { say } from "../../../src/experiments/text.ts";
import { toQuery } from "../bench/address.ts";
import { Bench } from "../bench/store.ts";
import type { Details } from "../details.ts";
import { rewrite, route } from "../router.ts";
import { said, T } from "../text/language.tsx";
import { words } from "../text/words.ts";
import { answered, drawn, questionOf } from "./exam-questions.ts";

const text = {
  about: say(
    "答えてから、その場で実験を動かして採点します。シードは毎回変わるので、答えは覚えられません。",
    "Answer first; then the experiment runs here and marks it. Seeds change every time, so answers cannot be learnt by heart.",
  ),
  number: (n: number, of: number) => say(`第 ${n} 問 / ${of} 問`, `question ${n} of ${of}`),
  score: (right: number, of: number) => say(`${of} 問中 ${right} 問正解`, `${right} of ${of} right`),
  answer: say("答えを選んでください", "Choose an answer"),
  right: say("正解です。", "Right."),
  wrong: say("違いました。正しくは：", "No. It is:"),
  untold: say("この実行では決まりませんでした。採点しません。", "This run cannot tell: it does not count."),
  running: say("実験しています…", "Running the experiment …"),
  open: say("この実験を開く", "Open this run"),
  next: say("次の問題", "Next question"),
  over: say("おわり", "The end"),
  again: say("別の問題でもう一度", "Again, with other questions"),
} as const;

const ids = days.flatMap((day) => day.lessons.map(({ id }) => id));
const titles = new Map(days.flatMap((day) => day.lessons.map(({ id, row, title }) => [id, { row, title }])));
const length = 10;

/** An exam that nobody has had: its number stands in the address, so that it can be given to others. */
const newExam = (): number => Date.now() % 1_000_000;

export function ExamPage(): JSX.Element {
  const asked = Number(route.value.query.get("exam") ?? "");
  const exam = useSignal(Number.isSafeInteger(asked) && asked > 0 ? asked : newExam());
  const at = useSignal(0);
  const results = useSignal<readonly boolean[]>([]);
  useEffect(() => rewrite(["exam"], new URLSearchParams({ exam: String(exam.value) })), [exam.value, exam]);
  const isOver = at.value >= length;
  const again = (): void => {
    [exam.value, at.value, results.value] = [newExam(), 0, []];
  };
  return (
    <main id="main" class="exam">
      <h1>
        <T text={words.exam} block />
      </h1>
      <p>
        <T text={text.about} block />
      </p>
      <p class="number" data-score={results.value.filter(Boolean).length}>
        {isOver ? <T text={text.over} /> : <T text={text.number(at.value + 1, length)} />}
        {results.value.length > 0 && (
          <>
            {" · "}
            <T text={text.score(results.value.filter(Boolean).length, results.value.length)} />
          </>
        )}
      </p>
      {isOver ? (
        <button type="button" data-action="again" onClick={again}>
          <T text={text.again} />
        </button>
      ) : (
        <Asked
          key={`${exam.value} ${at.value}`}
          exam={exam.value}
          number={at.value}
          onResult={(isRight) => {
            if (isRight !== null) results.value = [...results.value, isRight];
          }}
          onNext={() => {
            at.value++;
          }}
        />
      )}
    </main>
  );
}

interface AskedProps {
  readonly exam: number;
  readonly number: number;
  /** Null where the run could not tell. */
  onResult(isRight: boolean | null): void;
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

function Posed({ exam, number, details: d, onResult, onNext }: AskedProps & { details: Details }): JSX.Element {
  const { seed, roll } = drawn(exam, number, ids);
  const question = useMemo(() => questionOf(d, roll), [d, roll]);
  const bench = useMemo(() => new Bench(d, { experiment: d.id, seed, choice: {}, changes: [] }), [d, seed]);
  const chosen = useSignal<number | null>(null);
  useEffect(() => () => bench.close(), [bench]);
  const isDone = chosen.value !== null && bench.status.value === "done";
  const answer = isDone
    ? answered(question, bench.verdicts.value ?? {}, (lane, probe) => bench.curves[lane]?.[probe]?.values.at(-1))
    : null;
  useEffect(() => {
    if (answer) onResult(answer.right === null ? null : answer.right === chosen.value);
  }, [isDone]);
  const choose = (option: number): void => {
    chosen.value = option;
    if (bench.status.peek() !== "done") bench.play();
  };
  const { row, title } = titles.get(d.id) ?? { row: "", title: d.title };
  return (
    <section class="claim" data-question={d.id}>
      <p class="muted">
        <span class="number">{row}</span> <T text={title} />
      </p>
      <blockquote>
        <T text={question.prompt} block />
      </blockquote>
      <fieldset disabled={chosen.value !== null}>
        <legend>
          <T text={text.answer} />
        </legend>
        {question.options.map((option, i) => (
          <label key={option.en}>
            <input type="radio" name="answer" data-answer={i} checked={chosen.value === i} onChange={() => choose(i)} />{" "}
            <T text={option} />
          </label>
        ))}
      </fieldset>
      {chosen.value !== null && !answer && (
        <p class="muted" role="status">
          <T text={text.running} />{" "}
          <span class="number">{said(words.stepOf(bench.step.value, bench.steps.value))}</span>
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
            <T text={text.next} />
          </button>
        </div>
      )}
    </section>
  );
}
