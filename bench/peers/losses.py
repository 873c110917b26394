"""Distillation losses in PyTorch, each written twice.

`plain`: as a user would write it from the paper's formula. `careful`: the same value and gradient, reorganised by
someone who has time (Gram matrices, sorted groups, dispatch of experts). All reduce by sum over the entities of the batch.
"""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F


# --- relaxed ranking distillation ---------------------------------------------------------------------------------


def plackett_luce_plain(interesting, uninteresting):
    """-sum_k (s_k - log(sum_{j>=k} e^{s_j} + sum_l e^{s_l})); [n, k] best first, [n, l] unordered."""
    tail = torch.exp(uninteresting).sum(1, keepdim=True)
    below = torch.exp(interesting).flip(1).cumsum(1).flip(1)
    return -(interesting - torch.log(below + tail)).sum()


def plackett_luce_careful(interesting, uninteresting):
    """The same without overflow: shifted by the largest score of a row. (`logcumsumexp` does it too, in more time.)"""
    most = torch.maximum(interesting.amax(1, keepdim=True), uninteresting.amax(1, keepdim=True)).detach()
    tail = (uninteresting - most).exp().sum(1, keepdim=True)
    below = (interesting - most).exp().flip(1).cumsum(1)
    return (torch.log(below + tail) + most).sum() - interesting.sum()


# --- topology -----------------------------------------------------------------------------------------------------


def ftd_plain(teacher, student):
    """sum_ab (cos T_ab - cos S_ab)^2 over all pairs of the batch's entities."""
    a = F.normalize(teacher, dim=1)
    b = F.normalize(student, dim=1)
    return ((a @ a.T - b @ b.T) ** 2).sum()


def ftd_careful(teacher, student, with_value=True):
    """|TᵀT|² - 2|TᵀS|² + |SᵀS|²: O(n dT dS) instead of O(n² dT).

    @param teacher rows of length 1, which never change
    @param with_value the first term, most of the cost, has no gradient: it can be left out where only that is wanted
    """
    b = F.normalize(student, dim=1)
    varying = ((b.T @ b) ** 2).sum() - 2 * ((teacher.T @ b) ** 2).sum()
    return varying + ((teacher.T @ teacher) ** 2).sum() if with_value else varying


# --- experts -------------------------------------------------------------------------------------------------------


class ExpertsPlain(nn.Module):
    """M two-layer experts and a gate on the teacher's row; every expert runs on every entity."""

    def __init__(self, count, d_student, d_teacher):
        super().__init__()
        hidden = (d_student + d_teacher) // 2
        self.experts = nn.ModuleList(
            nn.Sequential(nn.Linear(d_student, hidden), nn.ReLU(), nn.Linear(hidden, d_teacher)) for _ in range(count)
        )
        self.gate = nn.Sequential(nn.Linear(d_teacher, count), nn.Softmax(dim=1))

    def forward(self, teacher, student, temperature, noise=None):
        """@param noise Gumbel numbers [n, M], given in a check"""
        p = self.gate(teacher)
        if noise is None:
            u = torch.rand_like(p)
            noise = -torch.log(-torch.log(u + 1e-20) + 1e-20)
        z = torch.softmax((torch.log(p + 1e-10) + noise) / temperature, dim=1)
        outputs = torch.stack([expert(student) for expert in self.experts], 1)
        return ((teacher - (z.unsqueeze(2) * outputs).sum(1)) ** 2).sum()


