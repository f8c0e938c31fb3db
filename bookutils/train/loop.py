"""The training loop: zero_grad, outputs, loss, backward, step; and around them what one adds."""

from contextlib import contextmanager

from bookutils.data import batches
from bookutils.engine.arrays import xp
from bookutils.optim import ReduceLROnPlateau, clip_grad_norm, clip_grad_value
from bookutils.phrasebook import each, translated
from bookutils.regularization import proximal_l1
from bookutils.train import arguments
from bookutils.train.evaluation import Measured, measured_on, named_functions
from bookutils.train.history import History
from bookutils.train.interruption import interruption
from bookutils.train.origin import Diverged, finite, origin
from bookutils.train.progress import progress_bar
from bookutils.train.run_file import RunFile, fingerprint, generators

NAMES = {
    **each("validation_data valid val", "write validation=(X_val, y_val)"),
    "validation_split": "split(X, y, test=0.2, rng=rng) of bookutils.data does it, before",
    **each("verbose silent", "write progress=False"),
    **each("callbacks early_stopping", "write stopping=EarlyStopping(patience=10)"),
    "patience": "write stopping=EarlyStopping(patience=10)",
    **each("seed random_state", "write rng=numpy.random.default_rng(0)"),
    **each("lr learning_rate", "the optimizer has it: SGD(net.parameters(), lr=0.1)"),
    **each("criterion loss_fn", "write loss=cross_entropy"),
    **each("scheduler lr_scheduler", "write schedule=…"),
    **each("weight_decay l2", "the optimizer has it: SGD(decay_groups(net, 0.01), lr=0.1)"),
    **each("checkpoint path", "write file='run.npz'"),
    "shuffle": "rows are always shuffled, by rng",
}


