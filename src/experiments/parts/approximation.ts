/** Networks of all the widths at which errors are compared, and one of a chosen width: built by hand, or to be trained. */
import { type Tensor, tensor } from "../../index.ts";
import type { Forms } from "../probe.ts";
import { type Label, say } from "../text.ts";
import { Approximators, type Bend, pile } from "./approximators.ts";
import { type Curve, type Samples, sampled, stairs } from "./curve-task.ts";
import type { Examples } from "./digits-task.ts";

const widths = [1, 2, 4, 8, 16, 32, 64];
/** Where the widest of these stands in `errors` and `greatest`. */
export const widest: number = widths.length - 1;
/** Places where errors are measured; half of them are learnt from. */
const places = 257;

interface Plan {
  readonly isBuilt: boolean;
  readonly units: number;
  readonly activation: Bend;
  readonly depth: number;
  /** Of stairs that are built in place of the curve, unless there are none. */
  readonly levels: readonly number[];
  readonly steepness: number;
}

/** What networks make of a curve, with a number for each width and, last, for the chosen one. */
interface Seen {
  readonly fit: Forms["curves"];
  readonly parts: Forms["curves"];
  readonly errors: Forms["bars"];
  readonly greatest: Forms["bars"];
  readonly error: number;
}

export class Approximation {
  readonly model: Approximators;
  /** For all of them alike: the target is repeated for each. */
  readonly examples: Examples;
  /** How many they are. */
  readonly count: number = widths.length + 1;
  readonly #truth: Samples;
  readonly #own: number;

  constructor(curve: Curve, { isBuilt, units, activation, depth, levels, steepness }: Plan) {
    const hasStairs = isBuilt && levels.length > 1;
    this.#own = hasStairs ? Math.min(levels.length - 1, 64) : units;
    const all = [...widths, this.#own];
    this.model = new Approximators(all, isBuilt ? 1 : depth, activation);
    if (isBuilt) {
      const drawn = hasStairs ? stairs(levels) : curve;
      this.model.build(all.map((width, i) => pile(i < widths.length ? curve : drawn, width, activation, steepness)));
    }
    this.#truth = sampled(curve, places);
    const { x, y } = sampled(curve, (places + 1) / 2);
    const column = (values: Float32Array): Tensor => tensor(values, [1, values.length, 1]);
    this.examples = { x: column(x).select(0, 0), y: column(y).expand([all.length, -1, 1]) };
  }

  async look(): Promise<Seen> {
    const [truth, own] = [this.#truth, this.#own];
    const { outputs, errors, greatest } = await this.model.compared(truth);
    const x = tensor(truth.x, [places, 1]);
    const parts = (await this.model.parts(x).select(0, -1).data()) as Float32Array;
    const names: Label[] = [...widths.map(String), say(`${own}（選択）`, `${own} (chosen)`)];
    return {
      fit: [
        { name: say("目標", "target"), ...truth },
        { name: say("出力", "output"), x: truth.x, y: outputs[widths.length] },
      ],
      parts: Array.from({ length: own }, (_, i) => {
        return { name: `${i + 1}`, x: truth.x, y: parts.subarray(i * places, (i + 1) * places) };
      }),
      errors: { names, values: errors },
      greatest: { names, values: greatest },
      error: errors[widths.length],
    };
  }
}
