"""What a PyTorch user types in the first hour: it works, or the error says what to write."""

import copy
import operator
import pickle

import numpy as np
import pytest
import torch

from bookutils import Tensor, gradcheck
from bookutils.engine import tensor
from bookutils.engine.pytorch_names import ADVICE
from bookutils.engine.tensor import einsum

STORES = {"numpy": np.asarray, "torch": torch.as_tensor}
each_store = pytest.mark.parametrize("store", STORES.values(), ids=STORES)

# The same text for both: f(x) with x of shape (2, 3, 4), or f(x, y) with a second of that shape.
SAME = {
    "view": lambda x: x.view(4, 6),
    "view_tuple": lambda x: x.view((-1, 2)),
    "flatten": lambda x: x.flatten() * 2,
    "flatten_last": lambda x: x.flatten(1),
    "flatten_first": lambda x: x.flatten(0, 1),
    "unsqueeze": lambda x: x.unsqueeze(1) * x.unsqueeze(-1).squeeze(-1).unsqueeze(1),
    "expand": lambda x: x[:, :1].expand(-1, 3, -1),
    "squeeze": lambda x: x[:, :1].squeeze(dim=1),
    "clone": lambda x: x.clone() * x,
    "sum": lambda x: x.sum(dim=1),
    "sum_kept": lambda x: x / x.sum(dim=(0, 2), keepdim=True),
    "sum_place": lambda x: x.sum(1, keepdim=True),
    "mean": lambda x: x.mean(dim=-1, keepdim=True) * x,
    "var": lambda x: x.var(dim=2),
    "var_biased": lambda x: x.var(dim=2, correction=0),
    "std": lambda x: x.std(dim=1),
    "std_all": lambda x: x.std(),
    "std_biased": lambda x: x.std(dim=(1, 2), correction=0, keepdim=True),
    "var_unbiased": lambda x: x.var(dim=0, unbiased=False, keepdim=True),
    "norm": lambda x: x.norm(),
    "norm_2": lambda x: x.norm(2, dim=1),
    "norm_axis": lambda x: x.norm(dim=1, keepdim=True) * x,
    "amax": lambda x: x.amax(dim=1),
    "amin": lambda x: x.amin(dim=(0, 2), keepdim=True),
    "logsumexp": lambda x: x.logsumexp(dim=1, keepdim=True),
    "softmax": lambda x: x.softmax(dim=1),
    "log_softmax": lambda x: x.log_softmax(dim=0),
    "prod": lambda x: x.prod(),
    "prod_axis": lambda x: x.prod(dim=1),
    "prod_kept": lambda x: x.prod(dim=0, keepdim=True),
    "cumsum": lambda x: x.cumsum(dim=1),
    "cumsum_last": lambda x: x.cumsum(-1),
    "clamp": lambda x: x.clamp(-1, 0.5),
    "clamp_min": lambda x: x.clamp(min=-0.5),
    "clamp_max": lambda x: x.clamp(max=0.5),
    "square": lambda x: x.square(),
    "pow": lambda x: x.pow(3),
    "neg": lambda x: x.neg().add(1).sub(x.mul(2)).div(3),
    "masked_fill": lambda x: x.masked_fill(x > 0.5, -2.0),
    "t": lambda x: x[0].t(),
    "mm": lambda x: x[0].mm(x[1].t()),
    "matmul": lambda x: x.matmul(x[0].t()),
    "bmm": lambda x: x.bmm(x.permute(0, 2, 1)),
    "mv": lambda x: x[0].mv(x[1, 0]),
    "dot": lambda x: x[0, 1].dot(x[1, 2]),
    "abs": lambda x: x.abs(),
}
EINSUM = {  # letters: shapes
    "ni,io->no": ((5, 3), (3, 4)),
    "ni,oi->no": ((5, 3), (4, 3)),
    "i,j->ij": ((3,), (4,)),
    "i,i->": ((3,), (3,)),
    "ij->ji": ((3, 4),),
    "ij->": ((3, 4),),
    "ij->i": ((3, 4),),
    "ij,jk": ((3, 4), (4, 2)),
    "ba": ((3, 4),),
    "bhqd,bhkd->bhqk": ((2, 3, 4, 5), (2, 3, 6, 5)),
    "...ij,...jk->...ik": ((2, 3, 4), (2, 4, 5)),
    "...i,i": ((2, 3, 4), (4,)),
    "bi,ij,bj->b": ((2, 3), (3, 4), (2, 4)),
    "ij,kl->il": ((2, 3), (4, 5)),
    "i,ij->j": ((3,), (3, 4)),
    "ij,ij->ij": ((3, 4), (3, 4)),
    ",i->i": ((), (3,)),
}