class ExpertsCareful(nn.Module):
    """The same experts as batched matrices; entities go only to experts whose gate matters."""

    def __init__(self, count, d_student, d_teacher):
        super().__init__()
        hidden = (d_student + d_teacher) // 2
        self.count = count
        first = [nn.Linear(d_student, hidden) for _ in range(count)]
        second = [nn.Linear(hidden, d_teacher) for _ in range(count)]
        self.w1 = nn.Parameter(torch.stack([x.weight.data.T.clone() for x in first]))
        self.b1 = nn.Parameter(torch.stack([x.bias.data for x in first]))
        self.w2 = nn.Parameter(torch.stack([x.weight.data.T.clone() for x in second]))
        self.b2 = nn.Parameter(torch.stack([x.bias.data for x in second]))
        self.gate = nn.Linear(d_teacher, count)

    def forward(self, teacher, student, temperature, noise=None):
        """@param noise Gumbel numbers [n, M], given in a check"""
        logits = torch.log_softmax(self.gate(teacher), 1)
        if noise is None:
            noise = -torch.log(torch.empty_like(logits).exponential_())
        z = torch.softmax((logits + noise) / temperature, dim=1)
        active = z > 1e-7 * temperature
        everywhere = active.float().mean() > 0.5
        reconstruction = self.all_experts(student, z) if everywhere else self.chosen_experts(student, z, active)
        return ((teacher - reconstruction) ** 2).sum()

    def all_experts(self, student, z):
        h = torch.relu(torch.baddbmm(self.b1.unsqueeze(1), student.expand(self.count, -1, -1), self.w1))
        weighted = (z.T.unsqueeze(2) * h).permute(1, 0, 2).reshape(len(student), -1)
        return weighted @ self.w2.reshape(-1, self.w2.shape[2]) + z @ self.b2

    def chosen_experts(self, student, z, active):
        """Pairs of expert and entity, expert by expert. `unbind` has one gradient for all slices, indexing one for each."""
        expert, rows = active.T.nonzero(as_tuple=True)
        parts = student[rows].split(torch.bincount(expert, minlength=self.count).tolist())
        layers = zip(parts, self.w1.unbind(), self.b1.unbind(), self.w2.unbind(), self.b2.unbind())
        outputs = [torch.addmm(b2, torch.relu(torch.addmm(b1, part, w1)), w2) for part, w1, b1, w2, b2 in layers]
        weighted = z[rows, expert].unsqueeze(1) * torch.cat(outputs)
        return torch.zeros(len(student), self.w2.shape[2]).index_add(0, rows, weighted)


# --- hierarchical topology ------------------------------------------------------------------------------------------


def prototypes(rows, groups, count):
    sums = torch.zeros(count, rows.shape[1]).index_add(0, groups, rows)
    sizes = torch.bincount(groups, minlength=count).unsqueeze(1)
    present = sizes.squeeze(1) > 0
    return (sums / sizes.clamp(min=1))[present]


def topology_plain(teacher, student, groups, count):
    """Same-group pairs with positive teacher cosine, plus prototypes against entities (prototypes carry no gradient)."""
    a = F.normalize(teacher, dim=1)
    b = F.normalize(student, dim=1)
    cos_t = a @ a.T
    cos_s = b @ b.T
    one_hot = F.one_hot(groups, count).float()
    same = (one_hot @ one_hot.T) * (cos_t > 0)
    entity = (same * (cos_t - cos_s) ** 2).sum()
    with torch.no_grad():
        p_t = F.normalize(prototypes(teacher, groups, count), dim=1)
        p_s = F.normalize(prototypes(student, groups, count), dim=1)
    return entity + ((p_t @ a.T - p_s @ b.T) ** 2).sum()


def topology_careful(teacher, student, groups, count):
    """The same with entities sorted by group: sum of n_g² pairs instead of n²."""
    a = F.normalize(teacher, dim=1)
    b = F.normalize(student, dim=1)
    order = torch.argsort(groups)
    sizes = torch.bincount(groups, minlength=count).tolist()
    entity = 0.0
    for ga, gb in zip(a[order].split(sizes), b[order].split(sizes)):
        if ga.shape[0] == 0:
            continue
        cos_t = ga @ ga.T
        entity = entity + (((cos_t - gb @ gb.T) ** 2) * (cos_t > 0)).sum()
    with torch.no_grad():
        p_t = F.normalize(prototypes(teacher, groups, count), dim=1)
        p_s = F.normalize(prototypes(student, groups, count), dim=1)
    return entity + ((p_t @ a.T - p_s @ b.T) ** 2).sum()


def temperature(epoch, epochs, start=1.0, end=1e-10):
    """Annealed from `start` to `end`; epochs 0 and 1 both use `start`."""
    return start * math.pow(end / start, max(epoch - 1, 0) / epochs)
