/**
 * What expressions of kernels mean, on columns of numbers: the arithmetic of compile/vector-ir.ts to the last bit. A float32
 * or int32 is held as a number of that value, a bool as 0 or 1.
 */
import type { Compute, Expr, ScalarOp } from "../graph/expr.ts";

type Meaning = (a: number, b: number, c: number) => number;

const view = new DataView(new ArrayBuffer(4));

/** By the type of the first source, where that matters. The result is still to be rounded to its own. */
const meanings: { readonly [K in ScalarOp]?: Meaning | { readonly [D in Compute]?: Meaning } } = {
  neg: (a) => -a,
  sqrt: Math.sqrt,
  floor: Math.floor,
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: { bool: (a, b) => a & b, int32: Math.imul, float32: (a, b) => a * b, float64: (a, b) => a * b },
  div: { int32: (a, b) => a / (b === 0 ? 1 : b), float32: (a, b) => a / b, float64: (a, b) => a / b },
  fma: (a, b, c) => a * b + c,
  max: (a, b) => Math.max(a, b),
  min: (a, b) => Math.min(a, b),
  // biome-ignore lint/complexity/useMathMinMax: of a NaN, or of both zeros, these give the first
  pmax: (a, b) => (a < b ? b : a),
  // biome-ignore lint/complexity/useMathMinMax: likewise
  pmin: (a, b) => (b < a ? b : a),
  lt: (a, b) => Number(a < b),
  eq: (a, b) => Number(a === b),
  where: (a, b, c) => (a ? b : c),
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  shl: (a, b) => a << b,
  shr: (a, b) => a >>> b,
  sar: (a, b) => a >> b,
  bitcast: {
    int32: (a) => {
      view.setInt32(0, a);
      return view.getFloat32(0);
    },
    float32: (a) => {
      view.setFloat32(0, a);
      return view.getInt32(0);
    },
  },
};

const saturate = (x: number): number => Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.trunc(x))) || 0;

/** A result as its type holds it. */
const rounded: Record<Compute, Meaning> = {
  bool: (x) => (x === 0 ? 0 : 1),
  int32: (x) => x | 0,
  float32: Math.fround,
  float64: (x) => x,
};

function meaningOf(op: ScalarOp, from: Compute, to: Compute): Meaning {
  const round = rounded[to];
  if (op === "convert") return to === "int32" ? saturate : round;
  const found = meanings[op];
  const meaning = typeof found === "object" ? found[from] : found;
  if (!meaning) throw new Error(`eval: ${op} of ${from}`);
  return (a, b, c) => round(meaning(a, b, c), 0, 0);
}

/** `meaning` of the columns in slots `a`, `b` and `c`, of which it may need fewer. */
interface Step {
  readonly meaning: Meaning;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly dst: number;
}

/**
 * A function that gives the column of values of `e` for columns of values of `inputs`, all of one length. What it returns
 * is overwritten by the next call.
 */
export function evaluator(e: Expr, inputs: readonly Expr[]): (...columns: Float64Array[]) => Float64Array {
  const steps: Step[] = [];
  const constants: [number, number][] = [];
  const slots = new Map(inputs.map((input, i): [Expr, number] => [input, i]));
  const slotOf = (e: Expr): number => {
    const known = slots.get(e);
    if (known !== undefined) return known;
    if (!("src" in e) && e.op !== "const") throw new Error(`eval: no value for ${e.op}`);
    const [a = 0, b = a, c = a] = "src" in e ? e.src.map(slotOf) : [];
    const dst = slots.size;
    slots.set(e, dst);
    if ("src" in e) steps.push({ meaning: meaningOf(e.op, e.src[0].dtype, e.dtype), a, b, c, dst });
    else constants.push([dst, e.value]);
    return dst;
  };
  const result = slotOf(e);

  let length = -1;
  let columns: Float64Array[] = [];
  return (...values) => {
    if (values[0].length !== length) {
      length = values[0].length;
      columns = Array.from(slots, () => new Float64Array(length));
      for (const [slot, value] of constants) columns[slot].fill(value);
    }
    for (const [i, column] of values.entries()) columns[i] = column;
    for (const { meaning, a, b, c, dst } of steps) {
      const [x, y, z, out] = [columns[a], columns[b], columns[c], columns[dst]];
      for (let i = 0; i < length; i++) out[i] = meaning(x[i], y[i], z[i]);
    }
    return columns[result];
  };
}
