/** Gradients of functions, beside `Tensor.backward()`. All only record; gradients are tensors and can be differentiated. */
import { ShapeError, ValueError } from "../errors.ts";
import { isFloat } from "../graph/dtype.ts";
import { vjpOrZero } from "../graph/grad.ts";
import { node } from "../graph/ops.ts";
import { sameShape, show } from "../graph/shape.ts";
import { print } from "../ops/check.ts";
import { ones } from "./create.ts";
import { Tensor, tensorNode } from "./tensor.ts";

type Function = (...xs: Tensor[]) => Tensor;

/** Throws unless `f` is a function: PyTorch's grad takes the value instead. */
function checkFunction(op: string, f: unknown): void {
  if (typeof f === "function") return;
  const fix = f instanceof Tensor ? "Write grad((x) => …)(x), or loss.backward()" : "Write grad((x) => …)(x)";
  throw new ValueError({ in: op, got: print(f), want: "a function", fix });
}

/** The value of `f(...xs)`, and the function that takes its cotangent to those of `xs`. */
export function vjp(f: Function, ...xs: Tensor[]): { value: Tensor; pullback: (cotangent: Tensor) => Tensor[] } {
  checkFunction("vjp", f);
  xs.forEach((x, i) => {
    tensorNode("vjp", x, `argument ${i}`);
    if (isFloat(x.dtype)) return;
    const got = `argument ${i} in ${x.dtype}`;
    throw new ValueError({ in: "vjp", got, want: "floating point", fix: "Convert it with float()" });
  });
  // Nodes of their own, so that an argument that also comes in by another way counts only as an argument.
  const inputs = xs.map((x) => node("reshape", [x.node], { shape: x.shape }));
  const value = f(...inputs.map((n) => new Tensor(n)));
  const pullback = (cotangent: Tensor): Tensor[] => {
    if (!sameShape(cotangent.shape, value.shape)) {
      const got = `a cotangent of ${show(cotangent.shape)}`;
      throw new ShapeError({ in: "pullback", got, want: show(value.shape), fix: "Expand or reduce it" });
    }
    return vjpOrZero([value.node], [cotangent.to(value.dtype).node], inputs).map((n) => new Tensor(n));
  };
  return { value, pullback };
}

/** The function that gives `f`'s value, a scalar, and its gradients with respect to all arguments. */
export function valueAndGrad(f: Function): (...xs: Tensor[]) => { value: Tensor; grads: Tensor[] } {
  checkFunction("valueAndGrad", f);
  return (...xs) => {
    const { value, pullback } = vjp(f, ...xs);
    if (value.numel() !== 1 || !isFloat(value.dtype)) {
      const got = `a ${value.dtype} result of shape ${show(value.shape)}`;
      throw new ValueError({ in: "grad", got, want: "one element in floating point", fix: "Reduce it with sum()" });
    }
    return { value, grads: pullback(ones(value.shape, { dtype: value.dtype })) };
  };
}

/** The function that gives the gradients of `f`, whose value is a scalar, with respect to all arguments. */
export function grad(f: Function): (...xs: Tensor[]) => Tensor[] {
  checkFunction("grad", f);
  const both = valueAndGrad(f);
  return (...xs) => both(...xs).grads;
}
