/**
 * What the assembler writes, as text in Intel's syntax: the listing of a kernel, for people. It is printed from the
 * instructions themselves, and tests hold it against what a disassembler reads in the bytes.
 */
import {
  type Address,
  Assembler,
  condition,
  type Extra,
  type Label,
  type Length,
  memoryBytes,
  type Row,
  rip,
} from "./x64-encoding.ts";

const names64 = "rax rcx rdx rbx rsp rbp rsi rdi r8 r9 r10 r11 r12 r13 r14 r15".split(" ");
const names32 = "eax ecx edx ebx esp ebp esi edi r8d r9d r10d r11d r12d r13d r14d r15d".split(" ");
const names16 = "ax cx dx bx sp bp si di r8w r9w r10w r11w r12w r13w r14w r15w".split(" ");
const names8 = "al cl dl bl spl bpl sil dil r8b r9b r10b r11b r12b r13b r14b r15b".split(" ");

/** What names a register: a vector may be a part of the instruction's length. */
export type Named = "r64" | "r32" | "r16" | "r8" | "k" | "tmm" | "vector" | "half" | "quarter" | "xmm" | "ymm" | "-";

const vectors: Record<number, string> = { 128: "xmm", 256: "ymm", 512: "zmm" };

export function registerName(r: number, named: Named, length: Length): string {
  if (named === "r64") return names64[r];
  if (named === "r32") return names32[r];
  if (named === "r16") return names16[r];
  if (named === "r8") return names8[r];
  if (named === "k" || named === "tmm") return `${named}${r}`;
  const bits = { vector: length, half: length / 2, quarter: length / 4, xmm: 128, ymm: 256, "-": 128 }[named];
  return `${vectors[Math.max(bits, 128)]}${r}`;
}

/** What the operands in reg, vvvv and rm are, where they are not all vectors. */
const exceptions: Record<string, readonly [Named, Named, Named]> = {
  vmovd: ["xmm", "-", "r32"],
  "vmovd.general": ["xmm", "-", "r32"],
  "vpbroadcastd.general": ["vector", "-", "r32"],
  vpextrb: ["xmm", "-", "r32"],
  vpextrw: ["xmm", "-", "r32"],
  vpextrd: ["xmm", "-", "r32"],
  vextractps: ["xmm", "-", "r32"],
  vpinsrb: ["xmm", "xmm", "r32"],
  vpinsrw: ["xmm", "xmm", "r32"],
  vmovmskps: ["r32", "-", "vector"],
  "kmovw.from": ["k", "-", "r32"],
  "kmovw.to": ["r32", "-", "k"],
  vcvtdq2pd: ["vector", "-", "half"],
  vcvttpd2dq: ["half", "-", "vector"],
  vpmovzxbd: ["vector", "-", "quarter"],
  vpmovzxwd: ["vector", "-", "half"],
  vpmovdb: ["vector", "-", "quarter"],
  vpmovdw: ["vector", "-", "half"],
  vextractf128: ["vector", "-", "xmm"],
  vinsertf128: ["vector", "vector", "xmm"],
  vextractf32x8: ["vector", "-", "ymm"],
  vinsertf32x8: ["vector", "vector", "ymm"],
  vbroadcastss: ["vector", "-", "xmm"],
  vpbroadcastd: ["vector", "-", "xmm"],
  "movzx.8": ["r32", "-", "r8"],
  "movzx.16": ["r32", "-", "r16"],
  movsxd: ["r64", "-", "r32"],
  "mov.store8": ["r8", "-", "r8"],
  "mov.store16": ["r16", "-", "r16"],
  "call.64": ["r64", "r64", "r64"],
};

/** Whether an instruction is one of AMX. */
export const isTiles = (name: string): boolean => /^(ld)?t(ile|dp)/.test(name);

