/** The same digits without convolutions: how much of the result is due to them? */
import { MLP } from "../models/index.ts";
import { Flatten, Sequential } from "../nn/index.ts";
import { defineExperiment, type Experiment } from "./demo.ts";
import { digitParameters, learnDigits } from "./digit-classifier.ts";

const hidden = {
  kind: "integer",
  min: 1,
  max: 4096,
  default: 128,
  help: { en: "Units of the hidden layer.", ja: "隠れ層のユニット数。" },
} as const;
const params: typeof digitParameters & { readonly hidden: typeof hidden } = { ...digitParameters, hidden };

export const mlpDigits: Experiment<typeof params> = defineExperiment({
  id: "mlp-digits",
  title: { en: "Handwritten digits with a multilayer perceptron", ja: "多層パーセプトロンで手書き数字を読む" },
  question: {
    en: "The same digits with a hidden layer in place of convolutions: how many more does it misread?",
    ja: "畳み込みの代わりに全結合の隠れ層を使うと、読み間違いはどれだけ増えるでしょうか？",
  },
  params,
  run({ hidden, ...settings }, context) {
    return learnDigits(new Sequential(new Flatten(), new MLP([784, hidden, 10])), settings, context);
  },
});
