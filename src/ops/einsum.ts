/** Sums of products by the letters of their axes, such as `"bik,bkj->bij"`, made of transpositions and one matmul a pair. */
import { DTypeError, ValueError } from "../errors.ts";
import type { Node } from "../graph/node.ts";
import * as g from "../graph/ops.ts";
import { show, sizeOf } from "../graph/shape.ts";
import { product } from "./autocast.ts";
import { checkShape } from "./check.ts";
import { diagonal } from "./shape.ts";

/** An operand with a label for each of its axes. */
interface Labelled {
  readonly x: Node;
  readonly labels: readonly string[];
}

function refuse(equation: string, position: number, got: string, want: string): never {
  const place = ` at position ${position} of ${JSON.stringify(equation)}`;
  throw new ValueError({ in: "einsum", got: got + place, want, fix: "Check the equation" });
}

/** The labels of one operand; the axes of an ellipsis get the labels `…0`, `…1` and so on, counted from the right. */
function labelsOf(equation: string, start: number, text: string, ellipsis: number): string[] {
  const labels: string[] = [];
  for (let i = 0; i < text.length; i++) {
    if (text.startsWith("...", i)) {
      if (labels.some((l) => l.length > 1)) refuse(equation, start + i, "a second ellipsis", "one for each operand");
      for (let k = ellipsis; k > 0; k--) labels.push(`…${k}`);
      i += 2;
    } else if (/[a-zA-Z]/.test(text[i])) labels.push(text[i]);
    else if (text[i] !== " ") refuse(equation, start + i, JSON.stringify(text[i]), "letters a to z and A to Z");
  }
  return labels;
}

function parse(equation: string, xs: readonly Node[]): { inputs: Labelled[]; output: string[] } {
  const arrow = equation.indexOf("->");
  const left = arrow < 0 ? equation : equation.slice(0, arrow);
  const texts = left.split(",");
  if (texts.length !== xs.length) {
    refuse(equation, 0, `${texts.length} operands`, `as many as there are tensors, ${xs.length}`);
  }
  let start = 0;
  const inputs = texts.map((text, i): Labelled => {
    const letters = text.replaceAll(/\.\.\.| /g, "").length;
    const hidden = text.includes("...") ? xs[i].shape.length - letters : 0;
    const labels = labelsOf(equation, start, text, Math.max(hidden, 0));
    if (labels.length !== xs[i].shape.length) {
      refuse(equation, start, `${labels.length} labels for ${show(xs[i].shape)}`, "a label for each axis");
    }
    start += text.length + 1;
    return { x: xs[i], labels };
  });
  const all = inputs.flatMap(({ labels }) => labels);
  if (arrow < 0) {
    // As in PyTorch: what an ellipsis stands for, then the letters that stand once, in alphabetical order.
    const hidden = [...new Set(all.filter((l) => l.length > 1))].sort(
      (a, b) => Number(b.slice(1)) - Number(a.slice(1)),
    );
    const single = all.filter((l) => l.length === 1 && all.indexOf(l) === all.lastIndexOf(l));
    return { inputs, output: [...hidden, ...single.sort()] };
  }
  const text = equation.slice(arrow + 2);
  const hidden = Math.max(0, ...all.filter((l) => l.length > 1).map((l) => Number(l.slice(1))));
  if (text.includes("...") && !left.includes("...")) {
    refuse(equation, arrow + 2 + text.indexOf("..."), "an ellipsis in the output only", "one in an input too");
  }
  const output = labelsOf(equation, arrow + 2, text, hidden);
  output.forEach((label, i) => {
    const position = arrow + 2 + Math.max(text.indexOf(label), 0);
    if (!all.includes(label)) refuse(equation, position, `the output label "${label}"`, "labels of the inputs");
    if (output.indexOf(label) !== i) refuse(equation, position, `the output label "${label}" twice`, "each label once");
  });
  return { inputs, output };
}

