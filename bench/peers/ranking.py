"""Evaluation of one held-out item a user, written twice: among all items, and among sampled candidates.

A rank is 1 + items above; hit and recall are then one thing, NDCG 1 / log2(1 + rank) and MRR 1 / rank within a cut-off.
"""

import torch
import torch.nn.functional as F

CUTOFFS = (10, 50)
PLAIN_BLOCK = 512
# Large enough for a fast product, small enough for the caches; and gathered numbers that a cache holds.
BLOCK = 128
SAMPLED_NUMBERS = 1 << 19


def metrics(ranks):
    """All metrics of the suite, means over users. @param ranks float [users]"""
    out = {}
    for cutoff in CUTOFFS:
        found = ranks <= cutoff
        hit = found.float().mean().item()
        out[f"hit@{cutoff}"] = out[f"recall@{cutoff}"] = hit
        out[f"ndcg@{cutoff}"] = (found / torch.log2(1 + ranks)).mean().item()
        out[f"mrr@{cutoff}"] = (found / ranks).mean().item()
    return out


def full_plain(user, item, users, targets, seen):
    """The best items of each block of users, and where among them the target stands. @param seen dense bool [users, items]"""
    longest = min(max(CUTOFFS), item.shape[0])
    ranks = []
    for start in range(0, len(users), PLAIN_BLOCK):
        block = users[start : start + PLAIN_BLOCK]
        scores = user[block] @ item.T
        scores[seen[block]] = -torch.inf
        best = torch.topk(scores, longest).indices
        matches = best == targets[start : start + PLAIN_BLOCK].unsqueeze(1)
        place = torch.where(matches.any(1), matches.float().argmax(1), item.shape[0])
        ranks.append(1 + place.float())
    return metrics(torch.cat(ranks))


def full_careful(user, item, users, targets, seen):
    """A target's rank needs no list: items above it are counted, half of those as good as it too.

    @param seen what the users have interacted with, by blocks (`Rows.flat_blocks`)
    """
    by_column = item.T.contiguous()
    buffer = torch.empty(BLOCK, item.shape[0])
    flags = torch.empty_like(buffer)
    ranks = torch.empty(len(users))
    for start, left_out in zip(range(0, len(users), BLOCK), seen):
        block = slice(start, start + BLOCK)
        scores = torch.mm(user[users[block]], by_column, out=buffer[: len(users[block])])
        own = scores.gather(1, targets[block].unsqueeze(1))
        scores.view(-1).index_fill_(0, left_out, -torch.inf)
        # Comparisons in float32: booleans are summed through 64-bit integers, eight times the bytes.
        above = torch.gt(scores, own, out=flags[: len(scores)]).sum(1)
        as_good = torch.ge(scores, own, out=flags[: len(scores)]).sum(1)
        ranks[block] = 1 + 0.5 * (above + as_good - 1)
    return metrics(ranks)


def sampled_plain(user, item, users, candidates):
    """Sorted scores of the target and its candidates. @param candidates [users, n], the target first"""
    ranks = []
    for start in range(0, len(users), PLAIN_BLOCK):
        block = candidates[start : start + PLAIN_BLOCK]
        scores = (user[users[start : start + PLAIN_BLOCK]].unsqueeze(1) * item[block]).sum(2)
        order = torch.argsort(scores, 1, descending=True)
        ranks.append(1 + (order == 0).float().argmax(1).float())
    return metrics(torch.cat(ranks))


def sampled_careful(user, item, users, candidates):
    """Gathered rows of few users at a time, which stay in the cache, and a count."""
    size = max(1, SAMPLED_NUMBERS // (candidates.shape[1] * item.shape[1]))
    ranks = torch.empty(len(users))
    for start in range(0, len(users), size):
        block = slice(start, start + size)
        rows = F.embedding(users[block], user).unsqueeze(1)
        # Faster than a batched product, which is one of a matrix and a vector here.
        scores = F.embedding(candidates[block], item).mul_(rows).sum(2)
        own = scores[:, :1]
        above, as_good = (scores > own).sum(1), (scores >= own).sum(1)
        ranks[block] = 1 + 0.5 * (above + as_good - 1)
    return metrics(ranks)
