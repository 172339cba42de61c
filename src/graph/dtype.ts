/** The types an element can have: PyTorch's names, sizes, host arrays, and which type two of them meet in. */

export type DType = "bool" | "uint8" | "int8" | "int32" | "float16" | "bfloat16" | "float32" | "float64";

/** Host memory of a tensor. `float16` and `bfloat16` are held as their bits. */
export type HostArray = Uint8Array | Int8Array | Int32Array | Uint16Array | Float32Array | Float64Array;

interface DTypeInfo {
  readonly bytes: number;
  readonly kind: "bool" | "int" | "float";
  readonly array: {
    new (length: number): HostArray;
    new (buffer: ArrayBufferLike, offset?: number, length?: number): HostArray;
  };
  /** The type in which kernels compute; narrower ones exist only in memory. */
  readonly compute: "bool" | "int32" | "float32" | "float64";
  /** The greatest finite value, and for integers the least: `[lo, hi]`. */
  readonly range: readonly [number, number];
}

export const dtypes: Record<DType, DTypeInfo> = {
  bool: { bytes: 1, kind: "bool", array: Uint8Array, compute: "bool", range: [0, 1] },
  uint8: { bytes: 1, kind: "int", array: Uint8Array, compute: "int32", range: [0, 255] },
  int8: { bytes: 1, kind: "int", array: Int8Array, compute: "int32", range: [-128, 127] },
  int32: { bytes: 4, kind: "int", array: Int32Array, compute: "int32", range: [-(2 ** 31), 2 ** 31 - 1] },
  float16: { bytes: 2, kind: "float", array: Uint16Array, compute: "float32", range: [-65504, 65504] },
  bfloat16: {
    bytes: 2,
    kind: "float",
    array: Uint16Array,
    compute: "float32",
    range: [-3.3895313892515355e38, 3.3895313892515355e38],
  },
  float32: {
    bytes: 4,
    kind: "float",
    array: Float32Array,
    compute: "float32",
    range: [-3.4028234663852886e38, 3.4028234663852886e38],
  },
  float64: {
    bytes: 8,
    kind: "float",
    array: Float64Array,
    compute: "float64",
    range: [-Number.MAX_VALUE, Number.MAX_VALUE],
  },
};

export const isFloat = (dtype: DType): boolean => dtypes[dtype].kind === "float";

/** Narrowest first; a pair meets in the later one. */
const order: readonly DType[] = ["bool", "uint8", "int8", "int32", "float16", "bfloat16", "float32", "float64"];

/**
 * The type in which two operands meet, as in PyTorch: the wider kind wins (bool < int < float), then the wider type;
 * `float16` and `bfloat16`, neither of which holds the other, meet in `float32`, and `uint8` and `int8`
 * in `int32` (there is no int16).
 */
export function promote(a: DType, b: DType): DType {
  if (a === b) return a;
  if ((a === "uint8" && b === "int8") || (a === "int8" && b === "uint8")) return "int32";
  if ((a === "float16" && b === "bfloat16") || (a === "bfloat16" && b === "float16")) return "float32";
  return order.indexOf(a) > order.indexOf(b) ? a : b;
}

const bits = new DataView(new ArrayBuffer(8));

/** The float32 whose bits are `u`, and back. */
function floatOf(u: number): number {
  bits.setUint32(0, u);
  return bits.getFloat32(0);
}
function bitsOf(x: number): number {
  bits.setFloat32(0, x);
  return bits.getUint32(0);
}

/** The value of `float16` bits. */
export function fromFloat16(h: number): number {
  const sign = h & 0x8000 ? -1 : 1;
  const exponent = (h >> 10) & 31;
  const fraction = h & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? (1 + fraction / 1024) * 2 ** (exponent - 15) : fraction * 2 ** -24);
}

/** The bits of the `float16` nearest to the float32 `x`, ties to even; beyond 65,519 they are those of infinity. */
export function toFloat16(x: number): number {
  const u = bitsOf(x);
  const sign = (u >>> 16) & 0x8000;
  const a = Math.abs(floatOf(u));
  if (Number.isNaN(a)) return sign | 0x7e00;
  if (a >= 65520) return sign | 0x7c00;
  // In steps of the last place of a's binade (2⁻²⁴ for subnormals) the value is exact, so one rounding decides.
  const exponent = Math.max(((u >>> 23) & 255) - 127, -14);
  const steps = a / 2 ** (exponent - 10);
  const floor = Math.floor(steps);
  const rest = steps - floor;
  const rounded = floor + (rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? 1 : 0);
  return sign | ((exponent + 14) * 1024 + rounded); // a carry runs into the exponent, as it must
}

/** The value of `bfloat16` bits. */
export const fromBfloat16 = (b: number): number => floatOf(b << 16);

/** The bits of the `bfloat16` nearest to the float32 `x`, ties to even. */
export function toBfloat16(x: number): number {
  const u = bitsOf(x);
  if (Number.isNaN(x)) return (u >>> 16) | 0x40;
  return ((u + 0x7fff + ((u >>> 16) & 1)) >>> 16) & 0xffff;
}

/** `x` as a device would hold it: rounded to `dtype`; integers wrap, and a bool is whether it is not 0. */
export function round(x: number, dtype: DType): number {
  switch (dtype) {
    case "bool":
      return x !== 0 ? 1 : 0; // NaN is true, as in C
    case "uint8":
      return x & 255;
    case "int8":
      return (x << 24) >> 24;
    case "int32":
      return x | 0;
    case "float16":
      return fromFloat16(toFloat16(Math.fround(x)));
    case "bfloat16":
      return fromBfloat16(toBfloat16(Math.fround(x)));
    case "float32":
      return Math.fround(x);
    case "float64":
      return x;
    default:
      return dtype satisfies never;
  }
}

/** Reads element `i` of a host array of `dtype`, and writes one. */
export function read(array: HostArray, i: number, dtype: DType): number {
  const x = array[i] as number;
  return dtype === "float16" ? fromFloat16(x) : dtype === "bfloat16" ? fromBfloat16(x) : x;
}
export function write(array: HostArray, i: number, x: number, dtype: DType): void {
  array[i] =
    dtype === "float16"
      ? toFloat16(Math.fround(x))
      : dtype === "bfloat16"
        ? toBfloat16(Math.fround(x))
        : round(x, dtype);
}
