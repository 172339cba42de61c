/** WebAssembly functions as text, an instruction a line: the bytes that `assemble` writes, read back (chapter 5). */
import { op } from "./wasm-encoding.ts";

/** What follows an instruction's number. */
type Immediate =
  | ""
  | "local"
  | "label"
  | "block"
  | "memory"
  | "memory lane"
  | "lane"
  | "bytes"
  | "i32"
  | "f32"
  | "f64"
  | "v128";

/** The instructions that kernels consist of, by what follows their numbers. */
const table: Record<Immediate, string> = {
  "": `0b end, 05 else, 1b select, 45 i32.eqz, 46 i32.eq, 47 i32.ne, 48 i32.lt_s, 49 i32.lt_u, 4a i32.gt_s, 4e i32.ge_s,
    5b f32.eq, 5d f32.lt, 61 f64.eq, 63 f64.lt, 6a i32.add, 6b i32.sub, 6c i32.mul, 6d i32.div_s, 6e i32.div_u,
    70 i32.rem_u, 71 i32.and, 72 i32.or, 73 i32.xor, 74 i32.shl, 75 i32.shr_s, 76 i32.shr_u,
    8c f32.neg, 8e f32.floor, 91 f32.sqrt, 92 f32.add, 93 f32.sub, 94 f32.mul, 95 f32.div, 96 f32.min, 97 f32.max,
    9a f64.neg, 9c f64.floor, 9f f64.sqrt, a0 f64.add, a1 f64.sub, a2 f64.mul, a3 f64.div, a4 f64.min, a5 f64.max,
    b2 f32.convert_i32_s, b6 f32.demote_f64, b7 f64.convert_i32_s, bb f64.promote_f32, bc i32.reinterpret_f32,
    be f32.reinterpret_i32, fc000 i32.trunc_sat_f32_s, fc002 i32.trunc_sat_f64_s,
    fd011 i32x4.splat, fd013 f32x4.splat, fd037 i32x4.eq, fd038 i32x4.ne, fd039 i32x4.lt_s, fd041 f32x4.eq,
    fd043 f32x4.lt, fd04d v128.not, fd04e v128.and, fd04f v128.andnot, fd050 v128.or, fd051 v128.xor,
    fd052 v128.bitselect, fd068 f32x4.floor, fd089 i16x8.extend_low_i8x16_u, fd0a9 i32x4.extend_low_i16x8_u,
    fd0a1 i32x4.neg, fd0ab i32x4.shl, fd0ac i32x4.shr_s, fd0ad i32x4.shr_u, fd0ae i32x4.add, fd0b1 i32x4.sub,
    fd0b5 i32x4.mul, fd0b6 i32x4.min_s, fd0b8 i32x4.max_s, fd0e1 f32x4.neg, fd0e3 f32x4.sqrt, fd0e4 f32x4.add,
    fd0e5 f32x4.sub, fd0e6 f32x4.mul, fd0e7 f32x4.div, fd0e8 f32x4.min, fd0e9 f32x4.max, fd0ea f32x4.pmin,
    fd0eb f32x4.pmax, fd0f3 f64x2.div, fd0f8 i32x4.trunc_sat_f32x4_s, fd0fa f32x4.convert_i32x4_s,
    fd0fc i32x4.trunc_sat_f64x2_s_zero, fd0fe f64x2.convert_low_i32x4_s, fd105 f32x4.relaxed_madd`,
  local: "20 local.get, 21 local.set, 22 local.tee",
  label: "0d br_if",
  block: "03 loop, 04 if",
  memory: `28 i32.load, 2a f32.load, 2b f64.load, 2d i32.load8_u, 2f i32.load16_u, 36 i32.store, 38 f32.store, 39 f64.store,
    3a i32.store8, 3b i32.store16, fd000 v128.load, fd004 v128.load16x4_u, fd009 v128.load32_splat, fd00b v128.store,
    fd05c v128.load32_zero`,
  "memory lane": `fd056 v128.load32_lane, fd058 v128.store8_lane, fd059 v128.store16_lane, fd05a v128.store32_lane,
    fd05b v128.store64_lane`,
  lane: "fd01b i32x4.extract_lane, fd01c i32x4.replace_lane, fd01f f32x4.extract_lane, fd020 f32x4.replace_lane",
  bytes: "fd00d i8x16.shuffle",
  i32: "41 i32.const",
  f32: "43 f32.const",
  f64: "44 f64.const",
  v128: "fd00c v128.const",
};

