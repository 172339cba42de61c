/**
 * Layers give PyTorch's outputs, gradients and running statistics from PyTorch's state, whose names are ours. What does not
 * is in skipped.json with a reason; a case there that would pass fails here.
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { describe, test } from "node:test";
import { isFloat } from "../../src/graph/dtype.ts";
import { realize, Tensor, tensor } from "../../src/tensor.ts";
import { type Expected, Golden, type LayerCase, type LayerSpec } from "./cases.ts";
import { type allowed, difference } from "./compare.ts";
import { camelOptions, eachDevice, isSkipped, unusedSkips } from "./helpers.ts";

interface Layer {
  state(): Map<string, Tensor>;
  train(on?: boolean): unknown;
  forward(...xs: unknown[]): unknown;
}
type Layers = Record<string, (new (...args: unknown[]) => Layer) | undefined>;

const path = new URL("../../src/nn/index.ts", import.meta.url);
const layers = existsSync(path) ? ((await import(path.href)) as Layers) : null;
const golden = new Golden<LayerCase>("layers");

const isLayer = (arg: unknown): arg is LayerSpec => typeof arg === "object" && arg !== null && "layer" in arg;
function build({ layer, args, options }: LayerSpec): Layer {
  const type = layers?.[layer] ?? assert.fail(`there is no layer ${layer}`);
  const given = args.map((arg) => (isLayer(arg) ? build(arg) : arg));
  return Object.keys(options).length > 0 ? new type(...given, camelOptions(options)) : new type(...given);
}

/** The tensors of a result, in order, however they are grouped. */
function tensorsOf(result: unknown): Tensor[] {
  if (result instanceof Tensor) return [result];
  return typeof result === "object" && result !== null ? Object.values(result).flatMap(tensorsOf) : [];
}

const host = (number: number): Tensor => {
  const { data, shape, dtype } = golden.tensor(number);
  return tensor(data, shape, { dtype });
};

async function check(c: LayerCase): Promise<void> {
  const layer = build(c).train(c.training) as Layer;
  const state = layer.state();
  const names = [...state.keys()].filter((name) => isFloat(state.get(name)!.dtype)); // counts are not recorded
  assert.deepEqual(names.sort(), Object.keys(c.state).sort());
  for (const [name, number] of Object.entries(c.state)) state.get(name)!.assign(host(number));
  const inputs = c.inputs.map(host);
  for (const x of inputs) if (isFloat(x.dtype)) x.requiresGrad = true;
  await realize(...state.values(), ...inputs);

  let used = 0;
  const given = c.given.map((count) => {
    const part = inputs.slice(used, used + count);
    used += count;
    return count === 1 ? part[0] : part;
  });
  const outputs = tensorsOf(layer.forward(...given));
  assert.equal(outputs.length, c.outputs.length, "number of results");
  const loss = outputs.map((y, i) => y.mul(host(c.cotangents[i])).sum()).reduce((sum, term) => sum.add(term));
  loss.backward();

  const same = async (
    got: Tensor | null | undefined,
    [value, scale]: Expected,
    kind: keyof typeof allowed,
    name: string,
  ) => {
    assert.ok(got, `${name} is missing`);
    const result = { shape: got.shape, dtype: got.dtype, data: await got.data() };
    const scales = scale === undefined ? undefined : golden.tensor(scale).data;
    assert.equal(difference(result, golden.tensor(value), { scales, kind, rough: true }), undefined, name);
  };
  const gradients = [...inputs, ...state.values()].flatMap(({ grad }) => grad ?? []);
  await realize(...outputs, ...gradients, ...state.values());
  for (const [i, y] of outputs.entries()) await same(y, c.outputs[i], "value", `result ${i}`);
  for (const [i, expected] of c.inputGrads.entries()) {
    if (expected) await same(inputs[i].grad, expected, "gradient", `gradient of input ${i}`);
  }
  for (const [name, expected] of Object.entries(c.stateGrads)) {
    await same(state.get(name)!.grad, expected, "gradient", `gradient of ${name}`);
  }
  for (const [name, number] of Object.entries(c.stateAfter)) {
    const got = await state.get(name)!.data();
    golden.tensor(number).data.forEach((y, i) => {
      assert.ok(Math.abs(got[i] - y) <= 32 * 2 ** -24 * Math.max(1, Math.abs(y)), `${name}: ${got[i]} for ${y}`);
    });
  }
}

describe("golden layers", { skip: layers ? false : "there are no layers yet" }, () => {
  eachDevice((device) => {
    for (const [name, cases] of Map.groupBy(golden.cases, (c) => c.layer)) {
      test(name, async () => {
        const complaints: string[] = [];
        for (const [i, c] of cases.entries()) {
          const skipped = isSkipped("layers", name, i, device);
          const fault = await check(c).then(
            () => null,
            (error: Error) => error.message,
          );
          const told = `${name} ${i} (${JSON.stringify(c.args)} ${JSON.stringify(c.options)})`;
          if (fault && !skipped) complaints.push(`${told}: ${fault}`);
          if (!fault && skipped) complaints.push(`${told} passes: take it off skipped.json`);
        }
        assert.ok(complaints.length === 0, `\n${complaints.join("\n")}`);
      });
    }
  });
});

test("every reason to skip a layer is for one that is recorded", () => {
  const counts = new Map(
    Map.groupBy(golden.cases, (c) => c.layer)
      .entries()
      .map(([name, cases]) => [name, cases.length]),
  );
  assert.deepEqual(unusedSkips("layers", counts), []);
});
