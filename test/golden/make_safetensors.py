"""Writes reference.safetensors beside this file, with the reference implementation (pip install safetensors==0.8.0)."""
import ctypes
import pathlib
import struct

import safetensors

tensors = {
    "layer.weight": ("float32", [2, 3], struct.pack("<6f", 0, 1, -1.5, 2, 3e-40, -0.0)),
    "layer.bias": ("float32", [2], struct.pack("<2f", 0.5, float("inf"))),
    "ids": ("int32", [3], struct.pack("<3i", 1, -2, 2**31 - 1)),
    "mask": ("bool", [3], bytes([1, 0, 1])),
    "half": ("float16", [1], struct.pack("<e", 1.5)),
    "brain": ("bfloat16", [1], bytes([0x80, 0x3F])),
    "pixels": ("uint8", [1, 2], bytes([0, 255])),
    "exact": ("float64", [], struct.pack("<d", 0.1)),
    "empty": ("float32", [2, 0], b""),
    'größe\n"': ("uint8", [0], b""),
}
buffers = {name: ctypes.create_string_buffer(data, max(len(data), 1)) for name, (_, _, data) in tensors.items()}
specs = {
    name: safetensors.TensorSpec(
        dtype=dtype, shape=shape, data_ptr=ctypes.addressof(buffers[name]), data_len=len(data)
    )
    for name, (dtype, shape, data) in tensors.items()
}
file = pathlib.Path(__file__).with_name("reference.safetensors")
file.write_bytes(safetensors.serialize(specs, {"format": "pt"}))
