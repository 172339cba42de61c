/**
 * What a model is made of, found by recording one forward pass: shapes are known then, and nothing is computed. While it
 * records, each module's `forward` is covered by one that looks on; afterwards the model is as it was.
 */
import { ValueError } from "../errors.ts";
import { dtypes } from "../graph/dtype.ts";
import { is, type Node, topo } from "../graph/node.ts";
import { type Shape, sizeOf } from "../graph/shape.ts";
import { print } from "../tensor/arguments.ts";
import { defaultGenerator, Tensor, zeros } from "../tensor.ts";
import type { AnyModule } from "./module.ts";

/** One call of a module, without what the modules within it did. */
export interface SummaryRow {
  /** Its path in the model, such as `"features.0"`; `""` is the model itself. */
  readonly name: string;
  /** Its class. */
  readonly kind: string;
  /** How many modules it was called within. */
  readonly depth: number;
  /** The shapes of the tensors it gave; none if it was not called. */
  readonly outputShapes: readonly Shape[];
  /** Numbers in its own parameters; 0 where an earlier row has them. */
  readonly parameters: number;
  /** Multiplications, each with an addition, in its own convolutions and matrix products. */
  readonly macs: number;
  /** Bytes of what it gave; 0 where an earlier row's tensor has the same elements in the same order. */
  readonly activationBytes: number;
}

/** The rows, in the order of the calls, and what they come to. */
export interface Summary {
  readonly rows: readonly SummaryRow[];
  readonly parameters: number;
  /** Those of the parameters that are trained. */
  readonly trainable: number;
  readonly parameterBytes: number;
  readonly macs: number;
  readonly activationBytes: number;
}

/**
 * What `model` does with inputs of these shapes, the batch included: `summary(model, [1, 3, 224, 224])`. A shape stands for
 * zeros in float32; for other inputs give tensors, such as `zeros([1, 5], { dtype: "int32" })`. The model is looked at in eval
 * mode.
 *
 * Multiply-adds are those of convolutions and matrix products, without biases, normalization and pooling. Padding counts,
 * as everywhere; the zeros that a transposed convolution puts between elements do not.
 */
export function summary(model: AnyModule, ...inputs: readonly (Shape | Tensor)[]): Summary {
  const given = inputs.map((input) => {
    if (input instanceof Tensor) return input;
    if (Array.isArray(input)) return zeros(input);
    const fix = "Write summary(model, [1, 3, 224, 224])";
    throw new ValueError({ in: "summary", got: print(input), want: "shapes or tensors", fix });
  });
  const observer = new Observer(model);
  observer.count([...model.state().values(), ...given]); // how they come about is none of the model's work
  const uncover = observer.cover();
  const { state } = defaultGenerator;
  try {
    (model.forward as (...inputs: Tensor[]) => unknown)(...given);
  } finally {
    uncover();
    defaultGenerator.state = state;
  }
  return observer.result();
}

type Row = { -readonly [K in keyof SummaryRow]: SummaryRow[K] };

class Observer {
  readonly #model: AnyModule;
  readonly #names = new Map<AnyModule, string>();
  readonly #rows: Row[] = [];
  /** Calls that have not returned, the outermost first. */
  readonly #open: Row[] = [];
  /** Nodes that some call has accounted for. */
  readonly #counted = new Set<Node>();
  /** Nodes whose elements some row has already given. */
  readonly #outputs = new Set<Node>();
  /** Parameters' sizes by the module that holds them, until a row takes them. */
  readonly #sizes = new Map<AnyModule, number>();

