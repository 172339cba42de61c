/** The instructions that we use, in the words of the manual: prefix, map, W and opcode; then what is done with operands. */
import type { Role, Row } from "./x64-encoding.ts";

const table = new Map<string, Row>();

/** The instruction of that name. */
export function row(name: string): Row {
  const found = table.get(name);
  if (!found) throw new Error(`x64: no instruction ${name}`);
  return found;
}
/** All of them, for tests. */
export function rows(): Iterable<Row> {
  return table.values();
}

/**
 * Adds a row. `code` is such as `"66 0F38 W0 B8"`, with `+` after an opcode that holds a register and `/4` for a digit;
 * WX is W1 for EVEX, and ignored by VEX. `roles` are those of reg, vvvv and rm: w, r, x (both) or −. `more` has the
 * memory (`full`, `half`, `quarter` of the vector, or bytes), `b4` or `b8` where one element can be loaded into all
 * lanes, `imm8`, `imm32` …, and `evex=name` where the mnemonic is another with that prefix.
 */
function add(prefix: Row["prefix"], name: string, code: string, roles: string, more = ""): void {
  const words = code.split(" ");
  const [pp, map, w, opcode] = words;
  const digit = words.find((word) => word.startsWith("/"));
  const options = more.split(" ");
  const memory = options.find((o) => /^(full|half|quarter|\d+)$/.test(o)) ?? "0";
  const imm = options.find((o) => o.startsWith("imm"))?.slice(3) ?? "";
  const other = options.find((o) => o.startsWith("evex="));
  table.set(name, {
    name,
    evexName: other ? other.slice(5) : name,
    prefix,
    pp: ["NP", "66", "F3", "F2"].indexOf(pp) as Row["pp"],
    map: ["-", "0F", "0F38", "0F3A"].indexOf(map) as Row["map"],
    w: ["W0", "W1", "WX"].indexOf(w) as Row["w"],
    opcode: Number.parseInt(opcode, 16),
    digit: digit ? Number(digit.slice(1)) : -1,
    reg: roles[0] as Role,
    vvvv: roles[1] as Role,
    rm: roles[2] as Role,
    memory: /^\d/.test(memory) ? Number(memory) : (memory as "full"),
    broadcast: options.includes("b4") ? 4 : options.includes("b8") ? 8 : 0,
    imm: (options.includes("is4") ? "is4" : imm) as Row["imm"],
    plus: opcode.endsWith("+"),
    byte: options.includes("byte"),
  });
}

// floating point: for packed and single values, of 4 and 8 bytes

const floats = [
  ["ps", "NP", "W0", "full b4"],
  ["pd", "66", "WX", "full b8"],
  ["ss", "F3", "W0", "4"],
  ["sd", "F2", "WX", "8"],
] as const;
for (const [suffix, pp, w, memory] of floats) {
  for (const [name, opcode] of Object.entries({ add: "58", mul: "59", sub: "5C", min: "5D", div: "5E", max: "5F" }))
    add("any", `v${name}${suffix}`, `${pp} 0F ${w} ${opcode}`, "wrr", memory);
  const single = suffix.startsWith("s");
  add("any", `vsqrt${suffix}`, `${pp} 0F ${w} 51`, single ? "wrr" : "w-r", memory);
  add("vex", `vcmp${suffix}`, `${pp} 0F ${w} C2`, "wrr", `${memory} imm8`);
  add("evex", `vcmp${suffix}.mask`, `${pp} 0F ${w} C2`, "wrr", `${memory} imm8`);
  if (!single)
    for (const [name, opcode] of Object.entries({ and: "54", andn: "55", or: "56", xor: "57" }))
      add("any", `v${name}${suffix}`, `${pp} 0F ${w} ${opcode}`, "wrr", memory);
  const double = suffix.endsWith("d");
  const exact = double ? "W1" : "W0";
  add("any", `vfmadd213${suffix}`, `66 0F38 ${exact} ${single ? "A9" : "A8"}`, "xrr", memory);
  add("any", `vfmadd231${suffix}`, `66 0F38 ${exact} ${single ? "B9" : "B8"}`, "xrr", memory);
  const round = { ps: "08", pd: "09", ss: "0A", sd: "0B" }[suffix];
  add(
    "any",
    `vround${suffix}`,
    `66 0F3A ${w} ${round}`,
    single ? "wrr" : "w-r",
    `${memory} imm8 evex=vrndscale${suffix}`,
  );
  add("evex", `vrange${suffix}`, `66 0F3A ${exact} ${single ? "51" : "50"}`, "wrr", `${memory} imm8`);
  if (!single) add("evex", `vblendm${suffix}`, `66 0F38 ${exact} 65`, "wrr", memory);
  if (!single) add("vex", `vblendv${suffix}`, `66 0F3A W0 ${double ? "4B" : "4A"}`, "wrr", "full is4");
}
add("vex", "vblendps", "66 0F3A W0 0C", "wrr", "full imm8");

