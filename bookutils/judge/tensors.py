"""Tensors of PyTorch in an answer, without importing PyTorch: where it is not loaded, none came."""

import sys
from contextlib import contextmanager

from numpy import ndarray


def loaded():
    """PyTorch where something has loaded it, or None."""
    torch = sys.modules.get("torch")
    return torch if hasattr(torch, "set_num_threads") else None  # not half of it


def is_tensor(value):
    """Whether a value is a tensor of PyTorch."""
    torch = loaded()
    return torch is not None and isinstance(value, torch.Tensor)


def numbers(tensor):
    """The numbers of a tensor as an array of its own. Raises: ValueError with a sentence."""
    torch, method = loaded(), loaded().Tensor
    kind = tensor.dtype
    if tensor.layout is not torch.strided or kind.is_complex or tensor.is_quantized:
        raise ValueError(f"a tensor of {kind} in the layout {tensor.layout} came")
    if tensor.device.type == "meta":
        raise ValueError("a tensor without numbers, on the device `meta`, came")
    bare = method.cpu(method.detach(tensor))
    array = (method.double(bare) if kind.is_floating_point else bare).numpy()
    return array.copy() if isinstance(array, ndarray) else array


@contextmanager
def kept():
    """After the block PyTorch's own switches are as they were: gradients, dtype, device, threads.

    Within it PyTorch has one thread: several cost small tensors a multiple of their time, the more
    so where the machine is busy.
    """
    before = _switches()
    if before:
        loaded().set_num_threads(1)
    recording, dtype, device, threads = before or (True, None, None, 0)
    try:
        yield
    finally:
        torch = loaded()  # perhaps by now
        if torch and _switches() != before:
            torch.set_grad_enabled(recording)
            torch.set_default_dtype(dtype or torch.float32)
            if _switches()[2] != device:
                torch.set_default_device(device if device and device.type != "cpu" else None)
            if threads:
                torch.set_num_threads(threads)


def _switches():
    torch = loaded()
    if torch is None:
        return None
    try:
        device = torch.get_default_device()
    except AttributeError:  # PyTorch 2.5, where one was set and taken back
        device = torch.device("cpu")
    of_tensors = torch.get_default_dtype(), device
    return torch.is_grad_enabled(), *of_tensors, torch.get_num_threads()


@contextmanager
def chance_kept():
    """After the block PyTorch's generator of random numbers is as it was."""
    torch = loaded()
    state = torch and torch.get_rng_state()
    try:
        yield
    finally:
        if torch:
            torch.set_rng_state(state)