const instructions = new Map<number, { readonly name: string; readonly immediate: Immediate }>();
for (const [immediate, entries] of Object.entries(table) as [Immediate, string][])
  for (const entry of entries.split(",")) {
    const [code, name] = entry.trim().split(" ");
    instructions.set(Number.parseInt(code, 16), { name, immediate });
  }

const typeNames: Record<number, string> = { 127: "i32", 125: "f32", 124: "f64", 123: "v128" };

class Reader {
  readonly #view: DataView;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.at = at;
  }

  byte(): number {
    return this.#view.getUint8(this.at++);
  }
  unsigned(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const b = this.byte();
      value |= (b & 127) << shift;
      if (b < 128) return value >>> 0;
    }
  }
  signed(): number {
    let value = 0;
    for (let shift = 0; ; ) {
      const b = this.byte();
      value |= (b & 127) << shift;
      shift += 7;
      if (b < 128) return shift < 32 && (b & 64) !== 0 ? value | (-1 << shift) : value;
    }
  }
  f32(): number {
    this.at += 4;
    return this.#view.getFloat32(this.at - 4, true);
  }
  f64(): number {
    this.at += 8;
    return this.#view.getFloat64(this.at - 8, true);
  }
  word(): string {
    this.at += 4;
    return `0x${this.#view
      .getUint32(this.at - 4, true)
      .toString(16)
      .padStart(8, "0")}`;
  }
}

/** The functions of a module that `assemble` made, in the text format's words, one instruction after the other. */
export function printWasm(module: Uint8Array): string {
  const r = new Reader(module, 8);
  for (;;) {
    const section = r.byte();
    const bytes = r.unsigned();
    if (section === 10) break;
    r.at += bytes;
  }
  return Array.from({ length: r.unsigned() }, (_, i) => printFunction(r, i)).join("\n");
}

function printFunction(r: Reader, number: number): string {
  const size = r.unsigned();
  const end = r.at + size;
  const locals = Array.from({ length: r.unsigned() }, () => {
    const count = r.unsigned();
    const type = typeNames[r.byte()];
    return Array.from({ length: count }, () => type);
  }).flat();
  const lines = [`(func $k${number} (param $args i32) (param $item i32) (param $scratch i32)`];
  if (locals.length > 0) lines.push(`  (local ${locals.join(" ")})`);
  let depth = 1;
  while (r.at < end) {
    const first = r.byte();
    const code = first < 0xfc ? first : first * 4096 + r.unsigned();
    const found = instructions.get(code);
    if (!found) throw new Error(`wasm: no instruction 0x${code.toString(16)}`);
    if (code === op.end || code === op.else) depth--;
    if (r.at < end || code !== op.end)
      lines.push(`${"  ".repeat(depth)}${found.name}${immediateText(r, found.immediate)}`);
    if (code === op.else || found.immediate === "block") depth++;
  }
  if (r.at !== end || depth !== 0) throw new Error("wasm: the function does not end where it should");
  return `${lines.join("\n")}\n)`;
}

const parameterNames = ["$args", "$item", "$scratch"];

function immediateText(r: Reader, immediate: Immediate): string {
  switch (immediate) {
    case "":
      return "";
    case "local": {
      const local = r.unsigned();
      return ` ${parameterNames[local] ?? local}`;
    }
    case "label":
      return ` ${r.unsigned()}`;
    case "block":
      r.byte(); // kernels have blocks without results only
      return "";
    case "memory":
    case "memory lane": {
      r.unsigned(); // no alignment is promised
      const offset = r.unsigned();
      const lane = immediate === "memory" ? "" : ` ${r.byte()}`;
      return `${offset > 0 ? ` offset=${offset}` : ""} align=1${lane}`;
    }
    case "lane":
      return ` ${r.byte()}`;
    case "bytes":
      return ` ${Array.from({ length: 16 }, () => r.byte()).join(" ")}`;
    case "i32":
      return ` ${r.signed()}`;
    case "f32":
      return ` ${floatText(r.f32())}`;
    case "f64":
      return ` ${floatText(r.f64())}`;
    case "v128":
      return ` i32x4 ${[0, 1, 2, 3].map(() => r.word()).join(" ")}`;
    default:
      return immediate satisfies never;
  }
}

/** As the text format has it (6.3.2), which spells what is not finite another way. */
function floatText(x: number): string {
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x > 0 ? "inf" : "-inf";
  return Object.is(x, -0) ? "-0" : String(x);
}
