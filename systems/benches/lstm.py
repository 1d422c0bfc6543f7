"""A step of an LSTM in PyTorch, forward and backward: what `cargo bench -p network3-systems` measures on the tape.

Batch 32, 128 inputs, 128 units, 20 moments. Prints microseconds for one moment: of the clock, the least and the median of many, and of the processor, the mean.
"""

import statistics
import time

import torch

MOMENTS, BATCH, UNITS, TIMES = 20, 32, 128, 50

for threads in (1, 2):
    torch.set_num_threads(threads)
    lstm = torch.nn.LSTM(UNITS, UNITS)
    x = torch.randn(MOMENTS, BATCH, UNITS)
    clock, processor = [], []
    for _ in range(TIMES):
        began = time.perf_counter(), time.process_time()
        _, (h, _) = lstm(x)
        h.sum().backward()
        clock.append(time.perf_counter() - began[0])
        processor.append(time.process_time() - began[1])
    each = 1e6 / MOMENTS
    print(f"{threads} threads: clock {min(clock) * each:.0f}, median {statistics.median(clock) * each:.0f}, processor {sum(processor) / TIMES * each:.0f}")
