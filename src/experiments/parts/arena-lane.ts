/** A lane of an experiment on the arena: the walker that is looked at, a second one in a ravine, and all starts at once. */
import { ValueError } from "../../errors.ts";
import type { Forms, Readings } from "../probe.ts";
import { say } from "../text.ts";
import type { arenaProbes, basinProbes, gaugeProbes, memoryProbes } from "./arena-settings.ts";
import type { Ends } from "./basin.ts";
import type { Track } from "./footstep.ts";
import { type Method, type MethodSettings, rates } from "./methods.ts";
import { Arena } from "./optimizer-arena.ts";
import { type RavineReadings, RavineWalk } from "./ravine-walk.ts";
import { type Place, type Surface, type SurfaceName, surfaces } from "./surfaces.ts";

interface LaneValues {
  readonly surface: SurfaceName;
  readonly start: readonly number[];
  readonly method: Method;
}
interface LaneOptions {
  readonly settings?: Omit<MethodSettings, "lr">;
  /** Where a second walker goes; there is none unless given. */
  readonly ravine?: Surface;
  /** Starts of the basin map, so many to a side: it shows where a walk from each ends. There is none unless given. */
  readonly cells?: number;
  /** Multiples of the usual learning rate, at each of which walks from 256 starts are counted. None unless given. */
  readonly paces?: readonly number[];
}

/** What is read at a step, by what it is about; an experiment takes what it has probes for. */
interface StepReadings {
  readonly walker: Readings<Omit<typeof arenaProbes, "path">>;
  readonly gauges: Readings<typeof gaugeProbes>;
  readonly memory: Readings<typeof memoryProbes>;
  readonly ravine: RavineReadings;
}
/** The maps that `LaneOptions` ask for, and the way of each walker. */
interface LookReadings extends Readings<typeof basinProbes>, RavineReadings {
  readonly path: Forms["map"];
  readonly sweep?: Forms["bars"];
}
interface ArenaLane {
  step(hot: { readonly pace: number; readonly noise: number }, step: number): Promise<StepReadings>;
  look(): Promise<LookReadings>;
}

/** The lane of experiment `id` with these settings. */
export function arenaLane(id: string, { surface, start, method }: LaneValues, options: LaneOptions): ArenaLane {
  const { settings = {}, ravine, cells = 0, paces = [] } = options;
  const [ground, from] = [surfaces[surface], pointOf(id, start)];
  const tracks: Record<string, Track> = { main: { surface: ground, start: from, rate: rates[surface][method] } };
  if (ravine) tracks["ravine"] = { surface: ravine, start: ravine.start, rate: rates.ravine[method] };
  const arena = new Arena({ method, settings, tracks, cells, paces });
  const ravineWalk = ravine && new RavineWalk(ravine);
  let hasEscaped = false;
  return {
    async step(hot, step) {
      const { main, ravine: second } = await arena.step(hot);
      const { position, move, gradient, height } = main;
      const isFirst = !hasEscaped && ground.isOff(position, from);
      hasEscaped ||= isFirst;
      return {
        walker: { position: onAxes(position), move: onAxes(move), gradient: onAxes(gradient), height },
        gauges: { rates: onAxes(main.rates), ...(isFirst ? { escape: step } : {}) },
        memory: { m: onAxes(main.direction), v: onAxes(main.size) },
        ravine: ravineWalk?.see(step, second) ?? {},
      };
    },
    async look() {
      const basin = cells > 0 ? await arena.basin() : null;
      return {
        path: await arena.path("main"),
        ...(basin ? { basin: basin.map, ends: endReading(basin.ends) } : {}),
        ...(paces.length > 0 ? { sweep: sweepReading(paces, await arena.paces()) } : {}),
        ...(ravineWalk ? ravineWalk.look(await arena.path("ravine")) : {}),
      };
    },
  };
}

/** Two numbers, one for each axis. */
const onAxes = (values: Place): Forms["bars"] => ({ names: ["x", "y"], values });

const endNames = [say("大域", "global"), say("局所", "local"), say("途中", "neither")];
const endReading = ({ global, local, neither }: Ends): Forms["bars"] => ({
  names: endNames,
  values: [global, local, neither],
});
const sweepReading = (paces: readonly number[], ends: readonly Ends[]): Forms["bars"] => ({
  names: paces.map((pace) => `× ${pace}`),
  values: ends.map(({ neither }) => 1 - neither),
});

/** A start as a list setting gives it; throws ValueError for one that has not two numbers. */
export function pointOf(id: string, numbers: readonly number[]): Place {
  if (numbers.length === 2) return [numbers[0], numbers[1]];
  const got = `start of ${numbers.length} numbers`;
  throw new ValueError({ in: id, got, want: "x and y", fix: "Give two numbers" });
}
