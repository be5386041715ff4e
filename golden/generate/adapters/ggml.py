# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""A tensor of ggml as llama.cpp's evaluation callback hands it over, read through the library of llama-cpp-python."""
import ctypes

import numpy as np

from golden.generate.errors import CannotError

FLOAT32, FLOAT16, INT32 = 0, 1, 26  # of enum ggml_type
KINDS = {FLOAT32: np.float32, FLOAT16: np.float16, INT32: np.int32}


class Layout(ctypes.Structure):
    """struct ggml_tensor of ggml/include/ggml.h, up to the name."""

    _fields_ = [
        ("type", ctypes.c_int), ("buffer", ctypes.c_void_p), ("ne", ctypes.c_int64 * 4), ("nb", ctypes.c_size_t * 4),
        ("op", ctypes.c_int), ("op_params", ctypes.c_int32 * 16), ("flags", ctypes.c_int32),
        ("src", ctypes.c_void_p * 10), ("view_src", ctypes.c_void_p), ("view_offs", ctypes.c_size_t),
        ("data", ctypes.c_void_p), ("name", ctypes.c_char * 64),
    ]


def declare(library):
    for name, result in (("ggml_op_desc", ctypes.c_char_p), ("ggml_get_name", ctypes.c_char_p)):
        function = getattr(library, name)
        function.argtypes, function.restype = [ctypes.c_void_p], result
    return library


class Node:
    """op: MUL_MAT, ADD, SILU ...; name: of a weight as in the file, else as the graph's builder calls it."""

    def __init__(self, library, address):
        self.library, self.layout = library, Layout.from_address(address)
        self.op = library.ggml_op_desc(address).decode()
        self.name = library.ggml_get_name(address).decode()
        if self.layout.name.decode() != self.name:
            raise CannotError(f"llama.cpp: expected tensors laid out as in 0.3.36, found {self.name!r} elsewhere")

    def source(self, index):
        """An argument of the operation, or None."""
        address = self.layout.src[index]
        return Node(self.library, address) if address else None

    def float_parameter(self, index):
        return float(np.array(self.layout.op_params[index], dtype=np.int32).view(np.float32))

    def array(self):
        """A copy with ggml's extents in reverse: four axes, the last one the fastest."""
        if self.layout.type not in KINDS:
            raise CannotError(f"llama.cpp {self.name}: expected a float or int32, found ggml type {self.layout.type}")
        shape, strides = tuple(self.layout.ne)[::-1], tuple(self.layout.nb)[::-1]
        size = sum((extent - 1) * stride for extent, stride in zip(shape, strides)) + strides[-1]
        memory = (ctypes.c_char * size).from_address(self.layout.data)
        return np.ndarray(shape, KINDS[self.layout.type], memory, strides=strides).copy()
