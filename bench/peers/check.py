"""Values and gradients of both forms of every peer beside kdp's own, from the file that check.mjs wrote. Exits with 1 when one differs.

    python bench/peers/check.py cases.json
"""

import json
import sys

import numpy as np
import torch
import torch.nn.functional as F

import hetcomp
import lightgcn
import losses
import phr
import ranking
import vae
from data import Interactions
from sparse import Rows
from trainings import bpr_careful, bpr_plain

# Relative, float32 on both sides: of a value, and of a gradient by its largest entry.
TOLERANCE = 1e-4


class Case:
    """Arrays of a case as tensors; parameters ask for gradients, which `gradients` gives back in kdp's shapes."""

    def __init__(self, case):
        self.method, self.numbers, self.value = case["method"], case["numbers"], case["value"]
        self.arrays = {name: tensor(spec) for name, spec in case["arrays"].items()}
        self.wanted = {name: tensor(spec) for name, spec in case["gradients"].items()}
        self.users, self.items = self.numbers["users"], self.numbers["items"]
        self.leaves = {}

    def __getitem__(self, name):
        if name not in self.wanted:
            return self.arrays[name]
        if name not in self.leaves:
            self.leaves[name] = self.arrays[name].clone().requires_grad_()
        return self.leaves[name]

    def given(self, *names):
        return tuple(self[name] for name in names)

    def load(self, module, names):
        """Puts kdp's parameters into a module's, transposed where their shapes are; `names`: the module's to kdp's."""
        for own, theirs in names.items():
            parameter = module.get_parameter(own)
            with torch.no_grad():
                parameter.copy_(self.shaped(self.arrays[theirs], parameter))
            self.leaves.setdefault(theirs, []).append(parameter)

    @staticmethod
    def shaped(values, parameter):
        if values.dim() == 2 and parameter.dim() == 2 and values.shape != parameter.shape:
            return values.T
        return values.reshape(parameter.shape)

    def differences(self, value):
        """Relative differences of the value and of the worst gradient."""
        if isinstance(self.value, dict):
            return max(abs(value[name] - self.value[name]) for name in self.value), 0.0
        value.backward()
        worst = 0.0
        for name, wanted in self.wanted.items():
            got = self.gradient(name, wanted)
            worst = max(worst, ((got - wanted).abs().max() / wanted.abs().max().clamp(min=1e-12)).item())
        return abs(value.item() - self.value) / abs(self.value), worst

    def gradient(self, name, wanted):
        leaf = self.leaves.get(name)
        if leaf is None:
            raise KeyError(f"{self.method}: {name} is not used")
        if not isinstance(leaf, list):
            return leaf.grad.reshape(wanted.shape)
        if leaf[0].dim() == 2 and wanted.dim() == 2 and leaf[0].shape != wanted.shape:
            return leaf[0].grad.T
        return leaf[0].grad.reshape(wanted.shape)


def tensor(spec):
    values = np.array(spec["values"], dtype=np.int64 if spec["whole"] else np.float32)
    return torch.from_numpy(values.reshape(spec["shape"]))


def train_rows(case):
    train = case["train"].numpy()
    return Rows.of_pairs(train[:, 0], train[:, 1], case.users, case.items)


def bprmf(case, plain):
    user, item, u, i, j = case.given("user", "item", "users", "positives", "negatives")
    return (bpr_plain if plain else bpr_careful)((user[u] * (item[i] - item[j])).sum(1))


def rrd(case, plain):
    user, item, u, first, rest = case.given("user", "item", "lists/users", "lists/ordered", "lists/unordered")
    rows = user[u].unsqueeze(1)
    listwise = losses.plackett_luce_plain if plain else losses.plackett_luce_careful
    return listwise((rows * item[first]).sum(2), (rows * item[rest]).sum(2))


def entities(case):
    """Teacher and student rows of the step's users and items."""
    u, i = case.given("rows/user", "rows/item")
    return (case["teacher/user"][u], case["user"][u]), (case["teacher/item"][i], case["item"][i])


