"""LightGCN, written twice: BPR on the mean over layers of repeated products with the normalised adjacency of users and items."""

import warnings

import torch
import torch.nn.functional as F

PENALTY = 1e-4


def adjacency(train, users, items):
    """D^-1/2 A D^-1/2 of users, then items; sparse [n, n]. @param train [m, 2] pairs"""
    u, i = torch.from_numpy(train[:, 0]), torch.from_numpy(train[:, 1]) + users
    indices = torch.stack([torch.cat([u, i]), torch.cat([i, u])])
    degree = torch.bincount(indices[0], minlength=users + items).float()
    values = (degree[indices[0]] * degree[indices[1]]) ** -0.5
    return torch.sparse_coo_tensor(indices, values, (users + items, users + items)).coalesce()


def compressed(graph):
    """The same in CSR, with the 32-bit indices that MKL wants. PyTorch warns that it is a beta."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        csr = graph.to_sparse_csr()
        indices = csr.crow_indices().int(), csr.col_indices().int()
        return torch.sparse_csr_tensor(*indices, csr.values(), csr.shape)


def propagate_plain(graph, embeddings, layers):
    """The mean of all layers, one after the other, by a sparse product that autograd knows."""
    every = [embeddings]
    for _ in range(layers):
        every.append(torch.sparse.mm(graph, every[-1]))
    return torch.stack(every).mean(0)


class Propagation(torch.autograd.Function):
    """By Horner's rule on CSR, y <- x + A y: no layer is kept, and since A is symmetric the gradient is the same mean."""

    @staticmethod
    def forward(ctx, graph, embeddings, layers):
        ctx.graph, ctx.layers = graph, layers
        return Propagation.mean(graph, embeddings, layers)

    @staticmethod
    def backward(ctx, d_mean):
        return None, Propagation.mean(ctx.graph, d_mean.contiguous(), ctx.layers), None

    @staticmethod
    def mean(graph, x, layers):
        x = x / (layers + 1)
        y = x
        for _ in range(layers):
            y = torch.addmm(x, graph, y)
        return y


def propagate_careful(graph, embeddings, layers):
    """@param graph the adjacency in CSR"""
    return Propagation.apply(graph, embeddings, layers)


def penalty(user, item, users, positives, negatives):
    """Half of lambda times the squared layer-0 rows of each triplet."""
    rows = (user[users], item[positives], item[negatives])
    return 0.5 * PENALTY * sum((row**2).sum() for row in rows)


def loss_plain(graph, user, item, layers, users, positives, negatives):
    final = propagate_plain(graph, torch.cat([user, item]), layers)
    e_user, e_item = final.split([len(user), len(item)])
    margin = (e_user[users] * (e_item[positives] - e_item[negatives])).sum(1)
    fit = -torch.log(torch.sigmoid(margin)).sum()
    return fit + penalty(user, item, users, positives, negatives)


def loss_careful(graph, user, item, layers, users, positives, negatives):
    final = propagate_careful(graph, torch.cat([user, item]), layers)
    e_user, e_item = final.split([len(user), len(item)])
    margin = (F.embedding(users, e_user) * (F.embedding(positives, e_item) - F.embedding(negatives, e_item))).sum(1)
    return F.softplus(-margin).sum() + penalty(user, item, users, positives, negatives)
