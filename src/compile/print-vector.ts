/** Vector IR as text, for people: snapshots, `explain`, and the messages of the checker. */
import type { Ins, Program, Reg } from "./vector-ir.ts";

/** A program, one instruction a line. A register's type stands where it is first written. */
export function printVector({ name, body }: Program): string {
  const lines = [`kernel ${name}`];
  const seen = new Set<number>();
  const block = (instructions: readonly Ins[], indent: string): void => {
    for (const ins of instructions) {
      lines.push(indent + line(ins, seen));
      if (ins.op === "loop") block(ins.body, `${indent}  `);
      if (ins.op === "if") {
        block(ins.then, `${indent}  `);
        if (ins.else.length > 0) {
          lines.push(`${indent}else`);
          block(ins.else, `${indent}  `);
        }
      }
    }
  };
  block(body, "  ");
  return lines.join("\n");
}

/** One instruction as text, without its body or branches. */
export function printIns(ins: Ins): string {
  return line(ins, new Set());
}

const typeOf = ({ kind, lanes }: Reg): string => (lanes === 1 ? kind : `${kind}×${lanes}`);

function line(ins: Ins, seen: Set<number>): string {
  const value = (x: Reg | number): string => (typeof x === "number" ? number(x) : `r${x.id}`);
  if (ins.op === "store")
    return `${place(ins.ptr, ins.offset, ins.stride, ins.src.lanes)}${part(ins)} = ${ins.to} ${value(ins.src)}`;
  if (ins.op === "loop") return `loop ${value(ins.count)}`;
  if (ins.op === "tiles") {
    const { type, rows, depth, pitches } = ins;
    const tile = (r: Reg, pitch: number): string => `[${value(r)} by ${pitch}]`;
    return `tiles ${tile(ins.to, pitches.to)} = ${type} ${rows}×${depth} ${tile(ins.a, pitches.a)} · ${tile(ins.b, pitches.b)}`;
  }
  if (ins.op === "if") return `if ${value(ins.cond)}`;
  const { dst } = ins;
  const target = seen.has(dst.id) ? value(dst) : `${value(dst)}: ${typeOf(dst)}`;
  seen.add(dst.id);
  return `${target} = ${right(ins, value)}`;
}

function right(ins: Extract<Ins, { dst: Reg }>, value: (x: Reg | number) => string): string {
  switch (ins.op) {
    case "const":
      return number(ins.value);
    case "param":
      return `param ${ins.slot}`;
    case "item":
    case "scratch":
      return ins.op;
    case "copy":
      return value(ins.a);
    case "splat":
    case "toInt":
      return `${ins.op} ${value(ins.a)}`;
    case "extract":
      return `extract ${value(ins.a)} lane ${ins.lane}`;
    case "insert":
      return `insert ${value(ins.a)}, ${value(ins.b)} lane ${ins.lane}`;
    case "int":
    case "compare":
      return `${ins.f} ${value(ins.a)}, ${value(ins.b)}`;
    case "lanes":
      return `lanes ${value(ins.a)} step ${ins.step}`;
    case "load":
      return `${ins.from} ${place(ins.ptr, ins.offset, ins.stride, ins.dst.lanes)}${part(ins)}`;
    case "alu":
      return `${ins.f} ${ins.src.map(value).join(", ")}`;
    case "dot":
      return `dot ${value(ins.a)}, ${value(ins.b)}, ${value(ins.c)}`;
    default:
      return ins satisfies never;
  }
}

/** Which lanes are loaded or stored, if not all are. */
const part = ({ mask, count }: { readonly mask?: Reg; readonly count?: number }): string =>
  mask ? ` where r${mask.id}` : count === undefined ? "" : ` first ${count}`;

const number = (x: number): string => (Object.is(x, -0) ? "-0" : String(x));

function place(ptr: Reg, offset: number, stride: number, lanes: number): string {
  const at = offset === 0 ? "" : offset < 0 ? ` - ${-offset}` : ` + ${offset}`;
  return `[r${ptr.id}${at}${lanes > 1 ? ` by ${stride}` : ""}]`;
}
