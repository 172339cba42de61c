/**
 * What layers and models are: plain objects whose fields are their state. Nothing is registered. Fields that are tensors
 * are saved and loaded, those that are parameters are also trained, and modules, arrays and plain objects are searched in
 * turn; `#private` fields are neither.
 */
import { CheckpointError, ShapeError, ValueError } from "../errors.ts";
import { type DType, dtypes, type HostArray } from "../graph/dtype.ts";
import { type Shape, sameShape, show } from "../graph/shape.ts";
import { checkOptions, print, tensorNode } from "../tensor/arguments.ts";
import { fromHostArray, Parameter, Tensor } from "../tensor.ts";

/** A tensor of a module's state that is not trained, such as a running mean. */
export class Buffer extends Parameter {
  constructor(value: Tensor) {
    super(value, { requiresGrad: false });
  }
}

/** Any module, whatever it takes and gives. */
export type AnyModule = Module<never, unknown>;

/** A tensor to be loaded: of a module, or of a file. */
export type StateValue = Tensor | { readonly dtype: DType; readonly shape: Shape; readonly data: HostArray };

/** How a state differs from the module it was made for, as sentences' parts such as `"fc1.weight of [10,4] for [4,10]"`. */
export interface LoadReport {
  /** Names that the module has and the state lacks. */
  readonly missing: readonly string[];
  /** Names that the state has and the module lacks. */
  readonly unexpected: readonly string[];
  /** Tensors of another shape, or of a type that is not converted. */
  readonly misfits: readonly string[];
}

/**
 * A layer or a model. `Inputs` and `Output` are what `forward` takes and gives: one tensor each, unless said otherwise.
 *
 * Names of the state are PyTorch's: `runningMean` is called `"running_mean"`, and the weight of the first of an array
 * `blocks` is `"blocks.0.weight"`.
 */
export abstract class Module<Inputs extends readonly unknown[] = [Tensor], Output = Tensor> {
  /** Whether layers that behave differently when trained do so. Set by train() and eval(). */
  training = true;
  #path = "";

  abstract forward(...inputs: Inputs): Output;

  /** What it holds, by name. Containers whose children have names of their own override it. */
  protected children(): Iterable<readonly [name: string, value: unknown]> {
    return Object.entries(this).map(([field, value]) => [snakeCase(field), value] as const);
  }

  /** Every tensor of the module by its path, such as `"fc1.weight"`; one that is held twice is there twice. */
  state(): Map<string, Tensor> {
    const found = new Map<string, Tensor>();
    for (const [path, value] of Module.#walk(this, "", [])) {
      if (!(value instanceof Tensor)) continue;
      if (found.has(path)) {
        const fix = "Rename one of the fields";
        throw new ValueError({ in: `${this}`, got: `two tensors named "${path}"`, want: "different names", fix });
      }
      if (path.endsWith(value.label)) value.label = path; // the longest path that anybody asked for says most
      found.set(path, value);
    }
    return found;
  }

  /** Every parameter, once, by its first path. */
  namedParameters(): Map<string, Parameter> {
    const found = new Map<string, Parameter>();
    const seen = new Set<Parameter>();
    for (const [path, value] of this.state()) {
      if (!(value instanceof Parameter) || value instanceof Buffer || seen.has(value)) continue;
      seen.add(value);
      found.set(path, value);
    }
    return found;
  }

  /** Every parameter, once: what an optimizer takes. */
  parameters(): Parameter[] {
    return [...this.namedParameters().values()];
  }

  /** This module, as `""`, and every module within it, by path; one that is held twice is there once. */
  modules(): Map<string, AnyModule> {
    const found = new Map<string, AnyModule>();
    const seen = new Set<AnyModule>();
    for (const [path, value] of Module.#walk(this, "", [])) {
      if (value instanceof Tensor || seen.has(value)) continue;
      seen.add(value);
      found.set(path, value);
    }
    return found;
  }

  /** Chooses the behaviour of training, for this module and all within it. */
  train(on = true): this {
    for (const module of this.modules().values()) module.training = on;
    return this;
  }
  /** Chooses the behaviour of inference, for this module and all within it. */
  eval(): this {
    return this.train(false);
  }

  /** Forgets the gradients of all parameters. */
  zeroGrad(): void {
    for (const p of this.parameters()) p.zeroGrad();
  }