  constructor(model: AnyModule) {
    this.#model = model;
    for (const [name, module] of model.modules()) this.#names.set(module, name);
    const owners = new Map([...this.#names].map(([module, name]) => [name, module] as const));
    for (const [path, parameter] of model.namedParameters()) {
      let name = path; // the nearest module above; fields that are arrays or objects have names of their own in the path
      do name = name.slice(0, Math.max(name.lastIndexOf("."), 0));
      while (!owners.has(name));
      const owner = owners.get(name)!;
      this.#sizes.set(owner, (this.#sizes.get(owner) ?? 0) + parameter.numel());
    }
  }

  /** Covers every module's `forward` and chooses eval mode; returns what undoes both. */
  cover(): () => void {
    const undo: (() => void)[] = [];
    for (const module of this.#names.keys()) {
      const own = Object.getOwnPropertyDescriptor(module, "forward");
      const { training } = module;
      const forward = module.forward as (...xs: unknown[]) => unknown;
      const value = (...xs: unknown[]): unknown => this.#call(module, xs, () => forward.apply(module, xs));
      Object.defineProperty(module, "forward", { value, configurable: true, enumerable: false });
      module.training = false;
      undo.push(() => {
        if (own) Object.defineProperty(module, "forward", own);
        else delete (module as { forward?: unknown }).forward;
        module.training = training;
      });
    }
    return () => {
      for (const f of undo) f();
    };
  }

  /** Modules that the forward pass did not call have their parameters too: a user may have read them there. */
  result(): Summary {
    for (const module of this.#names.keys()) {
      if (this.#sizes.has(module)) this.#rows.push(this.#row(module, 0));
    }
    const total = (field: "parameters" | "macs" | "activationBytes"): number =>
      this.#rows.reduce((sum, row) => sum + row[field], 0);
    const parameters = this.#model.parameters();
    const trained = parameters.filter((p) => p.requiresGrad);
    return {
      rows: this.#rows,
      parameters: total("parameters"),
      trainable: trained.reduce((sum, p) => sum + p.numel(), 0),
      parameterBytes: parameters.reduce((sum, p) => sum + p.numel() * dtypes[p.dtype].bytes, 0),
      macs: total("macs"),
      activationBytes: total("activationBytes"),
    };
  }

  #row(module: AnyModule, depth: number): Row {
    const parameters = this.#sizes.get(module) ?? 0;
    this.#sizes.delete(module);
    const { name: kind } = module.constructor;
    const name = this.#names.get(module)!;
    return { name, kind, depth, outputShapes: [], parameters, macs: 0, activationBytes: 0 };
  }

  #call(module: AnyModule, inputs: unknown[], forward: () => unknown): unknown {
    const caller = this.#open.at(-1);
    const before = this.count(tensorsIn(inputs)); // recorded between the calls, by the caller
    if (caller) caller.macs += before;
    const row = this.#row(module, this.#open.length);
    this.#rows.push(row);
    this.#open.push(row);
    const output = forward();
    this.#open.pop();
    const tensors = tensorsIn(output);
    row.macs += this.count(tensors);
    row.outputShapes = tensors.map((t) => t.shape);
    // A container's output is mostly that of the last module within, which is told by now.
    row.activationBytes = tensors.reduce((sum, t) => sum + this.#bytesOf(t.node), 0);
    return output;
  }

  /** Multiply-adds in what leads to `tensors` and was not counted before. */
  count(tensors: readonly Tensor[]): number {
    let macs = 0;
    const stack = tensors.map((t) => t.node);
    for (let n = stack.pop(); n; n = stack.pop()) {
      if (this.#counted.has(n)) continue;
      this.#counted.add(n);
      macs += macsOf(n);
      if (is(n, "loop")) macs += n.arg.steps * macsOfBody(n.arg);
      stack.push(...n.src);
    }
    return macs;
  }

  #bytesOf(n: Node): number {
    let stored = n;
    while (is(stored, "reshape")) stored = stored.src[0];
    if (this.#outputs.has(stored)) return 0;
    this.#outputs.add(stored);
    return sizeOf(n.shape) * dtypes[n.dtype].bytes;
  }
}

/** The tensors of a call's inputs or result, in order, however they are grouped. */
function tensorsIn(value: unknown): Tensor[] {
  if (value instanceof Tensor) return [value];
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return [];
  return Object.values(value).flatMap(tensorsIn);
}

function macsOf(n: Node): number {
  if (is(n, "matmul")) return sizeOf(n.shape) * n.src[0].shape[n.src[0].shape.length - 1];
  if (!is(n, "conv")) return 0;
  const [x, w] = n.src;
  const perElement = sizeOf(w.shape.slice(1));
  if (n.arg.inputDilation.every((d) => d === 1)) return sizeOf(n.shape) * perElement;
  return (sizeOf(x.shape) * sizeOf(w.shape)) / x.shape[1]; // each element of the input meets each tap once
}

/** Of one step of a loop. */
function macsOfBody({ results, carries, inputs }: Node<"loop">["arg"]): number {
  const bound = new Set([...carries, ...inputs].map(({ node }) => node));
  return topo(results, (n) => bound.has(n)).reduce((macs, n) => macs + (bound.has(n) ? 0 : macsOf(n)), 0);
}

const unit = (bytes: number): string => {
  const names = ["B", "KiB", "MiB", "GiB", "TiB"];
  const at = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), names.length - 1);
  return at === 0 ? `${bytes} B` : `${(bytes / 1024 ** at).toFixed(1)} ${names[at]}`;
};
const grouped = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ",");

/** A summary as a table of text, a line for each call. */
export function printSummary({ rows, ...total }: Summary): string {
  const heads = ["layer", "kind", "output", "parameters", "multiply-adds", "activations"];
  const some = (n: number, shown: (n: number) => string): string => (n === 0 ? "" : shown(n));
  const within: string[] = []; // the names of the callers, which the names of what they call begin with
  const lines = rows.map((row) => {
    within.splice(row.depth, Infinity, `${row.name}.`);
    const caller = within[row.depth - 1] ?? "";
    const own = row.name.startsWith(caller) ? row.name.slice(caller.length) : row.name;
    const name = `${"  ".repeat(row.depth)}${row.name === "" ? "(model)" : own}`;
    const shapes = row.outputShapes.map((shape) => `[${shape.join(", ")}]`).join(" ");
    const output = shapes === "" ? "(not called)" : shapes;
    const numbers = [some(row.parameters, grouped), some(row.macs, grouped), some(row.activationBytes, unit)];
    return [name, row.kind, output, ...numbers];
  });
  const sums = ["total", "", "", grouped(total.parameters), grouped(total.macs), unit(total.activationBytes)];
  const widths = heads.map((_, i) => Math.max(...[heads, ...lines, sums].map((line) => line[i].length)));
  const told = (line: readonly string[]): string =>
    line
      .map((cell, i) => (i < 3 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      .join("  ")
      .trimEnd();
  const rule = "─".repeat(widths.reduce((a, b) => a + b + 2, -2));
  const frozen = total.parameters - total.trainable;
  const weights = `${unit(total.parameterBytes)} of parameters${frozen > 0 ? `, ${grouped(frozen)} of them frozen` : ""}`;
  return [told(heads), rule, ...lines.map(told), rule, told(sums), weights].join("\n");
}
