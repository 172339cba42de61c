"""PyTorch, trained as headline.ts trains: `headline.py <folder> <task> <threads> <epochs> <rate> <batch size> <warm-up>`.

The folder has what headline.ts put there: train.x, train.y, test.x and test.y (float32, and int32 for classes), and shapes.json.
Prints a line of JSON: accuracy on the test set, and the seconds of training, without those of the first batches, the warm-up.
"""

import json
import sys
import time
from pathlib import Path

sys.path.pop(0)  # this folder, in which torch.py is something else

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

folder, task = Path(sys.argv[1]), sys.argv[2]
threads, epochs, rate, batch = int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5]), int(sys.argv[6])
warm_up = int(sys.argv[7])
torch.set_num_threads(threads)
torch.manual_seed(1)
shapes = json.loads((folder / "shapes.json").read_text())


def read(part):
    x = np.fromfile(folder / f"{part}.x", np.float32).reshape(shapes[part])
    y = np.fromfile(folder / f"{part}.y", np.int32)
    return torch.from_numpy(x), torch.from_numpy(y).long()


def block(inputs, outputs, size, *after):
    return [nn.Conv2d(inputs, outputs, size, padding=size // 2, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(), *after]


def alexnet(dropout):
    def convolution(inputs, outputs, size, *after):
        return [nn.Conv2d(inputs, outputs, size, padding=size // 2), nn.ReLU(), *after]

    def norm_and_pool():
        return [nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2), nn.MaxPool2d(3, 2)]

    features = [*convolution(3, 24, 5), *norm_and_pool(), *convolution(24, 64, 5), *norm_and_pool()]
    features += [*convolution(64, 96, 3), *convolution(96, 96, 3), *convolution(96, 64, 3), nn.MaxPool2d(3, 2)]
    hidden = [nn.Dropout(dropout), nn.Linear(576, 1024), nn.ReLU()]
    hidden += [nn.Dropout(dropout), nn.Linear(1024, 1024), nn.ReLU()]
    model = nn.Sequential(*features, nn.Flatten(), *hidden, nn.Linear(1024, 10))
    for layer in model:
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(layer.weight)
            nn.init.zeros_(layer.bias)
    return model


def lenet():
    body = [nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2)]
    head = [nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)]
    return nn.Sequential(*body, *head)


models = {
    "mlp": lambda: nn.Sequential(
        *[nn.Linear(784, 800), nn.ReLU(), nn.Linear(800, 800), nn.ReLU(), nn.Linear(800, 10)]
    ),
    "lenet": lenet,
    "cnn": lambda: nn.Sequential(
        *[*block(1, 16, 3, nn.MaxPool2d(2)), *block(16, 32, 3, nn.MaxPool2d(2)), *block(32, 64, 3)],
        *[nn.AdaptiveAvgPool2d(3), nn.Flatten(), nn.Dropout(0.2), nn.Linear(576, 10)],
    ),
    "fashion": lambda: nn.Sequential(
        *[*block(1, 32, 5, nn.MaxPool2d(2)), *block(32, 64, 5, nn.MaxPool2d(2))],
        *[nn.Flatten(), nn.Linear(3136, 128), nn.ReLU(), nn.Dropout(0.4), nn.Linear(128, 10)],
    ),
    "alexnet": lambda: alexnet(0.0),
    "alexnetDropout": lambda: alexnet(0.5),
    "alexnetFew": lambda: alexnet(0.0),
    "alexnetFewDropout": lambda: alexnet(0.5),
}

x, y = read("train")
model = models[task]()
optimizer = torch.optim.Adam(model.parameters(), lr=rate)
steps = -(-len(x) // batch)
schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=epochs * steps, cycle_momentum=False)


def batches():
    for _ in range(epochs):
        yield from torch.randperm(len(x)).split(batch)


for step, places in enumerate(batches()):
    if step == warm_up:
        start = time.perf_counter()
    images = x[places]
    if task == "fashion":
        flips = torch.rand(len(images), 1, 1, 1) < 0.5
        images = torch.where(flips, images.flip(-1), images)
    optimizer.zero_grad(set_to_none=True)
    F.cross_entropy(model(images), y[places]).backward()
    optimizer.step()
    schedule.step()
seconds = time.perf_counter() - start

model.eval()
x, y = read("test")
with torch.no_grad():
    right = sum((model(a).argmax(1) == b).sum().item() for a, b in zip(x.split(500), y.split(500)))
print(json.dumps({"accuracy": right / len(x), "seconds": seconds, "version": torch.__version__}))