def ftd(case, plain):
    (t_user, s_user), (t_item, s_item) = entities(case)
    teacher, student = torch.cat([t_user, t_item]), torch.cat([s_user, s_item])
    return losses.ftd_plain(teacher, student) if plain else losses.ftd_careful(F.normalize(teacher), student)


def experts(case, side, plain):
    teacher, student = case["teacher/user"].shape[1], case["user"].shape[1]
    module = (losses.ExpertsPlain if plain else losses.ExpertsCareful)(case.numbers["experts"], student, teacher)
    if not plain:
        names = {"w1": "expert/w1", "b1": "expert/b1", "w2": "expert/w2", "b2": "expert/b2"}
        names.update({"gate.weight": "gate/w", "gate.bias": "gate/b"})
        case.load(module, {own: f"{side}/{theirs}" for own, theirs in names.items()})
        return module
    case.load(module, {"gate.0.weight": f"{side}/gate/w", "gate.0.bias": f"{side}/gate/b"})
    count = case.numbers["experts"]
    for layer, part in ((0, "1"), (2, "2")):
        weights, biases = (case.arrays[f"{side}/expert/{letter}{part}"].chunk(count) for letter in "wb")
        with torch.no_grad():
            for expert, weight, bias in zip(module.experts, weights, biases):
                expert[layer].weight.copy_(weight.T)
                expert[layer].bias.copy_(bias.squeeze(0))
        case.leaves[f"{side}/expert/w{part}"] = Stacked([expert[layer].weight for expert in module.experts], True)
        case.leaves[f"{side}/expert/b{part}"] = Stacked([expert[layer].bias for expert in module.experts], False)
    return module


class Stacked:
    """Parameters of one module an expert, where kdp has one array."""

    def __init__(self, parts, transposed):
        self.parts, self.transposed = parts, transposed

    @property
    def grad(self):
        # An expert that no row chose has no gradient.
        grads = [torch.zeros_like(part) if part.grad is None else part.grad for part in self.parts]
        return torch.cat([grad.T if self.transposed else grad.unsqueeze(0) for grad in grads])


def de(case, plain):
    of_users, of_items = experts(case, "user", plain), experts(case, "item", plain)
    tau = losses.temperature(case.numbers["epoch"], 100)
    u, a, b = (torch.unique(ids) for ids in case.given("users", "positives", "negatives"))
    user_noise, item_noise = case.given("gumbel/0", "gumbel/1")
    total = of_users(case["teacher/user"][u], case["user"][u], tau, user_noise)
    for ids, noise in zip((a, b), item_noise.split([len(a), len(b)])):
        total = total + 0.5 * of_items(case["teacher/item"][ids], case["item"][ids], tau, noise)
    return total


def htd(case, plain):
    of_users, of_items = experts(case, "user", plain), experts(case, "item", plain)
    tau = losses.temperature(case.numbers["epoch"], 100)
    (t_user, s_user), (t_item, s_item) = entities(case)
    noise = case["gumbel/0"].split([len(t_user), len(t_item)])
    assignment = of_users(t_user, s_user, tau, noise[0]) + of_items(t_item, s_item, tau, noise[1])
    groups = case.numbers["experts"]
    with torch.no_grad():
        choices = torch.cat([of_users.gate(t_user).argmax(1), of_items.gate(t_item).argmax(1) + groups])
    topology = losses.topology_plain if plain else losses.topology_careful
    both = torch.cat([t_user, t_item]), torch.cat([s_user, s_item])
    return 0.5 * topology(*both, choices, 2 * groups) + 0.5 * assignment


def het_comp(case, plain):
    user, item, u, observed, top = case.given("user", "item", "lists/users", "lists/ordered", "lists/unordered")
    # Tables of all users, of which the step reads its own.
    every = [torch.full((case.users, lists.shape[1]), -1) for lists in (observed, top)]
    for whole, lists in zip(every, (observed, top)):
        whole[u] = lists
    train = case["train"].numpy()
    if plain:
        return hetcomp.overall_plain(user, item, u, *every, train_rows(case).dense(torch.bool).logical_not())
    listed = np.column_stack([u.repeat_interleave(top.shape[1]).numpy(), top.numpy().ravel()])
    pairs = np.concatenate([train, listed])
    excluded = Rows.of_pairs(pairs[:, 0], pairs[:, 1], case.users, case.items)
    return hetcomp.overall_careful(user, item, u, *every, excluded)


