/** Optimizers go PyTorch's way for ten steps, given its gradients. What does not is in skipped.json with a reason. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { describe, test } from "node:test";
import { Parameter, realize, type Tensor, tensor } from "../../src/tensor.ts";
import { Golden, type OptimizerCase } from "./cases.ts";
import { camelOptions, eachDevice, isSkipped, unusedSkips } from "./helpers.ts";

interface Optimizer {
  step(): Promise<void>;
}
type Optimizers = Record<string, (new (params: unknown, options: unknown) => Optimizer) | undefined>;

const path = new URL("../../src/optim/index.ts", import.meta.url);
const optimizers = existsSync(path) ? ((await import(path.href)) as Optimizers) : null;
const golden = new Golden<OptimizerCase>("optimizers");

const host = (number: number): Tensor => tensor(golden.tensor(number).data, golden.tensor(number).shape);
/** Rounding errors that each step may add, in units of the parameter and of the way it has gone. */
const bound = 16 * 2 ** -24;

async function check({ optimizer, options, groups, params: start, steps }: OptimizerCase): Promise<void> {
  const type = optimizers?.[optimizer] ?? assert.fail(`there is no optimizer ${optimizer}`);
  const params = start.map((number) => new Parameter(host(number)));
  await realize(...params);
  const parts = groups?.map((own, k) => ({
    ...camelOptions(own),
    params: params.filter((_, i) => i % groups.length === k),
  }));
  const it = new type(parts ?? params, camelOptions(options));
  const gone = start.map((number) => new Float64Array(golden.tensor(number).data.length));
  let before = start;
  for (const [t, step] of steps.entries()) {
    for (const [k, p] of params.entries()) p.grad = host(step.grads[k]);
    await it.step();
    for (const [k, p] of params.entries()) {
      const [got, want, from] = [await p.data(), golden.tensor(step.params[k]).data, golden.tensor(before[k]).data];
      want.forEach((y, i) => {
        gone[k][i] += Math.abs(y - from[i]);
        const limit = bound * (Math.abs(y) + gone[k][i]);
        assert.ok(Math.abs(got[i] - y) <= limit, `step ${t + 1}: ${got[i]} for ${y} at ${i} of parameter ${k}`);
      });
    }
    before = step.params;
  }
}

describe("golden optimizers", { skip: optimizers ? false : "there are no optimizers yet" }, () => {
  eachDevice((device) => {
    for (const [name, cases] of Map.groupBy(golden.cases, (c) => c.optimizer)) {
      test(name, async () => {
        const complaints: string[] = [];
        for (const [i, c] of cases.entries()) {
          const skipped = isSkipped("optimizers", name, i, device);
          const fault = await check(c).then(
            () => null,
            (error: Error) => error.message,
          );
          const told = `${name} ${i} (${JSON.stringify([c.options, c.groups])}, ${c.problem})`;
          if (fault && !skipped) complaints.push(`${told}: ${fault}`);
          if (!fault && skipped) complaints.push(`${told} passes: take it off skipped.json`);
        }
        assert.ok(complaints.length === 0, `\n${complaints.join("\n")}`);
      });
    }
  });
});

test("every reason to skip an optimizer is for one that is recorded", () => {
  const groups = Map.groupBy(golden.cases, (c) => c.optimizer);
  const counts = new Map(groups.entries().map(([name, cases]) => [name, cases.length]));
  assert.deepEqual(unusedSkips("optimizers", counts), []);
});
