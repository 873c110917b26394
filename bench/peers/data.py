"""Interactions, negatives and rankings for the peers, vectorised with NumPy."""

import gzip

import numpy as np
import torch

from sparse import Rows


def read_pairs(path):
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt") as handle:
        return [line.rstrip("\n").split("\t")[:2] for line in handle]


class Interactions:
    """Pairs of user and item, numbered, `[n, 2]` for each of train, valid and test."""

    def __init__(self, users, items, train, valid=None, test=None):
        self.users, self.items = users, items
        self.train, self.valid, self.test = train, valid, test
        self.codes = np.sort(train[:, 0] * items + train[:, 1])

    @classmethod
    def read(cls, *paths):
        users, items = {}, {}
        parts = [read_pairs(path) for path in paths]
        for part in parts:
            for user, item in part:
                users.setdefault(user, len(users))
                items.setdefault(item, len(items))
        arrays = [np.array([[users[u], items[i]] for u, i in part], dtype=np.int64) for part in parts]
        return cls(len(users), len(items), *arrays)

    def rows_of(self, *parts):
        """The items of each user in the parts together."""
        pairs = np.concatenate(parts)
        return Rows.of_pairs(pairs[:, 0], pairs[:, 1], self.users, self.items)

    def columns_of_train(self):
        """The users of each item."""
        return Rows.of_pairs(self.train[:, 1], self.train[:, 0], self.items, self.users)

    def known(self, users, items):
        """Which pairs are in train."""
        codes = users * self.items + items
        position = np.searchsorted(self.codes, codes)
        return self.codes[np.minimum(position, len(self.codes) - 1)] == codes

    def unknown_items(self, rng, users):
        """For each user one item, uniform over those that the user has not interacted with."""
        drawn = rng.integers(0, self.items, users.shape)
        while True:
            bad = np.nonzero(self.known(users, drawn))
            if len(bad[0]) == 0:
                return drawn
            drawn[bad] = rng.integers(0, self.items, len(bad[0]))

    def triplets(self, rng):
        """All training pairs in random order, each with a negative; `[n, 3]`."""
        negatives = self.unknown_items(rng, self.train[:, 0])
        order = rng.permutation(len(self.train))
        return torch.from_numpy(np.column_stack([self.train, negatives])[order])


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
