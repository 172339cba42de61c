"""Golden values from PyTorch: ops, losses, layers, optimizers and schedules.

Run by hand when a case is added, with Debian's python3-torch (1.13) and nothing else: `/usr/bin/python3 make.py`. The
tests only read what this writes: safetensors, and a line of JSON for each case, which refers to tensors by number.

Expected values are those of PyTorch in float64 on float32 inputs, rounded once. A case in which PyTorch's own float32
strays far from that is left out. Beside an expected tensor stands its scale, one byte e per element: the rounding
errors of an honest float32 implementation are small multiples of 2**-24 * 2**(e - 128), because 2**(e - 128) bounds
the sum of the absolute values that went into the element. Functions whose tensors have no scales only move elements:
equal bits.
"""

import copy
import json
import math
import os
import pathlib
import random
import sys
import types
import warnings

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

stub = types.ModuleType("expecttest")  # the database of operators asks for it and does not use it
stub.TestCase, stub.ACCEPT = __import__("unittest").TestCase, False
sys.modules["expecttest"] = stub
from torch.testing._internal.common_methods_invocations import op_db  # noqa: E402

warnings.filterwarnings("ignore")
torch.set_num_threads(1)
HERE = pathlib.Path(__file__).parent
U = 2.0**-24  # half the distance from 1 to the next float32
MAX_ELEMENTS = 256  # of a tensor in a case of an operator


# The file formats


class Store:
    """Tensors by number, each content once."""

    def __init__(self):
        self.tensors, self.number = [], {}

    def add(self, x):
        a = x.detach().cpu().numpy() if isinstance(x, torch.Tensor) else x
        narrow = {"float64": "float32", "int64": "int32"}  # the library has no int64
        a = np.array(a, dtype=narrow.get(str(a.dtype), a.dtype), order="C")  # not ascontiguousarray: it drops rank 0
        key = (str(a.dtype), a.shape, a.tobytes())
        if key not in self.number:
            self.number[key] = len(self.tensors)
            self.tensors.append(a)
        return self.number[key]

    def write(self, path):
        names = {"float32": "F32", "int32": "I32", "bool": "BOOL", "uint8": "U8"}
        header, data, start = {}, [], 0
        order = sorted(range(len(self.tensors)), key=lambda i: -self.tensors[i].itemsize)  # keeps every tensor aligned
        for i in order:
            a = self.tensors[i]
            header[str(i)] = {
                "dtype": names[str(a.dtype)],
                "shape": list(a.shape),
                "data_offsets": [start, start + a.nbytes],
            }
            start += a.nbytes
            data.append(a.tobytes())
        head = json.dumps(header, separators=(",", ":")).encode()
        head += b" " * (-len(head) % 8)
        path.write_bytes(len(head).to_bytes(8, "little") + head + b"".join(data))


