"""How fast PyTorch trains the networks A, B and C of `examples/peer.rs` on the processor: one line of JSON with the training images
a second of five windows (median, least, most) and PyTorch's version.

Two layouts of images in memory: as PyTorch has it by default (eager), and with the maps of a pixel side by side (channels_last),
which its convolutions are faster with."""

import argparse
import gzip
import json
import pathlib
import statistics
import time

import torch
import torch.nn.functional as F
from torch import nn

p = argparse.ArgumentParser()
p.add_argument("--net", choices="ABC", default="B")
p.add_argument("--batch", type=int, default=10)
p.add_argument("--threads", type=int, default=2)
p.add_argument("--secs", type=float, default=4.0)
p.add_argument("--mnist", type=pathlib.Path, default="data/mnist")
p.add_argument("--channels-last", action="store_true")
a = p.parse_args()
torch.set_num_threads(a.threads)
torch.manual_seed(0)


def read(name, header, images):
    plain = a.mnist / name
    data = plain.read_bytes() if plain.exists() else gzip.open(f"{plain}.gz").read()
    return torch.frombuffer(bytearray(data[header:]), dtype=torch.uint8).view(images, -1)[:50_000]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        sizes = {"A": [784, 100, 10], "B": [640, 100, 10], "C": [640, 1000, 1000, 10]}[a.net]
        self.conv = nn.ModuleList() if a.net == "A" else nn.ModuleList([nn.Conv2d(1, 20, 5), nn.Conv2d(20, 40, 5)])
        self.full = nn.ModuleList(nn.Linear(i, o) for i, o in zip(sizes, sizes[1:]))

    def forward(self, x):
        for conv in self.conv:
            x = F.relu(F.max_pool2d(conv(x), 2))
        x = x.flatten(1)
        for full in self.full:
            x = full(F.dropout(x, 0.5, self.training) if a.net == "C" else x)
            if full is not self.full[-1]:
                x = torch.sigmoid(x) if a.net == "A" else F.relu(x)
        return x


x = read("train-images-idx3-ubyte", 16, 60_000).float().div(256).view(-1, 1, 28, 28)
y = read("train-labels-idx1-ubyte", 8, 60_000).view(-1).long()
net = Net().train()
if a.channels_last:
    net = net.to(memory_format=torch.channels_last)
eta, decay = {"A": (0.1, 0.0), "B": (0.03, 0.1 / 50_000), "C": (0.03, 0.0)}[a.net]
weights, biases = [[w for w in net.parameters() if (w.dim() > 1) == is_weight] for is_weight in (True, False)]
optim = torch.optim.SGD([{"params": weights, "weight_decay": decay}, {"params": biases}], lr=eta, fused=True)


def step(i):
    batch = slice(i * a.batch % 50_000, i * a.batch % 50_000 + a.batch)
    optim.zero_grad(set_to_none=True)
    F.cross_entropy(net(x[batch]), y[batch]).backward()
    optim.step()


rates, done = [], 0
for window in range(6):  # the first is to warm up
    begun, images = time.perf_counter(), 0
    while time.perf_counter() - begun < a.secs / 5:
        step(done)
        done, images = done + 1, images + a.batch
    rates.append(images / (time.perf_counter() - begun))
rates = rates[1:]
result = {"train": round(statistics.median(rates)), "train_min": round(min(rates)), "train_max": round(max(rates))}
print(json.dumps({**result, "version": torch.__version__}))
