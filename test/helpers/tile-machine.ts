/**
 * The few instructions of which products on tiles are made, as the manual describes them (Intel 64 and IA-32 Architectures
 * Software Developer's Manual, volume 2, TDPBF16PS and the others): for machines that have neither AMX nor an emulator.
 */
import assert from "node:assert/strict";
import { tiled } from "./vector-interpreter.ts";

/** An instruction, where it is, and where the next one is. */
export interface Step {
  readonly at: number;
  readonly text: string;
}

interface Tile {
  readonly rows: number;
  readonly words: number;
  readonly of: Int32Array;
}

/** Runs instructions whose bytes begin at address `code` in memory, with a pointer as the only argument. */
export function runOnTiles(memory: DataView, steps: readonly Step[], code: number, argument: number): void {
  const r = new Map<string, number>([["rdi", argument]]);
  const stack: number[] = [];
  let tiles: Tile[] = [];
  let isZero = false;
  const get = (name: string): number => r.get(name) ?? assert.fail(`${name} is not written`);
  const places = new Map(steps.map(({ at }, i) => [at, i]));
  /** The address in `[base+index*1+disp]`, and how far apart rows are. */
  const address = (text: string, end: number): { at: number; stride: number } => {
    const [, base, index, sign, disp] = /\[(\w+)(?:\+(\w+)\*1)?(?:([+-])0x([0-9a-f]+))?\]/.exec(text) ?? [];
    const stride = index ? get(index) : 0;
    const from = base === "rip" ? code + end : get(base);
    return { at: from + (disp ? Number(`${sign}1`) * Number.parseInt(disp, 16) : 0), stride };
  };
  const tile = (name: string): Tile => {
    const found = tiles[Number(name.slice(3))];
    assert.ok(found && found.rows > 0, `${name} has no shape`);
    return found;
  };

  for (let i = 0; steps[i].text !== "ret"; ) {
    const { text } = steps[i];
    const end = steps[++i].at;
    const [name, rest = ""] =
      text.split(" ").length > 1 ? [text.split(" ")[0], text.slice(text.indexOf(" ") + 1)] : [text];
    const [x, y, z] = rest.split(",");
    const wide = x.replace(/^e(?=[a-z]{2}$)|(?<=\d)d$/, (e) => (e === "e" ? "r" : ""));
    const immediate = Number(y) > 2 ** 63 ? Number(BigInt.asIntN(64, BigInt(y))) : Number(y);
    if (name === "mov" && y.startsWith("QWORD")) r.set(x, Number(memory.getBigInt64(address(y, end).at, true)));
    else if (name === "mov" || name === "movabs") r.set(wide, y.startsWith("0x") ? immediate : get(y));
    else if (name === "add" || name === "sub") r.set(x, get(x) + (name === "add" ? 1 : -1) * immediate);
    else if (name === "lea") r.set(x, address(y, end).at);
    else if (name === "push") stack.push(r.get(x) ?? Number.NaN);
    else if (name === "pop") r.set(x, stack.pop() as number);
    else if (name === "dec") {
      r.set(x, get(x) - 1);
      isZero = get(x) === 0;
    } else if (name === "jne") i = isZero ? i : (places.get(Number(x)) as number);
    else if (name === "vzeroupper") continue;
    else if (name === "tilerelease") tiles = [];
    else if (name === "ldtilecfg") {
      const { at } = address(x, end);
      assert.equal(memory.getUint8(at), 1, "the palette");
      tiles = Array.from({ length: 8 }, (_, n) => {
        const [bytes, rows] = [memory.getUint16(at + 16 + 2 * n, true), memory.getUint8(at + 48 + n)];
        assert.ok(rows <= 16 && bytes <= 64 && bytes % 4 === 0 && rows > 0 === bytes > 0, "a shape");
        return { rows, words: bytes / 4, of: new Int32Array(256) };
      });
    } else if (name === "tilezero") tile(x).of.fill(0);
    else if (name === "tileloadd" || name === "tilestored") {
      const isLoad = name === "tileloadd";
      const { rows, words, of } = tile(isLoad ? x : y);
      const { at, stride } = address(isLoad ? y : x, end);
      for (let row = 0; row < rows; row++)
        for (let word = 0; word < words; word++) {
          if (isLoad) of[16 * row + word] = memory.getInt32(at + row * stride + 4 * word, true);
          else memory.setInt32(at + row * stride + 4 * word, of[16 * row + word], true);
        }
    } else {
      assert.match(name, /^tdp(bf16ps|bsud)$/, text);
      const [c, a, b] = [tile(x), tile(y), tile(z)];
      assert.deepEqual([c.rows, c.words, a.words], [a.rows, b.words, b.rows], `shapes in ${text}`);
      const kind = name === "tdpbf16ps" ? "float32" : "int32";
      const sums = kind === "float32" ? new Float32Array(c.of.buffer) : c.of;
      for (let m = 0; m < c.rows; m++)
        for (let n = 0; n < c.words; n++) {
          const pairs = Array.from({ length: b.rows }, (_, k) => [a.of[16 * m + k], b.of[16 * k + n]] as const);
          sums[16 * m + n] = tiled(kind, pairs, sums[16 * m + n]);
        }
    }
  }
  assert.equal(stack.length, 0);
  assert.equal(tiles.length, 0, "tiles are released");
}
