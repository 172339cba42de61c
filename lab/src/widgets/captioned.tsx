/** Figures that no probe describes: a tool, or a part of a figure. Their captions say what they are. */
import type { ComponentChildren, JSX } from "preact";
import type { Label, Text } from "../../../src/experiments/text.ts";
import { What } from "../figures/what.tsx";
import { T } from "../text/language.tsx";

interface CaptionedProps {
  readonly caption: Label;
  /** What it shows, for who asks. */
  readonly what: Text;
  readonly class?: string;
  readonly "data-probe"?: string;
  readonly "data-widget"?: string;
  readonly children: ComponentChildren;
}

export function Captioned({ caption, what, class: own = "", children, ...rest }: CaptionedProps): JSX.Element {
  return (
    <figure {...rest} class={`figure ${own}`.trim()}>
      <figcaption>
        <T text={caption} />
        <What tells={[what]} />
      </figcaption>
      {children}
    </figure>
  );
}

interface PieceProps {
  readonly caption: Label;
  readonly class?: string;
  readonly children: ComponentChildren;
}

/** A part of a figure, which the figure tells of. */
export function Piece({ caption, children, ...rest }: PieceProps): JSX.Element {
  return (
    <figure {...rest}>
      <figcaption>
        <T text={caption} />
      </figcaption>
      {children}
    </figure>
  );
}
