/**
 * Products on the tiles of AMX: 16 rows of 64 bytes in each of eight (Intel 64 and IA-32 Architectures Software
 * Developer's Manual, volume 1, chapter 18). Four hold sums, two below each other words of `a`, and two beside each other
 * words of `b`, so that each that is loaded is used twice.
 */
import { type Ins, tileColumns, tileDepth } from "../compile/vector-ir.ts";
import { type Address, type Assembler, condition, rip } from "./x64-encoding.ts";
import type { TileWork } from "./x64-machine.ts";
import { row } from "./x64-rows.ts";
import type { Writer } from "./x64-writer.ts";

const tileRows = 16;
/** The tiles by number: sums of the upper and the lower rows, rows of `a`, columns of `b`. */
const sums = [
  [0, 1],
  [2, 3],
] as const;
const [ofA, ofB] = [
  [4, 5],
  [6, 7],
] as const;

/** Rows of a tile from `first` on, of `rows` in all. */
const heightOf = (rows: number, half: number): number => Math.min(Math.max(rows - half * tileRows, 0), tileRows);

/** The 64 bytes that `ldtilecfg` takes, as words: palette 1, and for each tile the bytes of a row and the rows. */
function shapes(rows: number, depth: number): number[] {
  const bytes = new DataView(new ArrayBuffer(64));
  const shape = (tile: number, height: number, words: number): void => {
    if (height === 0) return;
    bytes.setUint16(16 + 2 * tile, 4 * words, true);
    bytes.setUint8(48 + tile, height);
  };
  bytes.setUint8(0, 1);
  for (const half of [0, 1]) {
    for (const tile of sums[half]) shape(tile, heightOf(rows, half), tileColumns / 2);
    shape(ofA[half], heightOf(rows, half), depth);
    shape(ofB[half], depth, tileColumns / 2);
  }
  return Array.from({ length: 16 }, (_, i) => bytes.getInt32(4 * i, true));
}

/** Selects what an instruction of vector IR takes: whole tiles along the depth, and one for what is left. */
export function tiles(w: Writer, { type, rows, depth, pitches, ...at }: Extract<Ins, { op: "tiles" }>): void {
  const run = (words: number, count: number): TileWork["runs"] =>
    words * count > 0 ? [{ tiles: count, shapes: w.routine.constant(shapes(rows, words)) }] : [];
  w.routine.pseudo("tiles", {
    reg: w.of(at.a),
    vvvv: w.of(at.b),
    rm: w.of(at.to),
    tiles: {
      multiply: type === "float32" ? "tdpbf16ps" : "tdpbsud",
      rows,
      pitches,
      runs: [...run(tileDepth, Math.floor(depth / tileDepth)), ...run(depth % tileDepth, 1)],
    },
  });
}

/** Writes it, with pointers to `a`, `b` and the sums in registers, which are the same afterwards, as all others are. */
export function multiplyTiles(
  a: Assembler,
  { multiply, rows, pitches, runs }: TileWork,
  [atA, atB, to]: readonly number[],
  [pitchA, pitchB, counter]: readonly number[],
): void {
  const halves = rows > tileRows ? [0, 1] : [0];
  const plain = (name: string, reg: number, rm: number | Address, imm = 0, vvvv = -1): void =>
    a.encode(row(name), 128, reg, vvvv, rm, { imm });
  const number = (r: number, imm: number): void =>
    plain(imm >= 0 && imm < 2 ** 32 ? "mov.const32" : "movabs", -1, r, imm);
  const eachSum = (name: string): void => {
    if (name !== "tilezero") number(pitchA, pitches.to);
    for (const half of halves)
      sums[half].forEach((tile, i) => {
        const disp = half * tileRows * pitches.to + 64 * i;
        plain(name, tile, name === "tilezero" ? 0 : { base: to, index: pitchA, scale: 1, disp });
      });
  };
  const step = { a: 4 * tileDepth, b: tileDepth * pitches.b };
  let moved = 0;

  for (const r of [pitchA, pitchB, counter]) a.push(r);
  runs.forEach(({ tiles: count, shapes }, i) => {
    // Shapes are set anew, which empties all tiles.
    plain("ldtilecfg", -1, { base: rip, disp: shapes.disp });
    eachSum(i === 0 ? "tilezero" : "tileloadd");
    number(pitchA, pitches.a);
    number(pitchB, pitches.b);
    number(counter, count);
    const again = a.label();
    a.bind(again);
    ofB.forEach((tile, i) => void plain("tileloadd", tile, { base: atB, index: pitchB, scale: 1, disp: 64 * i }));
    for (const half of halves) {
      const disp = half * tileRows * pitches.a;
      plain("tileloadd", ofA[half], { base: atA, index: pitchA, scale: 1, disp });
      sums[half].forEach((tile, i) => void plain(multiply, tile, ofA[half], 0, ofB[i]));
    }
    plain("add.imm64", -1, atA, step.a);
    plain("add.imm64", -1, atB, step.b);
    plain("dec.64", -1, counter);
    a.jump(again, condition.ne);
    eachSum("tilestored");
    moved += count;
  });
  plain("sub.imm64", -1, atA, moved * step.a);
  plain("sub.imm64", -1, atB, moved * step.b);
  for (const r of [counter, pitchB, pitchA]) a.pop(r);
}
