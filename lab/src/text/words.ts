/** The words of the page itself. One that lacks a language does not compile. */
import { say } from "../../../src/experiments/text.ts";

export const words = {
  name: say("積み木", "Tsumiki"),
  skip: say("本文へ", "Skip to the content"),
  contents: say("目次", "Contents"),
  day: (n: string) => say(`Day ${n}`, `Day ${n}`),
  language: say("表示言語", "Language"),
  theme: say("明暗", "Theme"),
  themeAuto: say("自動", "auto"),
  themeLight: say("明", "light"),
  themeDark: say("暗", "dark"),
  arena: say("最適化アリーナ", "Optimizer arena"),
  sandbox: say("自由に組む", "Free play"),
  concepts: say("概念の地図", "Map of concepts"),
  compiler: say("コンパイラをのぞく", "Inside the compiler"),
  exam: say("確認テスト", "The exam"),
  teach: say("授業で使う", "For teachers"),
  lastRun: say("直前の学習", "The last run"),
  search: say("検索", "Search"),
  searchFor: say("言葉、かな、英語で探す", "Search in Japanese, kana or English"),
  nothingFound: say("見つかりませんでした。", "Nothing was found."),

  // The first page, and where scripts or WebAssembly are missing.
  now: say(
    "いま、このブラウザの中で本物のネットワークが学習しています。",
    "Real networks are learning in this very browser, now.",
  ),
  noScripts: say(
    "ただし、それには JavaScript と WebAssembly が必要です。この文が見えている間は JavaScript が動いていないので、まだ何も学習していません。",
    "They would be, with JavaScript and WebAssembly. As long as you see this, JavaScript is off, and nothing learns.",
  ),
  wouldRunHere: (depth: number, steps: number) =>
    say(
      `有効にすると、このページでは隠れ層が ${depth} つのネットワークを 2 つ、同じデータで ${steps} ステップ学習させ、出力側の勾配のうちどれだけが第 1 層に届くかを見せます。`,
      `With it, this page trains two networks of ${depth} hidden layers on the same data for ${steps} steps, and shows how much of the gradient at the output arrives at the first layer.`,
    ),
  wouldRun: (lessons: number) =>
    say(
      `下の表は、ここで動く ${lessons} のレッスンです。どれも、並べて書いた条件を同じシード、同じデータで同時に学習させ、予想と結果を比べます。結果の数値を表に載せていないのは、その場で計算するものだからです。`,
      `Below are the ${lessons} lessons. Each trains what stands side by side at once, with the same seed and data, for you to compare with your guess. The table has no results, because nothing here is recorded.`,
    ),
  lesson: say("レッスン", "Lesson"),
  question: say("問い", "Question"),
  whatRuns: say("動くもの", "What runs"),
  noEngine: say(
    "このブラウザでは WebAssembly（SIMD）が使えないため、実験を動かせません。文章と数式は読めます。ブラウザを新しくするか、ロックダウン モードなど WebAssembly を止める設定を外してください。",
    "This browser has no WebAssembly with SIMD, so that no experiment can run; texts and formulas can be read. Take a newer browser, or turn off what blocks WebAssembly, such as a lockdown mode.",
  ),

  // The bench.
  bench: say("実験台", "The bench"),
  train: say("学習", "Train"),
  pause: say("一時停止", "Pause"),
  again: say("もう一度", "Again"),
  oneStep: say("1 歩", "One step"),
  reset: say("最初から", "Start over"),
  speed: say("速さ", "Speed"),
  slow: say("ゆっくり", "slow"),
  steady: say("ふつう", "steady"),
  fastest: say("最速", "fastest"),
  seed: say("シード", "Seed"),
  share: say("この実験の URL をコピー", "Copy the address of this run"),
  copied: say("コピーしました", "Copied"),
  settings: say("設定", "Settings"),
  close: say("閉じる", "Close"),
  wholeScreen: say("広げる", "Expand"),
  preset: say("設定の例", "Presets"),
  byDefault: say("標準の設定", "The default"),
  allLanes: say("すべてのレーン", "all lanes"),
  forLane: say("対象", "Applies to"),
  differs: say("レーンごとに違う", "differs between lanes"),
  takes: (kind: "integer" | "number" | "list", min: number, max: number) =>
    kind === "list"
      ? say(
          `${min} から ${max} までの数を、空白で区切って入れてください。`,
          `It takes numbers from ${min} to ${max}, with spaces between them.`,
        )
      : kind === "integer"
        ? say(`${min} から ${max} までの整数を入れてください。`, `It takes a whole number from ${min} to ${max}.`)
        : say(`${min} から ${max} までの数を入れてください。`, `It takes a number from ${min} to ${max}.`),
  hot: say("学習中に変えられます", "May change while it trains"),
  scrub: say("時間をさかのぼる", "Go back in time"),
  past: (step: number) =>
    say(
      `ステップ ${step} を見ています。ここで ◆ の設定を変えると、変えない場合の隣で、ここから枝分かれして学習します。`,
      `You look at step ${step}. Another value of what has a ◆ forks the run here: a lane more goes on with it, beside the others.`,
    ),
  unfork: say("分岐を消す", "Remove the fork"),
  latest: say("今に戻る", "Back to now"),
  step: say("ステップ", "step"),
  stepOf: (step: number, steps: number) => say(`ステップ ${step} / ${steps}`, `step ${step} of ${steps}`),
  manySeeds: say("シードを 5 つ試す", "Try five seeds"),
  seedsDone: (n: number) => say(`${n} 個のシードの範囲`, `range of ${n} seeds`),
  opening: say("準備しています…", "Setting up …"),
  done: say("学習が終わりました。", "The run is over."),
  failed: say("うまくいきませんでした。", "Something went wrong."),
  diverged: say("発散しました", "It diverged"),
  divergedAt: (step: number, where: string) =>
    say(
      `ステップ ${step} で値が有限でなくなりました（${where}）。学習率を下げるか、初期値を変えてみてください。`,
      `At step ${step} numbers stopped being finite (${where}). Lower the learning rate, or begin with other values.`,
    ),
  numbers: say("数値で見る", "As numbers"),
  what: say("これは何？", "What is this?"),
  difference: say("差", "difference"),
  forkDifference: say("分岐で生じた差", "difference that the fork makes"),
  awaited: say("学習を始めると、ここに描かれます。", "This is drawn once training has begun."),
  points: (x: string) => say(`${x} ポイント`, `${x} points`),

  // Claims.
  predict: say("予想してください", "Make a guess first"),
  skipGuess: say("予想せずに進む", "Go on without a guess"),
  yourGuess: say("あなたの予想", "Your guess"),
  guessRight: say("予想どおりでした。", "You guessed right."),
  guessWrong: say("予想とは違いました。実際は：", "It came out otherwise:"),
  runFirst: say("実行して判定を見る", "Run it for the verdict"),
  foldedUntilGuess: say(
    "先に予想すると、ここに説明が出ます。",
    "Once you have made a guess, this tells what happened.",
  ),
  toldAfterRun: say(
    "実験を最後まで動かすと、その数値を使った説明がここに出ます。",
    "Once the experiment has run to its end, this tells what happened, with its numbers.",
  ),
  inExams: say(
    "試験では講座の文が正解とされます。この実験で違う結果になる理由は「何が起きたか」で説明します。",
    "In an exam the course's sentence is what counts as right. Why it came out otherwise here is told below, in “What happened”.",
  ),
  holds: say("成り立つ", "holds"),
  fails: say("成り立たない", "fails"),
  depends: say("条件による", "depends"),
  undecided: say("この実行では判定できない", "this run cannot tell"),

  // Lessons.
  happened: say("何が起きたか", "What happened"),
  maths: say("数式", "The mathematics"),
  code: say("ライブラリのソース", "The library's source"),
  fillIn: say("穴埋め", "Fill in the line"),
  given: say("使える名前と値：", "Names that you can use:"),
  check: say("実行して確かめる", "Run it"),
  correct: say("合っています。エンジンの結果と一致しました。", "Right: the engine gives the same numbers."),
  wrong: say("違います。", "Not yet."),
  hint: say("ヒント", "A hint"),
  course: say("講座と同じ設定で", "The course's own setting"),
  tryIt: say("この設定で実行", "Run this setting"),
  notShown: say("この実験が示さないこと", "What this does not show"),
  previous: say("前へ", "Previous"),
  next: say("次へ", "Next"),
  related: say("関連", "Related"),
  missing: say("このページはありません。", "There is no such page."),
  toFirst: say("最初のページへ", "To the first page"),
  unloaded: say(
    "このページを読み込めませんでした。接続を確かめて、開き直してください。",
    "This page could not be loaded. Look at your connection, and open it again.",
  ),
} as const;
