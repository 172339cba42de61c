/** Worlds in which networks overfit, each as one task: points of a sine, sparse regression, or the course's few digits. */
import { crossEntropy, mseLoss, Parameter, stack, type Tensor, tensor, zeros } from "../../index.ts";
import { MLP } from "../../models/index.ts";
import { init, Linear, Sequential } from "../../nn/index.ts";
import { l1Penalty, l2Penalty, softThreshold } from "../../optim/index.ts";
import { accuracy, inEvalMode } from "../../train/index.ts";
import type { Context } from "../experiment.ts";
import type { Line } from "../probe.ts";
import { say } from "../text.ts";
import { equalWidths } from "./digit-network.ts";
import { digitsTask, type Examples } from "./digits-task.ts";
import { type Method, optimizerOf } from "./methods.ts";
import type { WorldName } from "./overfit-settings.ts";
import { sineNet, sineWorld } from "./sine-world.ts";
import { sparseLines, sparseWorld } from "./sparse-world.ts";
import { type Loss, learner } from "./supervised.ts";

export interface OverfitOptions {
  readonly world: WorldName;
  readonly optimizer: Method;
  /** How many examples there are to learn from. */
  readonly points: number;
  readonly noise: number;
  /** Of the hidden layers; the sparse regression has none. */
  readonly width: number;
  readonly depth: number;
  readonly dropout?: number;
  /** Of the sparse regression. */
  readonly useful?: number;
}

interface World {
  readonly model: Sequential;
  readonly loss: Loss;
  /** What is measured: the squared error unless given. */
  readonly error?: Loss;
  readonly test: Examples;
  /** Steps between two tests. */
  readonly pause: number;
  batch(step: number): Examples;
  /** What was learnt, as it is drawn. */
  lines?(output: Float32Array, weights: Float32Array): readonly Line[];
}
type Maker = (options: OverfitOptions, context: Context) => World | Promise<World>;

/** A few noisy points, and tanh; its test is the truth. */
const sine: Maker = ({ points, noise, ...net }, { seed }) => {
  const { train, test, lines, line } = sineWorld(seed, { count: points, noise });
  return {
    model: sineNet(net),
    loss: mseLoss,
    test,
    pause: 20,
    batch: () => train,
    lines: (output) => [...lines, line(say("ネットワーク", "network"), output)],
  };
};

/** A linear model of 60 features, few of which matter, from weights of 0. */
const sparse: Maker = (options, { seed }) => {
  const { features, truth, train, test } = sparseWorld(seed, options);
  const layer = new Linear(features, 1, { bias: false });
  layer.weight.assign(zeros([1, features]));
  return {
    model: new Sequential(layer),
    loss: mseLoss,
    test,
    pause: 20,
    batch: () => train,
    lines: (_, weights) => sparseLines(truth, weights),
  };
};

/** The course's exercise: ReLU from He's weights on a few of the digits; the error is the part that is misread. */
const digits: Maker = async ({ points, width, depth, dropout = 0 }, context) => {
  const { batch, test } = await digitsTask(context, { batchSize: Math.min(points, 100), count: points });
  const model = new MLP([784, ...equalWidths(depth, width), 10], { dropout });
  for (const { weight, bias } of linearsOf(model)) {
    weight.assign(init.kaimingNormal(weight.shape));
    bias?.assign(zeros(bias.shape));
  }
  const error: Loss = (output, target) => accuracy(output, target).neg().add(1);
  return { model, loss: crossEntropy, error, test: test.all(1000), pause: 50, batch };
};

const worlds: Readonly<Record<WorldName, Maker>> = { sine, sparse, digits };

const linearsOf = (model: Sequential): Linear[] => model.layers.filter((layer) => layer instanceof Linear);

/** What may change from step to step: the rate, and how strong the penalties are. */
export interface Now {
  readonly lr: number;
  /** Of `Σ|w|`, in the loss. */
  readonly l1?: number;
  /** Of `Σ|w|`, by the proximal step after that of the loss (Daubechies et al. 2004). */
  readonly proximal?: number;
  /** Of `Σw²`, in the loss. */
  readonly l2?: number;
  /** The probability that the dropout of the model has by now. */
  readonly dropout?: number;
}
type Forward = (x: Tensor) => Tensor;

export interface OverfitTask {
  readonly model: Sequential;
  readonly test: Examples;
  /** Of every layer. */
  readonly weights: readonly Parameter[];
  readonly error: Loss;
  /** A step: the error on what it learns from, and now and then that on what it does not, of `forward` if given. */
  step(step: number, now: Now, forward?: Forward): Promise<{ trainError: number; testError?: number }>;
  /** The error on what was not learnt from, of all nodes together or as `forward` says. */
  measure(forward?: Forward): Promise<{ error: number; output: Float32Array }>;
  /** How many weights are exactly 0, or no further from it than `within`. */
  zeros(within?: number): Promise<number>;
  /** A picture of an output, if there is one. */
  picture(output: Float32Array): Promise<{ curve?: readonly Line[] }>;
}

export async function overfitTask(options: OverfitOptions, context: Context): Promise<OverfitTask> {
  const { model, loss, error = mseLoss, test, pause, batch, lines } = await worlds[options.world](options, context);
  const weights = linearsOf(model).map(({ weight }) => weight);
  const optimizer = optimizerOf(options.optimizer, model.parameters(), { lr: 0 });
  // Strengths are a tensor, since numbers would be frozen in the compiled step.
  const strengths = new Parameter(tensor([0, 0]), { label: "strengths", requiresGrad: false });
  let current = [0, 0];
  const learn = learner(model, optimizer, {
    loss: (output, target) =>
      loss(output, target)
        .add(l1Penalty(weights).mul(strengths.select(0, 0)))
        .add(l2Penalty(weights).mul(strengths.select(0, 1))),
    probe: (output, target) => [error(output, target)],
  });
  const measure = (forward: Forward = (x) => model.forward(x)): Promise<{ error: number; output: Float32Array }> =>
    inEvalMode(model, async () => {
      const output = forward(test.x);
      return { error: await error(output, test.y).item(), output: (await output.data()) as Float32Array };
    });
  return {
    model,
    test,
    weights,
    error,
    measure,
    async step(step, { lr, l1 = 0, l2 = 0, proximal = 0, dropout }, forward) {
      optimizer.lr = lr;
      if (l1 !== current[0] || l2 !== current[1]) strengths.assign(tensor([l1, l2]));
      current = [l1, l2];
      const [trainError] = (await learn(batch(step), dropout)).probed;
      if (proximal > 0) for (const weight of weights) weight.assign(softThreshold(weight, lr * proximal));
      return step % pause === 0 ? { trainError, testError: (await measure(forward)).error } : { trainError };
    },
    zeros: (within = 0) =>
      stack(weights.map((w) => w.abs().le(within).int().sum()))
        .sum()
        .item(),
    picture: async (output) => (lines ? { curve: lines(output, (await weights[0].data()) as Float32Array) } : {}),
  };
}
