/** Where NaN and infinities come from. */
import { ValueError } from "../errors.ts";
import { type AnyModule, Buffer, type Module } from "../nn/index.ts";
import { defaultGenerator, stack, Tensor } from "../tensor.ts";
import type { Example, Loss } from "./evaluate.ts";

/** A step whose gradients are not finite. Nothing was changed by it: the model is as it was before the step. */
export class NonFiniteError extends ValueError {
  /** The step, from 1. */
  readonly step: number;
  /** What was not finite first, such as `Linear "fc2"`. */
  readonly source: string;
  /** The first example of the batch where it was not, if others were; else null. */
  readonly row: number | null;

  constructor(step: number, epoch: number, { source, row }: Culprit) {
    super({
      in: "fit",
      got:
        `gradients that are not finite in step ${step} (epoch ${epoch}), ` +
        `first in ${source}${row === null ? "" : `, row ${row}`}`,
      want: "finite numbers",
      fix: "Lower the learning rate, clip with clipNorm, check the data, or pass onNonFinite",
    });
    this.step = step;
    this.source = source;
    this.row = row;
  }
}

export interface Culprit {
  readonly source: string;
  readonly row: number | null;
}

/**
 * Goes through a step again, looking at everything in order: the input, what each module gives, the loss, the gradients.
 * The step draws the same random numbers if the generator is where it was. State that the step assigns is put back. Null
 * if all is finite.
 */
export async function findNonFinite(model: Module, { x, y }: Example, loss: Loss): Promise<Culprit | null> {
  const generator = defaultGenerator.state;
  const buffers = [...model.state().values()].filter((t) => t instanceof Buffer);
  const before = buffers.map((b) => b.clone());
  const outputs: { module: AnyModule; output: Tensor }[] = [];
  const modules = [...model.modules().values()];
  for (const module of modules) watch(module, outputs);
  try {
    const output = model.forward(x);
    const value = loss(output, y);
    value.backward();
    const named = [...model.namedParameters()].reverse(); // the last layer's gradient comes first
    const looks: [string, Tensor][] = [
      ["the input", x],
      ...outputs.map(({ module, output }): [string, Tensor] => [`${module}`, output]),
      ["the target", y],
      ["the loss", value],
      ...named.flatMap(([name, { grad }]): [string, Tensor][] => (grad ? [[`the gradient of ${name}`, grad]] : [])),
    ];
    buffers.forEach((b, i) => {
      b.assign(before[i]);
    });
    const sound = await stack(looks.map(([, t]) => t.isfinite().all().float())).data();
    const at = sound.indexOf(0);
    if (at < 0) return null;
    const [source, tensor] = looks[at];
    return { source, row: source.startsWith("the gradient") ? null : await firstBadRow(tensor, x.shape[0]) };
  } finally {
    for (const module of modules) unwatch(module);
    for (const p of model.parameters()) p.zeroGrad();
    defaultGenerator.state = generator;
  }
}

/** The first of `rows` along the first axis that is not finite, if some are. */
async function firstBadRow(x: Tensor, rows: number | undefined): Promise<number | null> {
  if (x.ndim === 0 || x.shape[0] !== rows) return null;
  const sound = await x.isfinite().reshape([rows, -1]).all(1).data();
  return sound.includes(1) ? sound.indexOf(0) : null;
}

/** A module whose `forward` may be one of its own, before that of its class. */
interface Watched {
  forward?: (...inputs: unknown[]) => unknown;
}
const watched = (module: AnyModule): Watched => module as unknown as Watched;

/** Notes what a module gives, for as long as its `forward` is one of its own. A module is noted after those within it. */
function watch(module: AnyModule, outputs: { module: AnyModule; output: Tensor }[]): void {
  const forward = watched(module).forward as (...inputs: unknown[]) => unknown;
  watched(module).forward = function (this: AnyModule, ...inputs) {
    const output = forward.apply(this, inputs);
    for (const t of [output].flat()) if (t instanceof Tensor) outputs.push({ module, output: t });
    return output;
  };
}
function unwatch(module: AnyModule): void {
  delete watched(module).forward;
}
