"""CPU-seconds of one training epoch of each method, in PyTorch, plain and careful.

    python bench/peers/epoch.py --train T.tsv.gz --valid V.tsv.gz --test E.tsv.gz [--form plain|careful] [--methods bprmf,rrd,…]

Widths 200 -> 20, batch 1024, one thread. `de` and `htd` anneal over 100 epochs; their figure is the mean of epochs
1, 11, …, 91 (of epoch 1, 51 and 91 with --quick). Prints one JSON line per method.
"""

import argparse
import json
import resource
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

import losses
from data import Interactions, top_items

EPOCHS = 100
INTERESTING = UNINTERESTING = 40
POOL = 500


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


class Step:
    """One method in one form: owns the student, the helpers and the optimiser."""

    def __init__(self, data, method, form, teacher, pool):
        self.data, self.method, self.form, self.pool = data, method, form, pool
        self.rng = np.random.default_rng(0)
        self.t_user, self.t_item = teacher
        self.user = nn.Embedding(data.users, 20)
        self.item = nn.Embedding(data.items, 20)
        nn.init.normal_(self.user.weight, 0, 0.01)
        nn.init.normal_(self.item.weight, 0, 0.01)
        parameters = [self.user.weight, self.item.weight]
        if method in ("de", "htd"):
            cls = losses.ExpertsPlain if form == "plain" else losses.ExpertsCareful
            self.u_experts, self.i_experts = cls(30, 20, 200), cls(30, 20, 200)
            parameters += [*self.u_experts.parameters(), *self.i_experts.parameters()]
        self.optimizer = torch.optim.Adam(parameters, lr=1e-3, weight_decay=1e-3)

    def sample(self):
        """RRD's lists of the epoch: ranks by an exponential law without replacement, the rest uniform."""
        data = self.data
        p = np.exp(-np.arange(1, POOL + 1) / 10)
        keys = self.rng.exponential(size=(data.users, POOL)) / p
        ranks = np.sort(np.argpartition(keys, INTERESTING, axis=1)[:, :INTERESTING], axis=1)
        self.interesting = np.take_along_axis(self.pool, ranks, 1)
        unlisted = self.rng.integers(0, data.items, (data.users, UNINTERESTING))
        users = np.arange(data.users)[:, None]
        for _ in range(20):
            codes = users * data.items + unlisted
            found = np.searchsorted(data.codes, codes)
            bad = data.codes[np.minimum(found, len(data.codes) - 1)] == codes
            if not bad.any():
                break
            unlisted[bad] = self.rng.integers(0, data.items, bad.sum())
        self.uninteresting = unlisted

    def loss(self, users, positives, negatives, tau):
        margin = (self.user(users) * (self.item(positives) - self.item(negatives))).sum(1)
        if self.form == "plain":
            base = -torch.log(torch.sigmoid(margin)).sum()
        else:
            base = F.softplus(-margin).sum()
        u = torch.unique(users)
        if self.method == "bprmf":
            return base
        if self.method == "rrd":
            wanted = u.numpy()
            rows = self.user(u).unsqueeze(1)
            s1 = (rows * self.item(torch.from_numpy(self.interesting[wanted]))).sum(2)
            s2 = (rows * self.item(torch.from_numpy(self.uninteresting[wanted]))).sum(2)
            listwise = losses.plackett_luce_plain if self.form == "plain" else losses.plackett_luce_careful
            return base + 1e-3 * listwise(s1, s2)
        if self.method == "de":
            a, b = torch.unique(positives), torch.unique(negatives)
            kd = self.u_experts(self.t_user[u], self.user(u), tau)
            kd = kd + 0.5 * self.i_experts(self.t_item[a], self.item(a), tau)
            kd = kd + 0.5 * self.i_experts(self.t_item[b], self.item(b), tau)
            return base + 0.01 * kd
        i = torch.unique(torch.cat([positives, negatives]))
        teacher = torch.cat([self.t_user[u], self.t_item[i]])
        student = torch.cat([self.user(u), self.item(i)])
        if self.method == "ftd":
            topology = losses.ftd_plain if self.form == "plain" else losses.ftd_careful
            return base + 1e-3 * topology(teacher, student)
        assignment = self.u_experts(self.t_user[u], self.user(u), tau) + self.i_experts(
            self.t_item[i], self.item(i), tau
        )
        with torch.no_grad():
            groups = torch.cat(
                [self.u_experts.gate(self.t_user[u]).argmax(1), self.i_experts.gate(self.t_item[i]).argmax(1) + 30]
            )
        topology = losses.topology_plain if self.form == "plain" else losses.topology_careful
        return base + 1e-3 * (0.5 * topology(teacher, student, groups, 60) + 0.5 * assignment)

    def epoch(self, number, limit=None):
        """CPU-seconds of epoch `number`; with `limit`, of that many steps scaled to the whole."""
        tau = losses.temperature(number, EPOCHS)
        start = cpu()
        if self.method == "rrd":
            self.sample()
        head = cpu() - start
        start = cpu()
        steps = 0
        total = -(-len(self.data.train) // 1024)
        for batch in self.data.batches(self.rng, 1024):
            value = self.loss(batch[:, 0], batch[:, 1], batch[:, 2], tau)
            self.optimizer.zero_grad()
            value.backward()
            self.optimizer.step()
            steps += 1
            if steps == limit:
                break
        return head + (cpu() - start) * total / steps


def main():
    parser = argparse.ArgumentParser()
    for name in ("train", "valid", "test"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--form", default="plain,careful")
    parser.add_argument("--methods", default="bprmf,rrd,ftd,de,htd")
    parser.add_argument("--quick", action="store_true", help="fewer epochs, and a share of the steps of slow ones")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    data = Interactions(options.train, options.valid, options.test)
    teacher = (torch.randn(data.users, 200) * 0.3, torch.randn(data.items, 200) * 0.3)
    pool = top_items(data, teacher[0].numpy(), teacher[1].numpy(), POOL)
    for method in options.methods.split(","):
        for form in options.form.split(","):
            step = Step(data, method, form, teacher, pool)
            slow = method in ("de", "htd") or (method == "ftd" and form == "plain")
            if slow:
                epochs = (1, 51, 91) if options.quick else range(1, 100, 10)
                if method == "ftd":
                    epochs = (1,)
                limit = 6 if options.quick else 10
            else:
                step.epoch(0)
                epochs, limit = range(1, 4), None
            wall = time.perf_counter()
            seconds = [step.epoch(e, limit) for e in epochs]
            figure = float(np.mean(seconds)) if slow else float(np.median(seconds))
            print(
                json.dumps(
                    {
                        "suite": "epoch",
                        "name": method,
                        "form": form,
                        "cpuSeconds": figure,
                        "runs": seconds,
                        "wallSeconds": time.perf_counter() - wall,
                        "torch": torch.__version__,
                        "threads": torch.get_num_threads(),
                    }
                ),
                flush=True,
            )


if __name__ == "__main__":
    main()
