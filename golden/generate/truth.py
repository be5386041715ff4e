# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The float64 mode: transformers' own forward with every float32 cast and creation turned into float64, and the audit
that proves it. It changes no source and captures nothing.

The angles of the rotary embedding are the exception: position * inv_freq stays float32, because published models were
trained with those rounded angles and an engine must reproduce them. Cosine, sine and all that follows are float64."""
import contextlib

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from golden.generate.errors import CannotError

COSINE_AND_SINE = {torch.Tensor.cos, torch.Tensor.sin, torch.cos, torch.sin}


class RotaryScope:
    """Knows whether the rotary module is running, for the float64 mode, the audit and the capture."""

    def __init__(self):
        self.depth = 0

    def __bool__(self):
        return self.depth > 0

    @contextlib.contextmanager
    def __call__(self):
        # Dynamic scaling computes a scalar in the default dtype, so that must be float32 in here.
        default = torch.get_default_dtype()
        torch.set_default_dtype(torch.float32)
        self.depth += 1
        try:
            yield
        finally:
            self.depth -= 1
            torch.set_default_dtype(default)


def body_of(model):
    """The model without its head."""
    return getattr(model, "model", model)


def renew_rotary(model):
    """Puts a new rotary embedding in place of the old, once before each run: its buffers are float32 whatever was done
    to the model, and it does not remember the calls of the run before. Within a run it remembers, as the one of the
    library does: type `dynamic` keeps the frequencies of the longest sequence, also from one independent call to the
    next. Returns its scope."""
    scope = RotaryScope()
    body = body_of(model)
    old = getattr(body, "rotary_emb", None)
    if old is not None:
        rotary = type(old)(model.config).eval()
        forward = rotary.forward

        def scoped_forward(*args, **kwargs):
            with scope():
                return forward(*args, **kwargs)

        rotary.forward = scoped_forward
        body.rotary_emb = rotary
    return scope


@contextlib.contextmanager
def widened(model):
    """The model is float64 meanwhile, and afterwards exactly what it was: not all of it need have been float32."""
    tensors = [*model.named_parameters(), *model.named_buffers()]
    types = {name: tensor.dtype for name, tensor in tensors}
    model.double()
    try:
        yield
    finally:
        for name, tensor in [*model.named_parameters(), *model.named_buffers()]:
            if name in types:  # the rotary embedding is another one by now
                tensor.data = tensor.data.to(types[name])


@contextlib.contextmanager
def narrowed(model):
    """The model is bfloat16 meanwhile, as transformers loads it at that type, and afterwards exactly what it was."""
    before = {name: tensor.data for name, tensor in [*model.named_parameters(), *model.named_buffers()]}
    model.bfloat16()
    try:
        yield
    finally:
        for name, tensor in [*model.named_parameters(), *model.named_buffers()]:
            if name in before:
                tensor.data = before[name]


class Float64Mode(TorchFunctionMode):
    """`.float()` becomes `.double()`, and every argument that is torch.float32 becomes torch.float64."""

    def __init__(self, rotary_scope):
        super().__init__()
        self.rotary_scope = rotary_scope

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if self.rotary_scope:
            if func in COSINE_AND_SINE:
                args = (args[0].double(), *args[1:])  # the float32 angle, widened exactly
            return func(*args, **kwargs)
        if func is torch.Tensor.float:
            func = torch.Tensor.double
        return func(*map(widen, args), **{name: widen(value) for name, value in kwargs.items()})


def widen(argument):
    if argument is torch.float32:
        return torch.float64
    if type(argument) in (tuple, list):
        return type(argument)(map(widen, argument))
    return argument


class Audit(TorchDispatchMode):
    """Counts the aten operations that yield float32. Outside the rotary embedding there must be none in a float64 run:
    looking at the outputs is not enough, for a float64 weight times a float32 norm has 48 bits and looks pure."""

    def __init__(self, rotary_scope):
        super().__init__()
        self.rotary_scope = rotary_scope
        self.operations = 0
        self.rotary_float32 = 0
        self.leaks = {}

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        self.operations += 1
        results = result if isinstance(result, (tuple, list)) else (result,)
        if any(isinstance(item, torch.Tensor) and item.dtype is torch.float32 for item in results):
            if self.rotary_scope:
                self.rotary_float32 += 1
            else:
                self.leaks[str(func)] = self.leaks.get(str(func), 0) + 1
        return result

    def require_pure(self, where):
        if self.leaks:
            found = ", ".join(f"{name} x{count}" for name, count in sorted(self.leaks.items()))
            raise CannotError(f"{where}: expected no float32 operation in the float64 run, found {found}")


@contextlib.contextmanager
def float64(rotary_scope):
    """The float64 mode and a default dtype to match; the model itself must have been converted. Yields the audit."""
    default = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        # The audit sees aten operations, below the function mode, whatever order they are entered in.
        with Float64Mode(rotary_scope), Audit(rotary_scope) as audit:
            yield audit
    finally:
        torch.set_default_dtype(default)
