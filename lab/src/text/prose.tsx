/** Prose: terms link to their lessons, and in both languages have their English above them where they come up first. */
import { createContext, type JSX } from "preact";
import { useContext } from "preact/hooks";
import type { Text } from "../../../src/experiments/text.ts";
import { linkTo } from "../router.ts";
import { bound, mode, T } from "./language.tsx";
import type { Mention, Piece, Reading } from "./reading.ts";

/** The page that prose is part of. Outside of one, prose is text. */
export const PageReading = createContext<Reading | null>(null);

interface ProseProps {
  /** The part of the page, and which of its texts. */
  readonly part: string;
  readonly at?: number;
  readonly text: Text;
}

export function Prose({ part, at = 0, text }: ProseProps): JSX.Element {
  const pieces = useContext(PageReading)?.pieces(part)[at];
  return pieces ? <Pieces of={pieces} /> : <T text={text} block />;
}

export const Pieces = ({ of }: { of: readonly Piece[] }): JSX.Element => (
  <>{of.map((piece, i) => (typeof piece === "string" ? bound(piece) : <TermMark key={i} mention={piece} />))}</>
);

function TermMark({ mention: { term, written, isLink, isNew } }: { mention: Mention }): JSX.Element {
  const hasGloss = mode.value === "both" && isNew && term.gloss.toLowerCase() !== written.toLowerCase();
  const word = hasGloss ? (
    <ruby>
      {written}
      <rp>（</rp>
      <rt lang="en">{term.gloss}</rt>
      <rp>）</rp>
    </ruby>
  ) : (
    written
  );
  if (!isLink) return <>{word}</>;
  return (
    <a class="term" href={linkTo("lesson", term.lesson)}>
      {word}
    </a>
  );
}
