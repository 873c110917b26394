"""Interactions, negatives and evaluation for the peers, vectorised with NumPy."""

import gzip

import numpy as np
import torch


def read_pairs(path):
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt") as handle:
        rows = [line.rstrip("\n").split("\t")[:2] for line in handle]
    return rows


class Interactions:
    def __init__(self, train, valid, test):
        parts = [read_pairs(path) for path in (train, valid, test)]
        self._build(parts)

    def _build(self, parts):
        users, items = {}, {}
        for part in parts:
            for user, item in part:
                users.setdefault(user, len(users))
                items.setdefault(item, len(items))
        self.users, self.items = len(users), len(items)
        arrays = [np.array([[users[u], items[i]] for u, i in part], dtype=np.int64) for part in parts]
        self.train, self.valid, self.test = arrays
        self.codes = np.sort(self.train[:, 0] * self.items + self.train[:, 1])

    @classmethod
    def leave_one_out(cls, path, seed):
        rng = np.random.default_rng(seed)
        pairs = list(dict.fromkeys(map(tuple, read_pairs(path))))
        by_user = {}
        for user, item in pairs:
            by_user.setdefault(user, []).append(item)
        train, valid, test = [], [], []
        for user, items in by_user.items():
            if len(items) < 3:
                train += [(user, i) for i in items]
                continue
            order = rng.permutation(len(items))
            test.append((user, items[order[0]]))
            valid.append((user, items[order[1]]))
            train += [(user, items[k]) for k in order[2:]]
        self = cls.__new__(cls)
        self._build([train, valid, test])
        return self

    def negatives(self, rng):
        """One item per training pair, uniform over the items the user has not interacted with."""
        users = self.train[:, 0]
        drawn = rng.integers(0, self.items, len(users))
        while True:
            codes = users * self.items + drawn
            position = np.searchsorted(self.codes, codes)
            bad = np.nonzero(self.codes[np.minimum(position, len(self.codes) - 1)] == codes)[0]
            if len(bad) == 0:
                return drawn
            drawn[bad] = rng.integers(0, self.items, len(bad))

    def batches(self, rng, size):
        negatives = self.negatives(rng)
        order = rng.permutation(len(self.train))
        triplets = np.column_stack([self.train, negatives])[order]
        for start in range(0, len(triplets), size):
            yield torch.from_numpy(triplets[start : start + size])

    def recall(self, user_rows, item_rows, k, part="test"):
        """Share of users whose held-out item is among the k best of all items but train and the other held-out one."""
        target, other = (self.test, self.valid) if part == "test" else (self.valid, self.test)
        hits = 0
        for start in range(0, len(target), 512):
            rows = target[start : start + 512]
            scores = user_rows[rows[:, 0]] @ item_rows.T
            local = {user: n for n, user in enumerate(rows[:, 0])}
            for pairs in (self.train, other):
                mask = np.isin(pairs[:, 0], rows[:, 0])
                where = pairs[mask]
                scores[[local[u] for u in where[:, 0]], where[:, 1]] = -np.inf
            own = scores[np.arange(len(rows)), rows[:, 1]][:, None]
            hits += ((scores > own).sum(1) < k).sum()
        return hits / len(target)


def top_items(data, user_rows, item_rows, k):
    """The k best items per user, train items left out; [users, k]."""
    out = np.zeros((data.users, k), dtype=np.int64)
    for start in range(0, data.users, 512):
        rows = np.arange(start, min(start + 512, data.users))
        scores = user_rows[rows] @ item_rows.T
        mask = (data.train[:, 0] >= rows[0]) & (data.train[:, 0] <= rows[-1])
        scores[data.train[mask, 0] - start, data.train[mask, 1]] = -np.inf
        best = np.argpartition(-scores, k, axis=1)[:, :k]
        order = np.argsort(-np.take_along_axis(scores, best, 1), axis=1)
        out[rows] = np.take_along_axis(best, order, 1)
    return out
