"""Project 11: right twins in other styles, and faults planted into the solution."""

# A Module of its own with parameters in a ParameterList, differentiated by backward.
MODULE = """
import numpy as np
import torch
import torch.nn.functional as F


class Twin(torch.nn.Module):
    def __init__(self, layers, lr, dropout=0.0):
        super().__init__()
        self.lr, self.p = lr, dropout
        tensors = [torch.tensor(a) for pair in layers for a in pair]
        self.all = torch.nn.ParameterList(torch.nn.Parameter(t) for t in tensors)

    def forward(self, X):
        h, params = torch.as_tensor(X), list(self.all)
        while params:
            W, b, *params = params
            h = h @ W + b
            if params:
                h = F.dropout(h.clamp(min=0), self.p, self.training)
        return h

    def weights(self):
        arrays = [p.detach().clone().numpy() for p in self.all]
        return list(zip(arrays[0::2], arrays[1::2]))

    def loss(self, X, labels):
        self.eval()
        with torch.no_grad():
            return float(F.cross_entropy(self(X), torch.as_tensor(labels)))

    def gradients(self, X, labels):
        self.eval()
        self.zero_grad()
        F.nll_loss(self(X).log_softmax(1), torch.as_tensor(labels)).backward()
        arrays = [p.grad.numpy().copy() for p in self.all]
        self.zero_grad()
        return list(zip(arrays[0::2], arrays[1::2]))

    def step(self, X, labels):
        self.train()
        loss = F.cross_entropy(self(X), torch.as_tensor(labels))
        found = torch.autograd.grad(loss, list(self.all))
        with torch.no_grad():
            for p, g in zip(self.all, found):
                p -= self.lr * g
        return loss.detach().numpy()

    def accuracy(self, X, labels):
        self.eval()
        return (self(X).argmax(1) == torch.as_tensor(labels)).double().mean().item()
"""

# Plain tensors and autograd, no module and no optimizer.
TENSORS = """
import numpy as np
import torch


class Twin:
    def __init__(self, layers, lr, dropout=0.0):
        self.pairs = [
            (torch.tensor(W, requires_grad=True), torch.tensor(b, requires_grad=True))
            for W, b in layers
        ]
        self.lr, self.keep = lr, 1 - dropout

    def weights(self):
        return [[p.detach().numpy().copy() for p in pair] for pair in self.pairs]

    def logits(self, X, noisy=False):
        h = torch.tensor(X)
        for i, (W, b) in enumerate(self.pairs):
            if i:
                h = torch.relu(h)
                if noisy and self.keep < 1:
                    h = h * (torch.rand(h.shape) < self.keep) / self.keep
            h = h @ W + b
        return h

    def mean(self, Z, labels):
        top = Z.max(dim=1, keepdim=True).values
        log_p = Z - top - (Z - top).exp().sum(dim=1, keepdim=True).log()
        return -log_p[torch.arange(len(labels)), torch.tensor(labels)].mean()

    def loss(self, X, labels):
        return self.mean(self.logits(X), labels).item()

    def gradients(self, X, labels):
        flat = [p for pair in self.pairs for p in pair]
        found = torch.autograd.grad(self.mean(self.logits(X), labels), flat)
        return [(found[2 * i].numpy(), found[2 * i + 1].numpy()) for i in range(len(self.pairs))]

    def step(self, X, labels):
        loss = self.mean(self.logits(X, noisy=True), labels)
        loss.backward()
        for pair in self.pairs:
            for p in pair:
                p.data -= self.lr * p.grad
                p.grad = None
        return loss.item()

    def accuracy(self, X, labels):
        return np.mean(self.logits(X).detach().numpy().argmax(axis=1) == labels)
"""

RIGHT = [MODULE, TENSORS]