def agree(ours, theirs, arrays, store=np.asarray):
    xs = [Tensor(store(a), requires_grad=True) for a in arrays]
    ts = [torch.tensor(a, requires_grad=True) for a in arrays]
    y, z = ours(*xs), theirs(*ts)
    assert type(y) is Tensor and y.shape == tuple(z.shape)
    close(y.numpy(), z.detach().numpy())
    G = np.cos(np.arange(z.numel(), dtype=float) * 1.7 + 0.4).reshape(y.shape)
    y.backward(store(G))
    z.backward(torch.tensor(G))
    for x, t in zip(xs, ts, strict=True):
        close(Tensor(x.grad).numpy(), t.grad.numpy())


def close(ours, theirs):
    size = np.abs(theirs).max(initial=1e-300)
    np.testing.assert_allclose(ours, theirs, rtol=1e-14, atol=4e-14 * size)


@each_store
@pytest.mark.parametrize("name", SAME)
def test_the_same_text_as_in_pytorch(name, store):
    a = np.random.default_rng(5).uniform(-1.5, 1.5, size=(2, 3, 4))
    agree(SAME[name], SAME[name], [a], store)


@pytest.mark.slow
@pytest.mark.parametrize("name", SAME)
def test_against_differences(name):
    a = np.random.default_rng(6).uniform(-1.4, 1.6, size=(2, 3, 4))
    assert gradcheck(lambda x: SAME[name](x), [a]).ok


@pytest.mark.slow
@each_store
@pytest.mark.parametrize("letters", EINSUM)
def test_einsum(letters, store):
    rng = np.random.default_rng(3)
    arrays = [rng.normal(size=shape) for shape in EINSUM[letters]]
    arrays = [np.asarray(a) for a in arrays]
    agree(lambda *xs: einsum(letters, *xs), lambda *ts: torch.einsum(letters, *ts), arrays, store)
    assert gradcheck(lambda *xs: einsum(letters, *xs), arrays).ok
    if len(arrays) > 1:  # a constant beside
        agree(
            lambda x: einsum(letters, x, *map(store, arrays[1:])),
            lambda t: torch.einsum(letters, t, *map(torch.tensor, arrays[1:])),
            arrays[:1],
            store,
        )


@pytest.mark.parametrize(
    "letters, shapes, sentence",
    [
        ("ii->i", [(3, 3)], "have each letter once"),
        ("ij,jk->ik", [(2, 3)], "is for 2 operands, not 1"),
        ("ij->ik", [(2, 3)], "letters that no operand has"),
        ("ij,jk->ik", [(2, 3), (4, 2)], "j of 'ij,jk->ik' has the lengths 3 and 4"),
        ("ijk->i", [(2, 3)], "the letters ijk are not for the shape"),
    ],
)
def test_einsum_says_what_does_not_fit(letters, shapes, sentence):
    with pytest.raises(ValueError, match=f"^einsum: .*{sentence}"):
        einsum(letters, *map(np.ones, shapes))


@each_store
@pytest.mark.parametrize("zeros", [[], [1], [0, 2], [0, 1, 2, 3]])
def test_a_product_with_zeros(zeros, store):
    a = np.array([1.5, -2.0, 0.5, 3.0])
    a[zeros] = 0.0
    agree(lambda x: x.prod(), lambda t: t.prod(), [a], store)
    b = np.stack([a, a[::-1], a + 1])
    agree(lambda x: x.prod(axis=0), lambda t: t.prod(dim=0), [b], store)
    agree(lambda x: x.prod(axis=1), lambda t: t.prod(dim=1), [b], store)


@each_store
def test_std_and_norm_at_zero_have_gradient_zero(store):
    for ours, theirs, a in (
        (lambda x: x.std(), lambda t: t.std(), np.full(4, 2.5)),
        (lambda x: x.norm(), lambda t: t.norm(), np.zeros(4)),
        (lambda x: x.norm(axis=1), lambda t: t.norm(dim=1), np.array([[0.0, 0.0], [3.0, 4.0]])),
    ):
        agree(ours, theirs, [a], store)


@each_store
def test_places_of_extremes(store):
    a = np.array([[1.0, 3.0, 2.0], [5.0, 4.0, 0.5]])
    x, t = Tensor(store(a)), torch.tensor(a)
    for name in ("argmax", "argmin"):
        f, g = (getattr(z, name) for z in (x, t))
        assert f() == int(g())
        for axis in (0, 1, -1):
            assert f(axis=axis).tolist() == g(dim=axis).tolist() == f(axis).tolist()
            assert f(dim=axis, keepdim=True).tolist() == g(dim=axis, keepdim=True).tolist()
    with pytest.raises(ValueError, match="argmax: of no numbers"):
        Tensor(np.ones((0, 2))).argmax()


