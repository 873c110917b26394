"""Personalised hint regression, written twice: a network writes each entity's own map from the student's space to the teacher's."""

import torch
import torch.nn as nn


def enriched(user, item, train):
    """v = (t + mean of t over the train neighbours) / 2. @param train [n, 2] pairs"""
    u, i = torch.from_numpy(train[:, 0]), torch.from_numpy(train[:, 1])

    def mixed(own, other, to, come):
        count = torch.bincount(to, minlength=len(own)).unsqueeze(1)
        mean = torch.zeros_like(own).index_add_(0, to, other[come]) / count.clamp(min=1)
        return torch.where(count > 0, 0.5 * (own + mean), own)

    return mixed(user, item, u, i), mixed(item, user, i, u)


def hypernet(d_student, d_teacher):
    hidden = (d_teacher + d_teacher * d_student) // 2
    return nn.Sequential(nn.Linear(d_teacher, hidden), nn.ReLU(), nn.Linear(hidden, d_teacher * d_student))


def drawn(ids, count):
    """At most so many of the ids, uniformly, and the factor that makes their sum stand for all."""
    if count is None or len(ids) <= count:
        return ids, 1.0
    return ids[torch.randperm(len(ids))[:count]], len(ids) / count


def item_factors(ids, positives, negatives):
    """An item in one of positives and negatives counts half, in both whole."""
    return 0.5 * torch.isin(ids, positives).float() + 0.5 * torch.isin(ids, negatives).float()


def hint_plain(network, guide, teacher, student, factors):
    """sum_e factor_e |t_e - W_e s_e|², W_e = p(v_e) reshaped."""
    maps = network(guide).view(len(student), teacher.shape[1], student.shape[1])
    mapped = torch.bmm(maps, student.unsqueeze(2)).squeeze(2)
    return (factors.unsqueeze(1) * (teacher - mapped) ** 2).sum()


def phr_plain(network, users, items):
    """Users, then items. @param users, items tuples (guide, teacher, student, factors)"""
    return hint_plain(network, *users) + hint_plain(network, *items)


def phr_careful(network, users, items):
    """Both sides go through the shared network at once: half as many products, of twice the rows."""
    return hint_plain(network, *(torch.cat(pair) for pair in zip(users, items)))
