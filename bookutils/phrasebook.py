"""What users of PyTorch and scikit-learn type, and what to write here: a sentence for each name.

A name that the package lacks, an argument, an attribute: each is looked up here when it is asked
for, and the error says what to write instead, or with which chapter it comes.
"""

import sys
from functools import wraps
from inspect import CO_VARKEYWORDS
from opcode import opmap


def each(names, sentence):
    """The same sentence for each of several names."""
    return dict.fromkeys(names.split(), sentence)


LATER = "is part of the book's later parts, after chapter 13"
OWN = "write a module whose forward(x) computes it from Tensor's methods"
OWN_LOSS = "write it with Tensor's methods, as a function of outputs and targets"
MODULES_OF_LOSSES = (
    "MSELoss L1Loss HuberLoss SmoothL1Loss GaussianNLLLoss BCELoss BCEWithLogitsLoss "
    "CrossEntropyLoss NLLLoss MultiMarginLoss KLDivLoss"
)

# module of the package: name -> what to write
ABSENT = {
    "": {
        **each("MLP", "it is in bookutils.nn, and for Values in bookutils.neuron"),
        **each(
            "Linear Sequential Module ReLU Tanh Sigmoid MSELoss CrossEntropyLoss BatchNorm1d "
            "BatchNorm2d LayerNorm RMSNorm GroupNorm Residual",
            "it is in bookutils.nn",
        ),
        **each("SGD Adam AdamW RMSprop Adagrad", "optimizers are in bookutils.optim"),
        **each("cross_entropy mse_loss bce_with_logits", "losses are in bookutils.losses"),
        **each("batches split Scale accuracy digits two_moons", "it is in bookutils.data"),
        "Dropout": "it is in bookutils.nn",
        **each(
            "fit predict evaluate inside search EarlyStopping Classifier Regressor",
            "it is in bookutils.train",
        ),
        "cat": "concatenate([a, b], axis=0) joins Tensors",
        **each(
            "exp log sqrt sin cos tanh sigmoid relu softplus clamp sum mean max min",
            "a Tensor or a Value has it as a method where it is defined: t.exp(), t.sum()",
        ),
        "tensor": "Tensor([1.0, 2.0], requires_grad=True) makes one",
        "Parameter": "Tensor(data, requires_grad=True) is one",
        "backward": "the result has it: loss.backward()",
        "autograd": "loss.backward() leaves the gradients in .grad",
        "cuda": "Tensors hold arrays of PyTorch or CuPy, and stay on their device",
        **each("manual_seed seed", "randomness is an argument: rng = numpy.random.default_rng(0)"),
    },
    "nn": {
        **each("Dropout1d Dropout2d AlphaDropout", "Dropout(p, rng) drops single numbers"),
        **each(
            "BatchNorm BatchNormalization batch_norm BatchNorm3d LazyBatchNorm1d",
            "BatchNorm1d(features) takes rows (n, d), BatchNorm2d(channels) images (n, c, h, w)",
        ),
        **each("LayerNormalization layer_norm", "LayerNorm(width) is here"),
        **each(
            "InstanceNorm1d InstanceNorm2d InstanceNorm3d",
            "GroupNorm(channels, channels) computes the same",
        ),
        "SyncBatchNorm": f"training on several devices {LATER}",
        **each("LocalResponseNorm WeightNorm SpectralNorm", OWN),
        **each(
            "ResidualBlock ResBlock SkipConnection Skip Add",
            "Residual(body, scale=1.0) computes x + scale·body(x)",
        ),
        **each(
            "Conv1d Conv2d Conv3d ConvTranspose2d MaxPool1d MaxPool2d AvgPool2d "
            "AdaptiveAvgPool2d Unfold Upsample",
            f"convolution {LATER}",
        ),
        **each("RNN LSTM GRU RNNCell LSTMCell GRUCell", f"recurrence {LATER}"),
        **each(
            "MultiheadAttention Transformer TransformerEncoder TransformerEncoderLayer",
            f"attention {LATER}",
        ),
        "Embedding": "a table = Tensor(rng.normal(size=(words, width)), requires_grad=True) is "
        "one, and table[tokens] looks up its rows",
        "Parameter": "Tensor(data, requires_grad=True) is one wherever a module holds it",
        **each("ModuleList ParameterList", "a plain list is one: self.layers = [...]"),
        **each("ModuleDict ParameterDict", "a plain dict is one: self.heads = {...}"),
        "Softmax": "cross_entropy takes logits and needs none; for probabilities call .softmax() "
        "of the net's output",
        "LogSoftmax": "cross_entropy takes logits and needs none; for logarithms of probabilities "
        "call .log_softmax() of the net's output",
        "Identity": "leave the layer out, or put lambda x: x in its place",
        **each("SiLU Swish", "Sequential takes any function, here lambda x: x * x.sigmoid()"),
        **each("ELU SELU CELU Mish Hardtanh Hardswish ReLU6 PReLU Softsign Bilinear", OWN),
        **each(
            "CosineEmbeddingLoss CTCLoss HingeEmbeddingLoss MarginRankingLoss PoissonNLLLoss "
            "SoftMarginLoss MultiLabelMarginLoss MultiLabelSoftMarginLoss TripletMarginLoss",
            OWN_LOSS,
        ),
        "functional": "the losses are in bookutils.losses, the rest are methods: x.relu(), "
        "x.softmax()",
        "init": "import it from bookutils: Linear(2, 3, rng=rng, init=init.he_normal)",
        "utils": "clip_grad_norm and clip_grad_value are in bookutils.optim",
        "DataParallel": f"training on several devices {LATER}",
    },
    "optim": {
        **each(
            "Adamax Adadelta Rprop ASGD LBFGS SparseAdam Muon",
            "write it as a subclass of Optimizer, with change(g, state, group)",
        ),
        "clip_grad_norm_": "write clip_grad_norm(params, max_norm)",
        "clip_grad_value_": "write clip_grad_value(params, clip_value)",
        "swa_utils": "keep the states of the net, and average them",
    },
    "optim.lr_scheduler": {
        **each(
            "CyclicLR MultiplicativeLR CosineAnnealingWarmRestarts",
            "LambdaLR(optimizer, f) takes any function f(step) of the initial rate's factor",
        ),
    },
    "init": {
        **each("kaiming_uniform kaiming_uniform_", "it is he_uniform(fan_in, fan_out, rng=rng)"),
        **each("kaiming_normal kaiming_normal_", "it is he_normal(fan_in, fan_out, rng=rng)"),
        **each(
            "xavier_uniform_ glorot_uniform", "xavier_uniform(fan_in, fan_out, rng=rng) returns W"
        ),
        **each("xavier_normal_ glorot_normal", "xavier_normal(fan_in, fan_out, rng=rng) returns W"),
        "zeros_": "zeros(fan_in, fan_out) returns W",
        **each("constant_ fill_", "constant(fan_in, fan_out, value=0.1) returns W"),
        **each("ones ones_", "constant(fan_in, fan_out, value=1.0) returns W"),
        "orthogonal_": "orthogonal(fan_in, fan_out, rng=rng) returns W",
        **each("gain gains", "calculate_gain('relu') is PyTorch's recommendation"),
        **each(
            "normal normal_ uniform uniform_ trunc_normal_ truncated_normal eye_ sparse_ dirac_",
            "init takes any function (fan_in, fan_out, rng) that returns W, such as "
            "lambda i, o, rng: rng.normal(0, 0.1, (i, o))",
        ),
    },
    "losses": {
        **each(MODULES_OF_LOSSES, "losses are functions here; as an object it is in bookutils.nn"),
        **each("softmax log_softmax sigmoid relu", "it is a method of Tensor"),
        "one_hot": "cross_entropy takes the labels as they are; rows are np.eye(classes)[labels]",
        "accuracy": "it is in bookutils.data",
    },
    "data": {
        **each(
            "DataLoader Dataset TensorDataset",
            "batches(n, size, rng) deals out row numbers: "
            "for rows in batches(len(X), 32, rng): … X[rows], y[rows]",
        ),
        **each("train_test_split random_split", "split(X, y, test=0.25, rng=rng) is here"),
        **each(
            "StandardScaler MinMaxScaler normalize standardize standardise standardised",
            "scale = Scale(X_train), then scale(X_train) and scale(X_test)",
        ),
        "accuracy_score": "accuracy(outputs, labels) is here, the outputs first",
        **{
            f"load_{name}": f"{name}() is here"
            for name in ("digits", "iris", "wine", "breast_cancer", "diabetes")
        },
        **each(
            "r2_score f1_score confusion_matrix roc_auc_score mean_squared_error precision_score "
            "recall_score",
            "sklearn.metrics has it, labels first and outputs as arrays: net(X).numpy()",
        ),
        **each("read_csv load_csv", "numpy.genfromtxt or pandas reads files; nets take arrays"),
        "make_moons": "two_moons(n, noise, seed) is here",
        **each("MNIST FashionMNIST CIFAR10", "nothing is downloaded; digits() are 8 x 8 images"),
        **each("augment shift random_shift random_flip transforms", "it is in augmentation"),
    },
    "regularization": {
        **each("L1 L2 l1 l2 L1L2", "l1_penalty(net, lam) and l2_penalty(net, lam) are here"),
        **each("Dropout dropout", "it is a layer, nn.Dropout(p, rng)"),
        **each("Ridge Lasso ElasticNet", "sklearn.linear_model has it, for models without layers"),
    },
    "train": {
        **each(
            "train Trainer train_model train_loop", "fit(net, X, y, loss, optimizer, …) is here"
        ),
        **each(
            "NeuralNetClassifier MLPClassifier KerasClassifier",
            "Classifier((32,), lr=0.01, epochs=50) is here",
        ),
        **each(
            "NeuralNetRegressor MLPRegressor KerasRegressor",
            "Regressor((32,), lr=0.01, epochs=50) is here",
        ),
        **each(
            "GridSearchCV RandomizedSearchCV grid_search random_search",
            "search(model, space, X, y, trials=16, rng=rng) is here; sklearn.model_selection takes "
            "a Classifier too",
        ),
        **each(
            "cross_val_score cross_validate KFold StratifiedKFold GroupKFold",
            "sklearn.model_selection has it, and takes a Classifier or Regressor",
        ),
        **each(
            "confusion_matrix precision_score recall_score f1_score roc_auc_score roc_curve "
            "precision_recall_curve",
            "sklearn.metrics has it, labels first",
        ),
        **each("hooks hook watch monitor", "with inside(net) as look: … measures every layer"),
        **each("Dropout SGD", "layers are in bookutils.nn, optimizers in bookutils.optim"),
        **each("ModelCheckpoint save load", "fit(…, file='run.npz') keeps the run, net.save a net"),
        **each("plot_history plot draw", "history.draw() shows the learning curves"),
        "tqdm": "fit shows a bar of its own, unless progress=False",
    },
    "augmentation": {
        **each("RandomHorizontalFlip flip", "random_flip(images, rng) is here"),
        **each("RandomCrop RandomAffine translate roll", "random_shift(images, rng) is here"),
        **each("GaussianNoise noise", "add_noise(images, rng) is here"),
        **each("rotate RandomRotation", "scipy.ndimage.rotate has it"),
    },
}

