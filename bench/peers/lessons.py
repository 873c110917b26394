"""What a teacher gives a student in a step: one class per method, each in both forms.

A lesson has `parameters` (its helpers), `begin(epoch)` for what is drawn or annealed once an epoch, and `loss(student, batch)`.
"""

from functools import cached_property

import numpy as np
import torch
import torch.nn.functional as F

import hetcomp
import losses
import phr
from data import top_items

ANNEAL_EPOCHS = 100
INTERESTING = UNINTERESTING = 40
POOL = 500
ENTITIES = 64
TOP, OBSERVED = 100, 10


class Batch:
    """Triplets of a step, and the distinct entities in them."""

    def __init__(self, triplets):
        self.users, self.positives, self.negatives = triplets.unbind(1)

    @cached_property
    def unique_users(self):
        return torch.unique(self.users)

    @cached_property
    def unique_items(self):
        return torch.unique(torch.cat([self.positives, self.negatives]))


class Lesson:
    parameters = ()
    # False where the lesson takes the place of the student's own loss.
    keeps_base = True

    def begin(self, epoch):
        pass


class Rrd(Lesson):
    def __init__(self, data, form, teacher, rng):
        self.data, self.rng = data, rng
        self.pool = top_items(data, *(table.numpy() for table in teacher), POOL)
        self.listwise = losses.plackett_luce_plain if form == "plain" else losses.plackett_luce_careful

    def begin(self, epoch):
        """Lists of the epoch: ranks by an exponential law without replacement, the rest uniform."""
        data = self.data
        p = np.exp(-np.arange(1, POOL + 1) / 10)
        keys = self.rng.exponential(size=(data.users, POOL)) / p
        ranks = np.sort(np.argpartition(keys, INTERESTING, axis=1)[:, :INTERESTING], axis=1)
        interesting = np.take_along_axis(self.pool, ranks, 1)
        users = np.broadcast_to(np.arange(data.users)[:, None], (data.users, UNINTERESTING))
        self.interesting = torch.from_numpy(interesting)
        self.uninteresting = torch.from_numpy(data.unknown_items(self.rng, users))

    def loss(self, student, batch):
        u = batch.unique_users
        rows = student.user(u).unsqueeze(1)
        s1 = (rows * student.item(self.interesting[u])).sum(2)
        s2 = (rows * student.item(self.uninteresting[u])).sum(2)
        return 1e-3 * self.listwise(s1, s2)


class Ftd(Lesson):
    def __init__(self, data, form, teacher, rng):
        self.careful = form == "careful"
        self.t_user, self.t_item = map(F.normalize, teacher) if self.careful else teacher
        self.steps = 0

    def loss(self, student, batch):
        u, i = batch.unique_users, batch.unique_items
        rows = torch.cat([self.t_user[u], self.t_item[i]]), torch.cat([student.user(u), student.item(i)])
        self.steps += 1
        if self.careful:
            # As kdp: the value of every tenth step is enough for a curve.
            return 1e-3 * losses.ftd_careful(*rows, with_value=self.steps % 10 == 1)
        return 1e-3 * losses.ftd_plain(*rows)


class Annealed(Lesson):
    """Experts of both sides, with the temperature of the epoch."""

    def __init__(self, data, form, teacher, rng):
        self.t_user, self.t_item = teacher
        experts = losses.ExpertsPlain if form == "plain" else losses.ExpertsCareful
        self.of_users, self.of_items = experts(30, 20, 200), experts(30, 20, 200)
        self.topology = losses.topology_plain if form == "plain" else losses.topology_careful
        self.parameters = [*self.of_users.parameters(), *self.of_items.parameters()]

    def begin(self, epoch):
        self.tau = losses.temperature(epoch, ANNEAL_EPOCHS)


class De(Annealed):
    def loss(self, student, batch):
        u, a, b = batch.unique_users, torch.unique(batch.positives), torch.unique(batch.negatives)
        total = self.of_users(self.t_user[u], student.user(u), self.tau)
        total = total + 0.5 * self.of_items(self.t_item[a], student.item(a), self.tau)
        return 0.01 * (total + 0.5 * self.of_items(self.t_item[b], student.item(b), self.tau))


class Htd(Annealed):
    def loss(self, student, batch):
        u, i = batch.unique_users, batch.unique_items
        t_user, t_item, s_user, s_item = self.t_user[u], self.t_item[i], student.user(u), student.item(i)
        assignment = self.of_users(t_user, s_user, self.tau) + self.of_items(t_item, s_item, self.tau)
        with torch.no_grad():
            choices = [self.of_users.gate(t_user).argmax(1), self.of_items.gate(t_item).argmax(1) + 30]
        topology = self.topology(torch.cat([t_user, t_item]), torch.cat([s_user, s_item]), torch.cat(choices), 60)
        return 1e-3 * (0.5 * topology + 0.5 * assignment)


class Phr(Lesson):
    def __init__(self, data, form, teacher, rng):
        self.tables = teacher
        self.guides = phr.enriched(*teacher, data.train)
        self.network = phr.hypernet(20, teacher[0].shape[1])
        self.parameters = list(self.network.parameters())
        self.form = phr.phr_plain if form == "plain" else phr.phr_careful

    def loss(self, student, batch):
        u, scale = phr.drawn(batch.unique_users, ENTITIES)
        users = (self.guides[0][u], self.tables[0][u], student.user(u), torch.full((len(u),), scale))
        i, scale = phr.drawn(batch.unique_items, ENTITIES)
        factors = scale * phr.item_factors(i, batch.positives, batch.negatives)
        items = (self.guides[1][i], self.tables[1][i], student.item(i), factors)
        return 0.01 * self.form(self.network, users, items)


class HetComp(Lesson):
    """Lists as the teachers' snapshots would give them in the first ten epochs; what they hold costs nothing."""

    keeps_base = False

    def __init__(self, data, form, teacher, rng):
        narrow = [rng.normal(0, 0.3, (n, 20)).astype(np.float32) for n in (data.users, data.items)]
        self.top = torch.from_numpy(top_items(data, *narrow, TOP))
        train = data.rows_of(data.train)
        self.observed = torch.full((data.users, OBSERVED), -1)
        for user in range(data.users):
            own = train.ids[train.offsets[user] : train.offsets[user + 1]][:OBSERVED]
            self.observed[user, : len(own)] = own
        if form == "plain":
            self.overall, self.others = hetcomp.overall_plain, train.dense(torch.bool).logical_not()
        else:
            pairs = np.column_stack([np.repeat(np.arange(data.users), TOP), self.top.numpy().ravel()])
            self.overall, self.others = hetcomp.overall_careful, data.rows_of(data.train, pairs)

    def loss(self, student, batch):
        tables = (student.user.weight, student.item.weight)
        return 0.01 * self.overall(*tables, batch.unique_users, self.observed, self.top, self.others)


LESSONS = {"bprmf": None, "rrd": Rrd, "ftd": Ftd, "de": De, "htd": Htd, "hetcomp": HetComp, "phr": Phr}
