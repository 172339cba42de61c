/**
 * 2.19 AlexNet (Krizhevsky et al. 2012; `AlexNet`): convolutions, then linear layers, which have nearly all of its parameters,
 * and dropout there. The full net is only counted; a small one learns coloured shapes, without dropout and with. Claims: linear
 * layers come last, judged by that and by their part of the parameters; and they use dropout, judged by what it brings.
 */
import { AlexNet } from "../../models/index.ts";
import { Adam } from "../../optim/index.ts";
import { defineExperiment, type Experiment } from "../experiment.ts";
import { kernelsOf, layerTable, mapsOf, netParams, netProbes } from "../parts/alexnet-table.ts";
import { changed, rateParam, stepsParam } from "../parts/common.ts";
import { convNet, netNames, notebookNets } from "../parts/conv-nets.ts";
import { setDropout } from "../parts/dropout-fan.ts";
import { choiceParam, integerParam, numberParam } from "../parts/params.ts";
import { images, scalar } from "../parts/probes.ts";
import { shapesTask } from "../parts/shapes-task.ts";
import { accuracyOf, learner } from "../parts/supervised.ts";
import { graded, undecided } from "../parts/verdicts.ts";
import { percent, say } from "../text.ts";

export const alexnet: Experiment = defineExperiment({
  id: "alexnet",
  row: "2.19",
  title: say("AlexNet", "AlexNet"),
  question: say(
    "AlexNet のパラメーターはどこにあり、なぜそこにドロップアウトを使うのでしょうか？",
    "Where are AlexNet's parameters, and why is there dropout?",
  ),
  params: {
    ...netParams,
    net: choiceParam("alexnet", say("学習させるネットワーク", "the net that trains"), netNames),
    scale: integerParam(12, say("縮小版の幅（何分の 1）", "the small AlexNet: width over"), { min: 4, max: 32 }),
    dropout: numberParam(0.5, say("全結合層のドロップアウト", "dropout in the linear layers"), { max: 0.9, hot: true }),
    classes: integerParam(6, say("図形の種類", "kinds of shapes"), { min: 4, max: 10 }),
    count: integerParam(320, say("学習画像の数", "images to learn from"), { min: 64, max: 4000 }),
    lr: rateParam(0.001, 1),
    steps: stepsParam(600, 3000),
  },
  probes: {
    ...netProbes,
    maps: images("signed", say("最初の畳み込みの出力", "what the first convolution gives")),
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
      label: say("画像を 1500 枚に増やす", "1,500 images"),
      why: say("ドロップアウトなしでも約 8 割を見分けます。", "Without dropout four fifths of new ones are right."),
      values: { count: 1500 },
    },
    kernels: {
      label: say("どのカーネルも 11×11", "Kernels of 11 by 11 throughout"),
      why: say("縮小版では、全結合層は半分未満です。", "Of the small net linear layers have less than half."),
      values: { kernels: [11, 11, 11, 11, 11], steps: 0 },
    },
    ...notebookNets,
    breaks: {
      label: say("高い学習率", "A high rate"),
      why: say("学習率 0.1 では、何も学べません。", "At a rate of 0.1 it learns nothing."),
      values: { lr: 0.1 },
    },
  },
  setup({ groups, kernels, net, scale, classes, count, lr, steps }, { seed }) {
    const sizes = kernelsOf(kernels);
    const table = layerTable(new AlexNet({ groups: groups === "2" ? 2 : 1, kernels: sizes }), 227);
    const task = shapesTask(seed, { count, classes, batchSize: 16 });
    const { model, first } = convNet(net, { scale, kernels: sizes, classes });
    const optimizer = new Adam(model.parameters(), { lr });
    const learn = learner(model, optimizer);
    return {
      steps,
      model,
      async step({ lr, dropout }, step) {
        optimizer.lr = lr;
        setDropout(model, dropout);
        return { loss: (await learn(task.batch(step), dropout)).loss };
      },
      look: async () => ({
        ...table,
        trainedShare: layerTable(model, 32).linearShare,
        maps: await mapsOf(first.forward(task.test.x.narrow(0, 0, 1))),
        trainAccuracy: await accuracyOf(model, task.train, 100),
        testAccuracy: await accuracyOf(model, task.test, 100),
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
      atOnce: true,
      verdict(run) {
        const [lane] = run.lanes;
        const kinds = lane.last("layers").rows.map(([, kind]) => kind);
        const isLast = kinds.lastIndexOf("Conv2d") < kinds.indexOf("Linear");
        const [share, trainedShare] = [lane.last("linearShare"), lane.last("trainedShare")];
        const most = [share, trainedShare].filter((part) => part > 0.5).length;
        return {
          outcome: !isLast || most === 0 ? "fails" : most === 2 ? "holds" : "depends",
          prediction: share > 0.5 ? 1 : 0,
          because: say(
            `全結合層は${isLast ? "最後に" : "途中に"}あり、パラメーターの ${percent(share)}（学習させるネットでは ${percent(trainedShare)}）を持ちます。`,
            `Linear layers come ${isLast ? "last" : "in between"} and have ${percent(share)} of the parameters, ${percent(trainedShare)} in the net that trains.`,
          ),
        };
      },
    },
    dropout: {
      sentence: say("全結合層にドロップアウトを使う。", "Its linear layers use dropout."),
      predictions: [
        say(
          "学習画像との差が縮まり、新しい画像の正解率も上がる",
          "the gap to its own images closes, and accuracy rises",
        ),
        say("差は縮まるが、正解率は上がらない", "the gap closes, and accuracy does not rise"),
        say("差も縮まらない", "not even the gap closes"),
      ],
      verdict(run) {
        if (changed(alexnet, run.lanes) || run.lanes[0].last("trainAccuracy") < 0.5) {
          return undecided("どちらのレーンでも学習が進むと判定できます。", "It takes both lanes, and some learning.");
        }
        const [plain, dropped] = run.lanes.map((lane) => lane.last("testAccuracy"));
        const [plainGap, droppedGap] = run.lanes.map((lane) => lane.last("trainAccuracy") - lane.last("testAccuracy"));
        return {
          ...graded(droppedGap < plainGap && dropped > plain, droppedGap < plainGap),
          because: say(
            `新しい画像の正解率は、なしで ${percent(plain)}、ありで ${percent(dropped)}。学習画像との差は ${percent(plainGap)} と ${percent(droppedGap)} でした。`,
            `Accuracy on new images: ${percent(plain)} without, ${percent(dropped)} with; below that on its own images by ${percent(plainGap)} and ${percent(droppedGap)}.`,
          ),
        };
      },
    },
  },
  expect: {
    bands: {
      "without.linearShare": [0.961, 0.963],
      "without.trainAccuracy": [0.95, 1],
      "without.testAccuracy": [0.45, 0.8],
      "with.testAccuracy": [0.4, 0.8],
    },
    verdicts: { linear: "holds", dropout: ["holds", "depends"] },
  },
});
