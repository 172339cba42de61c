/** What is wrong with a learner's line, in both languages; what the library itself says of shapes stays as it is. */
import { say, type Text } from "../../../src/experiments/text.ts";

const byWhy: Readonly<Record<string, (what: string) => Text>> = {
  name: (name) => say(`「${name}」という名前は、ここでは使えません。`, `“${name}” is not a name that is known here.`),
  method: (method) => say(`「${method}」というメソッドはありません。`, `There is no method “${method}”.`),
  number: (method) =>
    say(
      `「${method}」の前がテンソルではありません。メソッドはテンソルにだけ使えます。`,
      `What stands before “${method}” is not a tensor, and only tensors have methods.`,
    ),
  rest: (rest) =>
    say(`式の終わりに「${rest}」が余っています。`, `“${rest}” is left over where the expression should end.`),
  sign: (sign) => say(`「${sign}」が足りません。`, `A “${sign}” is missing.`),
  value: (sign) =>
    sign === ""
      ? say("式が途中で終わっています。", "The expression ends too early.")
      : say(`「${sign}」の位置には、数か名前が必要です。`, `Where “${sign}” stands, a number or a name is needed.`),
  operands: () => say("数やテンソルではない値は計算できません。", "Only numbers and tensors can be calculated with."),
};

/** A message of the engine in words. */
export function lineProblem(message: string): Text {
  const [, why, what] = /^(\w+): (.*)\?$/s.exec(message) ?? [];
  return (why !== undefined && Object.hasOwn(byWhy, why) && byWhy[why](what)) || say(message, message);
}
