"""Chapter 11: what its sliders show, what it says of PyTorch, and its five repaired programs."""

import re
from copy import deepcopy
from functools import cache
from importlib.util import find_spec
from itertools import permutations, product
from pathlib import Path

import chapter_cells
import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from bookutils.checks.registry import find
from bookutils.page import figure
from bookutils.verify import table

CHAPTER = Path(__file__).parents[1] / "chapters" / "11_the_same_in_pytorch.ipynb"


@pytest.fixture(autouse=True)
def float64():
    """The chapter works in 64 bits, on one thread; other tests do not."""
    dtype, threads = torch.get_default_dtype(), torch.get_num_threads()
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    yield
    torch.set_default_dtype(dtype)
    torch.set_num_threads(threads)


@cache
def names_of(*starts):
    """What the cells define in which a line begins with one of these."""
    starts, names = ("from copy import deepcopy", *starts), {"show": lambda *_, **__: None}
    return chapter_cells.names_of(CHAPTER, starts, names | {"figure": figure}, studies=False)


# The bet: train mode, sorted rows


@pytest.mark.slow
def test_the_bet_from_starts_that_the_page_does_not_use():
    names = names_of("def score")
    for seed in range(100, 105):
        found, net, one = names["four_scores"](seed)
        before, after = net[1].running_mean, one[1].running_mean
        assert found["eval", "sorted"] == pytest.approx(found["eval", "shuffled"], abs=1e-12)
        assert found["eval", "shuffled"] > 0.93
        assert found["train", "shuffled"] > found["eval", "shuffled"] - 0.06
        assert found["train", "sorted"] < 0.2
        assert (after - before).norm() > 0.02 * before.norm()


@pytest.mark.slow
def test_it_is_the_mean_of_the_batch():
    names = names_of("def score", "def from_batch")
    for seed in range(100, 103):
        net, *_ = names["trained"](seed)
        by = {
            both: names["from_batch"](net, seed, *both) for both in product((True, False), repeat=2)
        }
        assert by[True, True] < 0.2 and by[True, False] < 0.3
        assert by[False, True] > 0.9 and by[False, False] > 0.93


def test_numbers_by_hand():
    x, m, v = np.array([2.0, 4.0, 9.0]), 0.0, 1.0
    for expected in ((0.5, 2.2), (0.95, 3.28)):
        m, v = 0.9 * m + 0.1 * x.mean(), 0.9 * v + 0.1 * x.var(ddof=1)
        np.testing.assert_allclose((m, v), expected, rtol=1e-12)
    assert (2 - x.mean()) / x.std() == pytest.approx(-1.019, abs=5e-4)
    assert (2 - m) / v**0.5 == pytest.approx(0.580, abs=5e-4)


# Two switches


class WithFunction(nn.Module):
    """Dropout as a function: told of the mode, or left to itself."""

    def __init__(self, told):
        super().__init__()
        self.told = told

    def forward(self, x):
        return F.dropout(x, training=self.training) if self.told else F.dropout(x)


@pytest.mark.parametrize("recording", [True, False])
@pytest.mark.parametrize("mode", [True, False])
def test_the_function_drops_in_evaluation_unless_it_is_told_of_the_mode(mode, recording):
    x = torch.ones(1000)  # so that none is dropped by chance: 2**-1000
    with torch.set_grad_enabled(recording):
        assert (WithFunction(told=False).train(mode)(x) == 0).any()
        assert (WithFunction(told=True).train(mode)(x) == 0).any() == mode


# Slider: batch norm asks the batch


