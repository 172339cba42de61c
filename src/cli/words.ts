/** What the command line says, in both languages. An entry that lacks one of them does not compile. */
import type { Text } from "./language.ts";

const count = (n: number): string => n.toLocaleString("en");

export const words = {
  // Progress.
  epoch: { en: "epoch", ja: "エポック" },
  step: { en: "step", ja: "ステップ" },
  loss: { en: "loss", ja: "損失" },
  accuracy: { en: "acc", ja: "正解率" },
  perSecond: { en: "/s", ja: " 件/秒" },
  left: (time: string): Text => ({ en: `${time} left`, ja: `残り ${time}` }),

  // Results.
  settings: { en: "Settings", ja: "設定" },
  confusionHead: { en: "rows: what it is; columns: what the model says", ja: "行は正解、列はモデルの答え" },
  confusions: { en: "the most frequent mistakes", ja: "多かった間違い" },
  noMistakes: { en: "none", ja: "なし" },
  times: (n: number): Text => ({ en: n === 1 ? "once" : `${n} times`, ja: `${n} 回` }),
  is: { en: "is", ja: "正解" },
  taken: { en: "read as", ja: "予測" },
  saved: (path: string): Text => ({
    en: `The model is saved in ${path} (safetensors, with PyTorch's names).`,
    ja: `モデルを ${path} に保存しました（safetensors 形式、名前は PyTorch と同じ）。`,
  }),
  took: (seconds: string): Text => ({ en: `It took ${seconds} s.`, ja: `所要時間は ${seconds} 秒でした。` }),
  stopping: {
    en: "Stopping after this step. Press Ctrl-C again to leave at once.",
    ja: "このステップが終わったら止まります。すぐに終了するには、もう一度 Ctrl-C を押してください。",
  },
  stoppedAt: (step: number, steps: number): Text => ({
    en: `Stopped after step ${count(step)} of ${count(steps)}.`,
    ja: `${count(steps)} ステップのうち ${count(step)} ステップで止めました。`,
  }),
  stoppedEarly: { en: "Stopped before training began.", ja: "学習が始まる前に止めました。" },
  cappedThreads: (asked: number, most: number): Text => ({
    en: `${count(asked)} threads are more than can be used; using ${most}.`,
    ja: `スレッド数 ${count(asked)} は多すぎるので、${most} を使います。`,
  }),

  // start.
  welcome: {
    en: "Tsumiki: deep learning in TypeScript. A small convolutional network (after LeNet-5) now learns to read handwritten digits on this machine.",
    ja: "Tsumiki（積み木）は TypeScript の深層学習ライブラリです。これから小さな畳み込みニューラルネットワーク（LeNet-5 を手本にしたもの）が、このマシンで手書き数字の読み方を学びます。",
  },
  next: { en: "What to try next", ja: "次に試せること" },
  nextList: { en: "all experiments", ja: "実験の一覧" },
  nextSpirals: { en: "watch a decision boundary bend", ja: "決定境界が曲がる様子を見る" },
  nextLr: { en: "a learning rate that is too high", ja: "大きすぎる学習率を試す" },
  nextExplain: { en: "what the compiler makes of a softmax", ja: "softmax がどうコンパイルされるかを見る" },
  nextDocs: {
    en: "README.md has a first training script to copy.",
    ja: "README.ja.md に、写して使える最初の学習スクリプトがあります。",
  },

  // Help.
  about: {
    en: "Tsumiki: deep learning in TypeScript, from tensors down to WebAssembly.",
    ja: "Tsumiki（積み木）: テンソルから WebAssembly まで、すべて TypeScript で書かれた深層学習。",
  },
  usage: { en: "Usage", ja: "使い方" },
  usageAny: { en: "<command>", ja: "<コマンド>" },
  usageRun: { en: "run <experiment>", ja: "run <実験名>" },
  usageExplain: { en: "explain <graph>", ja: "explain <グラフ名>" },
  commands: { en: "Commands", ja: "コマンド" },
  flags: { en: "Flags", ja: "フラグ" },
  experiments: { en: "Experiments", ja: "実験" },
  graphs: { en: "Graphs", ja: "計算グラフ" },
  byDefault: (value: string): Text => ({ en: `default ${value}`, ja: `既定値 ${value}` }),
  helpHint: {
    en: '"tsumiki <command> --help" tells what each takes.',
    ja: 'それぞれの使い方は "tsumiki <コマンド> --help" で見られます。',
  },
  firstTry: { en: "A good first try:", ja: "はじめての方は、まずこちらを:" },

  // Flags that several commands have.
  flagHelp: { en: "Show this help.", ja: "この説明を表示します。" },
  flagLang: {
    en: "The language; by default that of the locale (LC_ALL, LANG).",
    ja: "表示言語。既定値はロケール（LC_ALL、LANG）に従います。",
  },
  flagDebug: {
    en: "After an error, show where it was thrown.",
    ja: "エラーのとき、発生箇所（スタックトレース）も表示します。",
  },
  flagVersion: { en: "Show the version.", ja: "バージョンを表示します。" },
  flagJson: { en: "Write JSON, for programs.", ja: "プログラム向けに JSON を出力します。" },
  flagDevice: { en: "The device that computes.", ja: "計算に使うデバイス。" },
  flagThreads: {
    en: "Threads of the device; by default as many as suit the machine.",
    ja: "デバイスのスレッド数。既定ではマシンに合わせて決まります。",
  },
  flagSeed: {
    en: "The seed of all randomness: the same seed gives the same results.",
    ja: "乱数のシード。同じシードなら同じ結果になります。",
  },
  flagOut: {
    en: "A new folder for the model. By default, start saves to runs/digits, or with a number if that exists; run saves nothing.",
    ja: "モデルの保存先（新しいフォルダー）。既定では、start は runs/digits に保存し（すでにあれば番号が付きます）、run は保存しません。",
  },
  flagForce: {
    en: "Let --out name a folder that exists, and overwrite the model in it.",
    ja: "--out に既存のフォルダーを指定でき、その中のモデルを上書きします。",
  },
  flagStage: { en: "Show only this stage.", ja: "この段階だけを表示します。" },

  // Commands.
  start: {
    en: "Train a small network on handwritten digits, here and now.",
    ja: "いますぐ、手書き数字で小さなネットワークを学習させます。",
  },
  list: { en: "List the experiments.", ja: "実験の一覧を表示します。" },
  run: { en: "Run an experiment, with settings of your choice.", ja: "実験を、好きな設定で実行します。" },
  devices: { en: "List the devices that can compute here.", ja: "ここで計算に使えるデバイスの一覧を表示します。" },
  explain: {
    en: "Show what the compiler makes of a computation.",
    ja: "計算がどのようにコンパイルされるかを表示します。",
  },

  // devices.
  isDefault: { en: "default", ja: "既定" },
  lanes: (n: number): Text => ({
    en: n === 1 ? "no vectors" : `vectors of ${n}`,
    ja: n === 1 ? "ベクトルなし" : `${n} 要素のベクトル`,
  }),
  threads: (n: number): Text => ({ en: n === 1 ? "1 thread" : `${n} threads`, ja: `${n} スレッド` }),
  relaxed: (on: boolean): Text => ({
    en: on ? "relaxed SIMD" : "no relaxed SIMD",
    ja: on ? "relaxed SIMD あり" : "relaxed SIMD なし",
  }),
  machineCode: { en: "machine code", ja: "機械語" },
  memory: (gib: string): Text => ({ en: `up to ${gib} GiB`, ja: `メモリー最大 ${gib} GiB` }),
  referenceNote: {
    en: "the oracle that the others are tested against; slow",
    ja: "他のデバイスの検証に使う基準。低速",
  },
  deviceHint: {
    en: "Choose one with --device, or with TSUMIKI_DEVICE; threads with --threads, or with TSUMIKI_THREADS.",
    ja: "--device か TSUMIKI_DEVICE で選べます。スレッド数は --threads か TSUMIKI_THREADS で指定します。",
  },

  // list and explain.
  listHint: {
    en: '"tsumiki run <experiment>" runs one; "tsumiki run <experiment> --help" lists its settings.',
    ja: '"tsumiki run <実験名>" で実行、"tsumiki run <実験名> --help" で設定の一覧を表示します。',
  },
  stageGuide: {
    en: "graph: the operations as recorded. loops: the kernels they are fused into. vector: the same, instruction by instruction. arena: where values lie in memory.",
    ja: "graph: 記録された演算。loops: それらを融合したカーネル。vector: その命令列。arena: メモリー上の配置。",
  },

  // Errors.
  bug: (message: string): Text => ({
    en: `${message} (This should not happen: please report it, with what --debug shows.)`,
    ja: `${message}（不具合と思われます。--debug の出力を添えてお知らせください。）`,
  }),
  unknownCommand: (word: string, guess: string | undefined): Text => ({
    en: `there is no command ${word}. ${guess ? `Did you mean "${guess}"?` : 'Try "tsumiki --help".'}`,
    ja: `${word} というコマンドはありません。${guess ? `もしかして: "${guess}"` : '"tsumiki --help" で一覧を見られます。'}`,
  }),
  unknownChoice: (command: string, word: string, known: string, guess: string | undefined): Text => ({
    en: `${command}: there is no ${word}. ${guess ? `Did you mean "${guess}"?` : `There are: ${known}.`}`,
    ja: `${command}: ${word} はありません。${guess ? `もしかして: "${guess}"` : `指定できるのは ${known} です。`}`,
  }),
  missingChoice: (command: string, known: string): Text => ({
    en: `${command}: needs a name: ${known}.`,
    ja: `${command}: 名前を指定してください（${known}）。`,
  }),
  folderNotEmpty: (path: string): Text => ({
    en: `--out: ${path} is a folder that is not empty. Choose another, or add --force.`,
    ja: `--out: ${path} は空でないフォルダーです。別の場所を選ぶか、--force を付けてください。`,
  }),
  notAFolder: (path: string): Text => ({
    en: `--out: ${path} is a file, but it takes a folder. Choose another name.`,
    ja: `--out: ${path} はファイルです。フォルダーとして使える別の名前を選んでください。`,
  }),
} as const;
words satisfies Record<string, Text | ((...parts: never[]) => Text)>;
