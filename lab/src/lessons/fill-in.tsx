/** A line of the library with a gap: what the learner writes is run by the engine, beside what belongs there. */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { ask } from "../engine/engine.ts";
import { short } from "../figures/bars.ts";
import { T } from "../text/language.tsx";
import { lineProblem } from "../text/line-problem.ts";
import { Prose } from "../text/prose.tsx";
import { words } from "../text/words.ts";
import { ExpressionInput } from "./expression-input.tsx";
import type { FillIn } from "./lesson.ts";
import "./fill-in.css";

interface Answer {
  readonly got: readonly number[];
  readonly want: readonly number[];
  readonly isRight: boolean;
}

/** A value as it would be written in the line. */
const written = (value: FillIn["given"][string]): string =>
  typeof value === "number" ? String(value) : JSON.stringify(value).replaceAll(",", ", ");

export function FillInTask({ task }: { task: FillIn }): JSX.Element {
  const line = useSignal("");
  const answer = useSignal<Answer | null>(null);
  const error = useSignal("");
  const check = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      answer.value = await ask<Answer>("fillIn", { line: line.value, given: task.given, expected: task.expected });
      error.value = "";
    } catch (problem) {
      answer.value = null;
      error.value = (problem as Error).message;
    }
  };
  return (
    <form class="fill-in" onSubmit={(event) => void check(event)}>
      <h2>
        <T text={words.fillIn} />
      </h2>
      <p>
        <Prose part="fill-in" text={task.prompt} />
      </p>
      <p class="help">
        <T text={words.given} />{" "}
        {Object.entries(task.given).map(([name, value]) => (
          <code key={name}>
            {name} = {written(value)}
          </code>
        ))}
      </p>
      <div class="line">
        <code>{task.before}</code>
        <ExpressionInput name="fill-in" label={words.fillIn} line={line} />
        <code>{task.after}</code>
      </div>
      <button type="submit" disabled={line.value.trim() === ""}>
        <T text={words.check} />
      </button>
      <details>
        <summary>
          <T text={words.hint} />
        </summary>
        <p>
          <Prose part="fill-in" at={1} text={task.hint} />
        </p>
      </details>
      <div role="status">
        {answer.value && (
          <p data-right={answer.value.isRight}>
            <T text={answer.value.isRight ? words.correct : words.wrong} />{" "}
            <code>
              [{answer.value.got.map(short).join(", ")}]
              {answer.value.isRight ? "" : ` ≠ [${answer.value.want.map(short).join(", ")}]`}
            </code>
          </p>
        )}
        {error.value && (
          <p data-problem>
            <T text={lineProblem(error.value)} />
          </p>
        )}
      </div>
    </form>
  );
}
