/** A figure of a lesson's own: a part for each lane beside the others, what its marks mean, and its numbers as text. */
import type { ComponentChildren, JSX } from "preact";
import type { Label, Text } from "../../../src/experiments/text.ts";
import type { Bench } from "../bench/store.ts";
import type { LaneFrame } from "../engine/protocol.ts";
import { FigureHead, TextTwin } from "../figures/figure.tsx";
import type { Twin } from "../figures/form.ts";
import { T } from "../text/language.tsx";

interface LaneFigureProps {
  readonly bench: Bench;
  /** The probe that it shows, and whose figure it takes the place of. */
  readonly probe: string;
  /** Another title than the probe's. */
  readonly label?: Text;
  /** How it is read, for who asks, where it is not drawn as other figures of its form are. */
  readonly how?: Text;
  /** What its marks mean. */
  readonly legend?: Text;
  readonly lanes: readonly LaneFrame[];
  /** The picture of a lane. */
  readonly part: (lane: LaneFrame, label: Label) => ComponentChildren;
  readonly twin?: (lane: LaneFrame) => Twin;
  /** What stands below all lanes. */
  readonly children?: ComponentChildren;
}

export function LaneFigure(props: LaneFigureProps): JSX.Element {
  const { bench, probe: name, label, how, legend, lanes, part, twin, children } = props;
  const { probes, lanes: named } = bench.details;
  return (
    <figure class="figure" data-probe={name}>
      <FigureHead probe={label ? { ...probes[name], label } : probes[name]} how={how ?? legend} />
      <div class="lanes" style={{ "--lanes": lanes.length }}>
        {lanes.map((lane) => (
          <div key={lane.id} class="lane" data-lane={lane.id}>
            {lanes.length > 1 && (
              <div class="lane-name">
                <T text={named[lane.id].label} />
              </div>
            )}
            {part(lane, named[lane.id].label)}
          </div>
        ))}
      </div>
      {legend && (
        <p class="help">
          <T text={legend} block />
        </p>
      )}
      {children}
      {twin && <TextTwin twins={lanes.map((lane) => [named[lane.id].label, () => twin(lane)])} />}
    </figure>
  );
}
