"""HetComp's transfer of its first phase (the only one of a training's first epochs), written twice.

L_O = -sum_u sum_{i in pos_u and top_u} [ r_ui - log(e^r_ui + rest_u) ], rest_u the mass of the items that are neither in train nor
in top_u. `observed` [users, o] holds train items, `top` [users, K] unseen ones; both end in -1 where a user has fewer.
"""

import torch
import torch.nn.functional as F

# Users whose scores of all items stay in the second-level cache.
BLOCK = 32


def overall_plain(user, item, users, observed, top, unseen):
    """As the formula says, on a dense mask. @param unseen [users, items], 1 where an item is not in the user's train"""
    scores = user[users] @ item.T
    listed = torch.cat([observed[users], top[users]], 1)
    listed_scores = scores.gather(1, listed.clamp(min=0))
    top_mass = (scores.gather(1, top[users].clamp(min=0)).exp() * (top[users] >= 0)).sum(1, keepdim=True)
    rest = (scores.exp() * unseen[users]).sum(1, keepdim=True) - top_mass
    terms = listed_scores - torch.log(listed_scores.exp() + rest)
    return -(terms * (listed >= 0)).sum()


class Overall(torch.autograd.Function):
    """Value and gradients of a block of users while its scores are in the cache: one exponential a pair, nothing is kept."""

    @staticmethod
    def forward(ctx, user_rows, item, listed, excluded, users):
        by_column = item.T.contiguous()
        d_users = torch.empty_like(user_rows)
        d_items = torch.zeros_like(by_column)
        buffer = torch.empty(BLOCK, item.shape[0])
        value = 0.0
        for start, left_out in zip(range(0, len(users), BLOCK), excluded.flat_blocks(users, BLOCK)):
            rows = user_rows[start : start + BLOCK]
            scores = torch.mm(rows, by_column, out=buffer[: len(rows)])
            ids = listed[start : start + BLOCK]
            places = ids.clamp(min=0)
            own = scores.gather(1, places)
            scores.view(-1).index_fill_(0, left_out, -torch.inf)
            most = scores.amax(1, keepdim=True)
            mass = scores.sub_(most).exp_().sum(1, keepdim=True)
            gaps = most + mass.log() - own
            present = ids >= 0
            value += (F.softplus(gaps) * present).sum().item()
            shares = torch.sigmoid(gaps) * present
            scores.mul_(shares.sum(1, keepdim=True) / mass).scatter_add_(1, places, -shares)
            # With the long side last these products are three times as fast.
            d_users[start : start + BLOCK] = (by_column @ scores.T).T
            d_items.addmm_(rows.T, scores)
        ctx.save_for_backward(d_users, d_items)
        return user_rows.new_tensor(value)

    @staticmethod
    def backward(ctx, d_value):
        d_users, d_items = ctx.saved_tensors
        return d_value * d_users, d_value * d_items.T, None, None, None


def overall_careful(user, item, users, observed, top, excluded):
    """The same, stable. @param excluded Rows of train and top items of each user"""
    listed = torch.cat([observed[users], top[users]], 1)
    return Overall.apply(user[users], item, listed, excluded, users)
