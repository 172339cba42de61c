/** Loads and stores of the vector IR as x86-64. No byte beyond the outermost lanes is touched. */
import { type Ins, type Memory, memoryBytes, type Reg } from "../compile/vector-ir.ts";
import type { Length } from "./x64-encoding.ts";
import type { Place } from "./x64-machine.ts";
import { fitsInt32, type Writer } from "./x64-writer.ts";

const scalarLoads: Record<Memory, string> = {
  uint8: "movzx.8",
  uint16: "movzx.16",
  int32: "mov.32",
  float32: "vmovss",
  float64: "vmovsd",
};
const scalarStores: Record<Memory, string> = {
  uint8: "mov.store8",
  uint16: "mov.store16",
  int32: "mov.store32",
  float32: "vmovss.store",
  float64: "vmovsd.store",
};

/** Makes places at `ptr + offset + by`, for `by` from 0 to `span`. */
function placesAt(w: Writer, ptr: Reg, offset: number, span = 0): (by: number) => Place {
  let base = w.of(ptr);
  let from = offset;
  if (!fitsInt32(offset) || !fitsInt32(offset + span)) {
    const at = w.number(offset);
    w.op("add.64", 128, at, -1, base);
    [base, from] = [at, 0];
  }
  return (by) => ({ base, disp: from + by, broadcast: false });
}

export function load(w: Writer, { dst, ptr, offset, stride, from, mask, count }: Extract<Ins, { op: "load" }>): void {
  const { lanes } = dst;
  const some = count ?? lanes;
  const bytes = memoryBytes[from];
  const at = placesAt(w, ptr, offset, (lanes - 1) * stride);
  const to = w.of(dst);
  if (mask && bytes < 4) {
    w.op(bytes === 1 ? "vpmovzxbd" : "vpmovzxwd", w.wide, to, -1, at(0), { mask: w.of(mask), zero: true });
    return;
  }
  if (mask) {
    loadMasked(w, to, w.of(mask), at(0));
    return;
  }
  if (lanes === 1) w.op(scalarLoads[from], 128, to, -1, at(0));
  else if (stride === 0) {
    if (bytes === 4) w.op("vbroadcastss", w.wide, to, -1, at(0));
    else splatGeneral(w, to, w.makeGeneral(scalarLoads[from], at(0)));
  } else if (stride === bytes) {
    const name = { 1: "vpmovzxbd", 2: "vpmovzxwd", 4: "vmovups" }[bytes as 1 | 2 | 4];
    w.op(name, w.wide, to, -1, at(0));
  } else if (bytes === 4) {
    if (stride === -4 && some === lanes) w.op("vpermps", w.wide, to, reversed(w, lanes), at(-4 * (lanes - 1)));
    else if (stride === 8) loadPairs(w, to, at, lanes, some);
    else gather(w, to, (lane) => at(lane * stride), some);
  } else gatherNarrow(w, to, from, (lane) => at(lane * stride), lanes);
}

/** The word in a general register into every lane. */
export function splatGeneral(w: Writer, to: number, from: number): void {
  if (w.avx512) w.op("vpbroadcastd.general", w.wide, to, -1, from);
  else w.op("vpbroadcastd", w.wide, to, -1, w.make("vmovd", 128, -1, from));
}

/** A register with a word for each lane. */
function indices(w: Writer, lanes: number, word: (lane: number) => number): number {
  const words = Array.from({ length: lanes }, (_, lane) => word(lane));
  return w.make("vmovups", w.wide, -1, w.routine.constant(words), { constant: true });
}
const reversed = (w: Writer, lanes: number): number => indices(w, lanes, (lane) => lanes - 1 - lane);

/** The lanes of a mask, and 0 in the others. */
function loadMasked(w: Writer, to: number, mask: number, place: Place): void {
  if (w.avx512) w.op("vmovups", w.wide, to, -1, place, { mask, zero: true });
  else w.op("vmaskmovps", w.wide, to, mask, place);
}

/** A mask of the first lanes. */
const firstLanes = (w: Writer, count: number, lanes: number): number =>
  w.avx512
    ? w.makeMask("kmovw", 128, -1, w.routine.constant([(1 << count) - 1]), { constant: true })
    : indices(w, lanes, (lane) => (lane < count ? -1 : 0));

/** So many words from a place on, as far as a vector holds them. */
function loadFirst(w: Writer, words: number, place: Place, lanes: number): number {
  if (words >= lanes) return w.make("vmovups", w.wide, -1, place);
  const to = w.vector(w.wide);
  loadMasked(w, to, firstLanes(w, words, lanes), place);
  return to;
}

/** So many words of a vector, as far as it has them. */
function storeFirst(w: Writer, words: number, from: number, place: Place, lanes: number): void {
  if (words >= lanes) w.op("vmovups.store", w.wide, from, -1, place);
  else storeMasked(w, from, firstLanes(w, words, lanes), place);
}

