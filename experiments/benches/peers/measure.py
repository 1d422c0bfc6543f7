#!/usr/bin/env python3
"""How fast this library trains, and how fast PyTorch does, on the same processor and in turn: `experiments/benches/peers/measure.py RECORD.json`,
with MNIST in MNIST_DIR or data/mnist, and PyTorch installed for this Python.

Each program is started again for each round, one after the other, so that whatever else goes on slows all of them alike. A rate is the
median over all rounds; its range goes from the slowest window to the fastest."""

import json
import os
import pathlib
import statistics
import subprocess
import sys

ROUNDS, SECONDS, THREADS = 5, 2.5, 2
HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[2]
MNIST = pathlib.Path(os.environ.get("MNIST_DIR", ROOT / "data/mnist")).resolve()
NETS = {"shallow": "A", "two-conv-relu": "B", "dropout-1000": "C"}
SIZES = [10, 128]

subprocess.run(["cargo", "build", "--release", "--quiet", "-p", "network3-experiments", "--example", "peer"], cwd=ROOT, check=True)
PROGRAMS = {
    "network3": [str(ROOT / "target/release/examples/peer")],
    "PyTorch": [sys.executable, str(HERE / "torch_rate.py")],
    "PyTorch, channels last": [sys.executable, str(HERE / "torch_rate.py"), "--channels-last"],
}


def output(*command):
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def once(command, net, size):
    arguments = ["--net", NETS[net], "--batch", size, "--secs", SECONDS, "--threads", THREADS, "--mnist", MNIST]
    return json.loads(output(*command, *map(str, arguments)))


rates, version = [], None
for net in NETS:
    for size in SIZES:
        rounds = [{peer: once(command, net, size) for peer, command in PROGRAMS.items()} for _ in range(ROUNDS)]
        for peer in PROGRAMS:
            runs = [round[peer] for round in rounds]
            version = runs[0].get("version", version)
            median = statistics.median(run["train"] for run in runs)
            least, most = min(run["train_min"] for run in runs), max(run["train_max"] for run in runs)
            of_ours = statistics.median(round["network3"]["train"] / round[peer]["train"] for round in rounds)
            name = f"{net}-{size}-{peer.lower().replace(', ', '-').replace(' ', '-')}"
            rates.append({"name": name, "network": net, "mini_batch_size": size, "peer": peer, "median": median,
                          "least": least, "most": most, "network3_times": round(of_ours, 2)})
            print(f"{name:<44}{median:>9,.0f} images/s ({least:,.0f} to {most:,.0f}); network3 is {of_ours:.2f} times as fast")

model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "unknown")
record = {"processor": model, "commit": output("git", "rev-parse", "HEAD"), "pytorch": version, "threads": THREADS,
          "rounds": ROUNDS, "seconds": SECONDS, "command": "experiments/benches/peers/measure.py", "rates": rates}
to = pathlib.Path(sys.argv[1])
to.with_suffix(".partial").write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n")
to.with_suffix(".partial").rename(to)