def save(name, store, cases):
    store.write(HERE / f"{name}.safetensors")
    lines = (json.dumps(c, separators=(",", ":"), allow_nan=False) + "\n" for c in cases)
    (HERE / f"{name}.jsonl").write_text("".join(lines))
    sizes = [(HERE / f"{name}.{end}").stat().st_size // 1024 for end in ("jsonl", "safetensors")]
    print(f"{name}: {len(cases)} cases, {len(store.tensors)} tensors, {sizes[0]} + {sizes[1]} KiB")


class LeftOut(Exception):
    """A case that cannot be told in our terms, or says nothing."""


DTYPES = {
    torch.float32: "float32",
    torch.int32: "int32",
    torch.int64: "int32",
    torch.bool: "bool",
    torch.uint8: "uint8",
}


def tree(x, inputs):
    """Arguments as JSON. Tensors go to `inputs` and leave `{"$": their place}`."""
    if isinstance(x, torch.Tensor):
        if x.dtype not in DTYPES:
            raise LeftOut(str(x.dtype))
        if x.numel() > MAX_ELEMENTS:
            raise LeftOut("large")
        inputs.append(x)
        return {"$": len(inputs) - 1}
    if x is None or isinstance(x, (bool, int, str)):
        return x
    if isinstance(x, float):
        return x if math.isfinite(x) else {"number": str(x).replace("inf", "Infinity").replace("nan", "NaN")}
    if isinstance(x, (tuple, list)):
        return [tree(v, inputs) for v in x]
    if isinstance(x, slice):
        return {"slice": [x.start, x.stop, x.step]}
    if x is Ellipsis:
        return {"ellipsis": True}
    if isinstance(x, torch.dtype) and x in DTYPES:
        return {"dtype": DTYPES[x]}
    raise LeftOut(str(type(x)))


def fill(t, inputs):
    """The opposite of `tree`: PyTorch's own arguments, with these tensors."""
    if isinstance(t, torch.Tensor):
        return next(inputs)
    if isinstance(t, (tuple, list)):
        return type(t)(fill(v, inputs) for v in t)
    if isinstance(t, dict):
        return {k: fill(v, inputs) for k, v in t.items()}
    return t


# Values, derivatives and scales


def outputs_of(y):
    return [y] if isinstance(y, torch.Tensor) else [v for part in y for v in outputs_of(part)]


def run(f, inputs, wants, cotangents, dtype, factors=None):
    """Outputs of `f` and gradients of `sum(out * cotangent)`, on copies of the inputs in `dtype`."""
    xs = []
    for i, x in enumerate(inputs):
        x = x.detach().clone()
        if x.is_floating_point():
            x = x.to(dtype)
            if factors is not None:
                x = x * factors[i]
            x.requires_grad_(wants[i])
        xs.append(x)
    ys = outputs_of(f(xs))
    loss = None
    for y, c in zip(ys, cotangents(ys)):
        if c is not None:
            term = (y * c.to(y.dtype)).sum()
            loss = term if loss is None else loss + term
    asked = [x for x in xs if x.requires_grad]
    grads = iter(
        torch.autograd.grad(loss, asked, allow_unused=True, retain_graph=True) if asked and loss is not None else []
    )
    grads = [next(grads, None) if x.requires_grad else None for x in xs]
    return xs, ys, [torch.zeros_like(x) if x.requires_grad and g is None else g for x, g in zip(xs, grads)]


class Expected:
    """A tensor to compare with: what bounds its elements' errors, and which of them are moved rather than computed."""

    def __init__(self, x, bound=None, moved=None):
        self.x = x.detach()
        self.bound = None if bound is None else bound.detach().reshape(x.shape).clone()
        self.moved = None if moved is None else moved.reshape(x.shape)

    def scale(self):
        with np.errstate(all="ignore"):
            bound = self.bound.numpy()
            e = np.ceil(np.log2(np.where(np.isfinite(bound), bound, 1e38)))
        return np.array(np.clip(np.where(np.isfinite(e), e, -127), -127, 127) + 128, dtype=np.uint8)


def settle(store, cases, key):
    """Stores what is expected. Tensors of a function that only moves elements have no scales: equal bits."""

    def walk(value, visit):
        if isinstance(value, Expected):
            return visit(value)
        if isinstance(value, dict):
            return {k: walk(v, visit) for k, v in value.items()}
        return [walk(v, visit) for v in value] if isinstance(value, list) else value

    computes = set()
    for c in cases:
        for field, value in c.items():
            mark = (c[key], field == "outputs")
            walk(value, lambda e: computes.add(mark) if e.bound is not None and not bool(e.moved.all()) else None)

    def stored(e, exact):
        return [store.add(e.x)] if exact or e.bound is None else [store.add(e.x), store.add(e.scale())]

    def told(c, field, value):
        return walk(value, lambda e: stored(e, (c[key], field == "outputs") not in computes))

    return [{field: told(c, field, value) for field, value in c.items()} for c in cases]


def measure(f, inputs, wants, generator):
    """Everything expected of a case: outputs, the cotangents that weigh them, gradients."""
    chosen = []

    def cotangents(ys):
        if not chosen:
            for y in ys:
                float_out = y.is_floating_point() and y.requires_grad
                chosen.append(torch.randn(y.shape, generator=generator) if float_out else None)
        return chosen

    xs, ys, gs = run(f, inputs, wants, cotangents, torch.float64)
    for y in ys:
        if y.dtype not in DTYPES and y.dtype != torch.float64:
            raise LeftOut(str(y.dtype))
        if y.numel() > MAX_ELEMENTS * 2:
            raise LeftOut("large")
    asked = [i for i, x in enumerate(xs) if x.requires_grad]
    # What went into a gradient, and whether it is one cotangent, unchanged.
    into = {i: torch.zeros_like(xs[i]) for i in asked}
    moved = {i: torch.zeros_like(xs[i]) for i in asked}
    outputs = [output(y, c, xs, asked, into, moved) for y, c in zip(ys, chosen)]
    # Gradients may depend on inputs more sharply than outputs do: see how they move when inputs do, a little.
    moves = {i: torch.zeros_like(xs[i]) for i in asked}
    eps = 1e-8
    for _ in range(3):
        factors = [1 + eps * (torch.randint(0, 2, x.shape, generator=generator) * 2 - 1) for x in inputs]
        _, _, near = run(f, inputs, wants, cotangents, torch.float64, factors)
        for i in asked:
            moves[i] = torch.maximum(moves[i], ((near[i] - gs[i]).abs() / eps).nan_to_num(0))
    grads = [None] * len(gs)
    for i in asked:
        bound = into[i] + finite(gs[i]).abs()
        bound = torch.where(moves[i] < 1e4 * bound, torch.maximum(bound, moves[i]), bound)  # beyond is a jump
        grads[i] = Expected(gs[i], bound, moved[i] <= 1)
    # Where PyTorch's own float32 errs by more than the scale says, an intermediate was larger than what came out
    # (1 - sigmoid(9), say): that is the whole tensor's scale then. Where it errs by far more, the case tells nothing.
    _, ys32, gs32 = run(f, inputs, wants, lambda _: chosen, torch.float32)
    for single, e in [*zip(ys32, outputs), *zip(gs32, grads)]:
        if e is None or e.x.numel() == 0:
            continue
        if e.bound is None:
            if not torch.equal(single, e.x):
                raise LeftOut("ill-conditioned")
            continue
        near, far = torch.isfinite(e.x.float()), torch.isfinite(single)
        error = torch.where(near, (single.detach().double() - e.x.float().double()).abs(), 0)
        most = torch.where(near, e.x.abs(), 0).max().item()
        if error.max().item() > 1e-3 * most + 1e-5 or not torch.equal(near, far):
            raise LeftOut("ill-conditioned")
        e.moved &= error == 0
        if bool((error > 8 * U * e.bound).any()):
            e.bound = e.bound.clamp(min=error.max().item() / (8 * U))
    return outputs, chosen, grads


def finite(x):
    return x.detach().nan_to_num(0, 1e30, 1e30)


def output(y, cotangent, xs, asked, into, moved):
    """One output, by the rows of its Jacobian J: |J||x| bounds what went into an element, and so for the gradients."""
    if not y.is_floating_point():
        return Expected(y)
    flat = y.detach().reshape(-1)
    if not y.requires_grad:
        known = torch.cat([finite(x).reshape(-1).double() for x in xs] + [torch.zeros(1).double()]).abs()
        return Expected(
            y, finite(flat).abs(), (finite(flat) == finite(flat).round()) | torch.isin(finite(flat).abs(), known)
        )
    bound, same = finite(flat).abs(), torch.zeros(flat.shape, dtype=torch.bool)
    for k in range(flat.numel()):
        rows = torch.autograd.grad(y.reshape(-1)[k], [xs[i] for i in asked], retain_graph=True, allow_unused=True)
        count, unit = 0, True
        for i, row in zip(asked, rows):
            if row is None:
                continue
            a = finite(row).abs()
            bound[k] += (a * finite(xs[i]).abs()).sum()
            into[i] += a * abs(cotangent.reshape(-1)[k].item())
            moved[i] += (a != 0) * torch.where(a == 1, 1, 2)
            count += int((a != 0).sum())
            unit = unit and bool(((a == 0) | (a == 1)).all())
        value = flat[k].item()
        same[k] = count == 0 or bool(count == 1 and unit and np.float32(value) == value)
    return Expected(y, bound, same)


def case(store, f, args, kwargs, generator, wants=None):
    """A case of a function of tensors and other arguments, as JSON."""
    inputs = []
    told = {"args": tree(list(args), inputs), "kwargs": {k: tree(v, inputs) for k, v in kwargs.items()}}
    wants = [x.requires_grad for x in inputs] if wants is None else wants

    def call(xs):
        it = iter(xs)
        a = fill(list(args), it)
        return f(*a, **fill(kwargs, it))

    outputs, cotangents, grads = measure(call, inputs, wants, generator)
    return told | {
        "inputs": [store.add(x) for x in inputs],
        "outputs": outputs,
        "cotangents": [None if c is None else store.add(c) for c in cotangents],
        "grads": grads,
    }


# Operators, from PyTorch's database

UNARY = """abs acos acosh asin asinh atan atanh ceil cos cosh erf erfc exp exp2 expm1 floor frac log log10 log1p
  log2 logit neg reciprocal round rsqrt sigmoid sign sin sinh sqrt square tan tanh trunc nan_to_num isnan isfinite
  isinf logical_not"""
BINARY = """add sub mul div floor_divide remainder fmod pow maximum minimum atan2 eq ne lt le gt ge logical_and
  logical_or logical_xor hypot xlogy logaddexp lerp addcmul addcdiv clamp clamp_min clamp_max where masked_fill
  isclose"""
REDUCE = """sum mean prod amax amin max min argmax argmin all any std var std_mean var_mean logsumexp
  linalg.vector_norm count_nonzero cumsum cumprod cummax cummin logcumsumexp softmax log_softmax diff norm median"""
LINEAR = """matmul mm bmm mv dot addmm baddbmm outer inner einsum tensordot trace nn.functional.linear
  nn.functional.bilinear nn.functional._scaled_dot_product_attention"""
VIEW = """T mT t transpose permute movedim reshape view flatten unflatten squeeze unsqueeze expand expand_as
  broadcast_to flip roll rot90 tile repeat repeat_interleave cat stack hstack vstack split split_with_sizes chunk
  unbind narrow select slice tril triu diag diagonal diag_embed unfold __getitem__ meshgrid"""
INDEX = """gather scatter scatter_add scatter_reduce take_along_dim index_select index_add index_put index_copy
  index_fill sort argsort topk searchsorted nn.functional.embedding nn.functional.one_hot"""
NN = """relu relu6 elu celu selu gelu glu hardshrink hardsigmoid hardswish hardtanh leaky_relu logsigmoid mish prelu
  silu softplus softshrink softsign tanhshrink threshold softmin conv1d conv2d conv_transpose1d conv_transpose2d
  conv_transpose3d max_pool1d max_pool2d max_pool3d avg_pool1d avg_pool2d avg_pool3d adaptive_avg_pool1d
  adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d pad unfold
  pixel_shuffle pixel_unshuffle interpolate local_response_norm batch_norm group_norm instance_norm layer_norm
  normalize cosine_similarity pairwise_distance binary_cross_entropy binary_cross_entropy_with_logits
  cosine_embedding_loss cross_entropy gaussian_nll_loss hinge_embedding_loss huber_loss kl_div l1_loss
  margin_ranking_loss mse_loss nll_loss poisson_nll_loss smooth_l1_loss soft_margin_loss triplet_margin_loss"""
CREATE = "arange linspace eye"

WANTED = set(" ".join([UNARY, BINARY, REDUCE, LINEAR, VIEW, INDEX, CREATE]).split())
WANTED |= {f"nn.functional.{name}" for name in NN.split()}
INTEGER = set(" ".join([UNARY, BINARY, REDUCE, VIEW, INDEX, CREATE]).split()) | {"matmul"}
BOOLEAN = set(
    "logical_and logical_or logical_xor logical_not eq ne where masked_fill all any cat permute gather".split()
)
VARIANTS_LEFT_OUT = {"bicubic", "trilinear", "area", "with_dtype", "dtype", "decimals_neg_3", "nuc", "decomposed"}
MOST = {torch.float32: 36, torch.int32: 5, torch.bool: 4}


def spread(items, most):
    """At most `most` of the items, evenly from first to last."""
    return items if len(items) <= most else [items[i * len(items) // most] for i in range(most)]


def operators():
    store, cases, seen = Store(), [], set()
    for op in op_db:
        if op.name not in WANTED or op.variant_test_name in VARIANTS_LEFT_OUT:
            continue
        name = f"{op.name}.{op.variant_test_name}".rstrip(".")
        kept = 0
        for dtype in MOST:
            if dtype not in op.dtypes or (dtype == torch.int32 and op.name not in INTEGER):
                continue
            if dtype == torch.bool and op.name not in BOOLEAN:
                continue
            torch.manual_seed(1)
            np.random.seed(1)
            random.seed(1)
            generator = torch.Generator().manual_seed(2)
            grad = dtype == torch.float32 and op.supports_autograd
            found, told = [], set()
            for sample in op.sample_inputs("cpu", dtype, requires_grad=grad):
                kwargs = {
                    k: v
                    for k, v in sample.kwargs.items()
                    if k not in ("device", "layout", "requires_grad", "pin_memory")
                }
                args = [
                    *([] if op.name in ("arange", "linspace", "eye") and sample.input is None else [sample.input]),
                    *sample.args,
                ]
                if kwargs.get("dropout_p", 0) != 0 or kwargs.pop("out_int32", False):
                    continue
                if op.name in UNARY.split():
                    args = [
                        args[0]
                        .detach()
                        .reshape(-1)[:80]
                        .reshape(-1, 10 if args[0].numel() > 20 else 1)
                        .requires_grad_(grad)
                    ]
                inputs = []
                try:
                    shape = json.dumps([tree(args, inputs), tree(list(kwargs.items()), inputs)])
                    shape += str([(x.shape, x.stride()) for x in inputs])
                except LeftOut:
                    continue
                if shape not in told:  # samples that differ only in numbers say nothing new
                    told.add(shape)
                    found.append((args, kwargs))
            for args, kwargs in spread(found, MOST[dtype]):
                try:
                    cases.append({"op": name} | case(store, op.op, args, kwargs, generator))
                    kept += 1
                except LeftOut as reason:
                    print(f"  {name}: a case left out: {reason}")
                except (RuntimeError, TypeError, NotImplementedError) as error:
                    print(f"  {name}: a case refused: {str(error)[:90]}")
        if kept:
            seen.add(op.name)
    for name, f, args, kwargs in extras():
        cases.append({"op": name} | case(store, f, args, kwargs, torch.Generator().manual_seed(3)))
        seen.add(name)
    for name, f, args in specials():
        try:
            cases.append({"op": name, "special": True} | case(store, f, args, {}, torch.Generator().manual_seed(3)))
        except LeftOut as reason:
            print(f"  {name}: special values left out: {reason}")
    for name in sorted(WANTED - seen):
        print(f"  {name}: no cases")
    save("ops", store, settle(store, cases, "op"))


def normal(*shape, grad=True):
    return torch.randn(shape).requires_grad_(grad)


def extras():
    """What the database lacks: three axes of convolution, strings of padding, every mode of padding with views."""
    torch.manual_seed(4)
    conv3d = "nn.functional.conv3d"
    yield conv3d, F.conv3d, [normal(1, 2, 4, 4, 4), normal(3, 2, 3, 3, 3), normal(3)], {}
    yield (
        conv3d,
        F.conv3d,
        [normal(1, 2, 5, 4, 5), normal(2, 1, 2, 3, 2)],
        {"stride": [2, 1, 2], "padding": [1, 0, 1], "groups": 2},
    )
    yield (
        conv3d,
        F.conv3d,
        [normal(1, 1, 5, 5, 5), normal(1, 1, 2, 2, 2), normal(1)],
        {"dilation": [2, 1, 3], "padding": "same"},
    )
    for groups, channels in [(1, 2), (2, 2), (4, 4)]:
        for padding in ["same", "valid", [2, 1]]:
            x, w, b = normal(1, channels, 6, 5), normal(4, channels // groups, 3, 2), normal(4)
            yield (
                "nn.functional.conv2d",
                F.conv2d,
                [x, w, b],
                {"padding": padding, "groups": groups, "dilation": [1, 2]},
            )
    for stride, output_padding in [(1, 0), (2, 1), (3, 2)]:
        args = [normal(1, 2, 4, 3), normal(2, 3, 3, 3), normal(3)]
        options = {"stride": stride, "padding": 1, "output_padding": output_padding}
        yield "nn.functional.conv_transpose2d", F.conv_transpose2d, args, options
    for pad in ([0, 0, 0, 0], [1, 2], [1, 2, 3, 0], [-1, 2, 0, -2]):
        yield "nn.functional.pad.constant", F.pad, [normal(2, 3, 4, 5), pad], {"mode": "constant", "value": 1.5}
    for at in (0.0, 0.5, 1.0):
        x = torch.tensor([-2.0, -1e-30, -0.0, 0.0, 1e-30, 3.0, math.inf, -math.inf])
        yield "heaviside", lambda x, at: torch.heaviside(x, torch.tensor(at, dtype=x.dtype)), [x, at], {}
    yield "bmm", torch.bmm, [normal(3, 4, 5), normal(3, 5, 2)], {}
    yield "nn.functional.one_hot", F.one_hot, [torch.tensor([[0, 3], [2, 1]]), 4], {}
    yield "nn.functional.one_hot", F.one_hot, [torch.tensor([1, 0, 1]), 3], {}


def specials():
    """Infinities, NaN, both zeros, halves and extremes: what IEEE 754 and PyTorch say of them. Values only."""
    x = torch.tensor(
        [0.0, -0.0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 3.5, 1e-30, -1e4, 1e4, math.inf, -math.inf, math.nan]
    )
    for name in UNARY.split():
        yield name, getattr(torch, name), [x]
    pair = torch.tensor([0.0, -0.0, 1, -1, 2.5, -3, math.inf, -math.inf, math.nan])
    for name in "add sub mul remainder fmod pow maximum minimum atan2 eq ne lt le gt ge floor_divide".split():
        yield name, getattr(torch, name), [pair.reshape(-1, 1).clone(), pair]
    yield "div.no_rounding_mode", torch.div, [pair.reshape(-1, 1).clone(), pair]
    yield "where", lambda x, c, y: torch.where(c, x, y), [torch.zeros(9), torch.isnan(pair), pair]
    clean, nan, down = pair[:8].clone(), pair.clone(), torch.full((3,), -math.inf)
    for name in "sum mean amax amin argmax argmin cumsum cummax".split():
        for v in (clean[:7], nan) if name != "cummax" else (clean[:7],):
            yield name, getattr(torch, name), [v.clone(), 0]
    for v in (clean[:6], clean, down, nan):
        yield "logsumexp", torch.logsumexp, [v.clone(), 0]
        yield "softmax", torch.softmax, [v.clone(), 0]
        yield "log_softmax", torch.log_softmax, [v.clone(), 0]
    yield "sort", torch.sort, [clean[2:].clone()]


# Losses, with all their options


def losses():
    torch.manual_seed(5)
    store, cases = Store(), []

    def add(name, *args, **kwargs):
        generator = torch.Generator().manual_seed(6)
        f = getattr(F, name)
        cases.append({"op": f"nn.functional.{name}"} | case(store, f, args, kwargs, generator))

    reductions = ["mean", "sum", "none"]
    for reduction in reductions:
        x, index = normal(6, 5), torch.tensor([0, 4, 2, 2, 1, 3])
        weight = torch.rand(5) + 0.5
        probabilities = torch.softmax(torch.randn(6, 5), 1)
        for smoothing in (0.0, 0.1):
            for options in ({}, {"weight": weight}, {"ignore_index": 2}, {"weight": weight, "ignore_index": 2}):
                add("cross_entropy", x, index, reduction=reduction, label_smoothing=smoothing, **options)
            add("cross_entropy", x, probabilities, reduction=reduction, label_smoothing=smoothing)
            add("cross_entropy", x, probabilities, reduction=reduction, label_smoothing=smoothing, weight=weight)
        add("cross_entropy", normal(2, 4, 3, 2), torch.randint(0, 4, (2, 3, 2)), reduction=reduction)
        add("cross_entropy", normal(4), torch.tensor(1), reduction=reduction)
        add(
            "cross_entropy", (normal(3, 4).detach() * 60).requires_grad_(), torch.tensor([1, 0, 3]), reduction=reduction
        )
        for options in ({}, {"weight": weight}, {"ignore_index": 2}):
            add("nll_loss", F.log_softmax(torch.randn(6, 5), 1).requires_grad_(), index, reduction=reduction, **options)
        add(
            "nll_loss",
            F.log_softmax(torch.randn(2, 4, 3), 1).requires_grad_(),
            torch.randint(0, 4, (2, 3)),
            reduction=reduction,
        )
        a, b = normal(4, 5), normal(4, 5)
        for name in ("mse_loss", "l1_loss"):
            add(name, a, b, reduction=reduction)
        for delta in (0.5, 1.0, 2.0):
            add("huber_loss", a, b, reduction=reduction, delta=delta)
            add("smooth_l1_loss", a, b, reduction=reduction, beta=delta)
        add("smooth_l1_loss", a, b, reduction=reduction, beta=0.0)
        p, t = torch.rand(4, 5).mul(0.9).add(0.05).requires_grad_(), torch.rand(4, 5)
        hard = torch.randint(0, 2, (4, 5)).float()
        edges = torch.tensor([0.0, 1.0, 0.0, 1.0, 1e-30, 0.5]).requires_grad_()
        for target in (t, hard):
            add("binary_cross_entropy", p, target, reduction=reduction)
            add("binary_cross_entropy", p, target, reduction=reduction, weight=torch.rand(5))
            for options in ({}, {"weight": torch.rand(5)}, {"pos_weight": torch.rand(5) * 3}):
                add("binary_cross_entropy_with_logits", a, target, reduction=reduction, **options)
        add("binary_cross_entropy_with_logits", (a.detach() * 50).requires_grad_(), hard, reduction=reduction)
        add("binary_cross_entropy", edges.detach(), torch.tensor([0.0, 1.0, 1.0, 0.0, 1.0, 0.5]), reduction=reduction)
        for log_target in (False, True):
            q = torch.softmax(torch.randn(4, 5), 1)
            target = (q.log() if log_target else q).requires_grad_()
            for kind in [reduction, "batchmean"] if reduction == "mean" else [reduction]:
                add(
                    "kl_div",
                    F.log_softmax(torch.randn(4, 5), 1).requires_grad_(),
                    target,
                    reduction=kind,
                    log_target=log_target,
                )
        sign = torch.randint(0, 2, (4,)).float() * 2 - 1
        signs = torch.randint(0, 2, (4, 5)).float() * 2 - 1
        for margin in (0.0, 1.0):
            add("hinge_embedding_loss", a, signs, reduction=reduction, margin=margin + 0.5)
            add("margin_ranking_loss", normal(4), normal(4), sign, reduction=reduction, margin=margin)
            add("cosine_embedding_loss", a, b, sign, reduction=reduction, margin=margin / 4)
            add("triplet_margin_loss", a, b, normal(4, 5), reduction=reduction, margin=margin + 0.5, p=2.0)
        add("triplet_margin_loss", a, b, normal(4, 5), reduction=reduction, swap=True)
        add("triplet_margin_loss", a, b, normal(4, 5), reduction=reduction, p=1.0, eps=0.1)
        add("soft_margin_loss", a, signs, reduction=reduction)
        for p in (1, 2):
            add("multi_margin_loss", a, torch.tensor([0, 4, 2, 1]), reduction=reduction, p=p, margin=p - 0.5)
        for options in (
            {"log_input": True, "full": False},
            {"log_input": False, "full": False},
            {"log_input": True, "full": True},
        ):
            add(
                "poisson_nll_loss",
                torch.rand(4, 5).add(0.1).requires_grad_(),
                torch.randint(0, 6, (4, 5)).float(),
                reduction=reduction,
                **options,
            )
        for full in (False, True):
            add(
                "gaussian_nll_loss",
                a,
                b.detach(),
                torch.rand(4, 5).add(0.1).requires_grad_(),
                reduction=reduction,
                full=full,
                eps=0.3 if full else 1e-6,
            )
    for reduction in reductions:  # options together, and logits as far from 0 as float32 is to bear
        far = torch.tensor([[1e4, -1e4, 0.0, 5.0], [-1e4, 1e4, 1e4, 0.0], [3.0, -1e4, -1e4, -1e4]])
        apart = torch.tensor([[0.0, 1.0, 0.0, 0.0], [0.0, 0.5, 0.5, 0.0], [0.25, 0.25, 0.25, 0.25]])
        for smoothing in (0.0, 0.1):
            for target in (torch.tensor([1, 2, 0]), apart):
                add("cross_entropy", far.clone().requires_grad_(), target, reduction=reduction, label_smoothing=smoothing)
            add(
                "cross_entropy",
                normal(2, 4, 3),
                torch.tensor([[0, 3, 1], [1, 1, 2]]),
                reduction=reduction,
                label_smoothing=smoothing,
                weight=torch.rand(4) + 0.5,
                ignore_index=1,
            )
            add(
                "cross_entropy",
                normal(2, 4, 3),
                torch.softmax(torch.randn(2, 4, 3), 1),
                reduction=reduction,
                label_smoothing=smoothing,
                weight=torch.rand(4) + 0.5,
            )
        ends = torch.tensor([1e4, -1e4, 1e4, -1e4, 0.0]).requires_grad_()
        sides = torch.tensor([1.0, 0.0, 0.0, 1.0, 0.5])
        for options in ({}, {"pos_weight": torch.rand(5) * 3}, {"weight": torch.rand(5)}):
            add("binary_cross_entropy_with_logits", ends, sides, reduction=reduction, **options)
        add(
            "binary_cross_entropy_with_logits",
            normal(4, 5),
            torch.rand(4, 5),
            reduction=reduction,
            weight=torch.rand(5),
            pos_weight=torch.rand(5) * 3,
        )
        options = {"weight": torch.rand(4) + 0.5, "ignore_index": 3}
        logs = F.log_softmax(torch.randn(2, 4, 3), 1).requires_grad_()
        add("nll_loss", logs, torch.tensor([[0, 3, 1], [3, 1, 2]]), reduction=reduction, **options)
    for name, args, kwargs in sequences(reductions):
        generator = torch.Generator().manual_seed(6)
        cases.append({"op": f"nn.functional.{name}"} | case(store, log_softmax_ctc, args, kwargs, generator))
    save("losses", store, settle(store, cases, "op"))


def log_softmax_ctc(x, *args, **kwargs):
    """PyTorch's gradient of ctc_loss is right only behind log_softmax."""
    return F.ctc_loss(F.log_softmax(x, -1), *args, **kwargs)


def sequences(reductions):
    """CTC: blanks at either end, equal neighbours, fewer steps than most, one vector of targets, a target out of reach."""
    torch.manual_seed(13)
    lengths = [torch.tensor([8, 7]), torch.tensor([3, 2])]
    for reduction in reductions:
        for blank, targets in ((0, [[1, 2, 2], [3, 1, 1]]), (3, [[0, 0, 0], [2, 1, 0]])):
            options = {"blank": blank, "reduction": reduction}
            yield "ctc_loss", [normal(8, 2, 4), torch.tensor(targets), *lengths], options
        yield "ctc_loss", [normal(8, 2, 4), torch.tensor([1, 2, 2, 3, 1]), *lengths], {"reduction": reduction}
        yield "ctc_loss", [normal(6, 4), torch.tensor([2, 3]), torch.tensor(6), torch.tensor(2)], {"reduction": reduction}
        none = [normal(5, 2, 4), torch.tensor([[1, 3], [0, 0]]), torch.tensor([5, 3]), torch.tensor([2, 0])]
        yield "ctc_loss", none, {"reduction": reduction}
        far = [normal(5, 3, 4), torch.tensor([[1, 1, 2], [1, 2, 3], [2, 2, 2]]), torch.tensor([5, 2, 4]), torch.tensor([3] * 3)]
        yield "ctc_loss", far, {"reduction": reduction, "zero_infinity": True}
        yield "ctc_loss", [normal(5, 1, 4), torch.tensor([[1, 0, 2]]), torch.tensor([5]), torch.tensor([3])], {"reduction": reduction}


# Layers, by the names of their state


class Residual(nn.Module):
    def __init__(self, body, shortcut=None):
        super().__init__()
        self.body, self.shortcut = body, nn.Identity() if shortcut is None else shortcut

    def forward(self, x):
        return self.body(x) + self.shortcut(x)


class Concat(nn.Sequential):
    def forward(self, x):
        return torch.cat([branch(x) for branch in self], 1)


class GlobalAvgPool(nn.Module):
    def forward(self, x):
        return x.flatten(2).mean(2)


class GlobalMaxPool(nn.Module):
    def forward(self, x):
        return x.flatten(2).max(2).values


class CircularPad(nn.Module):  # PyTorch has it since 2.1
    def __init__(self, padding):
        super().__init__()
        self.padding = padding

    def forward(self, x):
        return F.pad(x, self.padding, mode="circular")


# Layers that hold layers, and those of ours that PyTorch 1.13 does not have.
HOLDERS = {"Sequential": nn.Sequential, "Residual": Residual, "Concat": Concat}
OURS = {"GlobalAvgPool": GlobalAvgPool, "GlobalMaxPool": GlobalMaxPool}
OURS |= {f"CircularPad{n}d": CircularPad for n in (1, 2, 3)}

def layers():
    torch.manual_seed(7)
    store, cases = Store(), []

    def build(spec):
        kind, args, options = spec
        if kind in HOLDERS:
            return HOLDERS[kind](*[build(s) for s in args])
        options = {k: tuple(v) if isinstance(v, list) else v for k, v in options.items()}
        return (OURS.get(kind) or getattr(nn, kind))(*args, **options)

    def add(spec, *given, training=False):
        inputs = [x for g in given for x in (g if isinstance(g, list) else [g])]
        module = build(spec)
        for name, p in module.named_parameters():  # norms start at 1 and 0, which would hide a mistake
            if p.dim() == 1:
                p.data = torch.randn_like(p) * 0.5 + 1
        for name, b in module.named_buffers():
            if b.is_floating_point():
                b.data = torch.rand_like(b) + 0.5
        module.train(training)
        state = {k: v.clone() for k, v in module.state_dict().items()}
        names = [k for k, _ in module.named_parameters()]
        after = {}

        def f(xs):
            dtype = next((x.dtype for x in xs if x.is_floating_point()), torch.float32)
            m = copy.deepcopy(module).to(dtype)
            for name, x in zip(names, xs[len(inputs) :]):
                path, _, leaf = name.rpartition(".")
                owner = m.get_submodule(path)
                del owner._parameters[leaf]
                setattr(owner, leaf, x)
            y = m(*fill(given, iter(xs)))
            if dtype == torch.float64 and not after:
                after.update(m.named_buffers())
            return y

        all_inputs = [*inputs, *[state[k] for k in names]]
        wants = [x.is_floating_point() for x in all_inputs]
        outputs, cotangents, grads = measure(f, all_inputs, wants, torch.Generator().manual_seed(8))
        n = len(inputs)

        def told(s):
            kind, args, options = s
            return {
                "layer": kind,
                "args": [told(v) for v in args] if kind in HOLDERS else args,
                "options": options,
            }

        cases.append(
            told(spec)
            | {
                "training": training,
                "state": {k: store.add(v) for k, v in state.items() if v.dim() or v.is_floating_point()},
                "given": [len(g) if isinstance(g, list) else 1 for g in given],
                "inputs": [store.add(x) for x in inputs],
                "outputs": outputs,
                "cotangents": [store.add(c) for c in cotangents],
                "inputGrads": grads[:n],
                "stateGrads": dict(zip(names, grads[n:])),
                "stateAfter": {k: store.add(v) for k, v in after.items() if training and v.is_floating_point()},
            }
        )

    x = torch.randn
    layer = lambda kind, *args, **options: (kind, list(args), options)  # noqa: E731
    add(layer("Linear", 5, 4), x(3, 5))
    add(layer("Linear", 5, 4, bias=False), x(2, 3, 5))
    add(layer("Linear", 5, 1), x(5))
    add(layer("Bilinear", 3, 4, 2), x(5, 3), x(5, 4))
    for options in (
        {},
        {"stride": 2},
        {"padding": 1},
        {"padding": "same", "dilation": 2},
        {"groups": 2, "bias": False},
    ):
        add(layer("Conv1d", 2, 4, 3, **options), x(2, 2, 9))
        add(layer("Conv2d", 2, 4, 3, **options), x(1, 2, 7, 6))
        add(layer("Conv3d", 2, 2, 2, **options), x(1, 2, 4, 3, 4))
        if options.get("padding") != "same":
            add(layer("ConvTranspose1d", 2, 4, 3, **options), x(2, 2, 5))
            add(layer("ConvTranspose2d", 2, 4, 3, **options), x(1, 2, 4, 3))
    add(layer("Conv2d", 3, 6, [3, 1], stride=[2, 1], padding=[1, 0], groups=3), x(2, 3, 5, 4))
    add(layer("Conv2d", 2, 3, 4, padding="same"), x(1, 2, 6, 6))
    add(layer("Conv2d", 2, 3, 3), x(2, 5, 5))
    for mode in ("reflect", "replicate", "circular"):
        add(layer("Conv2d", 2, 2, 3, padding=1, padding_mode=mode), x(1, 2, 5, 4))
        add(layer("Conv1d", 2, 2, 3, padding=2, padding_mode=mode), x(2, 2, 6))
    add(layer("ConvTranspose2d", 2, 3, 3, stride=2, padding=1, output_padding=1), x(1, 2, 3, 4))
    for n, size in ((1, [9]), (2, [6, 7]), (3, [4, 5, 4])):
        add(layer(f"MaxPool{n}d", 2), x(1, 2, *size))
        add(layer(f"MaxPool{n}d", 3, stride=2, padding=1), x(1, 2, *size))
        add(layer(f"MaxPool{n}d", 2, stride=2, dilation=2, ceil_mode=True), x(1, 2, *size))
        add(layer(f"AvgPool{n}d", 2), x(1, 2, *size))
        add(layer(f"AvgPool{n}d", 3, stride=2, padding=1), x(1, 2, *size))
        add(layer(f"AvgPool{n}d", 3, stride=2, padding=1, count_include_pad=False, ceil_mode=True), x(1, 2, *size))
        add(layer(f"AdaptiveAvgPool{n}d", 3), x(1, 2, *size))
        add(layer(f"AdaptiveAvgPool{n}d", 1), x(1, 2, *size))
        add(layer(f"AdaptiveMaxPool{n}d", 2), x(1, 2, *size))
    for training in (True, False):
        add(layer("BatchNorm1d", 4), x(6, 4) * 2 + 1, training=training)
        add(layer("BatchNorm1d", 3), x(4, 3, 5), training=training)
        add(layer("BatchNorm1d", 3, affine=False), x(4, 3), training=training)
        add(layer("BatchNorm1d", 3, track_running_stats=False), x(4, 3), training=training)
        add(layer("BatchNorm2d", 3), x(3, 3, 3, 4), training=training)
        add(layer("BatchNorm2d", 2, momentum=0.3, eps=1e-3), x(2, 2, 4, 4) + 5, training=training)
        add(layer("InstanceNorm1d", 3), x(2, 3, 6), training=training)
        add(layer("InstanceNorm2d", 3, affine=True), x(2, 3, 3, 4), training=training)
    add(layer("LayerNorm", 6), x(4, 6))
    add(layer("LayerNorm", [3, 4]), x(2, 3, 4))
    add(layer("LayerNorm", [5], eps=1e-3, elementwise_affine=False), x(3, 2, 5) + 10)
    add(layer("GroupNorm", 2, 4), x(2, 4, 3, 3))
    add(layer("GroupNorm", 4, 4, affine=False), x(2, 4, 5))
    add(layer("GroupNorm", 1, 6, eps=1e-2), x(3, 6))
    add(layer("LocalResponseNorm", 2), x(2, 5, 3, 3))
    add(layer("LocalResponseNorm", 5, alpha=0.01, beta=0.5, k=2.0), x(1, 6, 3, 3))
    add(layer("Embedding", 7, 4), torch.tensor([[0, 6, 3], [3, 3, 1]]))
    add(layer("Embedding", 7, 4, padding_idx=3), torch.tensor([[0, 6, 3], [3, 3, 1]]))
    add(layer("Dropout", 0.5), x(3, 4))
    add(layer("Dropout2d", 0.5), x(2, 3, 2, 2))
    add(layer("Flatten"), x(2, 3, 4))
    add(layer("Flatten", 0, 1), x(2, 3, 4))
    add(layer("Unflatten", 1, [2, 3]), x(2, 6))
    add(layer("Identity"), x(2, 3))
    add(layer("PixelShuffle", 2), x(1, 8, 2, 3))
    add(layer("Upsample", scale_factor=2), x(1, 2, 3, 3))
    add(layer("Upsample", scale_factor=2, mode="bilinear"), x(1, 2, 3, 3))
    add(layer("ZeroPad2d", [1, 2, 0, 1]), x(1, 2, 3, 3))
    add(layer("ReflectionPad2d", 1), x(1, 2, 3, 3))
    for (
        kind
    ) in """ReLU ReLU6 Sigmoid Tanh GELU SiLU Mish ELU SELU CELU Softplus Softsign LogSigmoid Hardswish Hardsigmoid
      Hardtanh LeakyReLU Tanhshrink Softshrink Hardshrink""".split():
        add(layer(kind), x(4, 6) * 3)
    add(layer("GELU", approximate="tanh"), x(4, 6) * 3)
    add(layer("LeakyReLU", 0.2), x(4, 6))
    add(layer("ELU", 0.5), x(4, 6))
    add(layer("Softplus", 2.0, 1.0), x(4, 6))
    add(layer("PReLU"), x(3, 4))
    add(layer("PReLU", 4), x(3, 4, 2))
    add(layer("GLU"), x(3, 8))
    add(layer("Softmax", 1), x(3, 5))
    add(layer("LogSoftmax", -1), x(3, 5))
    for kind in ("RNN", "LSTM", "GRU"):
        add(layer(kind, 3, 4), x(5, 2, 3))
        add(layer(kind, 3, 4, batch_first=True, bias=False), x(2, 4, 3))
        add(layer(kind, 3, 2, num_layers=2, bidirectional=True), x(4, 2, 3))
    add(layer("RNN", 3, 4, nonlinearity="relu"), x(5, 2, 3))
    add(layer("LSTM", 3, 4, proj_size=2), x(4, 2, 3))
    for kind, states in (("RNNCell", 1), ("GRUCell", 1), ("LSTMCell", 2)):
        add(layer(kind, 3, 4), x(2, 3), *([x(2, 4)] if states == 1 else [[x(2, 4), x(2, 4)]]))
    q, k, v = x(2, 3, 4), x(2, 5, 4), x(2, 5, 4)
    add(layer("MultiheadAttention", 4, 2, batch_first=True), q, k, v)
    add(layer("MultiheadAttention", 4, 2, batch_first=True, bias=False), q, q, q)
    add(layer("MultiheadAttention", 4, 1), x(3, 2, 4), x(5, 2, 4), x(5, 2, 4))
    for options in ({}, {"norm_first": True, "activation": "gelu"}):
        add(layer("TransformerEncoderLayer", 4, 2, dim_feedforward=6, batch_first=True, **options), x(2, 3, 4))
        add(layer("TransformerDecoderLayer", 4, 2, dim_feedforward=6, batch_first=True, **options), q, k)
    for training in (True, False):  # a little of everything, as a model has it
        net = [
            layer("Conv2d", 1, 3, 3, padding=1),
            layer("BatchNorm2d", 3),
            layer("ReLU"),
            layer("MaxPool2d", 2),
            layer("Flatten"),
            layer("Linear", 27, 4),
        ]
        add(("Sequential", net, {}), x(4, 1, 6, 6), training=training)
    lenet = [  # LeCun et al. 1998, in the shape in which it is taught today: 61,706 parameters
        layer("Conv2d", 1, 6, 5, padding=2),
        layer("ReLU"),
        layer("MaxPool2d", 2),
        layer("Conv2d", 6, 16, 5),
        layer("ReLU"),
        layer("MaxPool2d", 2),
        layer("Flatten"),
        layer("Linear", 400, 120),
        layer("ReLU"),
        layer("Linear", 120, 84),
        layer("ReLU"),
        layer("Linear", 84, 10),
    ]
    add(("Sequential", lenet, {}), torch.rand(2, 1, 28, 28))
    torch.manual_seed(11)
    for n, size in ((1, [6]), (2, [4, 5]), (3, [3, 4, 3])):
        sides = [1, 2, 0, 1, 1, 0][: 2 * n]
        add(layer(f"ConstantPad{n}d", sides, 1.5), x(1, 2, *size))
        add(layer(f"ConstantPad{n}d", [-1, *sides[1:]], -2), x(1, 2, *size))
        for kind in ("Reflection", "Replication", "Circular"):
            add(layer(f"{kind}Pad{n}d", sides), x(1, 2, *size))
        add(layer("GlobalAvgPool"), x(2, 3, *size))
        add(layer("GlobalMaxPool"), x(2, 3, *size))
        add(layer(f"ConvTranspose{n}d", 2, 4, 2, stride=2, dilation=2, groups=2, output_padding=1), x(1, 2, *[4 - n] * n))
    add(layer("ZeroPad2d", [-1, 1, 2, -1]), x(1, 2, 3, 4))
    add(layer("BatchNorm3d", 2), x(2, 2, 3, 2, 3) + 1, training=True)
    add(layer("BatchNorm1d", 3, momentum=None), x(5, 3) * 2, training=True)
    for n, size in ((1, [7]), (2, [5, 6])):
        add(layer(f"LPPool{n}d", 2, 2), x(1, 2, *size))
        add(layer(f"LPPool{n}d", 3, 3, stride=2), torch.rand(1, 2, *size))
    add(layer("LPPool2d", 1, [2, 3], stride=[1, 2]), torch.rand(1, 2, 5, 6))
    add(layer("Unfold", 2), x(1, 2, 4, 3))
    add(layer("Unfold", [3, 2], stride=[2, 1], padding=1, dilation=[1, 2]), x(2, 2, 5, 5))
    add(layer("Fold", [4, 3], 2), x(1, 8, 6))
    add(layer("Fold", [5, 5], [3, 2], stride=[2, 1], padding=1, dilation=[1, 2]), x(1, 12, 15))
    add(layer("PixelUnshuffle", 2), x(1, 2, 4, 6))
    add(layer("Upsample", size=[5, 2]), x(1, 2, 3, 4))
    add(layer("Upsample", scale_factor=[1.5, 3.4]), x(1, 1, 4, 2))
    add(layer("Upsample", scale_factor=2, mode="linear"), x(1, 2, 5))
    add(layer("Upsample", size=[7, 3], mode="bilinear"), x(1, 2, 4, 5))
    add(layer("Upsample", scale_factor=1.7, mode="bilinear"), x(1, 2, 4, 5))
    add(layer("Upsample", scale_factor=[1.2, 2], mode="bilinear"), x(1, 1, 3, 3))
    add(layer("Upsample", size=[6, 1], mode="bilinear", align_corners=True), x(1, 2, 3, 4))
    add(layer("Upsample", scale_factor=2, mode="trilinear"), x(1, 1, 2, 3, 2))
    body = [layer("Conv2d", 2, 3, 3, padding=1), layer("ReLU"), layer("Conv2d", 3, 2, 3, padding=1)]
    add(("Residual", [("Sequential", body, {})], {}), x(1, 2, 4, 4))
    add(("Residual", [layer("Linear", 4, 3), layer("Linear", 4, 3, bias=False)], {}), x(2, 4))
    add(("Concat", [layer("Conv2d", 2, 3, 1), layer("Identity"), layer("Conv2d", 2, 1, 3, padding=1)], {}), x(1, 2, 4, 3))
    add(("Concat", [layer("Linear", 4, 3), ("Sequential", [layer("Linear", 4, 2), layer("Tanh")], {})], {}), x(3, 4))
    add(layer("Threshold", 0.1, -2.0), x(3, 4))
    add(layer("Softmin", 1), x(3, 5))
    for kind in ("AlphaDropout", "Dropout"):
        add(layer(kind, 0.3), x(3, 4))
    torch.manual_seed(17)  # options that no case above has
    add(layer("Bilinear", 3, 2, 4, bias=False), x(5, 3), x(5, 2))
    add(layer("Conv3d", 1, 2, 2, padding=1, padding_mode="circular"), x(1, 1, 3, 3, 2))
    add(layer("Conv3d", 1, 2, 3, padding=1, padding_mode="replicate", bias=False), x(1, 1, 3, 2, 3))
    add(layer("Conv3d", 2, 2, 3, padding="same", groups=2), x(1, 2, 3, 2, 3))
    add(layer("ConvTranspose3d", 2, 1, 2, stride=2, padding=1, bias=False), x(1, 2, 2, 3, 2))
    for training in (True, False):
        add(layer("BatchNorm2d", 2, affine=False, momentum=0.3), x(3, 2, 2, 2), training=training)
        add(layer("BatchNorm2d", 2, track_running_stats=False), x(3, 2, 2, 2), training=training)
        add(layer("BatchNorm3d", 2, eps=0.1), x(2, 2, 2, 1, 2), training=training)
    add(layer("InstanceNorm1d", 2, affine=True, eps=0.01), x(2, 2, 5))
    add(layer("InstanceNorm3d", 2), x(1, 2, 2, 3, 2))
    add(layer("CELU", 0.5), x(3, 4))
    add(layer("Softshrink", 0.2), x(3, 4))
    add(layer("Hardshrink", 0.2), x(3, 4))
    add(layer("Hardtanh", -0.5, 0.8), x(3, 4))
    save("layers", store, settle(store, cases, "layer"))


# Optimizers: ten steps with given gradients

OPTIMIZERS = [
    ("SGD", {"lr": 0.1}),
    ("SGD", {"lr": 0.1, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.9}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.3}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    ("SGD", {"lr": 0.05, "momentum": 0.8, "nesterov": True, "weight_decay": 0.01}),
    ("SGD", {"lr": 0.1, "momentum": 0.5, "dampening": 0.5, "weight_decay": 0.05, "maximize": True}),
    ("Adam", {"lr": 0.05}),
    ("Adam", {"lr": 0.05, "betas": [0.8, 0.9], "eps": 1e-4}),
    ("Adam", {"lr": 0.05, "amsgrad": True}),
    ("Adam", {"lr": 0.05, "weight_decay": 0.1}),
    ("Adam", {"lr": 0.05, "weight_decay": 0.1, "amsgrad": True}),
    ("AdamW", {"lr": 0.05}),
    ("AdamW", {"lr": 0.05, "weight_decay": 0.2, "amsgrad": True}),
    ("RMSprop", {"lr": 0.02}),
    ("RMSprop", {"lr": 0.02, "alpha": 0.9, "momentum": 0.9}),
    ("RMSprop", {"lr": 0.02, "centered": True, "weight_decay": 0.05}),
    ("RMSprop", {"lr": 0.02, "centered": True, "momentum": 0.5, "eps": 1e-3}),
    ("Adagrad", {"lr": 0.1}),
    ("Adagrad", {"lr": 0.1, "lr_decay": 0.1, "weight_decay": 0.05, "initial_accumulator_value": 0.2}),
    ("Adadelta", {"lr": 1.0}),
    ("Adadelta", {"lr": 0.5, "rho": 0.8, "eps": 1e-4, "weight_decay": 0.05}),
    ("Adamax", {"lr": 0.05}),
    ("Adamax", {"lr": 0.05, "betas": [0.8, 0.9], "weight_decay": 0.05}),
    ("NAdam", {"lr": 0.05}),
    ("NAdam", {"lr": 0.05, "weight_decay": 0.05, "momentum_decay": 0.01}),
    ("RAdam", {"lr": 0.05}),
    ("RAdam", {"lr": 0.05, "betas": [0.9, 0.99], "weight_decay": 0.05}),
    # With groups: every second parameter, so that biases are apart from weights
    ("SGD", {"lr": 0.1, "momentum": 0.9}, [{"weight_decay": 0.1}, {"lr": 0.3, "momentum": 0.5, "nesterov": True}]),
    ("Adam", {"lr": 0.05}, [{"amsgrad": True, "betas": [0.8, 0.9]}, {"lr": 0.01, "weight_decay": 0.1}]),
    ("AdamW", {"lr": 0.05}, [{"weight_decay": 0.2}, {"weight_decay": 0.0, "eps": 1e-3}]),
    ("RMSprop", {"lr": 0.02}, [{"centered": True}, {"momentum": 0.9, "alpha": 0.9}]),
    ("Adagrad", {"lr": 0.1}, [{"lr_decay": 0.1}, {"lr": 0.3}]),
    ("Adadelta", {"lr": 1.0}, [{"rho": 0.8}, {"lr": 0.5, "eps": 1e-4}]),
    ("Adamax", {"lr": 0.05}, [{"betas": [0.8, 0.9]}, {"lr": 0.02}]),
    ("NAdam", {"lr": 0.05}, [{"momentum_decay": 0.01}, {"lr": 0.02, "betas": [0.8, 0.99]}]),
    ("RAdam", {"lr": 0.05}, [{"betas": [0.9, 0.99]}, {"lr": 0.02, "weight_decay": 0.1}]),
]


class NAdam(torch.optim.Optimizer):
    """Algorithm 2 of Dozat 2016, as PyTorch has it since 2.0: 1.13 multiplies the present momentum in twice."""

    def __init__(self, params, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, momentum_decay=4e-3):
        options = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "momentum_decay": momentum_decay}
        super().__init__(params, options)

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for p in group["params"]:
                state = self.state[p]
                if not state:
                    state.update(t=0, product=1.0, m=torch.zeros_like(p), v=torch.zeros_like(p))
                state["t"] += 1
                t, g = state["t"], p.grad + group["weight_decay"] * p
                mu, after = (beta1 * (1 - 0.5 * 0.96 ** (k * group["momentum_decay"])) for k in (t, t + 1))
                state["product"] *= mu
                state["m"].lerp_(g, 1 - beta1)
                state["v"].mul_(beta2).addcmul_(g, g, value=1 - beta2)
                root = (state["v"] / (1 - beta2**t)).sqrt() + group["eps"]
                p -= group["lr"] * (1 - mu) / (1 - state["product"]) * g / root
                p -= group["lr"] * after / (1 - state["product"] * after) * state["m"] / root


def optimizers():
    store, cases = Store(), []
    for problem in ("quadratic", "mlp"):
        for kind, options, *given in OPTIMIZERS:
            groups = given[0] if given else []
            torch.manual_seed(9)
            if problem == "quadratic":
                params = [torch.randn(5).double(), torch.randn(3, 4).double()]
                curvature = [torch.rand_like(p) * 3 + 0.1 for p in params]
                loss = lambda: sum((c * p * p).sum() / 2 for c, p in zip(curvature, params))  # noqa: E731
            else:
                net = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 3)).double()
                params = [p.detach().float().double() for p in net.parameters()]
                x, t = torch.randn(8, 4).double(), torch.randint(0, 3, (8,))
                forward = lambda w1, b1, w2, b2: torch.tanh(x @ w1.T + b1) @ w2.T + b2  # noqa: E731
                loss = lambda: F.cross_entropy(forward(*params), t)  # noqa: E731
            for p in params:
                p.requires_grad_()
            if kind == "Adam" and options.get("betas"):
                options = options | {"betas": tuple(options["betas"])}
            parts = [g | {"params": params[k :: len(groups)]} for k, g in enumerate(groups)]
            make = NAdam if kind == "NAdam" else getattr(torch.optim, kind)
            optimizer = make(parts or params, **options)
            start = [store.add(p) for p in params]
            steps = []
            for _ in range(10):
                grads = torch.autograd.grad(loss(), params)
                for p, g in zip(params, grads):
                    p.grad = g.float().double()  # what the test gives is float32
                given = [store.add(p.grad) for p in params]
                optimizer.step()
                steps.append({"grads": given, "params": [store.add(p) for p in params]})
            told = {"optimizer": kind, "options": options} | ({"groups": groups} if groups else {})
            cases.append(told | {"problem": problem, "params": start, "steps": steps})
    save("optimizers", store, cases)


# Schedules: the rates of some steps, and what a plateau makes of measurements

SCHEDULES = [
    ("StepLR", {"step_size": 3, "gamma": 0.5}),
    ("StepLR", {"step_size": 1}),
    ("MultiStepLR", {"milestones": [2, 5, 5, 9], "gamma": 0.3}),
    ("ExponentialLR", {"gamma": 0.9}),
    ("LinearLR", {"start_factor": 1.0, "end_factor": 0.0, "total_iters": 8}),
    ("LinearLR", {"start_factor": 1.0, "end_factor": 0.25, "total_iters": 5}),
    ("CosineAnnealingLR", {"T_max": 12}),
    ("CosineAnnealingLR", {"T_max": 12, "eta_min": 0.01}),
    ("OneCycleLR", {"max_lr": 0.2, "total_steps": 13}),
    ("OneCycleLR", {"max_lr": 0.2, "total_steps": 13, "pct_start": 0.6, "div_factor": 10.0, "final_div_factor": 50.0}),
]
MEASURED = [5.0, 4.0, 4.0, 3.9999, 4.1, 4.0, 3.0, 3.0, 3.0, 3.0, 3.5, 2.0, 2.0, 2.0, 2.0]
PLATEAUS = [
    {"patience": 1, "factor": 0.5},
    {"patience": 0, "factor": 0.1, "min_lr": 0.004},
    {"patience": 2, "factor": 0.3, "threshold": 0.1},
    {"patience": 1, "factor": 0.5, "mode": "max"},
]


def schedules():
    """Thirteen rates each; those that PyTorch multiplies up step by step have its rounding errors in them."""
    cases = []
    for kind, options in SCHEDULES:
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.3)
        scheduler = getattr(torch.optim.lr_scheduler, kind)(optimizer, **options)
        rates = []
        for _ in range(13):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            if len(rates) < 13:
                scheduler.step()
        cases.append({"schedule": kind, "options": options, "rates": rates})
    for options in PLATEAUS:
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.3)
        scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, eps=0, **options)
        rates = []
        for value in MEASURED:
            scheduler.step(value)
            rates.append(optimizer.param_groups[0]["lr"])
        cases.append({"schedule": "ReduceLROnPlateau", "options": options, "measured": MEASURED, "rates": rates})
    (HERE / "schedules.jsonl").write_text("".join(json.dumps(c, separators=(",", ":")) + "\n" for c in cases))
    print(f"schedules: {len(cases)} cases")


if __name__ == "__main__":
    if os.environ.get("PYTHONHASHSEED") != "0":  # PyTorch's database goes through sets
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | {"PYTHONHASHSEED": "0"})
    made = {"ops": operators, "losses": losses, "layers": layers, "optimizers": optimizers, "schedules": schedules}
    for name in sys.argv[1:] or made:
        made[name]()
