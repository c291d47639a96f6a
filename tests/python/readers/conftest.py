"""Builders of model files, byte by byte, so that each can be wrong in one way."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def safetensors_bytes(header: dict[str, Any] | bytes, data: bytes, length: int | None = None):
    """A safetensors file; ``length`` overrides what it says its header's length is."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return (len(text) if length is None else length).to_bytes(8, "little") + text + data


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes a safetensors file from a header (object or bytes) and its data."""

    def writer(header, data=b"", length=None, name="model.safetensors") -> Path:
        path = tmp_path / name
        path.write_bytes(safetensors_bytes(header, data, length))
        return path

    return writer


@pytest.fixture
def read_tensor() -> Callable:
    """The bytes of a stored tensor."""

    def read(tensor) -> bytes:
        target = bytearray(tensor.bytes)
        with tensor.source.open() as reader:
            reader.read_into(tensor.offset, memoryview(target))
        return bytes(target)

    return read