ARRIVE, LOSS, GRADIENTS = "The weights arrive", "The loss is", "The gradients agree"
FIFTY, LOOKING = "Fifty steps", "Looking changes"
ALL = ARRIVE, LOSS, GRADIENTS, FIFTY, LOOKING
COPY = "layer.weight.copy_(torch.tensor(W.T))"
BIAS = "layer.bias.copy_(torch.tensor(b))"
BACK = "(layer.weight.detach().numpy().T.copy(), layer.bias.detach().numpy().copy())"
PARTS = "parts += [layer, nn.ReLU(), nn.Dropout(dropout)]"
SGD = "torch.optim.SGD(self.net.parameters(), lr=lr)"
MEAN = "return nn.functional.cross_entropy(logits, torch.tensor(labels))"
MODE = "            self.net.train(training)\n"
FOUND = "found = torch.autograd.grad(self.mean_loss(X, labels), parameters)"
PAIRS = "return [(dW.numpy().T, db.numpy()) for dW, db in zip(found[::2], found[1::2])]"
ZERO = "        self.optimizer.zero_grad()\n"
BACKWARD, STEP = "        loss.backward()\n", "        self.optimizer.step()\n"
TRAINING = "loss = self.mean_loss(X, labels, training=True)"
EVAL = "        self.net.eval()\n"
SHARE = "return float(np.mean(said == labels))"
FAULTS = [
    (COPY, "layer.weight.copy_(torch.tensor(W.reshape(layer.weight.shape)))", ALL[:4]),
    (COPY, "layer.weight.copy_(torch.tensor(W.T).float())", ALL),
    (COPY, "layer.weight.data = torch.from_numpy(W).T", (ARRIVE,)),
    (BIAS, "layer.bias.zero_()", (ARRIVE, LOSS, GRADIENTS, LOOKING)),
    (BIAS, "layer.bias.data = torch.from_numpy(b)", (ARRIVE,)),
    (BIAS, "pass", ALL),
    (BACK, BACK.replace(".T.copy()", ".copy()"), (ARRIVE, FIFTY)),
    (BACK, BACK.replace(".copy()", "", 1), (ARRIVE,)),
    (BACK, BACK.replace("bias.detach().numpy().copy()", "bias.detach().numpy()"), (ARRIVE,)),
    (PARTS, "parts += [layer, nn.Tanh(), nn.Dropout(dropout)]", (LOSS, GRADIENTS, FIFTY)),
    (PARTS, "parts += [layer, nn.Dropout(dropout), nn.Dropout(dropout)]", (LOSS, FIFTY)),
    (PARTS, "parts += [layer, nn.ReLU(), nn.Identity()]", (LOOKING,)),
    ("parts[:-2]", "parts", (LOSS, GRADIENTS, FIFTY, LOOKING)),
    (SGD, "torch.optim.SGD(self.net.parameters(), lr=lr, momentum=0.9)", (FIFTY,)),
    (SGD, "torch.optim.SGD(self.net.parameters(), lr=lr, weight_decay=1e-6)", (FIFTY,)),
    (SGD, "torch.optim.Adam(self.net.parameters(), lr=lr)", (FIFTY,)),
    (SGD, "torch.optim.SGD(self.linear[0].parameters(), lr=lr)", (FIFTY,)),
    (SGD, "torch.optim.SGD([p.detach().clone() for p in self.net.parameters()], lr=lr)", (FIFTY,)),
    (MEAN, MEAN.replace("(logits", "(logits.softmax(dim=1)"), (LOSS, GRADIENTS, FIFTY)),
    (MEAN, MEAN[:-1] + ", reduction='sum')", (LOSS, GRADIENTS, FIFTY)),
    (MEAN, MEAN[:-1] + ", label_smoothing=0.01)", (LOSS, GRADIENTS, FIFTY)),
    (MODE, "", (LOOKING,)),
    (MODE, "            self.net.train()\n", (LOOKING,)),
    (MODE, "            self.net.eval()\n", (LOOKING,)),
    (FOUND, "self.mean_loss(X, labels).backward(); found = [p.grad for p in parameters]",
     (GRADIENTS, LOOKING)),
    (PAIRS, PAIRS.replace(".numpy().T", ".numpy()"), (GRADIENTS,)),
    (PAIRS, PAIRS.replace("db.numpy()", "db.numpy() / len(X)"), (GRADIENTS, LOOKING)),
    (ZERO, "", (FIFTY,)),
    ((ZERO, BACKWARD), ("", BACKWARD + ZERO), (FIFTY,)),
    (TRAINING, "loss = self.mean_loss(X, labels)", (LOOKING,)),
    (STEP, STEP + "        loss = self.mean_loss(X, labels)\n", (FIFTY, LOOKING)),
    (STEP, STEP + STEP, (FIFTY,)),
    (EVAL, "", (LOOKING,)),
    (EVAL, "        self.net.train()\n", (LOOKING,)),
    (SHARE, "return float(100 * np.mean(said == labels))", (LOOKING,)),
    (SHARE, "return int(np.sum(said == labels))", (LOOKING,)),
    (SHARE, "return float(np.mean(said != labels))", (LOOKING,)),
]  # fmt: skip
