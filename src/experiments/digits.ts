/** A network after LeNet-5 reads handwritten digits: what `npm start` shows first. */
import { LeNet5 } from "../models/index.ts";
import { defineExperiment, type Experiment } from "./demo.ts";
import { digitParameters, learnDigits } from "./digit-classifier.ts";

export const digits: Experiment<typeof digitParameters> = defineExperiment({
  id: "digits",
  title: { en: "Handwritten digits with a convolutional network", ja: "畳み込みネットワークで手書き数字を読む" },
  question: {
    en: "How well does a small convolutional network (after LeNet-5) read digits that it has never seen?",
    ja: "小さな畳み込みネットワーク（LeNet-5 を手本にしたもの）は、初めて見る手書き数字をどれだけ読めるでしょうか？",
  },
  params: digitParameters,
  run: (settings, context) => learnDigits(new LeNet5(), settings, context),
});