// moves

add("any", "vmovups", "NP 0F W0 10", "w-r", "full");
add("any", "vmovups.store", "NP 0F W0 11", "r-w", "full");
add("vex", "vmaskmovps", "66 0F38 W0 2C", "wrr", "full");
add("vex", "vmaskmovps.store", "66 0F38 W0 2E", "rrw", "full");
add("any", "vmovaps", "NP 0F W0 28", "w-r", "");
add("any", "vmovss", "F3 0F W0 10", "w-r", "4");
add("any", "vmovss.store", "F3 0F W0 11", "r-w", "4");
add("any", "vmovsd", "F2 0F WX 10", "w-r", "8");
add("any", "vmovsd.store", "F2 0F WX 11", "r-w", "8");
add("any", "vmovd", "66 0F W0 6E", "w-r", "4");
add("any", "vmovd.general", "66 0F W0 7E", "r-w", "4");
add("any", "vmovq.store", "66 0F WX D6", "r-w", "8");
add("any", "vbroadcastss", "66 0F38 W0 18", "w-r", "4");
add("any", "vpbroadcastd", "66 0F38 W0 58", "w-r", "4");
add("evex", "vpbroadcastd.general", "66 0F38 W0 7C", "w-r", "");

// integers

const integers = {
  vpaddd: ["0F", "FE"],
  vpsubd: ["0F", "FA"],
  vpmulld: ["0F38", "40"],
  vpmaxsd: ["0F38", "3D"],
  vpminsd: ["0F38", "39"],
  vpsllvd: ["0F38", "47"],
  vpsrlvd: ["0F38", "45"],
  vpsravd: ["0F38", "46"],
} as const;
for (const [name, [map, opcode]] of Object.entries(integers))
  add("any", name, `66 ${map} W0 ${opcode}`, "wrr", "full b4");
for (const [name, opcode] of Object.entries({ vpand: "DB", vpandn: "DF", vpor: "EB", vpxor: "EF" }))
  add("any", name, `66 0F W0 ${opcode}`, "wrr", `full b4 evex=${name}d`);
for (const [name, digit] of Object.entries({ vpslld: 6, vpsrld: 2, vpsrad: 4 }))
  add("any", name, `66 0F W0 72 /${digit}`, "-wr", "imm8");
add("vex", "vpcmpeqd", "66 0F W0 76", "wrr", "full");
add("vex", "vpcmpgtd", "66 0F W0 66", "wrr", "full");
add("evex", "vpcmpd.mask", "66 0F3A W0 1F", "wrr", "full b4 imm8");
add("evex", "vptestnmd.mask", "F3 0F38 W0 27", "wrr", "full b4");

add("evex", "vdpbf16ps", "F3 0F38 W0 52", "xrr", "full b4");
add("evex", "vpdpbusd", "66 0F38 W0 50", "xrr", "full b4");

// conversions

