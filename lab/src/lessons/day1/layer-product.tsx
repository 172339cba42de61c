/** 1.3 A layer is a matrix product. */
import linearLayer from "source:src/nn/linear.ts#Linear";
import linearSource from "source:src/ops/linalg.ts#linear";
import { say } from "../../../../src/experiments/text.ts";
import { LayerEditor, layerCovers } from "../../widgets/layer-editor.tsx";
import { type Lesson, live, livePercent } from "../lesson.ts";

export const lesson: Lesson = {
  keywords:
    "にゅうりょくそう ちゅうかんそう ぎょうれつのせき そうにゅうりょく 重み バイアス layer matrix product shape forward linear",
  intro: [
    say(
      "中間層のユニット 1 つがすることは、入力に重みを掛けて足し合わせ、バイアスを足すことだけです。ユニットの重みを 1 行ずつ並べて行列 W にすると、全ユニットの総入力 u が行列の積 1 つで求まります。",
      "All that a hidden unit does is to weight its inputs, add them up, and add a bias. With the weights of each unit as a row of a matrix W, one product gives the total inputs u of all units.",
    ),
    say(
      "例は、5 つの特徴から動物を 3 クラスに分けるネットワークです（重みは学習前の乱数）。データは 1 行に 1 匹ずつ入るので、計算は x Wᵀ + b になります。x の列数と W の列数が同じでなければ、計算そのものができません。",
      "The example tells three classes of animals by five features; its weights are random, not trained. Each animal is a row of x, so that the product is x Wᵀ + b. Unless x and W have the same number of columns, there is no such product.",
    ),
  ],
  todo: say(
    "W1 のマスを 1 つ書き換え、どの列の u1 が動くか見てください。次に辺の上の数を変えて、形を壊したり直したりしてみましょう。",
    "Change a cell of W1, and see which column of u1 moves. Then change a size on an edge: break the shapes, and mend them.",
  ),
  happened(seen) {
    const [w1, y] = [seen.reading("matrix", "w1", "matrix"), seen.reading("matrix", "y", "matrix")];
    const [units, matrix] = [seen.bar("units", "work", 1), seen.bar("matrix", "work", 1)];
    const clash = seen.reading("matrix", "edges", "table")?.rows.find((row) => row[3] === "×");
    const shape = w1 ? `${w1.rows}×${w1.cols}` : "–";
    return [
      clash
        ? say(
            `${clash[0]} の境目で、${clash[1]} と ${clash[2]} が合わず、計算が止まりました。掛ける 2 つの行列は、隣り合う辺が同じ長さでなければなりません。`,
            `It stopped at ${clash[0]}: ${clash[1]} does not fit ${clash[2]}. Of two matrices that are multiplied, the edges that meet have to be equal.`,
          )
        : say(
            `W1 は ${shape} なので、中間層のユニットは ${w1?.rows ?? "–"} 個です。出力は 1 行ごとに合計 1 の確率になり、1 行目の最初のクラスは ${livePercent(y?.values[0] ?? null)} です。`,
            `W1 is ${shape}: ${w1?.rows ?? "–"} hidden units. Each row of the output is probabilities that add up to 1; the first class has ${livePercent(y?.values[0] ?? null)} in the first row.`,
          ),
      say(
        `同じ ${live(seen.bar("matrix", "work", 0))} 回の積和を、ユニットごとなら ${live(units)} 回、行列なら ${live(matrix)} 回の呼び出しで計算します。`,
        `The same ${live(seen.bar("matrix", "work", 0))} multiply-adds take ${live(units)} calls unit by unit, and ${live(matrix)} as matrices.`,
      ),
    ];
  },
  formulas: [
    {
      html: tex`\htmlData{probe=u1}{\mathbf{u}} = \htmlData{probe=w1}{W}\,\htmlData{probe=x}{\mathbf{x}} + \htmlData{probe=b1}{\mathbf{b}}, \qquad \htmlData{probe=z1}{\mathbf{z}} = f(\mathbf{u})`,
      spoken: say(
        "総入力 u は重み行列と入力の積にバイアスを足したもの。出力はそれを活性化関数に通したもの。",
        "The total input is weights times input plus bias; the output is its activation.",
      ),
    },
    {
      html: tex`\underbrace{X}_{N \times D}\;\underbrace{W^{\top}}_{D \times H} + \mathbf{b} \;=\; \underbrace{U}_{N \times H}`,
      spoken: say(
        "N 個のデータを行に並べた X に、W の転置を掛けると、N 行 H 列になる。隣り合う D どうしが一致しなければならない。",
        "X with N rows of data times W transposed has N rows and H columns; the two D that meet have to be equal.",
      ),
    },
  ],
  sources: [linearSource, linearLayer],
  fillIn: {
    prompt: say("x と W（出力×入力）から u を計算してください。", "Compute u from x and W (outputs by inputs)."),
    before: "const u = ",
    after: ";",
    hint: say("x.matmul(W.transpose(0, 1)) に b を足します。", "x.matmul(W.transpose(0, 1)), plus b."),
    expected: "x.matmul(W.transpose(0, 1)) + b",
    given: {
      x: [[1, 2]],
      W: [
        [1, 0],
        [0, 1],
        [1, 1],
      ],
      b: [0, 1, 2],
    },
  },
  notShown: say(
    "速さの理由（メモリの並びや SIMD）は、ここでは扱いません。コンパイラのページをご覧ください。",
    "Why one product is faster, memory and SIMD, is not shown here; see the page of the compiler.",
  ),
  related: ["step-function", "sigmoid"],
  Extra: LayerEditor,
  covers: layerCovers,
};
