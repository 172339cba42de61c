/** Index arithmetic, against brute force. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  add,
  constant,
  divmod,
  flatten,
  reshaped,
  scale,
  substitute,
  unflatten,
  variable,
} from "../../src/graph/affine.ts";
import type { Affine, Var } from "../../src/graph/expr.ts";
import { Random } from "../fuzz/random.ts";

/** The value of `a` where its variables have the values of `at`. */
function value(a: Affine, at: ReadonlyMap<Var, number>): number {
  let sum = a.base;
  for (const [v, coef] of a.terms) {
    const { def } = v;
    if (!def) sum += coef * (at.get(v) as number);
    else if (def.op === "data") throw new Error("no memory here");
    else {
      const of = value(def.of, at);
      const whole = Math.floor(of / def.by);
      const part = def.op === "div" ? whole : of - whole * def.by;
      assert.ok(part >= 0 && part < v.size, `${def.op} is ${part}, of ${v.size}`);
      sum += coef * part;
    }
  }
  return sum;
}

function* everywhere(vars: readonly Var[], at = new Map<Var, number>()): Generator<ReadonlyMap<Var, number>> {
  const [first, ...rest] = vars;
  if (!first) return void (yield at);
  for (let i = 0; i < first.size; i++) yield* everywhere(rest, new Map(at).set(first, i));
}

const isWhole = (a: Affine): boolean => [a.base, ...a.terms.values()].every(Number.isInteger);

test("quotients and remainders agree with those of every value, and so do those of quotients and remainders", () => {
  const r = new Random(1);
  for (let i = 0; i < 1500; i++) {
    const vars = ["a", "b", "c"].map((name): Var => ({ name, size: r.pick([1, 2, 3, 5, 8]) }));
    let a: Affine = constant(r.int(-30, 30));
    for (const v of vars) if (r.chance(0.8)) a = add(a, scale(variable(v), r.pick([1, -1, 2, 3, -4, 6, 12, 49])));
    const [by, again] = [r.int(1, 13), r.int(1, 5)];
    const [quotient, remainder] = divmod(a, by);
    const [q2] = divmod(add(quotient, constant(r.int(-3, 3))), again);
    const [, m2] = divmod(add(scale(remainder, r.int(1, 3)), constant(1)), again);
    for (const at of everywhere(vars)) {
      const x = value(a, at);
      assert.equal(value(quotient, at), Math.floor(x / by));
      assert.equal(value(remainder, at), x - Math.floor(x / by) * by);
      value(q2, at);
      value(m2, at);
    }
  }
});

test("a quotient has whole coefficients, also where one part in 2858 times 2858 is not 1", () => {
  for (let by = 1; by < 5000; by++)
    assert.ok(isWhole(divmod(scale(variable({ name: "i", size: 2 }), by), by)[0]), `${by}`);
});

test("unflatten is the inverse of flatten, whichever shape lies between", () => {
  const r = new Random(2);
  for (let i = 0; i < 500; i++) {
    const shape = Array.from({ length: r.int(1, 4) }, () => r.pick([1, 2, 3, 4, 6]));
    const count = shape.reduce((n, d) => n * d, 1);
    const between = r.pick([2, 3, 4, 6]);
    const other = count % between === 0 ? [between, count / between] : [count];
    const vars = shape.map((size, axis): Var => ({ name: `i${axis}`, size }));
    const flat = flatten(vars.map(variable), shape);
    const there = unflatten(flat, other);
    const grown = other.flatMap((d) => (r.chance(0.3) ? [1, d] : [d]));
    const same = flatten(reshaped(vars.map(variable), shape, grown), grown);
    const back = flatten(there, other);
    const moved = substitute(back, (v) => (v === vars[0] ? add(variable(v), constant(1)) : undefined));
    for (const at of everywhere(vars)) {
      assert.equal(value(back, at), value(flat, at));
      assert.equal(value(same, at), value(flat, at));
      if ((at.get(vars[0]) as number) + 1 < shape[0])
        assert.equal(value(moved, at), value(flat, new Map(at).set(vars[0], (at.get(vars[0]) as number) + 1)));
      there.forEach((a, axis) => {
        const x = value(a, at);
        assert.ok(x >= 0 && x < other[axis]);
      });
    }
  }
});

test("an axis that a reshaping leaves alone keeps its index, even one that is out of range", () => {
  const [i, j] = ["i", "j"].map((name) => variable({ name, size: 5 }));
  const low = add(j, constant(-2));
  assert.deepEqual(reshaped([i, low], [5, 5], [1, 5, 1, 5, 1]), [constant(0), i, constant(0), low, constant(0)]);
  assert.deepEqual(reshaped([i, constant(0), low], [5, 1, 5], [5, 5]), [i, low]);
  const [a, b, c] = reshaped([i, low], [6, 5], [2, 3, 5]);
  assert.deepEqual([a, b, c], [...divmod(i, 3), low]);
});

test("a quotient depends only on those variables that can change it", () => {
  const [channel, pixel]: Var[] = [
    { name: "c", size: 64 },
    { name: "p", size: 784 },
  ];
  const flat = add(scale(variable(channel), 784), variable(pixel));
  const [group, rest] = divmod(flat, 8 * 784);
  assert.deepEqual(group, divmod(variable(channel), 8)[0]);
  assert.deepEqual(rest, add(scale(divmod(variable(channel), 8)[1], 784), variable(pixel)));
  assert.deepEqual(divmod(scale(variable(channel), 10), 15)[0], divmod(scale(variable(channel), 2), 3)[0]);
});
