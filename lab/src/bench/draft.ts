/** What is being typed into a field, or where a slider is held: it is the learner's until it is done, whatever a run shows. */
import { useSignal } from "@preact/signals";
import type { TargetedEvent } from "preact";

type Field = TargetedEvent<HTMLInputElement, Event>;

export interface Draft {
  readonly value: string;
  onInput(event: Field): void;
  onChange(event: Field): void;
  onBlur(): void;
}

/** For an `<input>` that has `value` while nobody is at it; `onDone` takes what it has then, once. */
export function useDraft(value: string, onDone: (text: string) => void): Draft {
  const draft = useSignal<string | null>(null);
  return {
    value: draft.value ?? value,
    onInput({ currentTarget: field }) {
      draft.value = field.value;
    },
    onChange({ currentTarget: field }) {
      draft.value = null;
      onDone(field.value);
    },
    onBlur() {
      draft.value = null;
    },
  };
}
