/**
 * Functions of numbers on the host, from the same arithmetic as kernels: those of `Math` differ in their last bits from one
 * engine to the next, and what is drawn, or initialized, or scheduled with them would differ too.
 */
import type { Expr } from "../graph/expr.ts";
import { evaluator } from "./eval-expr.ts";
import { expand } from "./math.ts";

type Name = "exp" | "log" | "sin" | "cos" | "tanh" | "pow";

const inputs = [0, 1].map((slot): Expr => ({ op: "arg", slot, dtype: "float64" }));

/** Expands the function when it is first called. */
function host(op: Name): (x: number, y?: number) => number {
  const columns = [new Float64Array(1), new Float64Array(1)].slice(0, op === "pow" ? 2 : 1);
  let evaluate: ((...columns: Float64Array[]) => Float64Array) | undefined;
  return (x, y = 0) => {
    const src = inputs.slice(0, columns.length);
    evaluate ??= evaluator(expand({ op, src, dtype: "float64" }), src);
    columns[0][0] = x;
    if (columns.length > 1) columns[1][0] = y;
    return evaluate(...columns)[0];
  };
}

export const hostMath: { readonly [F in Exclude<Name, "pow"> | "sqrt"]: (x: number) => number } & {
  readonly pow: (x: number, y: number) => number;
} = {
  exp: host("exp"),
  log: host("log"),
  sin: host("sin"),
  cos: host("cos"),
  tanh: host("tanh"),
  pow: host("pow"),
  sqrt: Math.sqrt,
};