/** The size of each label; 1 gives way to any other. */
function sizesOf(equation: string, inputs: readonly Labelled[]): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const { x, labels } of inputs) {
    labels.forEach((label, i) => {
      const [known, size] = [sizes.get(label) ?? 1, x.shape[i]];
      if (known !== 1 && size !== 1 && known !== size) {
        const position = Math.max(equation.indexOf(label), 0);
        refuse(equation, position, `the sizes ${known} and ${size} for "${label}"`, "one size for each label");
      }
      sizes.set(label, known === 1 ? size : known);
    });
  }
  return sizes;
}

/** An operand whose labels all differ, and which has none that `kept` does without: those are summed. */
function reduced({ x, labels }: Labelled, kept: ReadonlySet<string>): Labelled {
  const twice = labels.findIndex((l, i) => labels.indexOf(l) !== i);
  if (twice >= 0) {
    const first = labels.indexOf(labels[twice]);
    const rest = labels.filter((_, i) => i !== first && i !== twice);
    return reduced({ x: diagonal(x, { axis1: first, axis2: twice }), labels: [...rest, labels[twice]] }, kept);
  }
  const axes = labels.flatMap((l, i) => (kept.has(l) ? [] : [i]));
  const left = labels.filter((l) => kept.has(l));
  return {
    x: g.reshape(
      g.sum(x, axes),
      x.shape.filter((_, i) => !axes.includes(i)),
    ),
    labels: left,
  };
}

/** An operand with its axes in the order of `labels`; those that it lacks have size 1. */
function arranged({ x, labels: own }: Labelled, labels: readonly string[]): Node {
  const has = labels.filter((l) => own.includes(l));
  const ordered = g.permute(
    x,
    has.map((l) => own.indexOf(l)),
  );
  return g.reshape(
    ordered,
    labels.map((l) => (own.includes(l) ? x.shape[own.indexOf(l)] : 1)),
  );
}

/** The product of two operands, summed over the labels that are not in `kept`. */
function contracted(a: Labelled, b: Labelled, kept: ReadonlySet<string>, sizes: ReadonlyMap<string, number>): Labelled {
  const size = (list: readonly string[]): number[] => list.map((l) => sizes.get(l) as number);
  const shared = a.labels.filter((l) => b.labels.includes(l));
  const [batch, inner] = [shared.filter((l) => kept.has(l)), shared.filter((l) => !kept.has(l))];
  const rows = a.labels.filter((l) => !shared.includes(l));
  const columns = b.labels.filter((l) => !shared.includes(l));
  const matrix = (from: Labelled, outer: readonly string[], last: readonly string[]): Node => {
    const full = [...batch, ...outer, ...last];
    const wide = g.expand(arranged(from, full), size(full));
    return g.reshape(wide, [...size(batch), sizeOf(size(outer)), sizeOf(size(last))]);
  };
  const y = product(matrix(a, rows, inner), matrix(b, inner, columns));
  const labels = [...batch, ...rows, ...columns];
  return { x: g.reshape(y, checkShape("einsum", size(labels))), labels };
}

/** The sum of products that `equation` describes. A label on both sides of the arrow is kept, any other summed. */
export function einsum(equation: string, xs: readonly Node[]): Node {
  const odd = xs.find((x) => x.dtype !== xs[0].dtype);
  if (odd) {
    const got = `${xs[0].dtype} and ${odd.dtype}`;
    throw new DTypeError({ in: "einsum", got, want: "tensors of one type", fix: `Convert with to("${xs[0].dtype}")` });
  }
  const { inputs, output } = parse(equation, xs);
  const sizes = sizesOf(equation, inputs);
  const neededAfter = (i: number): Set<string> => new Set([...output, ...inputs.slice(i).flatMap((o) => o.labels)]);
  let result = reduced(inputs[0], neededAfter(1));
  for (let i = 1; i < inputs.length; i++) {
    const kept = neededAfter(i + 1);
    const next = reduced(inputs[i], new Set([...kept, ...result.labels]));
    // What only the left one has, and nobody needs any more, is summed before the product.
    result = contracted(reduced(result, new Set([...kept, ...next.labels])), next, kept, sizes);
  }
  const wide = output.map((l) => sizes.get(l) as number);
  return g.expand(arranged(reduced(result, new Set(output)), output), checkShape("einsum", wide));
}
