/**
 * The technical terms of the course: what each is called in both languages, and the lesson that teaches it. A form that
 * holds another, such as バッチ正規化, is found before it. In English a plural is found too.
 */
import type { Language } from "../../../src/experiments/text.ts";

export interface Term extends Readonly<Record<Language, readonly string[]>> {
  /** What stands above the Japanese as its English: the first English form. */
  readonly gloss: string;
  /** The id of the lesson. */
  readonly lesson: string;
}

/** By lesson: Japanese forms | English forms; forms of one language are apart by commas. */
const table: Readonly<Record<string, readonly string[]>> = {
  "universal-approximation": ["万能近似定理 | universal approximation theorem"],
  "no-free-lunch": ["ノーフリーランチ定理 | no free lunch theorem", "帰納バイアス | inductive bias"],
  "layer-product": [
    "隠れ層, 中間層 | hidden layer",
    "全結合層, 全結合 | fully connected layer, fully connected, linear layer",
    "総入力 | total input",
    "行列積, 行列の積 | matrix product",
    "バイアス | bias",
  ],
  "step-function": [
    "ステップ関数 | step function",
    "活性化関数 | activation function, activation",
    "パーセプトロン | perceptron",
    "線形分離可能, 線形分離 | linear separability, linearly separable",
  ],
  sigmoid: ["シグモイド関数, シグモイド | sigmoid", "飽和 | saturation"],
  relu: ["ReLU | ReLU", "Leaky ReLU | leaky ReLU"],
  softmax: ["ソフトマックス関数, ソフトマックス | softmax", "ロジット | logit", "温度 | temperature"],
  "identity-output": ["恒等写像 | identity", "回帰 | regression"],
  "sigmoid-output": ["しきい値 | threshold", "二値分類, 2 値分類 | binary classification"],
  "mean-squared-error": [
    "平均二乗誤差 | mean squared error",
    "二乗誤差 | squared error",
    "外れ値 | outlier",
    "MAE | mean absolute error, MAE",
  ],
  "cross-entropy": ["交差エントロピー | cross-entropy"],
  "gradient-descent": ["勾配降下法 | gradient descent", "学習率 | learning rate", "曲率 | curvature"],
  "online-learning": ["確率的勾配降下法, SGD | stochastic gradient descent, SGD", "オンライン学習 | online learning"],
  minibatch: ["ミニバッチ | minibatch"],
  backpropagation: [
    "誤差逆伝播法, 誤差逆伝播, 逆伝播 | backpropagation",
    "連鎖律 | chain rule",
    "計算グラフ | computational graph",
    "数値微分 | numerical differentiation",
  ],
  "vanishing-gradient": ["勾配消失問題, 勾配消失 | vanishing gradient"],
  "sparse-relu": ["スパース化, スパース | sparsity"],
  xavier: ["Xavier の初期値, Xavier | Xavier initialization, Xavier's weights, Xavier's rule, Xavier's"],
  he: ["He の初期値 | He initialization, He's weights, He's rule"],
  "batch-normalization": [
    "バッチ正規化 | batch normalization",
    "内部共変量シフト | internal covariate shift, covariate shift",
  ],
  momentum: ["モメンタム | momentum", "局所的最適解, 局所解 | local optimum"],
  adagrad: ["AdaGrad | AdaGrad"],
  rmsprop: ["RMSProp | RMSProp", "大域的最適解 | global optimum"],
  adam: ["Adam | Adam", "バイアス補正 | bias correction", "鞍点 | saddle point, saddle"],
  overfitting: ["過学習 | overfitting", "汎化 | generalization"],
  norms: ["ノルム | norm"],
  ridge: ["L2 正則化, リッジ回帰 | ridge regression, L2 penalty"],
  lasso: ["L1 正則化, ラッソ回帰 | lasso, L1 penalty", "軟しきい値 | soft threshold"],
  dropout: ["ドロップアウト | dropout", "部分ネットワーク | sub-network"],
  convolution: [
    "畳み込み層, 畳み込み | convolution",
    "カーネル | kernel",
    "im2col | im2col",
    "ストライド | stride",
    "パディング | padding",
  ],
  pooling: ["プーリング | pooling"],
  alexnet: ["AlexNet | AlexNet"],
};

const forms = (side: string): string[] => side.split(",").map((form) => form.trim());

export const terms: readonly Term[] = Object.entries(table).flatMap(([lesson, rows]) =>
  rows.map((row) => {
    const [ja, en] = row.split("|").map(forms);
    return { ja, en, gloss: en[0], lesson };
  }),
);