@pytest.mark.slow
@pytest.mark.parametrize(
    ("share", "batch"), [(0.0, 36), (0.5, 36), (1.0, 36), (1.0, 360), (0.0, 6)]
)
def test_evaluation_mode_knows_no_batches(sliders, share, batch):
    piece = sliders["modes"]
    data, first = piece.compute(share, batch), piece.compute(0.0, 36)
    assert data["scores"][0] == first["scores"][0]
    assert data["counts"].shape == (360 // batch, 10)
    np.testing.assert_allclose(data["counts"].sum(axis=1), 1)


@pytest.mark.slow
def test_train_mode_at_the_ends_and_between(sliders):
    piece = sliders["modes"]
    scores = {
        batch: [piece.compute(share, batch)["scores"][1] for share in (0.0, 0.5, 1.0)]
        for batch in piece.controls["batch"].values
    }
    known = piece.compute(0.0, 36)["scores"][0]
    mixed, half, by_class = scores[36]
    assert mixed > 0.9 > half > 0.5 > 0.2 > by_class
    assert scores[6][0] < mixed - 0.05  # six rows: uncertain statistics even where mixed
    assert by_class < scores[120][2] < scores[360][2]
    assert max(scores[360]) == min(scores[360])  # one batch of all: no order left
    assert scores[360][0] > known - 0.03


def test_a_share_stays_where_sorting_has_put_it(sliders):
    piece = sliders["modes"]
    label = piece.compute.__globals__["SLIDER_LABEL"].numpy()
    mixed, by_class = (piece.compute.__globals__[name] for name in ("mixed", "by_class"))
    for share in piece.controls["share"].values:
        order = mixed(share)
        assert sorted(order) == list(range(360))
        assert np.mean(order == by_class) >= share - 0.01
    assert (np.diff(label[mixed(1.0)]) >= 0).all()
    assert np.mean(mixed(0.0) == by_class) < 0.05


# Slider: the ring


HELD = {  # place -> backward passes in the gradient of the first and of the last of 40 steps
    "after the step": lambda k: (k, k),
    "before each forward": lambda k: (1, 1),
    "between backward and step": lambda k: (0, 0),
    "never": lambda k: (k, 40 * k),
}


@pytest.mark.parametrize("parts", [1, 2, 4])
@pytest.mark.parametrize("place", HELD)
def test_what_a_step_holds(sliders, place, parts):
    piece = sliders["ring"]
    assert piece.controls["place"].values == tuple(HELD)
    data = piece.compute(place, parts)
    assert (data["holds"][0], data["holds"][-1]) == HELD[place](parts)
    same = np.allclose(data["losses"], data["right"], rtol=1e-12, atol=0)
    assert same == (place == "after the step" or (place == "before each forward" and parts == 1))
    if place == "between backward and step":
        assert len(set(data["losses"])) == 1
    assert data["losses"].min() >= data["floor"] - 1e-12


def test_only_between_backward_and_step_zero_grad_must_not_be(sliders):
    """Every order of the four lines that begins with F: what the ring says of it."""
    around = sliders["ring"].compute.__globals__["around"]
    right = around("FBSZ")
    for ring in map("".join, permutations("FBSZ")):
        if ring.index("F") < ring.index("B"):  # the first B needs a loss
            turned = ring[ring.index("F") :] + ring[: ring.index("F")]
            if turned in ("FBSZ", "FZBS"):
                np.testing.assert_array_equal(around(ring), right)
            elif turned == "FBZS":
                assert len(set(around(ring))) == 1
    assert around("FBS")[-1] > 5 * right[-1]


# The agreement table, and what a module knows


def test_the_bounds_are_those_of_the_page():
    assert (table.BOUND, table.DIFFERENCE) == (64, 1e-6)  # "64 ULPs", "a millionth of itself"


def test_the_tree_shows_the_module():
    names = names_of("class Parts", "KINDS = ")
    parts, (_, ax) = names["Parts"](), figure()
    names["draw_parts"](ax)
    drawn = [text.get_text() for text in ax.texts]
    trained, saved = {n for n, _ in parts.named_parameters()}, set(parts.state_dict())
    for what, note in zip(drawn, drawn[1:], strict=False):
        if ": " in note and note.partition(": ")[0] in names["KINDS"]:
            name, kind = what.partition(" (")[0], note.partition(": ")[0]
            assert (name in trained) == (kind == "parameter")
            assert (name in saved) == (kind != "plain")
            holder = parts
            for step in re.findall(r"\w+", name):
                holder = holder[int(step)] if step.isdigit() else getattr(holder, step)
            assert str(tuple(holder.shape)).replace(",)", ")") in what
    assert len(trained) == 3 and len(saved) == 4


def test_a_device_gets_what_float_converts_and_integers_too():
    parts = names_of("class Parts", "KINDS = ")["Parts"]()
    parts.first = nn.BatchNorm1d(4)  # its count of batches is a whole number
    there = {name for name, x in deepcopy(parts).to("meta").state_dict().items() if x.is_meta}
    short = {name for name, x in parts.float().state_dict().items() if x.dtype == torch.float32}
    assert there == set(parts.state_dict())
    assert there - short == {"first.num_batches_tracked"}


@pytest.mark.slow
def test_the_loss_falls_with_a_list_too():
    learn, counts = names_of("corners = ")["learn_xor"], []
    for kind in (list, nn.ModuleList):
        for seed in range(100, 105):
            first, last, count = learn(kind, seed)
            assert last < first
        counts.append(count)
    assert counts == [17, 337]


def test_a_fresh_linear_layer_is_uniform_in_weights_and_biases():
    torch.manual_seed(0)
    layer = nn.Linear(100, 400)
    for p in (layer.weight, layer.bias):
        scaled = 10 * p.detach()  # √d_in times
        assert scaled.abs().max() <= 1
        assert scaled.std(correction=0) == pytest.approx(3**-0.5, rel=0.1)


def test_orders_of_two_epochs_differ_and_those_of_one_seed_do_not():
    def epochs():
        order = torch.Generator().manual_seed(3)
        x = torch.arange(10.0)
        loader = torch.utils.data.DataLoader(x, batch_size=4, shuffle=True, generator=order)
        return [torch.cat([*loader]).tolist() for _ in range(2)]

    one, other = epochs()
    assert one != other and sorted(one) == sorted(other)
    assert epochs() == [one, other]


# Hooks


def test_forward_hooks_come_in_order_and_gradient_hooks_in_the_reverse():
    net, told = nn.Sequential(*(nn.Linear(3, 3) if k % 2 else nn.Tanh() for k in range(5))), []

    def hook(k):
        def at_output(layer, inputs, output):
            told.append(k)
            output.register_hook(lambda G: told.append(11 - k))

        return at_output

    for k, layer in enumerate(net, 1):
        layer.register_forward_hook(hook(k))
    net(torch.randn(4, 3, requires_grad=True)).sum().backward()
    assert told == list(range(1, 11))


# An operation of your own


def test_the_function_and_its_known_fault():
    names = names_of("class Softsign", "def gradient")
    x = torch.randn(7, requires_grad=True)
    assert torch.autograd.gradcheck(names["Softsign"].apply, (x,))
    for upstream, equal in ((torch.ones(7), True), (torch.full((7,), 2.0), False)):
        theirs = torch.autograd.grad(F.softsign(x), x, upstream)[0]
        wrong = torch.autograd.grad(names["WithoutG"].apply(x), x, upstream)[0]
        right = torch.autograd.grad(names["Softsign"].apply(x), x, upstream)[0]
        torch.testing.assert_close(right, theirs, rtol=1e-13, atol=0)
        assert torch.allclose(wrong, theirs) == equal


# Save, and go on


@pytest.mark.slow
def test_a_session_goes_on_exactly_and_misses_every_part():
    names = names_of("from bookutils.losses import", "images, names", "def save", "def breaks")
    names["Path"] = Path
    for seed in (100,):
        found = names["breaks"](seed)
        assert found.pop("") == (0, 0.0025)
        assert set(found) == {"net", "optimizer", "schedule", "buffers", "order"}
        assert all(off for off, _ in found.values()), found
        rates = {name: rate for name, (_, rate) in found.items()}
        assert rates["optimizer"] == rates["schedule"] == 2 * rates["order"] == 0.005


@pytest.mark.slow
def test_the_doubled_rate_is_what_lowers_the_loss():
    """Twice the rate, all else restored: lower. Without the state of Adam, at its rate: hardly."""
    names = names_of("from bookutils.losses import", "images, names", "def save")
    session, go = names["session"], names["go"]
    doubled, forgetful = [], []
    for seed in range(200, 206):
        run = session(seed)
        go(run, 15)
        kept = deepcopy({k: v.state_dict() for k, v in run.items() if k != "order"})
        order, rate = run["order"].get_state(), run["optimizer"].param_groups[0]["lr"]
        unbroken = go(run, 15)
        for found, without, lr in ((doubled, "", 2 * rate), (forgetful, "optimizer", rate)):
            other = session(seed)
            for name in kept.keys() - {without}:
                other[name].load_state_dict(deepcopy(kept[name]))
            other["order"].set_state(order)
            other["optimizer"].param_groups[0]["lr"] = lr
            found.append(go(other, 15) - unbroken)
    assert max(doubled) < -0.05
    # the moments that are missing change the loss by little, up or down
    assert max(map(abs, forgetful)) < 0.05 < -np.median(doubled)


# The five programs


@cache
def programs():
    return names_of(
        "class Curve", "class TwoLayers", "def regression", "class RegressionDataset",
        "def backward_by_hand", "def net_of", "class Lines",
    )  # fmt: skip


@pytest.mark.slow
def test_the_log_of_train_net_is_the_mean_over_the_samples():
    names = programs()
    torch.manual_seed(0)
    net, x, t = nn.Linear(2, 1), torch.randn(7, 2), torch.randn(7, 1)
    still = torch.optim.SGD(net.parameters(), lr=0.0)
    (logged,) = names["train_net"](net, names["shuffled"](x, t, 3, 0), F.mse_loss, still, 1)
    assert logged == pytest.approx(F.mse_loss(net(x), t).item(), rel=1e-12)


@pytest.mark.slow
def test_the_classifier_classifies():
    names = programs()
    for seed in (100, 101):
        torch.manual_seed(seed)
        net = names["TwoLayers"](2, 16, 1)
        optimizer = torch.optim.SGD(net.parameters(), lr=0.5)
        loader = names["shuffled"](*names["moons"](seed), 20, seed)
        log = names["train_net"](net, loader, nn.BCEWithLogitsLoss(), optimizer, 40)
        assert log[-1] < log[0] / 2
        x, t = names["moons"](200 + seed)
        assert ((net(x) > 0) == (t > 0)).double().mean() > 0.93


@pytest.mark.slow
def test_the_regression_is_least_squares_and_two_rows_are_too_few():
    names = programs()
    rng = torch.Generator().manual_seed(5)
    x = torch.randn(30, 3, generator=rng)
    t = x.sum(1, keepdim=True) + torch.randn(30, 1, generator=rng)
    exact = torch.linalg.lstsq(torch.cat([x, torch.ones(30, 1)], 1), t).solution[:, 0]
    for seed in (100, 101):
        found = names["regression"](x, t, seed, 600)
        torch.testing.assert_close(found, exact, rtol=0, atol=1e-8)
    few = torch.tensor([[1.0, 3.0, 2.0], [2.0, 1.0, 5.0]]), torch.tensor([[4.0], [7.0]])
    one, other = (names["regression"](*few, seed, lr=0.02) for seed in (100, 101))
    for w in (one, other):
        assert (few[0] @ w[:3] + w[3] - few[1][:, 0]).abs().max() < 1e-3
    assert (one - other).abs().max() > 0.05


@pytest.mark.slow
def test_the_data_set_keeps_pairs_and_refuses_what_are_none():
    names = programs()
    made = names["RegressionDataset"](np.arange(6.0).reshape(3, 2), np.arange(3.0)[:, None])
    assert len(made) == 3
    assert [part.tolist() for part in made[1]] == [[2.0, 3.0], [1.0]]
    with pytest.raises(ValueError, match="3 rows and 2 targets"):
        names["RegressionDataset"](np.zeros((3, 2)), np.zeros((2, 1)))


@pytest.mark.slow
def test_evaluate_gives_the_mode_back_and_is_the_loss_of_all_samples():
    names = programs()
    x, t = np.random.default_rng(0).normal(size=(2, 7, 1))
    loader = torch.utils.data.DataLoader(names["RegressionDataset"](x, t), batch_size=3)
    net = nn.Sequential(nn.Linear(1, 1), nn.Dropout(0.5))
    for mode in (True, False):
        net.train(mode)
        found = names["evaluate"](net, loader)
        assert net.training == mode
    assert found == pytest.approx(F.mse_loss(net.eval()(torch.tensor(x)), torch.tensor(t)).item())


@pytest.mark.slow
def test_the_regression_of_1_10_1_arrives_near_the_noise():
    first, _, last = programs()["fit_1_10_1"](100)
    assert last < first / 2
    assert 0.6 < last < 1.7  # of 100 samples: the noise's variance is 1


@pytest.mark.slow
def test_the_backward_pass_by_hand_is_that_of_autograd():
    names = programs()
    torch.manual_seed(7)
    widths = (2, 5, 3, 1)  # no two the same, so that no transposed product fits
    net, x, t = names["net_of"](*widths), torch.randn(6, 2), torch.randn(6, 1)
    theirs = torch.autograd.grad(F.mse_loss(net(x), t), [*net.parameters()])
    with torch.no_grad():
        mine = names["backward_by_hand"](net, x, t)
    for g, other in zip(mine, theirs, strict=True):
        torch.testing.assert_close(g, other, rtol=1e-12, atol=1e-14)


@pytest.mark.slow
def test_the_larger_of_two_and_a_difference_are_learned():
    names = programs()
    by_hand = [names["learn_2_4_4_1"](seed) for seed in range(100, 105)]
    assert max(worst for *_, worst in by_hand) < 1e-13
    assert np.median([r2 for r2, *_ in by_hand]) > 0.95
    assert all(r2 < 0.01 for r2, working, _ in by_hand if working == 0)
    general = [names["learn_general"](seed)[1] for seed in range(100, 103)]
    assert np.median(general) > 0.8


# Messages, and the log


def test_every_program_of_the_table_stops_with_words_of_its_own():
    names = names_of("class Curve", "class TwoLayers", "def said_by")
    said = [names["said_by"](program) for _, program, _ in names["MESSAGES"]]
    assert "runs" not in said
    assert len(set(said)) == len(said)
    assert names["said_by"](lambda: None) == "runs"


@pytest.mark.slow
def test_a_summary_writer_takes_the_place_of_the_log_in_memory(tmp_path):
    names = programs()
    names["with_log"](log := names["Lines"]())
    assert [name for name, _, _ in log] == ["loss/train", "gradient/length"] * 3
    if find_spec("tensorboard") is None:
        pytest.skip("TensorBoard is not installed, and nothing else needs it")
    from torch.utils.tensorboard import SummaryWriter

    with SummaryWriter(tmp_path) as writer:
        names["with_log"](writer)
    assert [*tmp_path.iterdir()]


# Known mistakes that PyTorch words in more than one way


@pytest.mark.parametrize("part", [..., slice(None), 0, (0, 0), "transpose"], ids=str)
def test_a_parameter_changed_while_autograd_records_is_told_whatever_part_of_it(part):
    def answer(layer, W, b):
        where = layer.weight.T if part == "transpose" else layer.weight
        where[... if part == "transpose" else part] = 1.0

    verdict = find("11.2").judge(answer)
    assert verdict.misconception == "grad" and "torch.no_grad()" in str(verdict), verdict
