/** What the command line says, in both languages. An entry that lacks one of them does not compile. */
import type { Verdict } from "../experiments/experiment.ts";
import type { Text } from "./language.ts";

const count = (n: number): string => n.toLocaleString("en");

export const words = {
  // Progress.
  step: { en: "step", ja: "ステップ" },
  left: (time: string): Text => ({ en: `${time} left`, ja: `残り ${time}` }),
  logScale: { en: " (log scale)", ja: "（対数目盛）" },
  seedOf: (seed: number): Text => ({ en: `seed ${seed}`, ja: `シード ${seed}` }),
  fullDigits: {
    en: "Loading the whole of MNIST, which is downloaded where it is not on this disk (about 11 MB).",
    ja: "MNIST 全体を読み込みます。このマシンになければダウンロードします（約 11 MB）。",
  },

  // Results.
  settings: { en: "Settings", ja: "設定" },
  confusions: { en: "the most frequent mistakes", ja: "多かった間違い" },
  noMistakes: { en: "none", ja: "なし" },
  times: (n: number): Text => ({ en: n === 1 ? "once" : `${n} times`, ja: `${n} 回` }),
  divergedShort: (step: number): Text => ({
    en: `diverged at step ${count(step)}`,
    ja: `${count(step)} ステップで発散`,
  }),
  diverged: (lane: string | null, step: number, probe: string, parameter: string | null): Text => ({
    en: `${lane === null ? "It" : lane} diverged at step ${count(step)}: ${probe} is not finite${
      parameter === null ? "" : `, first in the parameter ${parameter}`
    }. The numbers above are the last before that.`,
    ja: `${lane === null ? "" : `${lane} は`} ${count(step)} ステップで発散しました（${probe}が有限の値でなくなりました${
      parameter === null ? "" : `。入力側から見て最初のパラメーターは ${parameter}`
    }）。上の数値は、その直前のものです。`.trimStart(),
  }),
  claimsTested: { en: "What the report says, and this tests", ja: "確かめるレポートの主張" },
  claims: { en: "What this run says of the report's claims", ja: "レポートの主張を確かめる" },
  seedsDone: (done: number, all: number): Text => ({
    en: `${done} of ${all} seeds were run to their ends.`,
    ja: `${all} 個のシードのうち ${done} 個を最後まで実行しました。`,
  }),
  median: { en: "median", ja: "中央値" },
  range: { en: "range", ja: "範囲" },
  overSeeds: (n: number): Text => ({ en: `Over ${n} seeds`, ja: `${n} 個のシードのまとめ` }),
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
  notComplete: {
    en: "The run is not complete, so there are no verdicts.",
    ja: "実行が完了していないので、判定はありません。",
  },
  stoppedEarly: { en: "Stopped before the first step.", ja: "最初のステップの前に止めました。" },
  noModel: {
    en: "This experiment has no model to save.",
    ja: "この実験には、保存するモデルがありません。",
  },
  logged: (path: string): Text => ({ en: `The log is in ${path}.`, ja: `ログを ${path} に書き込みました。` }),
  tabled: (path: string): Text => ({ en: `The table is in ${path}.`, ja: `表を ${path} に書き込みました。` }),
  cappedThreads: (asked: number, most: number): Text => ({
    en: `${count(asked)} threads are more than can be used; using ${most}.`,
    ja: `スレッド数 ${count(asked)} は多すぎるので、${most} を使います。`,
  }),

  // start.
  welcome: {
    en: "Tsumiki: deep learning in TypeScript. A small convolutional network (after LeNet-5) now learns to read handwritten digits on this machine.",
    ja: "Tsumiki（積み木）は TypeScript の深層学習ライブラリです。これから小さな畳み込みニューラルネットワーク（LeNet-5 を手本にしたもの）が、このマシンで手書き数字の読み方を学びます。",
  },
  lab: {
    en: "Serve the Lab on this machine: every lesson, live in the browser.",
    ja: "このマシンでラボを開きます。すべてのレッスンがブラウザの中で動きます。",
  },
  flagPort: {
    en: "The port of the Lab; where none is given, the next that is free.",
    ja: "ラボのポート番号。指定しなければ、空いているポートを順に探します。",
  },
  flagNoOpen: { en: "Open no browser.", ja: "ブラウザを開きません。" },
  flagNoLab: { en: "End after the run, without serving the Lab.", ja: "ラボを開かず、学習が終わったら終了します。" },
  buildingLab: { en: "Building the Lab (once, some seconds) …", ja: "ラボを準備しています（初回のみ、数秒）…" },
  labServed: { en: "The Lab is open, for this machine only:", ja: "ラボを開きました（このマシンからだけ見られます）:" },
  labRun: { en: "the run you have just seen", ja: "いま行った学習" },
  labStop: { en: "Ctrl-C ends it.", ja: "Ctrl-C で終了します。" },
  next: { en: "What to try next", ja: "次に試せること" },
  nextList: { en: "all experiments", ja: "実験の一覧" },
  nextGradient: { en: "watch gradients vanish in a deep network", ja: "深いネットワークで勾配が消える様子を見る" },
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
  usageVerify: { en: "verify [day or experiment …]", ja: "verify [日または実験名 …]" },
  usageExport: { en: "export <log>", ja: "export <ログ>" },
  commands: { en: "Commands", ja: "コマンド" },
  flags: { en: "Flags", ja: "フラグ" },
  experiments: { en: "Experiments", ja: "実験" },
  presets: { en: "Presets (--preset)", ja: "プリセット（--preset）" },
  laneHeading: { en: "Lanes, which are run side by side", ja: "レーン（並べて比べる条件）" },
  laneRule: (flags: string, last: string): Text => ({
    en: `A flag holds for all lanes. What sets lanes apart (${flags}) changes only the last, ${last}, so that the others stay to compare with.`,
    ja: `フラグはすべてのレーンに効きます。ただし、レーンの違いを決める設定（${flags}）は最後の ${last} だけを変えます。ほかのレーンは比べる相手として残ります。`,
  }),
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
  flagSeeds: {
    en: "Run with so many seeds, from --seed on, and show the verdicts of each, medians and ranges.",
    ja: "--seed から数えてこの個数のシードで実行し、それぞれの判定と、中央値・範囲を表示します。",
  },
  flagPreset: {
    en: "Start from a preset; other flags change it.",
    ja: "プリセットから始めます。ほかのフラグで変更できます。",
  },
  flagOut: {
    en: "A new folder for the models. By default, start saves to runs/digits, or with a number if that exists; run saves nothing.",
    ja: "モデルの保存先（新しいフォルダー）。既定では、start は runs/digits に保存し（すでにあれば番号が付きます）、run は保存しません。",
  },
  flagLog: {
    en: "A new file for a log: a line of JSON for each step, written at once.",
    ja: "ログの保存先（新しいファイル）。ステップごとに JSON を 1 行ずつ、その場で書き込みます。",
  },
  flagCsv: {
    en: "A new file for the scalars and bars of every step as a table (CSV).",
    ja: "各ステップの数値を表にした CSV の保存先（新しいファイル）。",
  },
  flagExportCsv: {
    en: "A new file for the table; by default it is written to the standard output.",
    ja: "表の保存先（新しいファイル）。既定では標準出力に書き出します。",
  },
  flagForce: {
    en: "Let --out name a folder that exists, and overwrite the model in it; let --log and --csv overwrite files.",
    ja: "--out に既存のフォルダーを指定でき、その中のモデルを上書きします。--log と --csv は既存のファイルを上書きします。",
  },
  flagForceCsv: { en: "Let --csv overwrite a file.", ja: "--csv で既存のファイルを上書きします。" },
  flagVerifySeeds: { en: "How many seeds, from 1 on.", ja: "シードの個数（1 から順に使います）。" },
  flagQuick: { en: "Only seed 1.", ja: "シード 1 だけを使います。" },
  placeFolder: { en: "<folder>", ja: "<フォルダー>" },
  placeFile: { en: "<file>", ja: "<ファイル>" },
  flagStage: { en: "Show only this stage.", ja: "この段階だけを表示します。" },

  // Commands.
  start: {
    en: "Train a small network on handwritten digits, here and now.",
    ja: "いますぐ、手書き数字で小さなネットワークを学習させます。",
  },
  list: { en: "List the experiments.", ja: "実験の一覧を表示します。" },
  run: { en: "Run an experiment, with settings of your choice.", ja: "実験を、好きな設定で実行します。" },
  verify: {
    en: "Run experiments with several seeds, and check that they come out as expected.",
    ja: "実験を複数のシードで実行し、期待どおりの結果になるか確かめます。",
  },
  exportLog: { en: "Make a table (CSV) of a run's log.", ja: "実行のログを表（CSV）にします。" },
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

  // verify.
  verified: (met: number, all: number): Text => ({
    en: met === all ? `All ${all} came out as expected.` : `${met} of ${all} came out as expected.`,
    ja: met === all ? `${all} 件すべてが期待どおりでした。` : `${all} 件のうち ${met} 件が期待どおりでした。`,
  }),
  nothingToVerify: { en: "There is nothing to verify there.", ja: "確かめる実験がありません。" },
  seedCount: (n: number): Text => ({ en: n === 1 ? "1 seed" : `${n} seeds`, ja: `${n} シード` }),
  seconds: (s: string): Text => ({ en: `${s} s`, ja: `${s} 秒` }),
  unexpectedResult: (seed: number, what: string, got: string, want: string): Text => ({
    en: `seed ${seed}: ${what} is ${got}, expected ${want}`,
    ja: `シード ${seed}: ${what} は ${got}（期待は ${want}）`,
  }),
  failedRun: (seed: number, message: string): Text => ({
    en: `seed ${seed}: failed: ${message}`,
    ja: `シード ${seed}: 実行に失敗しました: ${message}`,
  }),
  verifyStopped: (done: number, all: number): Text => ({
    en: `Stopped: ${done} of ${all} experiments were verified.`,
    ja: `止めました。${all} 件のうち ${done} 件を確かめました。`,
  }),
  verifyHint: { en: "Days", ja: "日" },

  // export.
  cutLog: {
    en: "The last line of the log is cut off; it is left out.",
    ja: "ログの最後の行は途中で切れているので、除きました。",
  },

  // list and explain.
  begin: { en: "To begin with", ja: "はじめに" },
  listHint: {
    en: '"tsumiki run <experiment>" runs one; "tsumiki run <experiment> --help" lists its settings.',
    ja: '"tsumiki run <実験名>" で実行、"tsumiki run <実験名> --help" で設定の一覧を表示します。',
  },
  stageGuide: {
    en: "graph: the operations as recorded. loops: the kernels they are fused into. vector: the same, instruction by instruction. code: what the device makes of that. arena: where values lie in memory.",
    ja: "graph: 記録された演算。loops: それらを融合したカーネル。vector: その命令列。code: デバイス用に生成したコード。arena: メモリー上の配置。",
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
  unknownExperiment: (command: string, word: string, near: readonly string[]): Text => ({
    en: `${command}: there is no ${word}. ${near.length > 0 ? `Did you mean ${near.map((id) => `"${id}"`).join(" or ")}?` : 'Try "tsumiki list".'}`,
    ja: `${command}: ${word} はありません。${near.length > 0 ? `もしかして: ${near.map((id) => `"${id}"`).join("、")}` : '"tsumiki list" で一覧を見られます。'}`,
  }),
  missingExperiment: (command: string): Text => ({
    en: `${command}: needs the name of an experiment. Try "tsumiki list".`,
    ja: `${command}: 実験名を指定してください。"tsumiki list" で一覧を見られます。`,
  }),
  tooManySeeds: {
    en: "--seeds: goes beyond 2^53 - 1, the last seed. Choose fewer, or a smaller --seed.",
    ja: "--seeds: 最後のシード 2^53 - 1 を超えます。個数か --seed を小さくしてください。",
  },
  missingChoice: (command: string, known: string): Text => ({
    en: `${command}: needs a name: ${known}.`,
    ja: `${command}: 名前を指定してください（${known}）。`,
  }),
  folderNotEmpty: (path: string): Text => ({
    en: `--out: ${path} is a folder that is not empty. Choose another, or add --force.`,
    ja: `--out: ${path} は空でないフォルダーです。別の場所を選ぶか、--force を付けてください。`,
  }),
  fileExists: (flag: string, path: string): Text => ({
    en: `${flag}: ${path} exists. Choose another name, or add --force.`,
    ja: `${flag}: ${path} はすでにあります。別の名前を選ぶか、--force を付けてください。`,
  }),
  isFolder: (flag: string, path: string): Text => ({
    en: `${flag}: ${path} is a folder, but it takes a file. Choose another name.`,
    ja: `${flag}: ${path} はフォルダーです。ファイルの名前を指定してください。`,
  }),
  sameFile: {
    en: "--log and --csv: take two different files.",
    ja: "--log と --csv には、別々のファイルを指定してください。",
  },
  oneSeedOnly: (flag: string): Text => ({
    en: `${flag}: takes a single run. Leave it out, or --seeds.`,
    ja: `${flag} は 1 回の実行にだけ使えます。--seeds と一緒には使えません。`,
  }),
  quickAndSeeds: {
    en: "--quick: is --seeds 1. Leave one of them out.",
    ja: "--quick は --seeds 1 と同じです。どちらか一方にしてください。",
  },
  missingLog: {
    en: "export: needs a log, as run writes with --log.",
    ja: "export: run の --log で書き出したログを指定してください。",
  },
  notAFolder: (path: string): Text => ({
    en: `--out: ${path} is a file, but it takes a folder. Choose another name.`,
    ja: `--out: ${path} はファイルです。フォルダーとして使える別の名前を選んでください。`,
  }),
} as const;
words satisfies Record<string, Text | ((...parts: never[]) => Text)>;

/** What verdicts are called. */
export const outcomeWords: Readonly<Record<Verdict["outcome"], Text>> = {
  holds: { en: "holds", ja: "成り立つ" },
  fails: { en: "does not hold", ja: "成り立たない" },
  depends: { en: "depends", ja: "条件による" },
  undecided: { en: "cannot be told", ja: "判定できません" },
};

/** What the days of the curriculum are about. */
export const dayWords: Readonly<Record<string, Text>> = {
  day1: {
    en: "Day 1: neural networks from units to backpropagation",
    ja: "1 日目: ニューラルネットワークの基礎から誤差逆伝播まで",
  },
  day2: {
    en: "Day 2: deep networks, optimizers, regularization, convolutions",
    ja: "2 日目: 深いネットワーク、最適化、正則化、畳み込み",
  },
  day3: { en: "Day 3: recurrent networks", ja: "3 日目: 再帰型ネットワーク" },
  day4: { en: "Day 4: applications", ja: "4 日目: 応用" },
};