export function operandsOf({ name, prefix }: Row): readonly [Named, Named, Named] {
  if (exceptions[name]) return exceptions[name];
  if (name.endsWith(".mask")) return ["k", "vector", "vector"];
  if (isTiles(name)) return ["tmm", "tmm", "tmm"];
  if (name.startsWith("k")) return ["k", "k", "k"];
  if (name.endsWith("lx") || name.endsWith("rx")) return ["r32", "r32", "r32"];
  if (prefix !== "legacy") return ["vector", "vector", "vector"];
  const general = name.startsWith("set") ? "r8" : name.endsWith("64") || name === "movabs" ? "r64" : "r32";
  return [general, general, general];
}

const sizes: Record<number, string> = {
  1: "BYTE",
  2: "WORD",
  4: "DWORD",
  8: "QWORD",
  16: "XMMWORD",
  32: "YMMWORD",
  64: "ZMMWORD",
};

const signed = (x: number): string => (x === 0 ? "" : x < 0 ? `-0x${(-x).toString(16)}` : `+0x${x.toString(16)}`);

function addressText(r: Row, length: Length, { base, disp, index, scale = 1, broadcast = false }: Address): string {
  const from = base === rip ? "rip" : names64[base];
  const place = `[${from}${index === undefined ? "" : `+${names64[index]}*${scale}`}${signed(disp)}]`;
  if (r.name.startsWith("lea") || isTiles(r.name)) return place;
  const lanes = broadcast ? `{1to${length / 8 / r.broadcast}}` : "";
  return `${sizes[memoryBytes(r, length, broadcast)]} PTR ${place}${lanes}`;
}

/** Those comparisons that have names, and that we use (table 3-1, VCMPPD). */
const floatPredicates: Record<number, string> = { 0: "eq", 3: "unord", 7: "ord", 17: "lt_oq", 29: "ge_oq" };
const integerPredicates: Record<number, string> = { 0: "eq", 1: "lt" };

/** The operands of an instruction, as they are encoded. */
export interface Operands extends Extra {
  readonly reg: number;
  readonly vvvv: number;
  readonly rm: number | Address;
}

/** Whether an instruction with both prefixes needs the longer one. */
function needsEvex(length: Length, { reg, vvvv, rm, mask = 0 }: Operands): boolean {
  if (length === 512 || reg > 15 || vvvv > 15 || mask > 0) return true;
  return typeof rm === "number" ? rm > 15 : rm.broadcast === true;
}

/** One instruction as text. */
export function instructionText(r: Row, length: Length, operands: Operands): string {
  const { reg, vvvv, rm, imm = 0, mask = 0, zero = false } = operands;
  const [regNamed, vvvvNamed, rmNamed] = operandsOf(r);
  const isEvex = r.prefix === "evex" || (r.prefix === "any" && needsEvex(length, operands));
  const named = r.name.startsWith("vpcmpd") ? integerPredicates[imm] : floatPredicates[imm];
  const predicate = /^vp?cmp([ps][sd]|d\.)/.test(r.name) ? named : undefined;
  const mnemonic = (isEvex ? r.evexName : r.name).split(".")[0].replace("cmp", `cmp${predicate ?? ""}`);
  const last = typeof rm === "number" ? registerName(rm, rmNamed, length) : addressText(r, length, rm);
  const parts: string[] = [];
  if (r.reg !== "-") parts.push(registerName(reg, regNamed, length));
  if (r.vvvv !== "-") parts.push(registerName(vvvv, vvvvNamed, length));
  if (r.name === "vmaskmovps.store") parts.reverse(); // the mask comes before what is stored
  // Counts of shifts of general registers stand after what is shifted.
  const isShift = /^(sh[lr]x|sarx)$/.test(r.name);
  const exchanged = r.rm === "w" || (r.rm === "x" && r.reg !== "-") || isShift;
  if (r.rm !== "-") parts.splice(exchanged ? (isShift ? 1 : 0) : parts.length, 0, last);
  if (r.name.startsWith("tdp")) parts.push(...parts.splice(1, 1)); // the rows' factor comes before the columns'
  if (/^(xadd|test|xchg|cmpxchg)/.test(r.name)) parts.sort((a) => (a === last ? -1 : 1));
  if (mask > 0 && r.imm !== "is4") parts[0] += `{k${mask}}${zero ? "{z}" : ""}`;
  if (r.imm === "is4") parts.push(registerName(mask, "vector", length));
  else if (r.imm !== "" && predicate === undefined) parts.push(immediate(r, imm));
  return `${mnemonic} ${parts.join(",")}`.trimEnd();
}

