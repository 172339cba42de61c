/** 2.19 AlexNet: convolutions, then linear layers, where nearly all parameters are, and therefore dropout. */
import { AlexNet } from "../../models/index.ts";
import { Adam } from "../../optim/index.ts";
import { inEvalMode } from "../../train/index.ts";
import { defineExperiment, type Experiment } from "../experiment.ts";
import { layerTable, mapsOf } from "../parts/alexnet-table.ts";
import { rateParam, scalar, stepsParam } from "../parts/common.ts";
import { shapesTask } from "../parts/shapes-task.ts";
import { accuracyOf, learner } from "../parts/supervised.ts";
import { percent, say, show } from "../text.ts";

const batchSize = 32;

export const alexnet: Experiment = defineExperiment({
  id: "alexnet",
  row: "2.19",
  title: say("AlexNet", "AlexNet"),
  question: say(
    "AlexNet のパラメーターはどこにあり、なぜそこにドロップアウトを使うのでしょうか？",
    "Where are AlexNet's parameters, and why is there dropout?",
  ),
  params: {
    groups: {
      kind: "choice",
      options: ["2", "1"],
      default: "2",
      label: say("2012 年版のグループ数（GPU 2 台なら 2）", "groups of the 2012 net: 2 for two GPUs"),
    },
    scale: {
      kind: "integer",
      min: 4,
      max: 32,
      default: 12,
      label: say("学習する縮小版：幅を何分の 1 に", "the net that trains: width divided by"),
    },
    dropout: {
      kind: "number",
      min: 0,
      max: 0.9,
      default: 0.5,
      label: say("全結合層のドロップアウト", "dropout in the linear layers"),
    },
    classes: { kind: "integer", min: 4, max: 10, default: 6, label: say("図形の種類", "kinds of shapes") },
    count: { kind: "integer", min: 64, max: 4000, default: 320, label: say("学習画像の数", "images to learn from") },
    lr: rateParam(0.001, 1),
    steps: stepsParam(300, 3000),
  },
  probes: {
    layers: {
      form: "table",
      kind: "count",
      label: say("本来の AlexNet（227×227）", "AlexNet at full size (227 by 227)"),
    },
    share: { form: "bars", kind: "count", label: say("層ごとのパラメーター数", "parameters of each layer") },
    linearShare: scalar("probability", say("全結合層のパラメーターの割合", "part of the parameters in linear layers")),
    maps: {
      form: "images",
      kind: "signed",
      label: say("最初の畳み込みの出力（縮小版）", "what the first convolution gives (the net that trains)"),
    },
    loss: scalar("magnitude", say("損失", "loss")),
    trainAccuracy: scalar("probability", say("学習画像の正解率", "accuracy on its images")),
    testAccuracy: scalar("probability", say("新しい画像の正解率", "accuracy on new images")),
  },
  lanes: {
    without: { label: say("ドロップアウトなし", "without dropout"), values: { dropout: 0 } },
    with: { label: say("ドロップアウト 0.5", "dropout 0.5"), values: { dropout: 0.5 } },
  },
  presets: {
    works: {
      label: say("種類を減らす", "Fewer kinds"),
      why: say("4 種類なら、短い学習でも見分けます。", "Four kinds are told apart after a short training."),
      values: { classes: 4 },
    },
    breaks: {
      label: say("高い学習率", "A high rate"),
      why: say("学習率 0.1 では、何も学べません。", "At a rate of 0.1 it learns nothing."),
      values: { lr: 0.1 },
    },
  },
  setup({ groups, scale, dropout, classes, count, lr, steps }, { seed }) {
    const table = layerTable(groups === "2" ? 2 : 1);
    const task = shapesTask(seed, { count, classes, batchSize });
    const model = new AlexNet({ size: 32, width: 1 / scale, groups: 1, classes, dropout });
    const optimizer = new Adam(model.parameters(), { lr });
    const learn = learner(model, optimizer);
    const probe = task.batch(1);
    return {
      steps,
      model,
      async step({ lr }, step) {
        optimizer.lr = lr;
        return { loss: (await learn(task.batch(step))).loss };
      },
      look: () =>
        inEvalMode(model, async () => {
          const first = model.features.layers[0].forward(task.test.x.narrow(0, 0, 1)); // (1, K, H, W)
          return {
            ...table,
            maps: await mapsOf(first),
            trainAccuracy: await accuracyOf(model, probe),
            testAccuracy: await accuracyOf(model, task.test, 100),
          };
        }),
    };
  },
  claims: {
    linear: {
      sentence: say("畳み込み層の後、全結合層を持つ。", "After its convolutions it has linear layers."),
      predictions: [
        say("パラメーターの多くは畳み込み層にある", "most parameters are in convolutions"),
        say("ほとんどが全結合層にある", "nearly all are in linear layers"),
      ],
      verdict(run) {
        const share = run.lanes[0].last("linearShare");
        const because = say(
          `全結合層にパラメーターの ${percent(share)} があります。`,
          `Linear layers have ${percent(share)} of the parameters.`,
        );
        return { outcome: "holds", prediction: share > 0.5 ? 1 : 0, because };
      },
    },
    dropout: {
      sentence: say("全結合層にドロップアウトを使う。", "Its linear layers use dropout."),
      predictions: [
        say("新しい画像の正解率が上がる", "accuracy on new images rises"),
        say("変わらないか、下がる", "it stays the same, or falls"),
      ],
      verdict(run) {
        const [a, b] = [run.lane("without"), run.lane("with")];
        if (b.step === 0)
          return { outcome: "undecided", because: say("まだ学習していません。", "Nothing was learnt yet.") };
        const [without, withIt] = [a.last("testAccuracy"), b.last("testAccuracy")];
        return {
          outcome: withIt > without + 0.01 ? "holds" : "depends",
          prediction: withIt > without ? 0 : 1,
          because: say(
            `新しい画像の正解率は、なしで ${percent(without)}、ありで ${percent(withIt)}（差 ${show(100 * (withIt - without))} ポイント）でした。`,
            `Accuracy on new images: ${percent(without)} without, ${percent(withIt)} with (${show(100 * (withIt - without))} points).`,
          ),
        };
      },
    },
  },
  expect: {
    bands: { "without.linearShare": [0.95, 0.97], "without.testAccuracy": [0.4, 1], "with.testAccuracy": [0.4, 1] },
    verdicts: { linear: "holds", dropout: ["holds", "depends"] },
  },
});
