/**
 * Kernels at every length, in a process of its own: `node test/fuzz/tails-child.ts <log> <device> <from> <to> [case]`. What
 * is not a whole vector is a tail, under a mask or lane by lane: each has to give the oracle's bits, and touch nothing
 * beside its buffers. The log says which length, and of which cases, before it is run. Prints what is wrong.
 */
import { CheckedDevice } from "../../src/device/checked.ts";
import { evaluate } from "../../src/device/reference.ts";
import { openWasm } from "../../src/device/wasm.ts";
import { openX64 } from "../../src/device/x64.ts";
import { read as element, type HostArray } from "../../src/graph/dtype.ts";
import { setDevice } from "../../src/runtime/devices.ts";
import { read, realize } from "../../src/runtime/realize.ts";
import type { Storage } from "../../src/runtime/storage.ts";
import { cat, type DType, type Tensor, tensor } from "../../src/tensor.ts";
import { noter } from "../helpers/child.ts";
import { Random } from "./random.ts";

const [log, name, from, to, only] = process.argv.slice(2);
const note = noter(log);
const open = {
  wasm: () => openWasm({ threads: 1 }),
  avx2: () => openX64({ threads: 1, avx512: false }),
  avx512: () => openX64({ threads: 1, avx512: true }),
};
const device = new CheckedDevice(await open[name as keyof typeof open](), { looks: false });
await setDevice(device);

/** Whole numbers, so that sums are exact in any order. */
type Make = (shape: readonly number[], dtype?: DType) => Tensor;

/** Results at a length. */
const cases: Record<string, (n: number, make: Make) => Tensor[]> = {
  "element by element": (n, make) => [
    make([n])
      .mul(make([n]))
      .add(make([n]))
      .relu(),
    make([n])
      .div(make([1]))
      .floor()
      .sqrt(),
    make([n]).where(make([n]).lt(make([n])), make([1])),
    make([n], "int32")
      .mul(make([n], "int32"))
      .floorDivide(make([n], "int32")),
    make([n], "uint8").add(make([n], "uint8")),
    make([n], "int32").to("uint8").to("float32"),
    make([n]).to("float16").to("bfloat16"),
    make([n], "float64").mul(3),
    make([3, n])
      .add(make([n]))
      .sub(make([3, 1])),
  ],
  "sums of rows and columns": (n, make) => [
    make([n]).sum(),
    make([5, n]).sum(1),
    make([5, n]).amax(1),
    make([5, n]).argmin(1),
    make([n, 5]).sum(0),
    make([n, 5]).amin(0),
    make([2, n, 3]).sum(1),
    make([5, n], "int32").sum(1),
    make([3, n]).cumsum(1),
    make([5, n])
      .sub(make([5, n]).amax(1, { keepdim: true }))
      .sum(1),
  ],
  copies: (n, make) => [
    make([n, 5]).T.clone(),
    make([3, n]).flip([1]).clone(),
    make([n]).flip([0]).clone(),
    make([3, 2 * n])
      .slice(1, { start: 1, step: 2 })
      .clone(),
    make([3, n]).pad([2, 3]),
    make([n], "uint8").flip([0]).clone(),
    cat([make([3, n]), make([3, 4]), make([3, n])], 1),
    make([4, n])
      .T.reshape([2 * n, 2])
      .clone(),
    make([7, 3]).gather(0, make([n, 3], "uint8").to("int32").clamp({ min: 0, max: 6 })),
  ],
  products: (n, make) => [
    make([n, 7]).matmul(make([7, 5])),
    make([5, 7]).matmul(make([7, n])),
    make([5, n]).matmul(make([n, 3])),
    make([n, n])
      .matmul(make([n, 2]))
      .relu(),
    make([1, n]).matmul(make([n, 6])),
    make([6, n]).T.matmul(make([6, 4])),
    make([2, 3, n]).matmul(make([2, n, 4])),
    make([n, 6], "int32").matmul(make([6, 3], "int32")),
  ],
};

for (let n = Number(from); n <= Number(to); n++) {
  const chosen = Object.keys(cases).filter((c) => only === undefined || c === only);
  note(`${n}: ${chosen.join(", ")}`);
  const random = new Random(n);
  const make: Make = (shape, dtype = "float32") => {
    const low = dtype === "uint8" ? 0 : -9;
    const values = Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.int(low, 9));
    return tensor(values, [...shape], { dtype });
  };
  const results = chosen.flatMap((c) => cases[c](n, make).map((y, i) => ({ what: `${c} ${i} at ${n}`, y })));
  const nodes = results.map(({ y }) => y.node);
  const wanted = evaluate(nodes, (leaf) => (leaf as Storage).host as HostArray);
  await realize(results.map(({ y }) => y));
  for (const [k, { what, y }] of results.entries()) {
    const got = await read(y.node);
    const at = wanted[k].findIndex((x, i) => !Object.is(x, element(got, i, y.dtype)));
    if (at >= 0 || got.length !== wanted[k].length)
      console.log(`${what}: element ${at} is ${got[at]}, but should be ${wanted[k][at]}`);
    y.dispose();
  }
}
await device.check();