  /**
   * Takes the values of `state`, by name; numbers are converted between floating types. If anything is missing,
   * unexpected, or does not fit, nothing is loaded and the error lists all of it, unless `strict` is false: then what fits
   * is loaded, and the rest is returned (PyTorch refuses other shapes even then).
   */
  load(state: ReadonlyMap<string, StateValue>, options: { strict?: boolean } = {}): LoadReport {
    checkOptions(`${this}.load`, options, ["strict"]);
    const { strict = true } = options;
    if (typeof state?.get !== "function" || typeof state.keys !== "function") {
      const fix = "Pass a model's state(), or read a file with loadModel(path, model)";
      throw new ValueError({ in: `${this}.load`, got: print(state), want: "a map from names to tensors", fix });
    }
    const own = this.state();
    const missing = [...own.keys()].filter((name) => !state.has(name));
    const unexpected = [...state.keys()].filter((name) => !own.has(name));
    const misfits: string[] = [];
    const fitting: [Tensor, StateValue][] = [];
    for (const [name, tensor] of own) {
      const value = state.get(name);
      const misfit = value && misfitOf(value, tensor);
      if (misfit) misfits.push(`${name} ${misfit}`);
      else if (value) fitting.push([tensor, value]);
    }
    const report = { missing, unexpected, misfits };
    if (strict) refuse(`${this}.load`, report);
    for (const [tensor, value] of fitting) tensor.assign(tensorOf(value));
    return report;
  }

  /** What messages call it: its class, and its path in the model if the model's state has been looked at. */
  toString(): string {
    return `${this.constructor.name}${this.#path === "" ? "" : ` "${this.#path}"`}`;
  }

  /** Tensors and modules in `value`, each with its path; a module comes before what it holds. */
  static *#walk(
    value: unknown,
    path: string,
    within: readonly unknown[],
  ): Generator<[path: string, value: Tensor | AnyModule]> {
    if (value instanceof Tensor) yield [path, value];
    else if (isSearched(value) && !within.includes(value)) {
      if (value instanceof Module) {
        if (path.endsWith(value.#path)) value.#path = path;
        yield [path, value];
      }
      const children = value instanceof Module ? value.children() : Object.entries(value);
      for (const [name, child] of children) {
        yield* Module.#walk(child, path === "" ? name : `${path}.${name}`, [...within, value]);
      }
    }
  }
}

function isSearched(value: unknown): value is object {
  if (value instanceof Module || Array.isArray(value)) return true;
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** `runningMean` → `running_mean`: PyTorch's spelling of our names. */
const snakeCase = (field: string): string =>
  field.replace(/([a-z0-9])([A-Z]+)/g, (_, before: string, capitals: string) => `${before}_${capitals.toLowerCase()}`);

/** Why `value` cannot be loaded into `tensor`, if it cannot. */
function misfitOf(value: StateValue, tensor: Tensor): string | null {
  if (!sameShape(value.shape, tensor.shape)) {
    const transposed = value.shape.length > 1 && sameShape(value.shape.toReversed(), tensor.shape);
    return `of ${show(value.shape)} for ${show(tensor.shape)}${transposed ? ", which is its transpose" : ""}`;
  }
  if (value.dtype === tensor.dtype || dtypes[value.dtype].kind === dtypes[tensor.dtype].kind) return null;
  return `in ${value.dtype} for ${tensor.dtype}`;
}

function refuse(by: string, { missing, unexpected, misfits }: LoadReport): void {
  const parts = [
    ...(missing.length > 0 ? [`a state without ${missing.join(", ")}`] : []),
    ...(unexpected.length > 0 ? [`the unexpected ${unexpected.join(", ")}`] : []),
    ...misfits,
  ];
  if (parts.length === 0) return;
  throw new CheckpointError({
    in: by,
    got: parts.join("; "),
    want: "the names and shapes of its own state()",
    fix: "Load it into the model it was saved from, or pass { strict: false } to load what fits",
  });
}

const tensorOf = (value: StateValue): Tensor =>
  value instanceof Tensor ? value : fromHostArray(value.data.slice(), value.shape, value.dtype);

/** Throws unless `x` is a tensor, before its shape is looked at. */
export function checkTensor(layer: AnyModule, x: Tensor): void {
  if (!(x instanceof Tensor)) tensorNode(`${layer}`, x);
}

/** Throws unless `fits`: `layer` was given `x`, but takes `want`, such as `"(N, C, H, W)"`. */
export function checkInput(layer: AnyModule, x: Tensor, fits: boolean, want: string): void {
  if (fits) return;
  throw new ShapeError({ in: `${layer}`, got: show(x.shape), want, fix: "Check what comes before the layer" });
}
