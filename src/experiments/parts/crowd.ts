/** Walkers that start all over a surface, as one parameter of shape `(2, N)`: where each is by now. */
import { Parameter } from "../../index.ts";
import type { Forms } from "../probe.ts";
import { type Ends, partsOf, starts, valleyAt, valleys } from "./basin.ts";
import type { Surface } from "./surfaces.ts";

export class Crowd {
  readonly p: Parameter;
  readonly surface: Surface;
  readonly #cells: number;

  /** One in each of `cells` by `cells` cells. */
  constructor(surface: Surface, cells: number, label: string) {
    this.p = new Parameter(starts(surface, cells), { label });
    [this.surface, this.#cells] = [surface, cells];
  }

  /** Of every start where it is by now: 1 for a lowest point, 2 and more for other valleys, 0 for neither. */
  async map(): Promise<{ map: Forms["map"]; ends: Ends }> {
    const { x, y } = this.surface;
    const positions = await this.p.data();
    const count = this.p.shape[1];
    const values = Array.from({ length: count }, (_, i) => valleyAt(this.surface, positions[i], positions[count + i]));
    const size = { rows: this.#cells, cols: this.#cells };
    return { map: { x, y, ...size, values, points: valleys(this.surface) }, ends: partsOf(values) };
  }
}
