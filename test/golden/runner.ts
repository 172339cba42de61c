/** Runs recorded calls on the device that is set, in several layouts of the inputs, and says which differ and why. */
import { isFloat } from "../../src/graph/dtype.ts";
import type { HostTensor } from "../../src/io/index.ts";
import { realize, type Tensor, tensor, vjp } from "../../src/tensor.ts";
import { Call } from "./call.ts";
import type { Expected, Golden, OpCase } from "./cases.ts";
import { type allowed, difference } from "./compare.ts";
import { operators } from "./operators.ts";

/** How the elements of the inputs lie in memory: as they come, with the axes reversed, or every other one of twice as many. */
export type Layout = "contiguous" | "transposed" | "sliced";
export const layouts: Record<Layout, (host: HostTensor) => Tensor> = {
  contiguous: (host) => toTensor(host),
  transposed: (host) => {
    const rank = host.shape.length;
    const order = host.shape.map((_, i) => rank - 1 - i);
    const index = host.shape.map(() => 0);
    const data = host.data.slice();
    const sizes = host.shape.toReversed();
    for (let i = 0; i < data.length; i++) {
      const from = order.reduce((flat, axis, k) => flat + index[k] * stride(host.shape, axis), 0);
      data[i] = host.data[from];
      for (let k = rank - 1; k >= 0 && ++index[k] === sizes[k]; k--) index[k] = 0;
    }
    return toTensor({ ...host, shape: sizes, data }).permute(order);
  },
  sliced: (host) => {
    if (host.shape.length === 0) return toTensor(host);
    const last = host.shape.length - 1;
    const data = new (host.data.constructor as Float32ArrayConstructor)(host.data.length * 2);
    host.data.forEach((x, i) => {
      data[2 * i + 1] = x;
    });
    const wide = toTensor({
      ...host,
      shape: host.shape.with(last, host.shape[last] * 2),
      data: data as HostTensor["data"],
    });
    return wide.slice(last, { start: 1, step: 2 });
  },
};

const stride = (shape: readonly number[], axis: number): number => shape.slice(axis + 1).reduce((n, d) => n * d, 1);
const toTensor = ({ data, shape, dtype }: HostTensor): Tensor => tensor(data, shape, { dtype });

/** What is to be compared. */
interface Check {
  readonly got: Tensor;
  readonly expected: Expected;
  readonly kind: keyof typeof allowed;
  readonly rough: boolean;
  readonly name: string;
}

/** Records a case; nothing is computed. */
function record(golden: Golden<OpCase>, c: OpCase, layout: Layout): Check[] {
  const row = operators[c.op];
  const rough = row.rough ?? false;
  const inputs = c.inputs.map((n) => layouts[layout](golden.tensor(n)));
  const wanted = inputs.map((_, i) => i).filter((i) => c.grads[i]);
  let outputs: (Tensor | null)[] = [];
  const loss = (...xs: Tensor[]): Tensor => {
    const given = inputs.map((x, i) => (wanted.includes(i) ? xs[wanted.indexOf(i)] : x));
    const result = row.f(new Call(row.args, c.args, c.kwargs, given));
    outputs = [result].flat();
    const terms = outputs.flatMap((y, i) => {
      const cotangent = c.cotangents[i];
      return y && cotangent !== null && isFloat(y.dtype) ? [y.mul(toTensor(golden.tensor(cotangent))).sum()] : [];
    });
    return terms.length > 0 ? terms.reduce((sum, term) => sum.add(term)) : tensor(0);
  };
  const { value, pullback } = vjp(loss, ...wanted.map((i) => inputs[i]));
  const grads = wanted.length > 0 ? pullback(tensor(1).reshape(value.shape)) : [];
  if (outputs.length !== c.outputs.length) throw new Error(`${outputs.length} results for ${c.outputs.length}`);
  return [
    ...outputs.flatMap((got, i): Check[] =>
      got ? [{ got, expected: c.outputs[i], kind: "value", rough, name: `result ${i}` }] : [],
    ),
    ...grads.map((got, k): Check => {
      return { got, expected: c.grads[wanted[k]]!, kind: "gradient", rough, name: `gradient of input ${wanted[k]}` };
    }),
  ];
}

/** For each case why it differs, or `null`. */
export async function run(
  golden: Golden<OpCase>,
  cases: readonly OpCase[],
  layout: Layout,
): Promise<(string | null)[]> {
  const recorded = cases.map((c): Check[] | string => {
    try {
      return record(golden, c, layout);
    } catch (error) {
      return (error as Error).message;
    }
  });
  // All in one plan, which is faster; if that fails, one by one, to tell which.
  const results = recorded.flatMap((r) => (typeof r === "string" ? [] : r.map(({ got }) => got)));
  await realize(...results).catch(() => undefined);
  const reasons: (string | null)[] = [];
  for (const checks of recorded) {
    if (typeof checks === "string") reasons.push(checks);
    else reasons.push(await verdict(golden, checks).catch((error: Error) => error.message));
  }
  return reasons;
}

async function verdict(golden: Golden<OpCase>, checks: readonly Check[]): Promise<string | null> {
  for (const { got, expected, kind, rough, name } of checks) {
    const [value, scale] = expected;
    const result = { shape: got.shape, dtype: got.dtype, data: await got.data() };
    const scales = scale === undefined ? undefined : golden.tensor(scale).data;
    const why = difference(result, golden.tensor(value), { scales, kind, rough });
    if (why) return `${name}: ${why}`;
  }
  return null;
}
