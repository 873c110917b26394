"""CPU-seconds of one training epoch of each method, in PyTorch, plain and careful.

    python bench/peers/epoch.py --train T.tsv.gz --valid V.tsv.gz --test E.tsv.gz [--form plain|careful] [--methods bprmf,rrd,…]

The settings of suite `epoch`: widths 200 -> 20, batch 1024, one thread. `de` and `htd` anneal over 100 epochs; their figure is the
mean of epochs 1, 11, …, 91 (of epochs 1, 51 and 91 with --quick). Prints one JSON line per method and form.
"""

import argparse

import numpy as np
import torch

from data import Interactions
from measure import print_row, time_epochs
from trainings import create_training

ANNEALED = ("de", "htd")
# Of these a share of the steps is timed and scaled to all of them.
SAMPLED = ("hetcomp", "phr", "lightgcn", "multi_vae", "item_ae")
METHODS = "bprmf,rrd,ftd,de,htd,hetcomp,phr,lightgcn,multi_vae,item_ae"


def plan(method, form, quick):
    """Epochs that are measured, and of how many steps; None for all."""
    steps = 6 if quick else 10
    if method in ANNEALED:
        return ([1, 51, 91] if quick else list(range(1, 100, 10))), steps
    if method == "ftd" and form == "plain":
        return [1], steps
    if method in SAMPLED:
        return ([1] if quick else [1, 2]), steps
    return ([1] if quick else [1, 2, 3]), None


def main():
    parser = argparse.ArgumentParser()
    for name in ("train", "valid", "test"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--form", default="plain,careful")
    parser.add_argument("--methods", default=METHODS)
    parser.add_argument("--quick", action="store_true", help="fewer epochs, and fewer steps of slow ones")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    data = Interactions.read(options.train, options.valid, options.test)
    teacher = (torch.randn(data.users, 200) * 0.3, torch.randn(data.items, 200) * 0.3)
    for method in options.methods.split(","):
        for form in options.form.split(","):
            training = create_training(data, np.random.default_rng(0), method, form, teacher)
            epochs, limit = plan(method, form, options.quick)
            seconds, wall = time_epochs(training, epochs, limit)
            centre = "mean" if method in ANNEALED else "median"
            print_row(method, form, seconds, wall, centre, epochs=epochs, steps=limit)


if __name__ == "__main__":
    main()
