"""Mult-VAE of rows of interactions (of users, or of items), written twice: 600-200, tanh, multinomial likelihood, sums over rows."""

import torch
import torch.nn as nn
import torch.nn.functional as F

RATE = 0.5


class Autoencoder(nn.Module):
    """Layers of both forms. The first keeps a row per column of the input, [columns, h]: the careful form reads it by rows."""

    def __init__(self, columns, hidden=(600, 200)):
        super().__init__()
        top, latent = hidden
        self.latent = latent
        self.first = nn.Linear(columns, top)
        self.heads = nn.Linear(top, 2 * latent)
        self.below = nn.Linear(latent, top)
        self.output = nn.Linear(top, columns)
        for layer in (self.first, self.heads, self.below, self.output):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.normal_(layer.bias, 0, 0.001)

    def decode(self, heads, noise):
        """Units under the output, and the divergence from N(0, 1)."""
        mean, log_variance = heads.split(self.latent, 1)
        divergence = 0.5 * (log_variance.exp() + mean**2 - 1 - log_variance).sum()
        z = mean + torch.exp(0.5 * log_variance) * noise
        return torch.tanh(self.below(z)), divergence


class AutoencoderPlain(Autoencoder):
    """Dense rows in, log-softmax times rows out. @param matrix Rows"""

    def __init__(self, matrix, hidden=(600, 200)):
        super().__init__(matrix.width, hidden)
        self.matrix = matrix.dense()

    def loss(self, wanted, beta, keep=None, noise=None):
        """@param keep, noise given in a check: entries that dropout keeps, standard normal numbers"""
        x = self.matrix[wanted]
        unit = F.normalize(x)
        if keep is None:
            dropped = F.dropout(unit, RATE)
        else:
            mask = torch.zeros_like(x)
            mask[x > 0] = keep.float()
            dropped = unit * mask / (1 - RATE)
        heads = self.heads(torch.tanh(self.first(dropped)))
        noise = torch.randn(len(wanted), self.latent) if noise is None else noise
        top, divergence = self.decode(heads, noise)
        fit = -(F.log_softmax(self.output(top), 1) * x).sum()
        return fit + beta * divergence


class Multinomial(torch.autograd.Function):
    """-sum over entries of log softmax(logits); the gradient is made in the logits' place."""

    @staticmethod
    def forward(ctx, logits, places, ids, sizes):
        listed = logits[places, ids].sum()
        most = logits.amax(1, keepdim=True)
        mass = logits.sub_(most).exp_().sum(1, keepdim=True)
        value = (sizes * (most + mass.log()).squeeze(1)).sum() - listed
        logits.mul_(sizes.unsqueeze(1) / mass)
        logits[places, ids] -= 1
        ctx.mark_dirty(logits)
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(logits)
        return value, logits

    @staticmethod
    def backward(ctx, d_value, _):
        (gradient,) = ctx.saved_tensors
        return gradient * d_value, None, None, None


class AutoencoderCareful(Autoencoder):
    """The input layer sums the rows of weights that a user has; logits, their exponentials and their gradient share one buffer."""

    def __init__(self, matrix, hidden=(600, 200)):
        super().__init__(matrix.width, hidden)
        self.matrix = matrix
        self.first.weight = nn.Parameter(self.first.weight.detach().T.contiguous())

    def loss(self, wanted, beta, keep=None, noise=None):
        places, ids = self.matrix.entries(wanted)
        sizes = self.matrix.sizes(wanted)
        keep = torch.rand(len(ids)) >= RATE if keep is None else keep
        values = keep / ((1 - RATE) * sizes.float().sqrt()[places])
        offsets = torch.cumsum(sizes, 0) - sizes
        bottom = F.embedding_bag(ids, self.first.weight, offsets, mode="sum", per_sample_weights=values)
        heads = self.heads(torch.tanh(bottom + self.first.bias))
        noise = torch.randn(len(wanted), self.latent) if noise is None else noise
        top, divergence = self.decode(heads, noise)
        fit, _ = Multinomial.apply(self.output(top), places, ids, sizes.float())
        return fit + beta * divergence
