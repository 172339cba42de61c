/**
 * A learner's line, evaluated without eval: numbers, names, method calls and functions of the library, and the four
 * operators, which also work on tensors. So a page that forbids code from text still has its exercises.
 */
import * as tsumiki from "../../../src/index.ts";

const { Tensor } = tsumiki;
export type Value = number | boolean | tsumiki.Tensor | readonly Value[];
export type Names = Readonly<Record<string, Value>>;

/** Functions that a line may call. */
const functions = [
  "relu",
  "sigmoid",
  "tanh",
  "softmax",
  "logSoftmax",
  "where",
  "maximum",
  "cat",
  "stack",
  "zeros",
  "ones",
  "full",
  "tensor",
  "eye",
  "crossEntropy",
  "mseLoss",
  "dropout",
  "conv2d",
  "maxPool2d",
  "avgPool2d",
  "matmul",
] as const;

const token = /\s*(?:(\d+\.?\d*(?:e[+-]?\d+)?|\.\d+)|([A-Za-z_]\w*)|(\S))/y;

/** The value of `line`, with tensors and numbers by name. Throws a {@link LineProblem} where it is not understood. */
export function evaluate(line: string, names: Names): Value {
  return new Parser(line, names).whole();
}

/** What of a line is not understood, and why; the page says it in words (lab/src/text/line-problem.ts). */
export class LineProblem extends Error {
  constructor(why: "name" | "method" | "number" | "rest" | "sign" | "value" | "operands", what: string) {
    super(`${why}: ${what}?`);
  }
}

class Parser {
  readonly #line: string;
  readonly #names: Names;
  #at = 0;

  constructor(line: string, names: Names) {
    this.#line = line.trim().replace(/;$/, "");
    this.#names = names;
  }

  whole(): Value {
    const value = this.#sum();
    const rest = this.#line.slice(this.#at).trim();
    if (rest !== "") throw new LineProblem("rest", rest);
    return value;
  }

  /** The next token, without taking it. */
  #peek(): { number?: string; name?: string; sign?: string; end: number } {
    token.lastIndex = this.#at;
    const match = token.exec(this.#line);
    if (!match) return { end: this.#line.length };
    const [, number, name, sign] = match;
    return { ...(number ? { number } : name ? { name } : { sign }), end: token.lastIndex };
  }
  #take(sign: string): boolean {
    const next = this.#peek();
    if (next.sign !== sign) return false;
    this.#at = next.end;
    return true;
  }
  #expect(sign: string): void {
    if (!this.#take(sign)) throw new LineProblem("sign", sign);
  }

  #sum(): Value {
    let value = this.#product();
    for (;;) {
      if (this.#take("+")) value = combine("add", value, this.#product());
      else if (this.#take("-")) value = combine("sub", value, this.#product());
      else return value;
    }
  }
  #product(): Value {
    let value = this.#unary();
    for (;;) {
      if (this.#take("*")) value = combine("mul", value, this.#unary());
      else if (this.#take("/")) value = combine("div", value, this.#unary());
      else return value;
    }
  }
  #unary(): Value {
    if (this.#take("-")) return combine("mul", this.#unary(), -1);
    let value = this.#primary();
    while (this.#take(".")) {
      const { name, end } = this.#peek();
      if (!name) throw new LineProblem("method", ".");
      this.#at = end;
      value = this.#method(value, name);
    }
    return value;
  }
  #method(value: Value, name: string): Value {
    if (!(value instanceof Tensor)) throw new LineProblem("number", `.${name}`);
    this.#expect("(");
    const method =
      Object.hasOwn(Tensor.prototype, name) && name !== "constructor" ? value[name as keyof tsumiki.Tensor] : null;
    if (typeof method !== "function") throw new LineProblem("method", `.${name}()`);
    return (method as (...args: readonly Value[]) => Value).apply(value, this.#list(")"));
  }
  #primary(): Value {
    const { number, name, sign, end } = this.#peek();
    if (this.#take("(")) {
      const value = this.#sum();
      this.#expect(")");
      return value;
    }
    if (this.#take("[")) return this.#list("]");
    this.#at = end;
    if (number !== undefined) return Number(number);
    if (name === "true" || name === "false") return name === "true";
    if (name !== undefined && Object.hasOwn(this.#names, name)) return this.#names[name];
    const known = functions.find((f) => f === name);
    if (name === undefined) throw new LineProblem("value", sign ?? "");
    if (known === undefined || !this.#take("(")) throw new LineProblem("name", name);
    const f = (tsumiki as unknown as Record<string, (...args: readonly Value[]) => Value>)[known];
    return f(...this.#list(")"));
  }
  /** Values with commas between, up to the closing sign. */
  #list(close: string): Value[] {
    const values: Value[] = [];
    if (this.#take(close)) return values;
    do values.push(this.#sum());
    while (this.#take(","));
    this.#expect(close);
    return values;
  }
}

const arithmetic = {
  add: (a: number, b: number) => a + b,
  sub: (a: number, b: number) => a - b,
  mul: (a: number, b: number) => a * b,
  div: (a: number, b: number) => a / b,
} as const;

function combine(op: keyof typeof arithmetic, a: Value, b: Value): Value {
  if (typeof a === "number" && typeof b === "number") return arithmetic[op](a, b);
  if (a instanceof Tensor && (typeof b === "number" || b instanceof Tensor)) return a[op](b);
  if (typeof a === "number" && b instanceof Tensor) return tsumiki.tensor(a)[op](b);
  throw new LineProblem("operands", op);
}
