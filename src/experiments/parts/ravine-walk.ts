/** A second walk, in a ravine, beside the one that is looked at: how soon it comes to the bottom, and when it stays there. */
import type { Forms, Probe, Readings } from "../probe.ts";
import { say, type Text } from "../text.ts";
import { valleyAt } from "./basin.ts";
import type { Footstep } from "./footstep.ts";
import { axes, map, scalar } from "./probes.ts";
import type { Surface } from "./surfaces.ts";

type RavineProbes = {
  readonly ravinePath: Probe<"map">;
  readonly ravineHeight: Probe<"scalar">;
  readonly ravinePassed: Probe<"scalar">;
  readonly ravineSettled: Probe<"scalar">;
};

/** What is measured of it; `name` is its surface. */
export const ravineProbes = (name: Text): RavineProbes => ({
  ravinePath: map("magnitude", say(`${name.ja}と通った道`, `${name.en}, and the way taken`), {
    axes: axes.xy,
  }),
  ravineHeight: scalar("magnitude", say(`${name.ja}での高さ`, `height in ${name.en}`)),
  ravinePassed: scalar("count", say("谷底を初めて通るまでのステップ数", "steps until it first passes the bottom")),
  ravineSettled: scalar("count", say("谷底に落ち着くまでのステップ数", "steps until it stays at the bottom")),
});

export interface RavineReadings extends Readings<RavineProbes> {}

export class RavineWalk {
  readonly #surface: Surface;
  #isThere = false;
  #passed = false;
  #settled = 0;

  constructor(surface: Surface) {
    this.#surface = surface;
  }

  /** Takes note of a step. A walker that has gone beyond all numbers is measured no more. */
  see(step: number, { position, height }: Footstep): RavineReadings {
    const isThere = valleyAt(this.#surface, ...position) === 1;
    if (isThere && !this.#isThere) this.#settled = step;
    const isFirst = isThere && !this.#passed;
    [this.#isThere, this.#passed] = [isThere, this.#passed || isThere];
    return { ...(Number.isFinite(height) ? { ravineHeight: height } : {}), ...(isFirst ? { ravinePassed: step } : {}) };
  }

  /** What is known of the walk by now; `ravinePath` is the way taken. */
  look(ravinePath: Forms["map"]): RavineReadings {
    return this.#isThere ? { ravinePath, ravineSettled: this.#settled } : { ravinePath };
  }
}