add("any", "vcvtdq2ps", "NP 0F W0 5B", "w-r", "full b4");
add("any", "vcvttps2dq", "F3 0F W0 5B", "w-r", "full b4");
add("any", "vcvtdq2pd", "F3 0F W0 E6", "w-r", "half b4");
add("any", "vcvttpd2dq", "66 0F WX E6", "w-r", "full b8");
add("any", "vcvtss2sd", "F3 0F W0 5A", "wrr", "4");
add("any", "vcvtsd2ss", "F2 0F WX 5A", "wrr", "8");
add("any", "vpmovzxbd", "66 0F38 W0 31", "w-r", "quarter");
add("any", "vpmovzxwd", "66 0F38 W0 33", "w-r", "half");
add("evex", "vpmovdb", "F3 0F38 W0 31", "r-w", "quarter");
add("evex", "vpmovdw", "F3 0F38 W0 33", "r-w", "half");

// lanes

add("any", "vextractf128", "66 0F3A W0 19", "r-w", "16 imm8 evex=vextractf32x4");
add("any", "vinsertf128", "66 0F3A W0 18", "wrr", "16 imm8 evex=vinsertf32x4");
add("evex", "vextractf32x8", "66 0F3A W0 1B", "r-w", "32 imm8");
add("evex", "vinsertf32x8", "66 0F3A W0 1A", "wrr", "32 imm8");
add("any", "vinsertps", "66 0F3A W0 21", "wrr", "4 imm8");
add("any", "vextractps", "66 0F3A W0 17", "r-w", "4 imm8");
add("any", "vpermilps", "66 0F3A W0 04", "w-r", "full b4 imm8");
add("any", "vpermps", "66 0F38 W0 16", "wrr", "full b4");
add("vex", "vpermq", "66 0F3A W1 00", "w-r", "full imm8");
add("evex", "vpermt2ps", "66 0F38 W0 7F", "xrr", "full b4");
add("any", "vpshufb", "66 0F38 W0 00", "wrr", "full");
add("any", "vunpcklps", "NP 0F W0 14", "wrr", "full b4");
add("any", "vunpckhps", "NP 0F W0 15", "wrr", "full b4");
add("vex", "vperm2f128", "66 0F3A W0 06", "wrr", "full imm8");
add("any", "vpextrb", "66 0F3A W0 14", "r-w", "1 imm8");
add("any", "vpextrw", "66 0F3A W0 15", "r-w", "2 imm8");
add("any", "vpextrd", "66 0F3A W0 16", "r-w", "4 imm8");
add("any", "vpinsrb", "66 0F3A W0 20", "wrr", "1 imm8");
add("any", "vpinsrw", "66 0F W0 C4", "wrr", "2 imm8");
add("vex", "vmovmskps", "NP 0F W0 50", "w-r", "");

// masks of AVX-512: 16 bits

add("vex", "kmovw", "NP 0F W0 90", "w-r", "2");
add("vex", "kmovw.store", "NP 0F W0 91", "r-w", "2");
add("vex", "kmovw.from", "NP 0F W0 92", "w-r", "");
add("vex", "kmovw.to", "NP 0F W0 93", "w-r", "");
add("vex", "knotw", "NP 0F W0 44", "w-r", "");
for (const [name, opcode] of Object.entries({ kandw: "41", kandnw: "42", korw: "45", kxnorw: "46", kxorw: "47" }))
  add("vex", name, `NP 0F W0 ${opcode}`, "wrr", "");

// tiles of AMX: what is in memory has an index, which is how far apart rows are

add("vex", "ldtilecfg", "NP 0F38 W0 49 /0", "--r", "64");
add("vex", "tilerelease", "NP 0F38 W0 49", "---");
add("vex", "tilezero", "F2 0F38 W0 49", "w--");
add("vex", "tileloadd", "F2 0F38 W0 4B", "w-r", "64");
add("vex", "tileloaddt1", "66 0F38 W0 4B", "w-r", "64");
add("vex", "tilestored", "F3 0F38 W0 4B", "r-w", "64");
add("vex", "tdpbf16ps", "F3 0F38 W0 5C", "xrr");
for (const [name, pp] of Object.entries({ tdpbuud: "NP", tdpbusd: "66", tdpbsud: "F3", tdpbssd: "F2" }))
  add("vex", name, `${pp} 0F38 W0 5E`, "xrr");

