/** Integers and bools of one lane, in general registers. */
import type { Ins, Reg } from "../compile/vector-ir.ts";
import { condition } from "./x64-encoding.ts";
import { fitsInt32, type Writer } from "./x64-writer.ts";

/** What operations on bools are. */
export const logic: Record<string, "and" | "or" | "xor"> = {
  mul: "and",
  min: "and",
  and: "and",
  add: "or",
  max: "or",
  or: "or",
  xor: "xor",
};

const twoAddress: Record<string, string> = { add: "add", sub: "sub", mul: "imul", and: "and", or: "or", xor: "xor" };

export function general(w: Writer, { f, dst, src }: Extract<Ins, { op: "alu" }>): void {
  const to = w.of(dst);
  const [a, b] = src.map((r) => w.of(r));
  const constant = src[1] && w.constantOf(src[1]);
  switch (f) {
    case "neg": {
      w.move(dst, to, a);
      w.op("neg.32", 128, -1, -1, to);
      return;
    }
    case "lt":
    case "eq":
      if (constant !== undefined) w.op("cmp.imm32", 128, -1, -1, a, { imm: constant | 0 });
      else w.op("cmp.32", 128, a, -1, b);
      setCondition(w, dst, f === "lt" ? condition.l : condition.e);
      return;
    case "shl":
    case "shr":
    case "sar":
      if (constant === undefined) w.op(`${f}x`, 128, to, b, a);
      else {
        w.move(dst, to, a);
        w.op(`${f}.imm32`, 128, -1, -1, to, { imm: constant & 31 });
      }
      return;
    case "div":
      divide(w, to, a, src[1]);
      return;
    case "max":
    case "min":
      if (src[0].kind === "int32") {
        const t = w.free(dst, [src[1]]);
        w.move(dst, t, a);
        w.op("cmp.32", 128, t, -1, b);
        w.op(f === "max" ? "cmovl.32" : "cmovg.32", 128, t, -1, b);
        w.move(dst, to, t);
        return;
      }
  }
  const name = twoAddress[src[0].kind === "bool" ? logic[f] : f];
  if (!name) throw new Error(`x64: no ${f} of ${src[0].kind}`);
  binary(w, name, 32, dst, src[0], constant === undefined ? src[1] : constant | 0);
}

/** `dst = a op b`, where the machine overwrites one operand. */
export function binary(w: Writer, name: string, size: 32 | 64, dst: Reg, a: Reg, b: Reg | number): void {
  const to = w.of(dst);
  if (typeof b === "number" && !fitsInt32(b)) {
    const t = w.number(b);
    if (name === "sub") {
      const u = w.makeGeneral(`mov.${size}`, w.of(a));
      w.op(`sub.${size}`, 128, u, -1, t);
      w.op(`mov.${size}`, 128, to, -1, u);
    } else {
      w.op(`${name}.${size}`, 128, t, -1, w.of(a));
      w.op(`mov.${size}`, 128, to, -1, t);
    }
  } else if (typeof b === "number") {
    if (name === "imul") w.op(`imul.imm${size}`, 128, to, -1, w.of(a), { imm: b });
    else {
      w.move(dst, to, w.of(a));
      w.op(`${name}.imm${size}`, 128, -1, -1, to, { imm: b });
    }
  } else if (dst.id === b.id && dst.id !== a.id && name === "sub") {
    w.op(`neg.${size}`, 128, -1, -1, to);
    w.op(`add.${size}`, 128, to, -1, w.of(a));
  } else if (dst.id === b.id) w.op(`${name}.${size}`, 128, to, -1, w.of(a));
  else {
    w.move(dst, to, w.of(a));
    w.op(`${name}.${size}`, 128, to, -1, w.of(b));
  }
}

/** 1 where the flags say that a condition holds, else 0. */
export function setCondition(w: Writer, dst: Reg, cc: number): void {
  const [name] = Object.entries(condition).find(([, code]) => code === cc) as [string, number];
  const t = w.general();
  w.op(`set${name}`, 128, -1, -1, t);
  w.op("movzx.8", 128, w.of(dst), -1, t);
  w.compared(dst, cc);
}

/** As in vectors, so that no registers of its own are needed. */
function divide(w: Writer, to: number, a: number, divisor: Reg): void {
  let b = w.of(divisor);
  const known = w.constantOf(divisor);
  if (known === undefined || known === 0) {
    const t = w.makeGeneral("mov.32", b);
    w.op("test.32", 128, b, -1, b);
    w.op("cmove.32", 128, t, -1, w.number(1));
    b = t;
  }
  const [x, y] = [a, b].map((r) => w.make("vcvtdq2pd", 128, -1, w.make("vmovd", 128, -1, r)));
  const quotient = w.make("vcvttpd2dq", 128, -1, w.make("vdivsd", 128, x, y));
  w.op("vmovd.general", 128, quotient, -1, to);
}

/** −1 for a bool that is 1, and 0 for 0. */
export function allOnes(w: Writer, bool: number): number {
  const t = w.makeGeneral("mov.32", bool);
  w.op("neg.32", 128, -1, -1, t);
  return t;
}
