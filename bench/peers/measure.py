"""How the peers are timed: CPU-seconds of this process, whole epochs or a share of their steps."""

import json
import resource
import time

import numpy as np
import torch


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def seconds_of(training, epoch, limit=None):
    """CPU-seconds of an epoch; with `limit`, of that many steps scaled to all of them. What comes before a step counts once."""
    start = cpu()
    training.begin(epoch)
    head = cpu() - start
    steps = min(limit or training.steps, training.steps)
    start = cpu()
    for number in range(steps):
        training.step(number)
    return head + (cpu() - start) * training.steps / steps


def time_epochs(training, epochs, limit=None):
    """A few steps that are not counted, then the epochs: `(seconds of each, wall seconds of all)`."""
    seconds_of(training, epochs[-1], 2)
    wall = time.perf_counter()
    seconds = [seconds_of(training, epoch, limit) for epoch in epochs]
    return seconds, time.perf_counter() - wall


def time_calls(body, runs):
    """The same for something without epochs."""
    body()
    wall = time.perf_counter()
    seconds = []
    for _ in range(runs):
        start = cpu()
        body()
        seconds.append(cpu() - start)
    return seconds, time.perf_counter() - wall


def print_row(name, form, seconds, wall, centre="median", **more):
    """One result as a line of JSON; `more` says what was measured."""
    figure = np.mean(seconds) if centre == "mean" else np.median(seconds)
    row = {
        "name": name,
        "form": form,
        "cpuSeconds": float(figure),
        "runs": seconds,
        "wallSeconds": wall,
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
    }
    print(json.dumps({**row, **more}), flush=True)
