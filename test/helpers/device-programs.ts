/** Small programs by which devices are tested, and commands that run them. */
import { checkVector } from "../../src/compile/check-vector.ts";
import type { Ins, Kind, Program, Reg } from "../../src/compile/vector-ir.ts";
import type { Buffer, Command, Device, Executable } from "../../src/device/device.ts";

export const reg = (id: number, kind: Kind = "int", lanes = 1): Reg => ({ id, kind, lanes });
export const source: Reg = reg(0);
export const target: Reg = reg(1);
export const item: Reg = reg(2);
export const count: Reg = reg(3);
export const at: Reg = reg(4);
export const x: Reg = reg(5, "float32");
export const y: Reg = reg(6, "float32");

/** Writes `out[item + shift] = in[item] · factor + 1`, `count` times over. Slots: in, out, count, factor. */
export function step(name: string, shift: number): Program {
  const body: Ins[] = [
    { op: "param", dst: source, slot: 0 },
    { op: "param", dst: target, slot: 1 },
    { op: "param", dst: count, slot: 2 },
    { op: "param", dst: y, slot: 3 },
    { op: "item", dst: item },
    { op: "int", f: "mul", dst: item, a: item, b: 4 },
    { op: "int", f: "add", dst: at, a: source, b: item },
    { op: "load", dst: x, ptr: at, offset: 0, stride: 0, from: "float32" },
    {
      op: "loop",
      count,
      body: [
        { op: "alu", f: "mul", dst: x, src: [x, y] },
        { op: "const", dst: reg(7, "float32"), value: 1 },
        { op: "alu", f: "add", dst: x, src: [x, reg(7, "float32")] },
      ],
    },
    { op: "int", f: "add", dst: at, a: target, b: item },
    { op: "store", src: x, ptr: at, offset: 4 * shift, stride: 0, to: "float32" },
  ];
  checkVector({ name, body });
  return { name, body };
}

/** Keeps the item's number in scratch memory for a while, and adds it to `out[item]` then. Slots: out, count. */
export const scratchy: Program = {
  name: "scratchy",
  body: [
    { op: "param", dst: target, slot: 0 },
    { op: "param", dst: count, slot: 1 },
    { op: "item", dst: item },
    { op: "scratch", dst: source },
    { op: "lanes", dst: reg(5, "int32"), a: item, step: 0 },
    { op: "store", src: reg(5, "int32"), ptr: source, offset: 64, stride: 0, to: "int32" },
    { op: "copy", dst: at, a: item },
    { op: "loop", count, body: [{ op: "int", f: "mul", dst: at, a: at, b: 3 }] },
    { op: "store", src: reg(5, "int32"), ptr: source, offset: 0, stride: 0, to: "int32" },
    { op: "load", dst: reg(6, "int32"), ptr: source, offset: 64, stride: 0, from: "int32" },
    { op: "int", f: "mul", dst: item, a: item, b: 4 },
    { op: "int", f: "add", dst: at, a: target, b: item },
    { op: "load", dst: reg(7, "int32"), ptr: at, offset: 0, stride: 0, from: "int32" },
    { op: "alu", f: "add", dst: reg(7, "int32"), src: [reg(7, "int32"), reg(6, "int32")] },
    { op: "store", src: reg(7, "int32"), ptr: at, offset: 0, stride: 0, to: "int32" },
  ],
};

/** Writes the address of its scratch memory to `out[item]`, and so by which thread it was run. Slots: out, count. */
export const who = (name: string): Program => ({
  name,
  body: [
    { op: "param", dst: target, slot: 0 },
    { op: "param", dst: count, slot: 1 },
    { op: "item", dst: item },
    { op: "scratch", dst: source },
    { op: "int", f: "mul", dst: at, a: item, b: 4 },
    { op: "int", f: "add", dst: at, a: target, b: at },
    { op: "lanes", dst: reg(5, "int32"), a: source, step: 0 },
    { op: "loop", count, body: [{ op: "store", src: reg(5, "int32"), ptr: at, offset: 0, stride: 0, to: "int32" }] },
  ],
});

export const command = (
  executable: Executable,
  items: number,
  [from, to]: readonly [Buffer, Buffer],
  times = 1,
  factor = 0.5,
): Command => ({
  executable,
  items,
  args: Float64Array.of(from.address, to.address, times, factor),
  kinds: ["pointer", "pointer", "int32", "float32"],
});

export const floats = async (device: Device, buffer: Buffer): Promise<Float32Array> =>
  new Float32Array((await device.read(buffer, 0, buffer.bytes)).buffer);
export const put = (device: Device, buffer: Buffer, values: Float32Array | Int32Array): void =>
  device.write(buffer, 0, new Uint8Array(values.buffer));

export const hex = (bytes: Uint8Array): string => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