function storeMasked(w: Writer, from: number, mask: number, place: Place): void {
  if (w.avx512) w.op("vmovups.store", w.wide, from, -1, place, { mask });
  else w.op("vmaskmovps.store", w.wide, from, mask, place);
}

/**
 * Every second word: of a vector from the first lane on, and of one up to the last lane, which has as many words as lanes
 * before it. Lanes from `some` on are not wanted.
 */
function loadPairs(w: Writer, to: number, at: (by: number) => Place, lanes: number, some: number): void {
  const low = loadFirst(w, 2 * some - 1, at(0), lanes);
  const half = lanes / 2;
  if (some <= half) {
    const which = indices(w, lanes, (lane) => (2 * lane) % lanes);
    w.op("vpermps", w.wide, to, which, low);
    return;
  }
  const place = at(8 * (lanes - 1) - 4 * (lanes - 1));
  const high = some === lanes ? place : loadFirst(w, 2 * some - lanes, place, lanes);
  if (w.avx512) {
    // Lanes of the second vector have numbers from 16.
    const which = indices(w, lanes, (lane) => (lane < half ? 2 * lane : lanes + 2 * (lane - half) + 1));
    w.op("vpermt2ps", w.wide, low, which, high);
    w.op("vmovaps", w.wide, to, -1, low);
  } else {
    const mixed = w.make("vblendps", w.wide, low, high, { imm: 0b10101010 });
    w.op(
      "vpermps",
      w.wide,
      to,
      indices(w, lanes, (lane) => (lane < half ? 2 * lane : 2 * (lane - half) + 1)),
      mixed,
    );
  }
}

/** Lane after lane: four into each quarter, and the quarters together. */
function gather(w: Writer, to: number, at: (lane: number) => Place, lanes: number): void {
  const quarter = (first: number, into: number): number => {
    const last = Math.min(lanes - first, 4) - 1;
    let x = w.make("vmovss", 128, -1, at(first));
    for (let i = 1; i <= last; i++) {
      const next = i < last ? w.vector(128) : into;
      w.op("vinsertps", 128, next, x, at(first + i), { imm: i << 4 });
      x = next;
    }
    if (last === 0) w.op("vmovaps", 128, into, -1, x);
    return into;
  };
  const half = (first: number, into: number): number => {
    if (lanes - first <= 4) return quarter(first, into);
    const low = quarter(first, w.vector(256));
    w.op("vinsertf128", 256, into, low, quarter(first + 4, w.vector(128)), { imm: 1 });
    return into;
  };
  if (lanes <= 8) half(0, to);
  else {
    const low = half(0, w.vector(512));
    w.op("vinsertf32x8", 512, to, low, half(8, w.vector(256)), { imm: 1 });
  }
}

function gatherNarrow(w: Writer, to: number, from: Memory, at: (lane: number) => Place, lanes: number): void {
  const bytes = memoryBytes[from];
  const insert = bytes === 1 ? "vpinsrb" : "vpinsrw";
  const part = (first: number, count: number): number => {
    let x = w.make("vmovd", 128, -1, w.makeGeneral(scalarLoads[from], at(first)));
    for (let i = 1; i < count; i++) x = w.make(insert, 128, x, at(first + i), { imm: i });
    return x;
  };
  if (bytes === 1) w.op("vpmovzxbd", w.wide, to, -1, part(0, lanes));
  else if (lanes === 8) w.op("vpmovzxwd", w.wide, to, -1, part(0, 8));
  else {
    const low = part(0, 8);
    w.op("vpmovzxwd", w.wide, to, -1, w.make("vinsertf128", 256, low, part(8, 8), { imm: 1 }));
  }
}

export function store(w: Writer, { src, ptr, offset, stride, to, mask, count }: Extract<Ins, { op: "store" }>): void {
  const { lanes } = src;
  const bytes = memoryBytes[to];
  const at = placesAt(w, ptr, offset, (lanes - 1) * stride);
  const from = w.of(src);
  const some = count ?? lanes;
  if (mask && bytes < 4) w.op(bytes === 1 ? "vpmovdb" : "vpmovdw", w.wide, from, -1, at(0), { mask: w.of(mask) });
  else if (mask) storeMasked(w, from, w.of(mask), at(0));
  else if (lanes === 1) w.op(scalarStores[to], 128, from, -1, at(0));
  else if (stride === bytes) {
    if (bytes === 4) w.op("vmovups.store", w.wide, from, -1, at(0));
    else storeNarrow(w, from, bytes as 1 | 2, at(0));
  } else if (stride === -4 && bytes === 4 && some === lanes)
    w.op("vmovups.store", w.wide, w.make("vpermps", w.wide, reversed(w, lanes), from), -1, at(-4 * (lanes - 1)));
  else scatter(w, from, bytes as 1 | 2 | 4, (lane) => at(lane * stride), some);
}