# class: attribute -> what to write
ATTRIBUTES = {
    "Module": {
        **each(
            "to cuda cpu",
            "Tensors stay where their arrays are; for a GPU assign "
            "p.data = torch.tensor(p.data, device='cuda') for each p of parameters()",
        ),
        **each("double float half", "the dtype is given where it is made: dtype='float32'"),
        "modules": "named_modules() lists (name, module)",
        **each("children named_children", "vars(net) holds them; named_modules() lists all inside"),
        **each("buffers named_buffers", "named_state() lists all Tensors, parameters or not"),
        **each(
            "register_buffer register_parameter register_module add_module",
            "assign it: self.name = Tensor(…), with requires_grad=True for a parameter",
        ),
        "apply": "loop over named_modules()",
        "requires_grad_": "set p.requires_grad of each p in parameters()",
        **each(
            "register_forward_hook register_full_backward_hook",
            "train.inside(net) measures what its layers compute; section 11.9 has PyTorch's hooks",
        ),
        "backward": "the loss has it: loss.backward()",
        "fit": "bookutils.train.fit(net, X, y, loss, optimizer, …) trains it",
        "predict": "bookutils.train.predict(net, X) computes the outputs of all rows",
        **each("score evaluate", "bookutils.train.evaluate(net, X, y, loss, metrics) measures it"),
        **each("weights variables trainable_variables", "parameters() lists them"),
        **each("summary compile", "print(net) shows its layers; nothing is compiled"),
    },
    "Sequential": each("append extend insert pop", "its list has it: net.layers.append(layer)"),
    "Linear": {
        "weight": "its matrix is W (d_in, d_out), for x @ W + b; PyTorch's weight is W transposed",
        "bias": "it is b (d_out,), or None for a layer without",
        **each("in_features out_features", "W.shape is (d_in, d_out)"),
        "reset_parameters": "make a new layer",
    },
    "Norm": {
        "weight": "it is gamma, PyTorch's weight",
        "bias": "it is beta, PyTorch's bias",
        "moving_mean": "it is running_mean",
        **each("moving_variance moving_var", "it is running_var"),
        "reset_parameters": "make a new layer",
    },
    "Optimizer": {
        "params": "param_groups[0]['params'] has them",
        **each("learning_rate rate", "it is lr: optimizer.lr = 0.01"),
        **each("minimize apply_gradients", "loss.backward(), then step()"),
        **each("register_step_pre_hook register_step_post_hook", "write the call beside step()"),
    },
    "Look": {
        **each("gradients grads delta rms_deltas", "deltas are the rms of ∂L/∂output by layer"),
        **each("rms outputs activation hidden", "activations are the rms of the outputs by layer"),
        **each("ratios ratio update", "updates are |Δw|/|w| by parameter"),
        **each("names names_of_layers", "layers and parameters list the names"),
        **each("nan began first_nan", "origin says where the first nan or infinity was made"),
        **each("plot show", "draw() shows a figure"),
    },
    "LRScheduler": {
        **each("get_lr lr", "get_last_lr() lists the rates"),
        "print_lr": "print(schedule.get_last_lr())",
    },
}


