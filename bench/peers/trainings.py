"""Trainings that can be timed: `begin(epoch)`, then `step(number)` for each of `steps`."""

import torch
import torch.nn as nn
import torch.nn.functional as F

import lightgcn
import vae
from lessons import LESSONS, Batch

BATCH = 1024
ROWS = 500
LAYERS = 3


def table(rows, width):
    embedding = nn.Embedding(rows, width)
    nn.init.normal_(embedding.weight, 0, 0.01)
    return embedding


def bpr_plain(margin):
    return -torch.log(torch.sigmoid(margin)).sum()


def bpr_careful(margin):
    return F.softplus(-margin).sum()


class Training:
    def optimise(self, parameters, weight_decay=0.0):
        self.optimizer = torch.optim.Adam(parameters, lr=1e-3, weight_decay=weight_decay)

    def step(self, number):
        loss = self.loss(number)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()


class Pairwise(Training):
    """Steps of triplets, drawn anew each epoch."""

    def __init__(self, data, rng, width):
        self.data, self.rng = data, rng
        self.steps = -(-len(data.train) // BATCH)
        self.user, self.item = table(data.users, width), table(data.items, width)

    def begin(self, epoch):
        self.triplets = self.data.triplets(self.rng)

    def batch(self, number):
        return Batch(self.triplets[number * BATCH : (number + 1) * BATCH])


class Student(Pairwise):
    """Matrix factorisation with BPR, and a lesson beside it."""

    def __init__(self, data, rng, method, form, teacher):
        super().__init__(data, rng, 6 if method == "hetcomp" else 20)
        lesson = LESSONS[method]
        self.lesson = lesson(data, form, teacher, rng) if lesson else None
        self.bpr = bpr_plain if form == "plain" else bpr_careful
        helpers = self.lesson.parameters if self.lesson else ()
        self.optimise([self.user.weight, self.item.weight, *helpers], weight_decay=1e-3)

    def begin(self, epoch):
        super().begin(epoch)
        if self.lesson:
            self.lesson.begin(epoch)

    def loss(self, number):
        batch = self.batch(number)
        if self.lesson and not self.lesson.keeps_base:
            return self.lesson.loss(self, batch)
        better = self.item(batch.positives) - self.item(batch.negatives)
        base = self.bpr((self.user(batch.users) * better).sum(1))
        return base + self.lesson.loss(self, batch) if self.lesson else base


class Graph(Pairwise):
    def __init__(self, data, rng, form):
        super().__init__(data, rng, 64)
        graph = lightgcn.adjacency(data.train, data.users, data.items)
        self.graph = graph if form == "plain" else lightgcn.compressed(graph)
        self.form = lightgcn.loss_plain if form == "plain" else lightgcn.loss_careful
        self.optimise([self.user.weight, self.item.weight])

    def loss(self, number):
        batch = self.batch(number)
        tables = (self.user.weight, self.item.weight)
        return self.form(self.graph, *tables, LAYERS, batch.users, batch.positives, batch.negatives)


class RowAutoencoder(Training):
    """Steps of whole rows: users with their items, or items with their users."""

    def __init__(self, matrix, form):
        self.rows = torch.nonzero(matrix.sizes(torch.arange(matrix.count))).squeeze(1)
        self.steps = -(-len(self.rows) // ROWS)
        self.network = (vae.AutoencoderPlain if form == "plain" else vae.AutoencoderCareful)(matrix)
        self.optimise(self.network.parameters())

    def begin(self, epoch):
        self.order = self.rows[torch.randperm(len(self.rows))]
        self.beta = 0.2 * min(1, epoch / 50)

    def loss(self, number):
        return self.network.loss(self.order[number * ROWS : (number + 1) * ROWS], self.beta)


def create_training(data, rng, method, form, teacher):
    if method == "lightgcn":
        return Graph(data, rng, form)
    if method == "multi_vae":
        return RowAutoencoder(data.rows_of(data.train), form)
    if method == "item_ae":
        return RowAutoencoder(data.columns_of_train(), form)
    return Student(data, rng, method, form, teacher)
