"""CPU-seconds of an evaluation of CiteULike's held-out items in PyTorch, plain and careful: all items, and 499 candidates a user.

    python bench/peers/eval.py --train T.tsv.gz --valid V.tsv.gz --test E.tsv.gz [--form plain|careful] [--rankings full,loo-499]

The settings of suite `eval`: eight metrics, one thread; candidates are drawn beforehand. Prints one JSON line per ranking, width and form.
"""

import argparse

import numpy as np
import torch

import ranking
from data import Interactions
from measure import print_row, time_calls

CANDIDATES = 499


def candidates_of(data, rng):
    """The target of each user, then items that the user has no interaction with in any part."""
    users = data.test[:, 0]
    observed = Interactions(data.users, data.items, np.concatenate([data.train, data.valid, data.test]))
    drawn = observed.unknown_items(rng, np.broadcast_to(users[:, None], (len(users), CANDIDATES)))
    return torch.from_numpy(np.column_stack([data.test[:, 1], drawn]))


def evaluation(data, name, form, tables, candidates):
    """What is timed, without arguments."""
    users, targets = torch.from_numpy(data.test).unbind(1)
    if name == "loo-499":
        rank = ranking.sampled_plain if form == "plain" else ranking.sampled_careful
        return lambda: rank(*tables, users, candidates)
    rows = data.rows_of(data.train, data.valid)
    if form == "plain":
        seen, rank = rows.dense(torch.bool), ranking.full_plain
    else:
        seen, rank = rows.flat_blocks(users, ranking.BLOCK), ranking.full_careful
    return lambda: rank(*tables, users, targets, seen)


def main():
    parser = argparse.ArgumentParser()
    for name in ("train", "valid", "test"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--form", default="plain,careful")
    parser.add_argument("--rankings", default="full,loo-499")
    parser.add_argument("--dims", default="20,200")
    parser.add_argument("--quick", action="store_true", help="fewer runs")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    data = Interactions.read(options.train, options.valid, options.test)
    candidates = candidates_of(data, np.random.default_rng(0))
    for width in map(int, options.dims.split(",")):
        tables = (torch.randn(data.users, width) * 0.3, torch.randn(data.items, width) * 0.3)
        for name in options.rankings.split(","):
            for form in options.form.split(","):
                body = evaluation(data, name, form, tables, candidates)
                seconds, wall = time_calls(body, 3 if options.quick else 7)
                print_row(name, form, seconds, wall, dim=width, steps=None)


if __name__ == "__main__":
    with torch.inference_mode():
        main()
