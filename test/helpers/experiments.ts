/** Small experiments for the tests of what runs and shows them. */
import { defineExperiment, type Experiment } from "../../src/experiments/experiment.ts";
import type { Forms } from "../../src/experiments/probe.ts";
import { say } from "../../src/experiments/text.ts";
import { crossEntropy, full, randn, tensor } from "../../src/index.ts";
import { Linear } from "../../src/nn/index.ts";
import { SGD } from "../../src/optim/index.ts";

const text = (en: string): { ja: string; en: string } => say(`${en} の`, en);

/** Two walks: what they add in each step is drawn, times `size`, and the second draws `extra` numbers more. */
export const walk: Experiment = defineExperiment({
  id: "walk",
  row: null,
  title: text("walk"),
  question: text("where to?"),
  params: {
    size: { kind: "number", min: 0, max: Number.MAX_VALUE, default: 1, hot: true, label: text("size") },
    extra: { kind: "integer", min: 0, max: 9, default: 0, label: text("extra draws") },
    steps: { kind: "integer", min: 0, max: 10_000, default: 20, label: text("steps") },
    way: { kind: "choice", options: ["up", "down"], default: "up", label: text("way") },
    start: { kind: "list", min: -9, max: 9, default: [0, 0], label: text("start") },
  },
  probes: {
    place: { form: "scalar", kind: "signed", label: text("place") },
    error: { form: "scalar", kind: "magnitude", label: text("error") },
    parts: { form: "bars", kind: "magnitude", label: text("parts") },
    look: { form: "scalar", kind: "probability", label: text("a look") },
  },
  lanes: {
    plain: { label: text("plain"), values: { extra: 0 } },
    more: { label: text("drawing more"), values: { extra: 3 } },
  },
  presets: {
    works: { label: text("small"), why: text("near"), values: { size: 0.5, steps: 10 } },
    breaks: { label: text("large"), why: text("far"), values: { size: 1e300 } },
  },
  setup({ start, steps }) {
    let place = start[0];
    return {
      steps,
      async step({ size, extra, way }) {
        const [drawn] = await randn([1]).data();
        for (let i = 0; i < extra; i++) await randn([1]).data();
        place += drawn * size * (way === "up" ? 1 : -1);
        return {
          place,
          error: Math.abs(drawn) + 1e-3,
          parts: { names: [text("one"), "two"], values: [Math.abs(drawn) + 1e-9, 1] },
        };
      },
      async look() {
        const [drawn] = await randn([1]).data();
        return { look: 1 / (1 + Math.abs(drawn)) };
      },
    };
  },
  claims: {
    moves: {
      sentence: text("It moves."),
      predictions: [text("yes"), text("no")],
      verdict(run) {
        const lane = run.lane("plain");
        if (lane.step === 0) return { outcome: "undecided", because: text("it did not start") };
        const outcome = lane.last("place") === 0 ? "fails" : "holds";
        return { outcome, prediction: 0, because: text("it was drawn") };
      },
    },
  },
  expect: { bands: { "plain.error": [0, 10], "more.parts.-1": [1, 1] }, verdicts: { moves: "holds" } },
});

/** A model whose weights are made infinite in step `at`. */
export const breaking: Experiment = defineExperiment({
  id: "breaking",
  row: null,
  title: text("breaking"),
  question: text("when?"),
  params: {
    at: { kind: "integer", min: 1, max: 100, default: 4, label: text("at") },
    lr: { kind: "number", min: 0, max: 10, default: 0.1, hot: true, label: text("learning rate") },
  },
  probes: { loss: { form: "scalar", kind: "magnitude", label: text("loss") } },
  lanes: { only: { label: text("only"), values: {} } },
  presets: {},
  setup({ at, lr }) {
    const model = new Linear(2, 2);
    const optimizer = new SGD(model.parameters(), { lr });
    return {
      steps: 10,
      model,
      async step({ lr }, step) {
        optimizer.lr = lr;
        if (step === at) model.weight.assign(full([2, 2], Infinity));
        const loss = crossEntropy(model.forward(tensor([[1, 2]])), tensor([1], { dtype: "int32" }));
        loss.backward();
        await optimizer.step();
        return { loss: await loss.item() };
      },
    };
  },
  claims: {},
  expect: { bands: { "only.diverged": [1, 1] }, verdicts: {} },
});

/** A reading of each form. */
export const gallery: { readonly [F in keyof Forms]: Forms[F] } = {
  scalar: 0.5,
  bars: { names: [text("first"), "second", "third"], values: [1e-9, 3.4, 0] },
  curves: [
    { name: "a", x: [0, 1, 2, 3], y: [0, 1, 0.5, 2] },
    { name: text("b"), x: [0, 3], y: [1, Number.NaN], dots: true },
  ],
  map: {
    x: [-1, 1],
    y: [-1, 1],
    rows: 4,
    cols: 4,
    values: Array.from({ length: 16 }, (_, i) => i / 15),
    points: [{ x: 0, y: 0, label: 1 }],
    paths: [{ name: "path", x: [-1, 1], y: [-1, 1] }],
  },
  matrix: { rows: 2, cols: 3, values: [1, -2, 0, 0.5, 1e-7, 3], rowNames: ["p", text("q")] },
  images: {
    rows: 28,
    cols: 28,
    images: Array.from({ length: 9 }, () => ({
      pixels: Float32Array.from({ length: 784 }, (_, i) => (i >= 100 && i < 140 ? 1 : 0)),
      caption: say("正解 7, 予測 1", "is 7, read as 1"),
    })),
  },
  histograms: [
    { name: "h", from: -1, to: 1, counts: [0, 1, 5, 100, 5, 1] },
    { name: text("long name of a layer"), from: 0, to: 1e-9, counts: Array.from({ length: 200 }, (_, i) => i) },
  ],
  table: {
    head: ["n", text("what it is"), "x"],
    rows: [
      ["1", text("a cell"), 2.5],
      ["2", "other", 1e-9],
    ],
  },
};
