"""PyTorch, if it is installed. Speaks as serve.ts does, and does the same tasks.

Debian's python3-torch wants libopenblas0 beside it: with the BLAS it brings, products take fifteen times as long.
"""

import json
import os
import sys
import time

THREADS = int(sys.argv[1])
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = sys.argv[1]
sys.path.pop(0)  # this folder, in which this file is called torch


def answer(value):
    print("@" + json.dumps(value), flush=True)


try:
    import torch
    import torch.nn.functional as F
    from torch import nn
except ImportError:
    torch = None


def repeat(f):
    def once():
        with torch.no_grad():
            f()

    return once


class LastOfLSTM(nn.Module if torch else object):
    def __init__(self, inputs, hidden, classes):
        super().__init__()
        self.body = nn.LSTM(inputs, hidden)
        self.head = nn.Linear(hidden, classes)

    def forward(self, x):
        outputs, _ = self.body(x)
        return self.head(outputs[-1])


def training(model, x, y=None, loss=F.cross_entropy if torch else None):
    y = (torch.arange(len(x)) * 7) % 10 if y is None else y
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

    def once():
        optimizer.zero_grad(set_to_none=True)
        loss(model(x), y).backward()
        optimizer.step()

    return once


def prepare(task):
    torch.set_num_threads(THREADS)
    torch.manual_seed(1)
    if task.startswith("gemm") and not task.endswith("Int8"):
        rounded = task.endswith("Bfloat16")
        n = int(task[4:].removesuffix("Bfloat16"))
        x, y = torch.rand(n, n), torch.rand(n, n)
        if rounded:
            return repeat(lambda: torch.mm(x.bfloat16(), y.bfloat16()).float())
        return repeat(lambda: torch.mm(x, y))
    if task == "mlp":
        sizes = [nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU(), nn.Linear(256, 10)]
        return training(nn.Sequential(*sizes), torch.rand(128, 784))
    if task == "cnn":
        body = [nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
        head = [nn.Linear(9216, 128), nn.ReLU(), nn.Linear(128, 10)]
        return training(nn.Sequential(*body, *head), torch.rand(64, 1, 28, 28))
    if task.startswith("conv"):
        x, w, g = torch.rand(32, 64, 56, 56), torch.rand(64, 64, 3, 3), torch.rand(32, 64, 56, 56)
        if task == "convForward":
            return repeat(lambda: F.conv2d(x, w, padding=1))
        wanted = [task == "convInput", task == "convWeight", False]
        same = [[1, 1], [1, 1], [1, 1], False, [0, 0], 1]
        return repeat(lambda: torch.ops.aten.convolution_backward(g, x, w, None, *same, wanted))
    if task in ("depthwise", "pointwise"):
        x = torch.rand(32, 64, 56, 56)
        if task == "depthwise":
            each = torch.rand(64, 1, 3, 3)
            return repeat(lambda: F.conv2d(x, each, padding=1, groups=64))
        across = torch.rand(128, 64, 1, 1)
        return repeat(lambda: F.conv2d(x, across))
    if task == "separable":
        each, all_channels = nn.Conv2d(64, 64, 3, padding=1, groups=64, bias=False), nn.Conv2d(64, 128, 1, bias=False)
        x, g = torch.rand(32, 64, 56, 56, requires_grad=True), torch.rand(32, 128, 56, 56)
        return lambda: torch.autograd.grad(all_channels(F.relu(each(x))), [x, each.weight, all_channels.weight], g)
    if task == "transformer":
        model = nn.TransformerEncoderLayer(256, 4, 1024, dropout=0.0, batch_first=True)
        return training(model, torch.rand(8, 128, 256), torch.rand(8, 128, 256), F.mse_loss)
    if task == "xor":
        model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))
        cases, targets = torch.tensor([[0.0, 0], [0, 1], [1, 0], [1, 1]]), torch.tensor([[0.0], [1], [1], [0]])
        return training(model, cases, targets, F.binary_cross_entropy_with_logits)
    if task == "lstm":
        return training(LastOfLSTM(64, 128, 10), torch.rand(50, 32, 64) * 2 - 1, (torch.arange(32) * 7) % 10)
    if task == "softmax":
        x = torch.rand(1024, 4096) * 8 - 4
        return repeat(lambda: torch.softmax(x, -1))
    if task == "chain":
        x = torch.rand(10_000_000) * 8 - 4
        return repeat(lambda: torch.tanh(x * 0.8 + 0.3).mul_(torch.sigmoid(x)))
    return None


once = None
for line in sys.stdin:
    request = json.loads(line)
    if "prepare" in request:
        if torch is None:
            answer({"version": "", "refusal": "it is not installed"})
            continue
        once = prepare(request["prepare"])
        if once:
            for _ in range(3):
                once()
        with open("/proc/self/maps") as maps:
            blas = "OpenBLAS" if "openblas" in maps.read() else "another BLAS"
        answer({"version": f"{torch.__version__} with {blas}", "refusal": None if once else "it is not written for it"})
    else:
        start, cpu, count, wall = time.perf_counter(), time.process_time(), 0, 0.0
        while wall * 1000 < request["round"]:
            once()
            count += 1
            wall = time.perf_counter() - start
        answer({"wall": wall * 1000 / count, "cpu": (time.process_time() - cpu) * 1000 / count})