def test_what_is_asked_of_a_tensor():
    x = Tensor([[1.0, 2.0, 3.0]], requires_grad=True)
    assert x.size == 3 and x.size() == (1, 3) and x.size(1) == x.size(-1) == 3
    assert copy.deepcopy(x.size) == pickle.loads(pickle.dumps(x.size)) == 3 and f"{x.size:,}" == "3"
    assert x.numel() == 3 and x.dim() == 2 and x.tolist() == [[1.0, 2.0, 3.0]] and x.is_leaf
    y = x * 2
    y.retain_grad()
    (y * y).sum().backward(retain_graph=True)
    assert y.grad.tolist() == [[4.0, 8.0, 12.0]] and not y.is_leaf
    assert x.grad.tolist() == [[8.0, 16.0, 24.0]]
    assert Tensor([1.0]).requires_grad_().requires_grad
    c = x.clone()
    c.data[0] = 9.0
    assert x.tolist() == [[1.0, 2.0, 3.0]]


def test_a_norm_that_is_not_the_length_says_what_to_write():
    x = Tensor([[1.0, 2.0]])
    for p in (1, "nuc"):
        with pytest.raises(ValueError, match="only the length, p=2, not .*: for p=1 write abs()"):
            x.norm(p)


def test_factories():
    rng = np.random.default_rng(4)
    assert tensor.zeros(2, 3).shape == tensor.ones((2, 3)).shape == (2, 3)
    assert tensor.arange(3).dtype == np.int64 and tensor.arange(0, 1, 0.5).tolist() == [0.0, 0.5]
    w = tensor.randn(2, 3, rng=rng, requires_grad=True)
    assert w.tolist() == np.random.default_rng(4).normal(size=(2, 3)).tolist() and w.requires_grad
    assert tensor.rand(5, rng=rng).numpy().min() >= 0
    for make in (tensor.randn, tensor.rand):
        with pytest.raises(TypeError, match=r"rng=np.random.default_rng\(0\), not None"):
            make(2, 3)
    t = Tensor(torch.ones(2, dtype=torch.float32))
    assert (
        tensor.zeros_like(t).dtype == torch.float32
        and tensor.ones_like(w).tolist() == [[1] * 3] * 2
    )
    assert tensor.full((2,), 0.5).tolist() == [0.5, 0.5]
    labels = np.array([2, 0, 1])
    theirs = torch.nn.functional.one_hot(torch.tensor(labels), 4)
    assert tensor.one_hot(labels, 4).tolist() == theirs.tolist()
    assert tensor.one_hot(Tensor(labels)).shape == (3, 3)
    assert tensor.one_hot(torch.tensor(labels), num_classes=4).tolist() == theirs.tolist()
    for bad in ([3], [-1]):
        with pytest.raises(ValueError, match="labels are 0 … 2 for 3 classes"):
            tensor.one_hot(bad, 3)
    with pytest.raises(TypeError, match="labels are integers, not float64"):
        tensor.one_hot([0.5], 3)


@pytest.mark.parametrize("name", ADVICE)
def test_a_name_that_is_missing_says_what_to_write(name):
    with pytest.raises(AttributeError, match=rf"^a Tensor has no {name}: \w"):
        getattr(Tensor([1.0]), name)
    if name not in ("multinomial", "grad_fn", "is_cuda"):
        assert hasattr(torch.Tensor, name)


def test_other_names_are_missing_as_ever():
    with pytest.raises(AttributeError, match="^'Tensor' object has no attribute 'bakcward'"):
        Tensor([1.0]).bakcward  # noqa: B018
    assert "sum" in dir(Tensor([1.0])) and not {"cuda", "add_"} & {*dir(Tensor([1.0]))}
    for name in ("add_", "clamp_", "mul_", "sub_"):
        with pytest.raises(AttributeError, match=rf"write t = t\.{name[:-1]}\(…\), or t\.data"):
            getattr(Tensor([1.0]), name)
    for name in ("max", "min"):
        with pytest.raises(TypeError, match=rf"a{name}\(axis=…\) for the values, arg{name}"):
            getattr(Tensor([1.0]), name)(dim=0)
    assert operator.attrgetter("T")(Tensor([[1.0, 2.0]])).shape == (2, 1)
