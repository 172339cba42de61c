/**
 * Where optimizers walk on surfaces: a walker is a parameter of two elements, and the starts of a basin map are one of shape
 * `(2, N)`, for optimizers of single elements treat each by itself. All are parameters of one optimizer of the library.
 */
import { cat, jit, Parameter, randn, type Tensor, tensor, zeros } from "../../index.ts";
import type { Optimizer } from "../../optim/index.ts";
import { keepThroughUpdate } from "../../tensor/arguments.ts";
import type { Forms, Line } from "../probe.ts";
import { say } from "../text.ts";
import { type Ends, heightAt, starts, valleys } from "./basin.ts";
import { Crowd } from "./crowd.ts";
import { divisorOf, type Footstep, footstepOf, numbersPerStep, type Track } from "./footstep.ts";
import { type Memory, type Method, type MethodSettings, memoryOf, optimizerOf } from "./methods.ts";
import type { Place, Surface } from "./surfaces.ts";

export interface ArenaOptions<Name extends string> {
  readonly method: Method;
  readonly settings?: Omit<MethodSettings, "lr">;
  readonly tracks: Readonly<Record<Name, Track>>;
  /** Of the map of where each start of the first track's surface ends: so many cells to a side. None unless given. */
  readonly cells?: number;
  /** The same for other learning rates, these times the track's, on a coarser grid. */
  readonly paces?: readonly number[];
}

/** How many cells to a side the grids of `paces` have. */
const coarse = 16;

interface Walker {
  readonly track: Track;
  readonly p: Parameter;
  readonly memory: Memory;
  readonly path: Place[];
}

export class Arena<Name extends string> {
  readonly #method: Method;
  readonly #settings: Omit<MethodSettings, "lr">;
  readonly #optimizer: Optimizer;
  readonly #walkers: ReadonlyMap<Name, Walker>;
  readonly #basin: Crowd | null;
  readonly #paced: readonly Crowd[];
  readonly #step: (noise: Tensor) => Promise<Tensor>;
  /** β₂ᵗ, for Adam's gauges. */
  #decayed = 1;

  constructor({ method, settings = {}, tracks, cells = 0, paces = [] }: ArenaOptions<Name>) {
    const entries = Object.entries(tracks) as [Name, Track][];
    const main = entries[0][1];
    const place = (name: string, { start }: Track): Parameter => new Parameter(tensor([...start]), { label: name });
    const parameters = entries.map(([name, track]) => place(name, track));
    this.#basin = cells > 0 ? new Crowd(main.surface, cells, "starts") : null;
    this.#paced = paces.map((pace) => new Crowd(main.surface, coarse, `pace ${pace}`));
    const groups = [
      ...parameters.map((p, i) => ({ params: [p], lr: entries[i][1].rate })),
      ...(this.#basin ? [{ params: [this.#basin.p], lr: main.rate }] : []),
      ...this.#paced.map(({ p }, i) => ({ params: [p], lr: main.rate * paces[i] })),
    ];
    this.#optimizer = optimizerOf(method, groups, { ...settings, lr: 1 }); // 1 is the pace that all rates follow
    this.#walkers = new Map(
      entries.map(([name, track], i) => {
        const memory = memoryOf(method, this.#optimizer, name);
        return [name, { track, p: parameters[i], memory, path: [track.start] }];
      }),
    );
    [this.#method, this.#settings] = [method, settings];
    this.#step = jit((noise) => this.#record(noise));
  }

  /** A step of everything that walks; gives `numbersPerStep` for each walker. */
  async #record(noise: Tensor): Promise<Tensor> {
    const walkers = [...this.#walkers.values()];
    const crowds = [...(this.#basin ? [this.#basin] : []), ...this.#paced];
    const all: (readonly [Parameter, Surface])[] = [
      ...walkers.map(({ p, track }) => [p, track.surface] as const),
      ...crowds.map(({ p, surface }) => [p, surface] as const),
    ];
    // A slope of random direction tilts the surface under each, so that its gradient is noisy.
    const tilt = (p: Parameter): Tensor => p.mul(randn(p.shape)).sum().mul(noise);
    const total = all.map(([p, surface]) => heightAt(surface, p).sum().add(tilt(p))).reduce((a, b) => a.add(b));
    total.backward();
    const gradients = walkers.map(({ p }) => keepThroughUpdate(p.grad as Tensor));
    await this.#optimizer.step();
    const each = walkers.map(({ p, track, memory }, i) => {
      const { direction = zeros([2]), size = zeros([2]) } = memory;
      return cat([p, gradients[i], direction, size, heightAt(track.surface, p).reshape([1])]);
    });
    return cat(each);
  }

  /** Takes a step, with all learning rates times `pace`, and gradients with noise of that standard deviation. */
  async step({ pace, noise }: { pace: number; noise: number }): Promise<Readonly<Record<Name, Footstep>>> {
    this.#optimizer.lr = pace;
    const numbers = await (await this.#step(tensor(noise))).data();
    this.#decayed *= this.#settings.betas?.[1] ?? 0.999;
    const divisor = (size: number): number => divisorOf(this.#method, this.#settings, { size, decayed: this.#decayed });
    const steps = [...this.#walkers].map(([name, { track, path }], i): [Name, Footstep] => {
      const own = numbers.subarray(numbersPerStep * i, numbersPerStep * (i + 1));
      const step = footstepOf(own, { track, from: path[path.length - 1], pace, divisor });
      path.push(step.position);
      return [name, step];
    });
    return Object.fromEntries(steps) as Record<Name, Footstep>;
  }

  /** The surface as heights above its lowest point, its valleys, and the way of a walker. */
  async path(name: Name): Promise<Forms["map"]> {
    const { track, path } = this.#walkers.get(name) as Walker;
    const { surface } = track;
    const heights = await heightAt(surface, starts(surface, 64)).data();
    const way: Line = { name: say("通った道", "its way"), x: path.map(([x]) => x), y: path.map(([, y]) => y) };
    const values = heights.map((height) => Math.max(height - surface.lowest, 0));
    return { x: surface.x, y: surface.y, rows: 64, cols: 64, values, points: valleys(surface), paths: [way] };
  }

  /** Where every start is by now. */
  async basin(): Promise<{ map: Forms["map"]; ends: Ends }> {
    if (!this.#basin) throw new Error("arena: there is no basin map");
    return this.#basin.map();
  }

  /** Where the starts of each of `paces` are by now. */
  async paces(): Promise<Ends[]> {
    const ends: Ends[] = [];
    for (const crowd of this.#paced) ends.push((await crowd.map()).ends);
    return ends;
  }
}