@translated(**NAMES)
def fit(
    net,
    X,
    y,
    loss,
    optimizer,
    *,
    epochs,
    rng,
    batch_size=32,
    validation=None,
    metrics=None,
    decide=None,
    schedule=None,
    schedule_every="epoch",
    accumulate=1,
    clip_norm=None,
    clip_value=None,
    penalty=None,
    l1=0.0,
    augment=None,
    stopping=None,
    file=None,
    resume=False,
    progress=True,
):
    """Train a net on rows of X and y, and return the history of its losses and metrics.

    X (n, …) and y (n, …), a row for each example, reach the net and the loss in shuffled batches of
    `batch_size` rows; an epoch is all rows once. `loss(outputs, targets)` is the mean over rows.
    Ends with the net in evaluation mode.

    What is measured: `validation`, a pair (X, y), after every epoch; `metrics`, a dict of functions
    of labels and predictions as scikit-learn has them. Predictions are classes, or for a loss of
    regression the outputs; `decide`, a function of an array of outputs, says otherwise.

    How steps are made: `schedule`, stepped after every epoch, or with schedule_every="step" after
    every step; `accumulate` k batches for one step, which is that of one batch k times as large
    (not with BatchNorm1d, which looks at each batch); `clip_norm` and `clip_value` bound the
    gradient; `penalty(net)` is added to the loss that is differentiated; `l1` is the λ of a
    proximal step after each step; `augment(X, rng)` makes other versions of the rows of a batch.

    How it ends: after `epochs`; by `stopping`, an EarlyStopping; by Ctrl-C or the notebook's stop
    button, which keeps what was learned, and the history says so (a second one raises
    KeyboardInterrupt). With `stopping` the net has its best weights then, however it ended.

    `file`, an .npz file, gets the whole run after every epoch. The same call with resume=True goes
    on from it, to the same bits as if it had never been interrupted, and starts where there is no
    file yet. `progress=False` shows no bar.

    Raises Diverged for nan or infinity in the loss or a gradient, before the weights change, with
    the layer where it began; ValueError and TypeError, before anything is learned, for arguments
    that do not fit each other.
    """
    X, y, held_out = arguments.data(X, y, validation)
    metrics = named_functions(metrics)
    arguments.parts(net, loss, optimizer, rng)
    arguments.whole(epochs=epochs, batch_size=batch_size, accumulate=accumulate)
    arguments.strengths(clip_norm=clip_norm, clip_value=clip_value, l1=l1)
    arguments.functions(decide=decide, penalty=penalty, augment=augment)
    arguments.endings(
        stopping, optimizer, schedule, schedule_every, metrics, held_out, file, resume
    )
    arguments.tried(net, X, y, held_out, loss, metrics, decide)
    arguments.last_batch(net, X, batch_size, accumulate)
    arguments.warn_of_sizes(X, y)

    before_step, after_step = [], []  # functions without arguments
    if clip_norm is not None:
        before_step.append(lambda: clip_grad_norm(net.parameters(), clip_norm))
    if clip_value is not None:
        before_step.append(lambda: clip_grad_value(net.parameters(), clip_value))
    if l1:
        after_step.append(lambda: shrink(net, optimizer, l1))
    if schedule is not None and schedule_every == "step":
        after_step.append(schedule.step)

    history, gradients = History(), Gradients(net, loss, penalty)
    if stopping is not None:
        stopping.reset()
    if file is not None:
        keeps = {"optimizer": optimizer, "schedule": schedule, "stopping": stopping}
        settings = {"batch_size": batch_size, "accumulate": accumulate, "clip_norm": clip_norm,
                    "clip_value": clip_value, "l1": l1, "schedule_every": schedule_every,
                    "metrics": list(metrics), "X": fingerprint(X), "y": fingerprint(y)}  # fmt: skip
        file = RunFile(file, net, rng, keeps, settings)
        if resume and file.exists():
            history = file.read()

    size = batch_size * accumulate  # rows for one step
    steps = -(-len(X) // size)
    with (
        interruption() as interrupted,
        ending(net, history, stopping),
        progress_bar(progress, history.epochs, epochs, steps) as bar,
    ):
        for epoch in range(history.epochs + 1, epochs + 1):
            if stopping is not None and stopping.exhausted:
                history.stopped = f"stopped after epoch {epoch - 1}: {stopping.reason()}"
                break
            net.train()
            measured, lr = Measured(loss, metrics, decide), optimizer.param_groups[0]["lr"]
            for step, rows in enumerate(batches(len(X), size, rng), 1):
                optimizer.zero_grad()
                for part in portions(rows, batch_size):  # one, unless gradients accumulate
                    x, t = X[part], y[part]
                    if augment is not None:
                        x = augment(x, rng)
                    where, share = f"epoch {epoch}, step {step} of {steps}", len(part) / len(rows)
                    outputs, value = gradients.add(x, t, share, where)
                    measured.add(outputs, t, value)
                for change in before_step:
                    change()
                optimizer.step()
                for change in after_step:
                    change()
                bar.update()
                if interrupted.is_set():
                    break
            if interrupted.is_set() and step < steps:
                history.stopped = f"interrupted in epoch {epoch}, after {step} of its {steps} steps"
                break

            row = measured.results()
            if penalty is not None:
                row["penalty"] = penalty(net).item()
            if held_out is not None:
                later = measured_on(net, *held_out, loss, metrics, decide)
                row |= {f"val_{name}": number for name, number in later.items()}
            if schedule is not None:
                row["lr"] = lr
            history.add(row)
            bar.show(row)
            if schedule_every == "epoch" and isinstance(schedule, ReduceLROnPlateau):
                schedule.step(row.get("val_loss", row["loss"]))
            elif schedule_every == "epoch" and schedule is not None:
                schedule.step()
            if stopping is not None:
                stopping.update(row[stopping.watch], net)
            if file is not None:
                file.write(history)
            if interrupted.is_set():
                history.stopped = f"interrupted after epoch {epoch}"
                break
        bar.end(history.stopped, complete=not interrupted.is_set())
    return history


class Gradients:
    """Adds the gradient of the loss of some rows to the parameters', unless it is not finite."""

    def __init__(self, net, loss, penalty):
        self.net, self.loss, self.penalty = net, loss, penalty
        self.params, self.drawing = net.parameters(), generators(net).values()
        self.remembered = [x for _, x in net.named_state() if not x.requires_grad]

    def forward(self, x, t, share):
        """Outputs, their loss, and share times the sum of loss and penalty."""
        outputs = self.net(x)
        loss = self.loss(outputs, t)
        total = loss if self.penalty is None else loss + self.penalty(self.net)
        return outputs, loss, total if share == 1 else total * share

    def add(self, x, t, share, where):
        """Returns outputs and loss; Diverged where loss or gradient is nan or infinite."""
        states = [g.bit_generator.state for g in self.drawing]
        # running statistics, which a pass moves in place
        arrays = [xp(x.data).asarray(x.data, copy=True) for x in self.remembered]
        outputs, loss, total = self.forward(x, t, share)
        if finite(total.data):
            total.backward()
            if finite(*(p.grad for p in self.params if p.grad is not None)):
                return outputs, loss
        for g, state in zip(self.drawing, states, strict=True):
            g.bit_generator.state = state  # so that a second look draws the same
        what = "a gradient" if finite(total.data) else f"the loss, {loss.item():g},"
        began = origin(self.net, lambda: self.forward(x, t, share))
        for tensor, array in zip(self.remembered, arrays, strict=True):
            tensor.data = array
        raise Diverged(
            f"{where}: {what} is not finite, and training stops before this step. {began} Most "
            "often lr is too large, or X or y is not scaled; clip_norm=1 bounds the gradient."
        )


@contextmanager
def ending(net, history, stopping):
    """A block after which, however it ends, the net has its best weights and is in use."""
    try:
        yield
    except Diverged as error:
        error.history = history
        raise
    finally:
        net.zero_grad()
        net.eval()
        if stopping is not None and stopping.weights is not None:
            stopping.restore(net)
            history.best_epoch = stopping.best_epoch


def portions(rows, size):
    """Row numbers in portions of `size`."""
    return [rows[k : k + size] for k in range(0, len(rows), size)]


def shrink(net, optimizer, lam):
    """The proximal step of λ|w|₁ on every weight of the net, with the rate of its group."""
    own = {id(p) for p in net.parameters()}
    for group in optimizer.param_groups:
        chosen = [p for p in group["params"] if p.ndim >= 2 and id(p) in own]
        if chosen:
            proximal_l1(chosen, lam, group["lr"])
