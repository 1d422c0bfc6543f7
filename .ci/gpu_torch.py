"""PyTorch's training rates for the networks of `examples/device_rates.rs`, on a graphics processor, or else on the
processor: `gpu_torch.py RECORD.json` adds them to a record that has the kernels' rates.

As one writes it (eager); and on a graphics processor also with a whole step of training captured as one CUDA graph,
PyTorch's own answer to small mini-batches. Images lie on the device beforehand, as with us; a mini-batch is a slice of
them."""

import json
import sys
import time

try:
    import torch
    import torch.nn as nn
    import torch.nn.functional as F
except ImportError:
    sys.exit("PyTorch is not installed: its rates were not measured")

GPU = torch.cuda.is_available()
DEVICE = "cuda" if GPU else "cpu"
IMAGES = 5_000
# As precise as our kernels: single precision throughout, not TF32.
torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
torch.backends.cudnn.benchmark = True


class Net(nn.Module):
    def __init__(self, name):
        super().__init__()
        self.conv = name != "shallow"
        self.p = 0.5 if name == "dropout-1000" else 0.0
        if self.conv:
            self.c1, self.c2 = nn.Conv2d(1, 20, 5), nn.Conv2d(20, 40, 5)
        sizes = {"shallow": [784, 100, 10], "two-conv-relu": [640, 100, 10], "dropout-1000": [640, 1000, 1000, 10]}[name]
        self.fc = nn.ModuleList(nn.Linear(i, o) for i, o in zip(sizes, sizes[1:]))

    def forward(self, x):
        if self.conv:
            x = F.relu(F.max_pool2d(self.c1(x), 2))
            x = F.relu(F.max_pool2d(self.c2(x), 2))
        x = x.flatten(1)
        for i, fc in enumerate(self.fc):
            x = fc(F.dropout(x, self.p) if self.p else x)
            x = F.relu(x) if i < len(self.fc) - 1 else x
        return x


def rate(name, size, graph):
    torch.manual_seed(0)
    net = Net(name).to(DEVICE).train()
    optim = torch.optim.SGD(net.parameters(), lr=0.01)
    images, labels = torch.rand(IMAGES, 1, 28, 28).to(DEVICE), torch.randint(10, (IMAGES,)).to(DEVICE)
    x, y = images[:size].clone(), labels[:size].clone()

    def compute():
        optim.zero_grad(set_to_none=False)
        F.cross_entropy(net(x), y).backward()
        optim.step()

    def step(k):
        first = k * size % (IMAGES - size)
        x.copy_(images[first : first + size])
        y.copy_(labels[first : first + size])
        captured.replay() if graph else compute()

    if graph:
        beside = torch.cuda.Stream()
        beside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(beside):
            for _ in range(5):
                compute()
        torch.cuda.current_stream().wait_stream(beside)
        captured = torch.cuda.CUDAGraph()
        with torch.cuda.graph(captured):
            compute()

    def seconds(steps):
        start = time.perf_counter()
        for k in range(steps):
            step(k)
        if GPU:
            torch.cuda.synchronize()
        return time.perf_counter() - start

    # As many steps as take about a second; the first ones warm up.
    seconds(10)
    steps = max(10, int(10 / seconds(10)))
    return steps * size / seconds(steps)


record = json.load(open(sys.argv[1]))
record["pytorch"] = torch.__version__
for name in ["shallow", "two-conv-relu", "dropout-1000"]:
    for size in [10, 128]:
        for how in ["eager", "graph"] if GPU else ["eager"]:
            images_per_second = rate(name, size, how == "graph")
            print(f"{name:<14} mini-batch {size:>3}  pytorch-{how:<6}  {images_per_second:>8.0f} images/s", flush=True)
            record["rates"].append({"images_per_second": images_per_second, "name": f"{name}-{size}-pytorch-{how}"})
with open(sys.argv[1], "w") as file:
    file.write(json.dumps(record, indent=2, sort_keys=True) + "\n")
