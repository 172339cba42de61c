/** Elements around the last one, two or three axes. One number is for all sides; several are counted from the last axis on. */
import { ValueError } from "../errors.ts";
import { checkCount, checkNumber, type PerAxis, print } from "../tensor/arguments.ts";
import type { Tensor } from "../tensor.ts";
import { checkInput, checkTensor, Module } from "./module.ts";

type Rank = 1 | 2 | 3;
type Mode = "constant" | "reflect" | "replicate" | "circular";
const shapes = ["(…, L)", "(…, H, W)", "(…, D, H, W)"];

abstract class Pad extends Module {
  /** Counts before and after the last axis, then the one before it, and so on. */
  readonly padding: readonly number[];
  readonly #mode: Mode;

  constructor(rank: Rank, padding: PerAxis, mode: Mode) {
    super();
    const layer = this.constructor.name;
    const counts = typeof padding === "number" ? Array<number>(2 * rank).fill(padding) : [...padding];
    if (counts.length !== 2 * rank) {
      const want = `a number, or ${2 * rank} of them`;
      throw new ValueError({ in: layer, got: `the padding ${print(padding)}`, want, fix: "Check the padding" });
    }
    const least = mode === "constant" ? -Infinity : 0; // negative ones cut off
    for (const count of counts) checkCount(layer, count, "the padding", least);
    this.padding = counts;
    this.#mode = mode;
  }

  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    const rank = this.padding.length / 2;
    checkInput(this, x, x.ndim >= rank, shapes[rank - 1]);
    return this.#mode === "constant"
      ? x.pad(this.padding, { value: this.fill })
      : x.pad(this.padding, { mode: this.#mode });
  }
  /** What stands in the new places of mode "constant". */
  protected get fill(): number {
    return 0;
  }
}

abstract class ConstantPad extends Pad {
  readonly value: number;
  constructor(rank: Rank, padding: PerAxis, value: number) {
    super(rank, padding, "constant");
    this.value = checkNumber(this.constructor.name, value, "the value");
  }
  protected override get fill(): number {
    return this.value;
  }
}

/** The same number, `value`, around: `(…, L)`, with counts `[left, right]`. */
export class ConstantPad1d extends ConstantPad {
  constructor(padding: PerAxis, value: number) {
    super(1, padding, value);
  }
}
/** As ConstantPad1d: `(…, H, W)`, with counts `[left, right, top, bottom]`. */
export class ConstantPad2d extends ConstantPad {
  constructor(padding: PerAxis, value: number) {
    super(2, padding, value);
  }
}
/** As ConstantPad1d: `(…, D, H, W)`, with counts `[left, right, top, bottom, front, back]`. */
export class ConstantPad3d extends ConstantPad {
  constructor(padding: PerAxis, value: number) {
    super(3, padding, value);
  }
}

/** Zeros around: `(…, L)`, with counts `[left, right]`. */
export class ZeroPad1d extends Pad {
  constructor(padding: PerAxis) {
    super(1, padding, "constant");
  }
}
/** As ZeroPad1d: `(…, H, W)`, with counts `[left, right, top, bottom]`. */
export class ZeroPad2d extends Pad {
  constructor(padding: PerAxis) {
    super(2, padding, "constant");
  }
}
/** As ZeroPad1d: `(…, D, H, W)`, with counts `[left, right, top, bottom, front, back]`. */
export class ZeroPad3d extends Pad {
  constructor(padding: PerAxis) {
    super(3, padding, "constant");
  }
}

/** The input mirrored at its edges, which are not repeated: `(…, L)`, with counts `[left, right]`. */
export class ReflectionPad1d extends Pad {
  constructor(padding: PerAxis) {
    super(1, padding, "reflect");
  }
}
/** As ReflectionPad1d: `(…, H, W)`, with counts `[left, right, top, bottom]`. */
export class ReflectionPad2d extends Pad {
  constructor(padding: PerAxis) {
    super(2, padding, "reflect");
  }
}
/** As ReflectionPad1d: `(…, D, H, W)`, with counts `[left, right, top, bottom, front, back]`. */
export class ReflectionPad3d extends Pad {
  constructor(padding: PerAxis) {
    super(3, padding, "reflect");
  }
}

/** The edges repeated: `(…, L)`, with counts `[left, right]`. */
export class ReplicationPad1d extends Pad {
  constructor(padding: PerAxis) {
    super(1, padding, "replicate");
  }
}
/** As ReplicationPad1d: `(…, H, W)`, with counts `[left, right, top, bottom]`. */
export class ReplicationPad2d extends Pad {
  constructor(padding: PerAxis) {
    super(2, padding, "replicate");
  }
}
/** As ReplicationPad1d: `(…, D, H, W)`, with counts `[left, right, top, bottom, front, back]`. */
export class ReplicationPad3d extends Pad {
  constructor(padding: PerAxis) {
    super(3, padding, "replicate");
  }
}

/** The input begun anew at its other end: `(…, L)`, with counts `[left, right]`. */
export class CircularPad1d extends Pad {
  constructor(padding: PerAxis) {
    super(1, padding, "circular");
  }
}
/** As CircularPad1d: `(…, H, W)`, with counts `[left, right, top, bottom]`. */
export class CircularPad2d extends Pad {
  constructor(padding: PerAxis) {
    super(2, padding, "circular");
  }
}
/** As CircularPad1d: `(…, D, H, W)`, with counts `[left, right, top, bottom, front, back]`. */
export class CircularPad3d extends Pad {
  constructor(padding: PerAxis) {
    super(3, padding, "circular");
  }
}
