/** What is said of arguments of another kind than is taken: promises, arrays, models, functions that were not called. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Linear, Sequential } from "../../src/nn/index.ts";
import { AdamW } from "../../src/optim/index.ts";
import { conv2d, crossEntropy, grad, jit, linear, ones, Parameter, tensor, where, zeros } from "../../src/tensor.ts";
import { loadModel, loadTraining, saveModel, saveTraining } from "../../src/train/index.ts";

// As in a program whose types nobody has checked.
const any = (x: unknown): never => x as never;
const model = new Linear(2, 2);
const x = ones([1, 2]);
const promise = Promise.resolve(x);

test("operators and JSON do not work on tensors, and say what does", () => {
  const message =
    "tensor: got Tensor(float32 [1,2]) in the place of a number, but it takes methods: `+` and `<` do not work on tensors. " +
    "Use add(), lt(), or await item().";
  for (const f of [() => any(x) + any(1), () => any(x) < any(1), () => +any(x), () => Number(x)]) {
    assert.throws(f, { name: "UnsupportedError", message });
  }
  assert.equal(`${x}`, "Tensor(float32 [1,2])");
  assert.equal(String(x), "Tensor(float32 [1,2])");
  assert.throws(() => JSON.stringify({ x }), {
    message:
      "JSON.stringify: got Tensor(float32 [1,2]), but it takes values that are there. " +
      "Write await x.toArray(), or await x.item().",
  });
});

test("a promise in the place of a tensor is to be awaited", () => {
  const calls: [f: () => unknown, op: string][] = [
    [() => tensor(any(promise)), "tensor"],
    [() => x.add(any(promise)), "add"],
    [() => x.matmul(any(promise)), "matmul"],
    [() => model.forward(any(promise)), "Linear"],
    [() => new Sequential(model).forward(any(promise)), "Sequential"],
    [() => linear(any(promise), model.weight), "linear"],
    [() => conv2d(x, x, any(promise)), "conv2d"],
    [() => crossEntropy(any(promise), zeros([1])), "crossEntropy"],
  ];
  for (const [f, op] of calls) {
    assert.throws(f, { name: "DTypeError", message: new RegExp(`^${op}: got a promise.* Await it\\.$`) });
  }
});

describe("what is no tensor", () => {
  test("is named by functions and layers", () => {
    const says = (f: () => unknown, message: string): void => assert.throws(f, { name: "DTypeError", message });
    says(
      () => crossEntropy(x, any([0])),
      "crossEntropy: got [0] as the target, but it takes a tensor. Make a tensor of it with tensor().",
    );
    says(() => where(any(true), 1, 2), "where: got true, but it takes a tensor. Make a tensor of it.");
    says(
      () => new Parameter(any([1, 2])),
      "Parameter: got [1,2], but it takes a tensor. Make a tensor of it with tensor().",
    );
    says(
      () => linear(x, model.weight, any([0, 1])),
      "linear: got [0,1], but it takes a tensor. Make a tensor of it with tensor().",
    );
    says(
      () => tensor(any(x)),
      "tensor: got Tensor(float32 [1,2]), but it takes numbers, in arrays or alone. Use it as it is, or clone() it.",
    );
  });

  test("is named by compiled functions", async () => {
    const f = jit(async (a, b) => a.add(b));
    await assert.rejects(f(x, any(2)), {
      name: "DTypeError",
      message:
        "jit: got 2 as argument 1, but it takes tensors. Make a tensor of it, or let the function close over it.",
    });
    assert.throws(() => jit(any(x)), /^ValueError: jit: got Tensor\(float32 \[1,2\]\), but it takes a function/);
  });

  test("is told from the function that gradients are taken of", () => {
    const loss = x.sum();
    assert.throws(() => grad(any(loss)), {
      name: "ValueError",
      message: "grad: got Tensor(float32 []), but it takes a function. Write grad((x) => …)(x), or loss.backward().",
    });
    assert.throws(() => grad((a) => a.sum())(any([1])), /^DTypeError: vjp: got \[1\] as argument 0/);
  });
});

test("an optimizer asks for parameters", () => {
  const says = (p: unknown, message: string): void =>
    assert.throws(() => new AdamW(any(p)), { name: "ValueError", message: `AdamW: got ${message}` });
  const fix = "in the place of the parameters, but it takes an array of them.";
  says(model, `Linear ${fix} Pass model.parameters().`);
  says(model.parameters, `the function parameters ${fix} Call it: model.parameters().`);
  says(undefined, `undefined ${fix} Pass model.parameters().`);
  says(model.weight, `Tensor(float32 [2,2]) ${fix} Write [p].`);
});

test("files take a path first, and then a model", async () => {
  const says = (f: Promise<unknown>, message: string): Promise<void> =>
    assert.rejects(f, { name: "ValueError", message });
  const path = "in the place of the path, but it takes a string.";
  await says(saveModel(any(model), any("m")), `saveModel: got Linear ${path} Write saveModel(path, model).`);
  await says(loadModel(any(model), any("m")), `loadModel: got Linear ${path} Write loadModel(path, model).`);
  const module = "in the place of the model, but it takes a module.";
  await says(loadModel("m", any({})), `loadModel: got {} ${module} Write loadModel(path, model).`);
  for (const [f, name] of [[saveTraining, "saveTraining"] as const, [loadTraining, "loadTraining"] as const]) {
    await says(
      f(any({ model }), any("m")),
      `${name}: got { model } ${path} Write ${name}(path, { model, optimizer }).`,
    );
  }
  assert.throws(() => model.load(any("m.safetensors")), {
    message:
      'Linear.load: got "m.safetensors", but it takes a map from names to tensors. ' +
      "Pass a model's state(), or read a file with loadModel(path, model).",
  });
});
