/** The settings and the measurements that all experiments on the arena of optimizers have. */
import type { Preset } from "../experiment.ts";
import type { Probe } from "../probe.ts";
import { say, type Text } from "../text.ts";
import { type Choice, choiceParam, type Kind, type Quantity } from "./params.ts";
import { axes, bars, map, scalar } from "./probes.ts";
import { type SurfaceName, surfaceNames, surfaces } from "./surfaces.ts";

const names = Object.fromEntries(surfaceNames.map((name) => [name, surfaces[name].name])) as Record<SurfaceName, Text>;

type ArenaParams = {
  readonly surface: Choice<SurfaceName>;
  readonly start: Kind<"list">;
  readonly pace: Quantity;
  readonly noise: Quantity;
  readonly steps: Quantity;
};

/** The settings, for an experiment that begins on `surface` at `start`. */
export const arenaParams = (
  surface: SurfaceName,
  { start = surfaces[surface].start, steps }: { start?: readonly number[]; steps: number },
): ArenaParams => ({
  surface: choiceParam(surface, say("曲面", "surface"), names),
  start: {
    kind: "list",
    min: -5,
    max: 5,
    default: start,
    label: say("出発点 (x, y)", "start (x, y)"),
  },
  pace: {
    kind: "number",
    min: 0.01,
    max: 100,
    default: 1,
    scale: "log",
    hot: true,
    label: say("学習率（標準の何倍か）", "learning rate, as a multiple of the usual"),
    help: say(
      "標準の学習率は、曲面と手法ごとに決めてあります。",
      "The usual rate depends on the surface and on the method.",
    ),
  },
  noise: {
    kind: "number",
    min: 0,
    max: 10,
    default: 0,
    hot: true,
    label: say("勾配のノイズ（標準偏差）", "noise of the gradient (standard deviation)"),
    help: say("ミニバッチの勾配のばらつきに当たります。", "It stands for the noise of minibatches."),
  },
  steps: { kind: "integer", min: 0, max: 5000, default: steps, label: say("ステップ数", "steps") },
});

/** The settings of a preset that starts where the linked repository does: on a plain whose gradient is 7e-8. */
export const repositoryStart: Pick<Preset<ArenaParams>, "label" | "values"> = {
  label: say("勾配がほぼ 0 の出発点", "A start with next to no gradient"),
  values: { surface: "landscape", start: [0.75, 1] },
};

interface ArenaProbes {
  readonly path: Probe<"map">;
  readonly height: Probe<"scalar">;
  readonly position: Probe<"bars">;
  readonly move: Probe<"bars">;
  readonly gradient: Probe<"bars">;
}

/** What is measured of the walker that the experiment is about. */
export const arenaProbes: ArenaProbes = {
  path: map("magnitude", say("曲面と通った道", "the surface, and the way taken"), { axes: axes.xy }),
  height: scalar("magnitude", say("高さ（最も低い点から）", "height above the lowest point")),
  position: bars("signed", say("現在地", "where it is")),
  move: bars("signed", say("この 1 ステップの移動（速度）", "the move of this step: its velocity")),
  gradient: bars("signed", say("勾配", "gradient")),
};

type Bars = Probe<"bars">;
/** The gauges of methods that have a learning rate for each axis. */
export const gaugeProbes: { readonly rates: Bars; readonly escape: Probe<"scalar"> } = {
  rates: bars("magnitude", say("各軸の実効学習率（メーター）", "effective learning rate along each axis"), {
    help: say("勾配に掛けられる数です。", "What the gradient is multiplied by."),
  }),
  escape: scalar("count", say("平らな場所を抜けるまでのステップ数", "steps until it is off the flat place")),
};

/** What methods remember. */
export const memoryProbes: { readonly m: Bars; readonly v: Bars } = {
  m: bars("signed", say("覚えている向き m", "m: the direction that is remembered")),
  v: bars("magnitude", say("覚えている勾配の大きさ v", "v: the size of gradients that is remembered")),
};

/** The map of where every start ends, and what it comes to. */
export const basinProbes: { readonly basin: Probe<"map">; readonly ends: Probe<"bars"> } = {
  basin: map("count", say("どこから出発するとどこに着くか", "where each start ends"), {
    help: say(
      "各マスはそこから出発した 1 回の実行です。1 は大域的最適解、2 以上は局所的最適解、0 はまだどこにも着いていないことを表します。",
      "Each cell is a run that starts there. 1: it is at the global optimum, 2 and more: at a local one, 0: at neither.",
    ),
    axes: axes.xy,
  }),
  ends: bars("probability", say("全出発点の行き先の割合", "where all starts end, as parts of 1")),
};

/** Which part of the starts leads to some valley, at each of `paces` times the usual learning rate. */
export const sweepProbe: Bars = bars(
  "probability",
  say("学習率を変えたとき、谷に着いた出発点の割合", "starts that lead to a valley, at other learning rates"),
  {
    help: say(
      "標準の何倍かごとに、256 の出発点から走らせています。",
      "256 starts run at each multiple of the usual rate.",
    ),
  },
);
