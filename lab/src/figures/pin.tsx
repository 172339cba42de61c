/** Pins a figure of the bench: it comes first, and stays in sight while the others go by. */
import type { Signal } from "@preact/signals";
import { createContext, type JSX } from "preact";
import { useContext } from "preact/hooks";
import { say, type Text } from "../../../src/experiments/text.ts";
import { said } from "../text/language.tsx";
import "./pin.css";

const text = {
  pin: say("固定", "Pin"),
  unpin: say("固定を解除", "Unpin"),
  of: ({ ja, en }: Text) => say(`固定：「${ja}」を見続ける`, `Pin: keep “${en}” in sight`),
  unpinOf: ({ ja, en }: Text) => say(`固定を解除：「${ja}」`, `Unpin “${en}”`),
} as const;

/** The name of the figure that this is given to, and of that which is pinned; none where figures cannot be. */
export const Pin = createContext<{ readonly name: string; readonly pinned: Signal<string | null> } | null>(null);

export function PinButton({ label }: { label: Text }): JSX.Element | null {
  const pin = useContext(Pin);
  if (!pin) return null;
  const isPinned = pin.pinned.value === pin.name;
  return (
    <button
      type="button"
      class="quiet pin"
      data-action="pin"
      aria-label={said(isPinned ? text.unpinOf(label) : text.of(label))}
      onClick={() => {
        pin.pinned.value = isPinned ? null : pin.name;
      }}
    >
      {said(isPinned ? text.unpin : text.pin)}
    </button>
  );
}