/** Two vectors of which the lanes go to every second word, and lie between each other, are stored as two whole ones. Tells whether they do. */
export function storePairs(w: Writer, even: Ins, odd: Ins | undefined): boolean {
  if (even.op !== "store" || odd?.op !== "store" || even.ptr.id !== odd.ptr.id || even.count !== odd.count)
    return false;
  const { lanes } = even.src;
  const isApart = (s: typeof even): boolean => s.stride === 8 && memoryBytes[s.to] === 4 && s.src.lanes > 1;
  if (!isApart(even) || !isApart(odd) || odd.offset !== even.offset + 4) return false;
  const words = 2 * (even.count ?? lanes);
  const at = placesAt(w, even.ptr, even.offset, 8 * lanes);
  const [a, b] = [w.of(even.src), w.of(odd.src)];
  const half = (which: 0 | 1): number => {
    if (!w.avx512) {
      const [low, high] = [w.make("vunpcklps", 256, a, b), w.make("vunpckhps", 256, a, b)];
      return w.make("vperm2f128", 256, low, high, { imm: which === 0 ? 0x20 : 0x31 });
    }
    const order = indices(w, lanes, (lane) => (lane % 2) * lanes + (which * lanes + lane - (lane % 2)) / 2);
    const t = w.make("vmovaps", w.wide, -1, a);
    w.op("vpermt2ps", w.wide, t, order, b);
    return t;
  };
  storeFirst(w, words, half(0), at(0), lanes);
  if (words > lanes) storeFirst(w, words - lanes, half(1), at(4 * lanes), lanes);
  return true;
}

/** Strides with which a vector is not loaded or stored lane by lane. */
const whole = { load: [0, 4, -4, 8], store: [4, -4] };

/** A vector that is loaded lane by lane, only to be stored lane by lane, is never put together. Tells whether it is that. */
export function copyLanes(w: Writer, from: Ins, to: Ins | undefined): boolean {
  if (from.op !== "load" || to?.op !== "store" || to.src.id !== from.dst.id || w.readsOf(from.dst) > 1) return false;
  const { lanes } = from.dst;
  if (lanes === 1 || memoryBytes[from.from] !== 4 || memoryBytes[to.to] !== 4) return false;
  if (whole.load.includes(from.stride) || whole.store.includes(to.stride)) return false;
  if (from.count !== to.count) return false;
  const source = placesAt(w, from.ptr, from.offset, (lanes - 1) * from.stride);
  const values = Array.from({ length: from.count ?? lanes }, (_, lane) =>
    w.make("vmovss", 128, -1, source(lane * from.stride)),
  );
  const target = placesAt(w, to.ptr, to.offset, (lanes - 1) * to.stride);
  values.forEach((value, lane) => void w.op("vmovss.store", 128, value, -1, target(lane * to.stride)));
  return true;
}

/** The low byte or two of each lane. */
function storeNarrow(w: Writer, from: number, bytes: 1 | 2, place: Place): void {
  if (w.avx512) {
    w.op(bytes === 1 ? "vpmovdb" : "vpmovdw", w.wide, from, -1, place);
    return;
  }
  // In each half of the vector the wanted bytes are moved to the front; then the fronts are put side by side.
  const front = bytes === 1 ? [0x0c080400, -1, -1, -1] : [0x05040100, 0x0d0c0908, -1, -1];
  const packed = w.make("vpshufb", 256, from, w.routine.constant([...front, ...front]));
  if (bytes === 2) w.op("vmovups.store", 128, w.make("vpermq", 256, -1, packed, { imm: 0b1000 }), -1, place);
  else {
    const high = w.vector(128);
    w.op("vextractf128", 256, packed, -1, high, { imm: 1 });
    w.op("vmovq.store", 128, w.make("vunpcklps", 128, packed, high), -1, place);
  }
}

function scatter(w: Writer, from: number, bytes: 1 | 2 | 4, at: (lane: number) => Place, lanes: number): void {
  const [name, step] = ({ 1: ["vpextrb", 4], 2: ["vpextrw", 2], 4: ["vextractps", 1] } as const)[bytes];
  for (let first = 0; first < lanes; first += 4) {
    const part = first === 0 ? from : quarter(w, from, first / 4, w.wide);
    for (let i = 0; i < Math.min(lanes - first, 4); i++) {
      if (bytes === 4 && i === 0) w.op("vmovss.store", 128, part, -1, at(first));
      else w.op(name, 128, part, -1, at(first + i), { imm: i * step });
    }
  }
}

/** Four lanes of a vector. */
export function quarter(w: Writer, from: number, which: number, length: Length): number {
  const part = w.vector(128);
  w.op("vextractf128", length, from, -1, part, { imm: which });
  return part;
}