def personalised(case, plain):
    tables = case["teacher/user"], case["teacher/item"]
    guides = phr.enriched(*tables, case["train"].numpy())
    network = phr.hypernet(case["user"].shape[1], tables[0].shape[1])
    names = {"0.weight": "w1", "0.bias": "b1", "2.weight": "w2", "2.bias": "b2"}
    case.load(network, {own: f"hypernet/{theirs}" for own, theirs in names.items()})
    positives, negatives = case.given("positives", "negatives")
    u, i = case.given("rows/user", "rows/item")
    scale = len(torch.unique(case["users"])) / len(u)
    users = (guides[0][u], tables[0][u], case["user"][u], torch.full((len(u),), scale))
    scale = len(torch.unique(torch.cat([positives, negatives]))) / len(i)
    items = (guides[1][i], tables[1][i], case["item"][i], scale * phr.item_factors(i, positives, negatives))
    return (phr.phr_plain if plain else phr.phr_careful)(network, users, items)


def light_gcn(case, plain):
    graph = lightgcn.adjacency(case["train"].numpy(), case.users, case.items)
    step = case.given("user", "item"), case.given("users", "positives", "negatives")
    if plain:
        return lightgcn.loss_plain(graph, *step[0], 3, *step[1])
    return lightgcn.loss_careful(lightgcn.compressed(graph), *step[0], 3, *step[1])


def autoencoder(case, plain):
    of_users = case.method == "multi_vae"
    train = case["train"].numpy()
    columns = Rows.of_pairs(train[:, 1], train[:, 0], case.items, case.users)
    network = (vae.AutoencoderPlain if plain else vae.AutoencoderCareful)(
        train_rows(case) if of_users else columns, hidden=(12, 5)
    )
    layers = {"first": "encoder.0", "heads": "encoder.1", "below": "decoder.0", "output": "output"}
    case.load(network, {f"{own}.{part}": f"{theirs}.{part}" for own, theirs in layers.items() for part in ("weight", "bias")})
    wanted = case["uniqueUsers" if of_users else "uniquePositives"]
    return network.loss(wanted, 0.2 * case.numbers["epoch"] / 50, case["keep"], case["noise"])


def full(case, plain):
    everyone = torch.arange(case.users)
    held_out = torch.stack([everyone, case["valid"]], 1).numpy()
    train = case["train"].numpy()
    rows = Interactions(case.users, case.items, train).rows_of(train, held_out)
    tables = case.given("user", "item")
    if plain:
        return ranking.full_plain(*tables, everyone, case["test"], rows.dense(torch.bool))
    return ranking.full_careful(*tables, everyone, case["test"], rows.flat_blocks(everyone, ranking.BLOCK))


def sampled(case, plain):
    rank = ranking.sampled_plain if plain else ranking.sampled_careful
    return rank(*case.given("user", "item"), torch.arange(case.users), case["candidates"])


PEERS = {
    "bprmf": bprmf,
    "rrd": rrd,
    "ftd": ftd,
    "de": de,
    "htd": htd,
    "hetcomp": het_comp,
    "phr": personalised,
    "lightgcn": light_gcn,
    "multi_vae": autoencoder,
    "item_ae": autoencoder,
    "full": full,
    "loo-499": sampled,
}


def main():
    with open(sys.argv[1]) as handle:
        cases = json.load(handle)["cases"]
    failed = False
    print("| case | form | kdp | difference | of gradients |\n|---|---|---|---|---|")
    for spec in cases:
        for form in ("plain", "careful"):
            case = Case(spec)
            of_value, of_gradients = case.differences(PEERS[case.method](case, form == "plain"))
            near = max(of_value, of_gradients) <= TOLERANCE
            failed |= not near
            shown = "8 metrics" if isinstance(case.value, dict) else f"{case.value:.7g}"
            verdict = "" if near else " differs"
            print(f"| {spec['name']} | {form} | {shown} | {of_value:.1e} | {of_gradients:.1e} |{verdict}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
