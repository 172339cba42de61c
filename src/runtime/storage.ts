/** What stands behind the buffers of a graph: values that exist, or recipes for values that will. */
import type { Buffer, Device } from "../device/device.ts";
import { DisposedError, StaleError } from "../errors.ts";
import type { DType, HostArray } from "../graph/dtype.ts";
import { is, type Node } from "../graph/node.ts";
import { node } from "../graph/ops.ts";
import { type Shape, show } from "../graph/shape.ts";

/** The `leaf` of a `buffer` node. Two nodes with the same storage are the same value. */
export class Storage {
  readonly shape: Shape;
  readonly dtype: DType;
  /** The values in host memory, where they are there. */
  host: HostArray | null;
  /** The device that holds the values, and where; the storage owns that memory. */
  device: Device | null = null;
  buffer: Buffer | null = null;
  /** The recipe for values that nobody has needed yet. It is computed once, and then forgotten. */
  init: Node | null;
  /** Whether it can be read: `"gone"` means overwritten by an assignment. */
  state: "live" | "gone" | "disposed" = "live";
  /** Shared by all that have held a value in turn, one assignment after another: which of them holds it now. */
  line: { present: Storage } = { present: this };
  /** What messages call it, such as `"fc1.weight"`. */
  label: string;

  constructor(from: { shape: Shape; dtype: DType; host?: HostArray; init?: Node; label?: string }) {
    this.shape = from.shape;
    this.dtype = from.dtype;
    this.host = from.host ?? null;
    this.init = from.init ?? null;
    this.label = from.label ?? "";
  }

  /** Its label, or what else can be said of it. */
  get name(): string {
    return this.label || `a ${this.dtype} tensor of shape ${show(this.shape)}`;
  }

  /** Takes over device memory. */
  own(device: Device, buffer: Buffer): void {
    this.device = device;
    this.buffer = buffer;
    this.host = null;
    this.init = null;
    forgotten?.register(this, { device, buffer }, this);
  }

  /** Gives its device memory to whoever asks for it; it has none after that. */
  yield(): Buffer | null {
    const { buffer } = this;
    this.buffer = null;
    this.device = null;
    forgotten?.unregister(this);
    return buffer;
  }

  /** Takes the place of `old`, whose value it is the new one of. */
  succeed(old: Storage): void {
    this.line = old.line;
    this.line.present = this;
  }

  /** Gives its memory up. */
  release(state: "gone" | "disposed"): void {
    const { device } = this;
    const buffer = this.yield();
    if (device && buffer) device.free(buffer);
    this.state = state;
    this.host = null;
    this.init = null;
  }

  /** Throws where it can no longer be read; `by` is what the user called. */
  check(by: string): void {
    if (this.state === "disposed") {
      throw new DisposedError({
        in: by,
        got: `a recipe that reads ${this.name}, which was disposed of`,
        want: "tensors that still exist",
        fix: "Dispose of it later, or compute with realize() before",
      });
    }
    if (this.state === "gone") {
      throw new StaleError({
        in: by,
        got: `a recipe recorded before ${this.name} was updated, and not kept`,
        want: "values that still exist",
        fix: "Read or realize it before optimizer.step(), or record it again afterwards",
      });
    }
  }
}

/**
 * Frees the memory of storages that nobody disposed of and nobody can reach. Only a safety net: collectors run late or
 * never, so nothing that happens in every step may rely on it.
 */
const forgotten =
  typeof FinalizationRegistry === "undefined"
    ? null
    : new FinalizationRegistry<{ device: Device; buffer: Buffer }>(({ device, buffer }) => device.free(buffer));

/** A value in host memory. The array belongs to the storage from now on. */
export function fromHost(host: HostArray, shape: Shape, dtype: DType, label = ""): Node<"buffer"> {
  return fromStorage(new Storage({ shape, dtype, host, label }));
}

/** The node that stands for a storage. */
export function fromStorage(leaf: Storage): Node<"buffer"> {
  return node("buffer", [], { leaf, shape: leaf.shape, dtype: leaf.dtype });
}

/** A value of its own, such as a parameter or a state, that is computed on first use. No gradient flows into `recipe`. */
export function fromRecipe(recipe: Node, label = ""): Node<"buffer"> {
  const { shape, dtype } = recipe;
  return fromStorage(new Storage({ shape, dtype, init: recipe, label }));
}

/** The storage that `n` stands for, if it stands for one. */
export function storageOf(n: Node): Storage | null {
  return is(n, "buffer") && n.arg.leaf instanceof Storage ? n.arg.leaf : null;
}