/** An immediate as it is read: sign-extended to the operand's size where that is how it is used. */
function immediate(r: Row, imm: number): string {
  if (imm >= 0) return `0x${imm.toString(16)}`;
  const bits = r.imm === "8" ? 8n : r.name.endsWith("64") || r.imm === "64" ? 64n : 32n;
  return `0x${BigInt.asUintN(Number(bits), BigInt(imm)).toString(16)}`;
}

/** An instruction of a listing: where it is, and what it is once addresses are known. */
interface Line {
  readonly at: number;
  readonly text: (bytes: DataView) => string;
}

/** An assembler that notes what it writes. */
export class ListingAssembler extends Assembler {
  readonly #lines: Line[] = [];
  #end = 0;

  override encode(row: Row, length: Length, reg: number, vvvv: number, rm: number | Address, extra: Extra = {}): void {
    const data = this.data.length;
    this.#note(
      () => super.encode(row, length, reg, vvvv, rm, extra),
      (bytes) => {
        const at = typeof rm !== "number" && rm.base === rip ? this.data[data].at : -1;
        const place = at < 0 ? rm : { ...(rm as Address), disp: bytes.getInt32(at, true) };
        return instructionText(row, length, { ...extra, reg, vvvv, rm: place });
      },
    );
  }
  override jump(label: Label, cc?: number): void {
    this.#note(
      () => super.jump(label, cc),
      () => `${cc === undefined ? "jmp" : `j${conditions.get(cc)}`} 0x${label.at.toString(16)}`,
    );
  }
  override push(r: number): void {
    this.#note(
      () => super.push(r),
      () => `push ${names64[r]}`,
    );
  }
  override pop(r: number): void {
    this.#note(
      () => super.pop(r),
      () => `pop ${names64[r]}`,
    );
  }
  override ret(): void {
    this.#note(
      () => super.ret(),
      () => "ret",
    );
  }
  override zeroUpper(): void {
    this.#note(
      () => super.zeroUpper(),
      () => "vzeroupper",
    );
  }

  #note(write: () => void, text: Line["text"]): void {
    this.#lines.push({ at: this.length, text });
    write();
    this.#end = this.length;
  }

  /** Where the code ends; behind it are constants. */
  get codeBytes(): number {
    return this.#end;
  }
  /** The instructions, without those that only fill up. */
  instructions(): { readonly at: number; readonly text: string }[] {
    const bytes = new DataView(this.bytes().buffer);
    return this.#lines.map(({ at, text }) => ({ at, text: text(bytes) }));
  }

  /** Each instruction with its address, and behind them the constants as words. */
  listing(): string {
    const bytes = this.bytes();
    const view = new DataView(bytes.buffer);
    const width = Math.max(2, bytes.length.toString(16).length);
    const line = (at: number, mnemonic: string, operands: string): string =>
      `${at.toString(16).padStart(width)}: ${mnemonic.padEnd(12)} ${operands}`.trimEnd();
    const out = this.instructions().map(({ at, text }) => {
      const space = text.indexOf(" ");
      if (space < 0) return line(at, text, "");
      return line(at, text.slice(0, space), text.slice(space + 1).replaceAll(",", ", "));
    });
    const words = Math.ceil(this.#end / 4) * 4;
    for (let at = words; at + 4 <= bytes.length; at += 16) {
      const some = Array.from({ length: Math.min(4, (bytes.length - at) >> 2) }, (_, i) =>
        view.getUint32(at + 4 * i, true),
      );
      out.push(line(at, ".long", some.map((word) => `0x${word.toString(16).padStart(8, "0")}`).join(", ")));
    }
    return out.join("\n");
  }
}

const conditions = new Map(Object.entries(condition).map(([name, cc]) => [cc as number, name]));