def lookup(module, offered=None):
    """A module's __getattr__, for PEP 562: an error, with the sentence if there is one.

    `offered` is a __getattr__ for what the module loads when it is asked for.
    """
    package = f"bookutils.{module}".rstrip(".")

    def __getattr__(name):
        names = dir(sys.modules[package])
        if offered and name in names:
            return offered(name)
        sentence = ABSENT[module].get(name) or close(name, names)
        if not sentence:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        # `from … import` drops the words of an AttributeError, and keeps those of an ImportError
        caller = sys._getframe(1)
        importing = caller.f_code.co_code[caller.f_lasti] == opmap["IMPORT_FROM"]
        error = ImportError if importing else AttributeError
        raise error(f"{package} has no {name}: {sentence}")

    return __getattr__


def close(name, names):
    """Ask whether a name much like this one is meant, "" if there is none."""
    from difflib import get_close_matches  # for errors alone

    if name.startswith("_"):
        return ""
    plain = {x.lower().replace("_", ""): x for x in names if not x.startswith("_")}
    given = name.lower().replace("_", "")
    found = [x for x in plain if len(given) > 2 and given in x] or get_close_matches(
        given, plain, cutoff=0.75
    )
    return f"is {plain[min(found, key=len)]} meant?" if found else ""


def refuse_attribute(thing, name):
    """Raise the AttributeError of an attribute that `thing` lacks, with its sentence."""
    for kind in type(thing).__mro__:
        sentence = ATTRIBUTES.get(kind.__name__, {}).get(name)
        if sentence:
            raise AttributeError(f"{type(thing).__name__} has no {name}: {sentence}")
    object.__getattribute__(thing, name)  # Python's own error, or that of a property


def translated(**sentences):
    """Decorate a function: an argument named so is refused with what to write instead.

    Any other name that the function does not know is refused with the one that is near.
    """

    def decorate(function):
        code = function.__code__
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        known = frozenset(names)
        anything = code.co_flags & CO_VARKEYWORDS

        @wraps(function)
        def checked(*args, **kwargs):
            if kwargs and not (anything and sentences.keys().isdisjoint(kwargs)):
                for name in kwargs:
                    if name in sentences or not (anything or name in known):
                        made = function.__name__ == "__init__"
                        named = type(args[0]).__name__ if made else function.__name__
                        cure = sentences.get(name) or close(name, names) or f"see help({named})"
                        raise TypeError(f"{named} takes no {name}: {cure}")
            return function(*args, **kwargs)

        return checked

    return decorate