// general registers

for (const [size, w] of [
  ["32", "W0"],
  ["64", "W1"],
] as const) {
  const bytes = Number(size) / 8;
  add("legacy", `mov.${size}`, `NP - ${w} 8B`, "w-r", `${bytes}`);
  add("legacy", `mov.store${size}`, `NP - ${w} 89`, "r-w", `${bytes}`);
  for (const [name, opcode, digit] of [
    ["add", "03", 0],
    ["or", "0B", 1],
    ["and", "23", 4],
    ["sub", "2B", 5],
    ["xor", "33", 6],
    ["cmp", "3B", 7],
  ] as const) {
    const writes = name === "cmp" ? "r" : "x";
    add("legacy", `${name}.${size}`, `NP - ${w} ${opcode}`, `${writes}-r`, `${bytes}`);
    add("legacy", `${name}.imm${size}`, `NP - ${w} 81 /${digit}`, `--${writes}`, `${bytes} imm8|32`);
  }
  add("legacy", `imul.${size}`, `NP 0F ${w} AF`, "x-r", `${bytes}`);
  add("legacy", `imul.imm${size}`, `NP - ${w} 69`, "w-r", `${bytes} imm8|32`);
  add("legacy", `test.${size}`, `NP - ${w} 85`, "r-r", `${bytes}`);
  for (const [name, digit] of Object.entries({ shl: 4, shr: 5, sar: 7 }))
    add("legacy", `${name}.imm${size}`, `NP - ${w} C1 /${digit}`, "--x", `${bytes} imm8`);
  add("legacy", `neg.${size}`, `NP - ${w} F7 /3`, "--x", `${bytes}`);
  add("legacy", `dec.${size}`, `NP - ${w} FF /1`, "--x", `${bytes}`);
  add("legacy", `inc.${size}`, `NP - ${w} FF /0`, "--x", `${bytes}`);
  add("legacy", `xchg.${size}`, `NP - ${w} 87`, "x-x", `${bytes}`);
  add("legacy", `cmpxchg.${size}`, `NP 0F ${w} B1`, "r-x", `${bytes}`);
  add("legacy", `xadd.${size}`, `NP 0F ${w} C1`, "x-x", `${bytes}`);
  add("legacy", `lea.${size}`, `NP - ${w} 8D`, "w-r", `${bytes}`);
  for (const [cc, code] of Object.entries({ b: 2, e: 4, ne: 5, l: 12, ge: 13, le: 14, g: 15 }))
    add("legacy", `cmov${cc}.${size}`, `NP 0F ${w} ${(0x40 + code).toString(16)}`, "x-r", `${bytes}`);
}
for (const [cc, code] of Object.entries({ b: 2, e: 4, ne: 5, l: 12, ge: 13, g: 15 }))
  add("legacy", `set${cc}`, `NP 0F W0 ${(0x90 + code).toString(16)}`, "--w", "1 byte");
for (const [name, pp] of Object.entries({ shlx: "66", shrx: "F2", sarx: "F3" }))
  add("vex", name, `${pp} 0F38 W0 F7`, "wrr", "4");
add("legacy", "movzx.8", "NP 0F W0 B6", "w-r", "1 byte");
add("legacy", "movzx.16", "NP 0F W0 B7", "w-r", "2");
add("legacy", "movsxd", "NP - W1 63", "w-r", "4");
add("legacy", "mov.store8", "NP - W0 88", "r-w", "1 byte");
add("legacy", "mov.store16", "66 - W0 89", "r-w", "2");
add("legacy", "mov.const32", "NP - W0 B8+", "--w", "imm32");
add("legacy", "movabs", "NP - W1 B8+", "--w", "imm64");
add("legacy", "call.64", "NP - W0 FF /2", "--r", "8");
add("legacy", "div.64", "NP - W1 F7 /6", "--r", "8");
