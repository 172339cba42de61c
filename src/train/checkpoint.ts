/** Models and trainings in files. */
import { CheckpointError, FormatError, ValueError } from "../errors.ts";
import { dtypes, write } from "../graph/dtype.ts";
import { type HostTensor, loadSafetensors, saveSafetensors } from "../io/index.ts";
import type { AnyModule, LoadReport } from "../nn/index.ts";
import type { GradScaler, Optimizer } from "../optim/index.ts";
import { checkOptions, print } from "../tensor/arguments.ts";
import { defaultGenerator, realize, type Tensor } from "../tensor.ts";
import { checkModel } from "./evaluate.ts";

/** A copy of a tensor in host memory, in its own dtype. */
export async function toHost(tensor: Tensor): Promise<HostTensor> {
  const { dtype, shape } = tensor;
  const values = await tensor.data();
  if (values instanceof dtypes[dtype].array) return { dtype, shape, data: values };
  const data = new dtypes[dtype].array(values.length); // halves are read as float32, and kept as their bits
  values.forEach((x, i) => {
    write(data, i, x, dtype);
  });
  return { dtype, shape, data };
}

/** A copy of a state in host memory. */
export async function snapshot(state: ReadonlyMap<string, Tensor>): Promise<Map<string, HostTensor>> {
  const copy = new Map<string, HostTensor>();
  for (const [name, tensor] of state) copy.set(name, await toHost(tensor));
  return copy;
}

/** Throws unless a path comes first, and then a model. */
function checkFile(op: string, path: unknown, model: unknown): void {
  const fix = `Write ${op}(path, model)`;
  if (typeof path !== "string") {
    throw new ValueError({ in: op, got: `${print(path)} in the place of the path`, want: "a string", fix });
  }
  checkModel(op, model, fix);
}

/** Throws unless a path comes first, and then what a training goes on with. */
function checkTraining(op: string, path: unknown, training: unknown): void {
  if (typeof path !== "string") {
    const fix = `Write ${op}(path, { model, optimizer })`;
    throw new ValueError({ in: op, got: `${print(path)} in the place of the path`, want: "a string", fix });
  }
  checkOptions(op, training ?? null, ["model", "optimizer", "scaler", "counters"]);
}

/** Writes the state of a model to a safetensors file, under PyTorch's names. An old file is replaced as a whole. */
export async function saveModel(
  path: string,
  model: AnyModule,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  checkFile("saveModel", path, model);
  await saveSafetensors(path, await snapshot(model.state()), metadata);
}

/** Reads the state of a model from a safetensors file, also from one of PyTorch's. See Module.load() for `strict`. */
export async function loadModel(
  path: string,
  model: AnyModule,
  options: { strict?: boolean } = {},
): Promise<LoadReport> {
  checkFile("loadModel", path, model);
  checkOptions("loadModel", options, ["strict"]);
  const { tensors } = await loadSafetensors(path);
  const report = model.load(tensors, options);
  await realize();
  return report;
}

/** What a training goes on with. */
export interface Training {
  readonly model: AnyModule;
  readonly optimizer: Optimizer;
  readonly scaler?: GradScaler;
  /** Anything with a state in numbers: a DataLoader, a Plateau. */
  readonly counters?: Readonly<Record<string, { state: object }>>;
}

const format = "tsumiki training 1";

/** Writes all that a training needs to go on as if it had not been stopped: model, optimizer, counters and randomness. */
export async function saveTraining(path: string, training: Training): Promise<void> {
  checkTraining("saveTraining", path, training);
  const { model, optimizer, scaler, counters = {} } = training;
  const tensors = new Map<string, HostTensor>();
  for (const [name, tensor] of await snapshot(model.state())) tensors.set(`model.${name}`, tensor);
  for (const [name, tensor] of await snapshot(optimizer.state())) tensors.set(`optimizer.${name}`, tensor);
  if (scaler) for (const [name, tensor] of await snapshot(scaler.state())) tensors.set(`scaler.${name}`, tensor);
  const states = Object.entries(counters).map(([name, { state }]) => [name, state] as const);
  await saveSafetensors(path, tensors, {
    format,
    generator: JSON.stringify(defaultGenerator.state),
    counters: JSON.stringify(Object.fromEntries(states)),
  });
}

/** Takes up a training from a file of saveTraining(). If anything does not fit, it says so, and nothing is changed. */
export async function loadTraining(path: string, training: Training): Promise<void> {
  checkTraining("loadTraining", path, training);
  const { model, optimizer, scaler, counters = {} } = training;
  const { tensors, metadata } = await loadSafetensors(path);
  const by = `loadTraining(${JSON.stringify(path)})`;
  if (metadata.format !== format) {
    const got =
      metadata.format === undefined ? "a file without a training" : `the format ${JSON.stringify(metadata.format)}`;
    throw new CheckpointError({ in: by, got, want: `"${format}"`, fix: "Load a model alone with loadModel()" });
  }
  const part = (prefix: string): Map<string, HostTensor> =>
    new Map([...tensors].flatMap(([name, t]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), t]] : [])));
  const generator = parse(by, metadata.generator) as { seed: number; count: number };
  const states = parse(by, metadata.counters) as Record<string, object>;
  const other = [...Object.keys(counters), ...Object.keys(states)].find((k) => !(k in counters && k in states));
  if (other !== undefined) {
    const got = `"${other}" on one side only`;
    throw new CheckpointError({ in: by, got, want: "the counters that were saved", fix: "Pass the same ones" });
  }
  const scales = part("scaler.");
  if (!scaler && scales.size > 0) {
    const got = "a training with a GradScaler, to be taken up without one";
    throw new CheckpointError({ in: by, got, want: "the same parts", fix: "Pass { scaler: new GradScaler() }" });
  }
  const before = await snapshot(optimizer.state());
  const scale = scaler && (await snapshot(scaler.state()));
  try {
    await scaler?.load(scales);
    await optimizer.load(part("optimizer."));
    model.load(part("model."));
  } catch (error) {
    if (scale) await scaler.load(scale);
    await optimizer.load(before);
    throw error;
  }
  for (const [name, counter] of Object.entries(counters)) counter.state = states[name];
  defaultGenerator.state = generator;
  await realize();
}

function parse(by: string, json: string | undefined): unknown {
  try {
    return JSON.parse(json ?? "");
  } catch (cause) {
    const problem = { in: by, got: "damaged metadata", want: "JSON", fix: "Take an older checkpoint" };
    throw new FormatError("CKPT_JSON", problem, { cause });
  }
}
