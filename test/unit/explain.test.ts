import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { UnsupportedError, ValueError } from "../../src/errors.ts";
import { explain, kernelTexts, printExplanation } from "../../src/runtime/explain.ts";
import { Parameter, randn, tensor } from "../../src/tensor.ts";
import { use } from "../helpers/devices.ts";

describe("explain", () => {
  before(() => use("wasm"));

  test("a tensor without elements takes no kernel", async () => {
    const empty = tensor([], [0, 3]).exp();
    assert.deepEqual((await explain(empty)).kernels, []);
    assert.equal((await explain(empty, empty.sum())).kernels.length, 1);
    assert.deepEqual(await kernelTexts("avx2", empty), []);
  });

  test("explains every stage of a tensor, as data and as text", async () => {
    const x = tensor(new Float32Array(64 * 100), [64, 100]);
    x.label = "scores";
    const explanation = await explain(x.softmax(-1));
    assert.equal(explanation.device, "wasm");
    assert.equal(explanation.graph[0].op, "buffer");
    assert.equal(explanation.graph[0].detail, "scores");
    assert.deepEqual(explanation.graph.at(-1)?.shape, [64, 100]);
    assert.ok(explanation.graph.at(-1)?.isResult);
    assert.equal(explanation.kernels.length, 1, "softmax is one kernel");
    const [kernel] = explanation.kernels;
    assert.match(kernel.loops, /fold \w+ by add/);
    assert.match(kernel.vector, /^kernel /);
    assert.ok(WebAssembly.validate(kernel.code as Uint8Array<ArrayBuffer>));
    assert.ok(kernel.time > 0);
    assert.equal(explanation.arena.values[0].name, "scores", "data of the host is copied into the arena");
    assert.equal(explanation.arena.values[0].from, -1);

    const text = printExplanation(explanation);
    assert.match(text, /graph: \d+ nodes\n {2}n0 +buffer scores +float32 \[64,100\]\n/);
    assert.match(text, /kernels: 1, /);
    assert.match(text, /arena: 25,600 bytes for 1 values/);
    const loops = printExplanation(explanation, ["loops"]);
    assert.ok(!loops.includes("graph:") && !loops.includes("arena:") && !loops.includes("param"));
  });

  test("several tensors are explained as one plan, and stay to be computed", async () => {
    const w = new Parameter(randn([10, 784]), { label: "w" });
    const loss = randn([4, 784]).matmul(w.T).square().mean();
    loss.backward();
    const gradient = w.grad;
    assert.ok(gradient);
    const { graph, kernels } = await explain(loss, gradient);
    assert.equal(graph.filter((n) => n.isResult).length, 2);
    assert.ok(kernels.some((k) => k.buffers.some((b) => b.name === "w" && !b.isWritten)));
    assert.ok((await loss.item()) > 0);
  });

  test("values that overlap in time do not overlap in the arena", async () => {
    const a = randn([32, 32]);
    const { arena } = await explain(a.matmul(a).softmax(1).matmul(a).sum());
    for (const x of arena.values) {
      for (const y of arena.values) {
        if (x === y || x.to < y.from || y.to < x.from) continue;
        assert.ok(x.offset + x.bytes <= y.offset || y.offset + y.bytes <= x.offset, `${x.name} and ${y.name}`);
      }
    }
  });

  test("what cannot be explained says why", async () => {
    await assert.rejects(explain(tensor([1])), ValueError);
    await assert.rejects(explain(), ValueError);
    await use("reference");
    try {
      await assert.rejects(explain(randn([2]).exp()), UnsupportedError);
    } finally {
      await use("wasm");
    }
  });
});
