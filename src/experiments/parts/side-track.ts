/** A second walk, on a surface of its own, beside the one that is looked at: how soon it comes to the bottom, and stays. */
import type { Forms, Probe, Readings } from "../probe.ts";
import { say, type Text } from "../text.ts";
import { valleyAt } from "./basin.ts";
import type { Footstep } from "./footstep.ts";
import type { Surface } from "./surfaces.ts";

type SideProbes = {
  readonly sidePath: Probe<"map">;
  readonly sideHeight: Probe<"scalar">;
  readonly sideFirst: Probe<"scalar">;
  readonly sideSettled: Probe<"scalar">;
};

/** What is measured of it; `name` is its surface. */
export const sideProbes = (name: Text): SideProbes => ({
  sidePath: {
    form: "map",
    kind: "magnitude",
    label: say(`${name.ja}と通った道`, `${name.en}, and the way taken`),
    axes: [say("x", "x"), say("y", "y")],
  },
  sideHeight: { form: "scalar", kind: "magnitude", label: say(`${name.ja}での高さ`, `height in ${name.en}`) },
  sideFirst: {
    form: "scalar",
    kind: "count",
    label: say("谷底を初めて通るまでのステップ数", "steps until it first passes the bottom"),
  },
  sideSettled: {
    form: "scalar",
    kind: "count",
    label: say("谷底に落ち着くまでのステップ数", "steps until it stays at the bottom"),
  },
});

export interface SideReadings extends Readings<SideProbes> {}

export class SideTrack {
  readonly #surface: Surface;
  #isThere = false;
  #passed = false;
  #settled = 0;

  constructor(surface: Surface) {
    this.#surface = surface;
  }

  /** Takes note of a step. A walker that has gone beyond all numbers is measured no more. */
  see(step: number, { position, height }: Footstep): SideReadings {
    const isThere = valleyAt(this.#surface, ...position) === 1;
    if (isThere && !this.#isThere) this.#settled = step;
    const isFirst = isThere && !this.#passed;
    [this.#isThere, this.#passed] = [isThere, this.#passed || isThere];
    return { ...(Number.isFinite(height) ? { sideHeight: height } : {}), ...(isFirst ? { sideFirst: step } : {}) };
  }

  /** What is known of the walk by now; `sidePath` is the way taken. */
  look(sidePath: Forms["map"]): SideReadings {
    return this.#isThere ? { sidePath, sideSettled: this.#settled } : { sidePath };
  }
}
