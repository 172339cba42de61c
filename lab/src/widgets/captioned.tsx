/** A figure, or a part of one, whose caption says all there is to say of it. */
import type { ComponentChildren, JSX } from "preact";
import type { Label } from "../../../src/experiments/text.ts";
import { T } from "../text/language.tsx";

interface CaptionedProps {
  readonly caption: Label;
  readonly class?: string;
  readonly "data-probe"?: string;
  readonly "data-widget"?: string;
  readonly children: ComponentChildren;
}

export function Captioned({ caption, children, ...rest }: CaptionedProps): JSX.Element {
  return (
    <figure {...rest}>
      <figcaption>
        <T text={caption} />
      </figcaption>
      {children}
    </figure>
  );
}
