"""Families of architectures: which tensor plays which role, and what a config says."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from .base import OTHER, Family
from .bert import BERT
from .gpt2 import GPT2
from .llama import LLAMA

FAMILIES = (BERT, GPT2, LLAMA)
"""The families whose roles are recognized."""

__all__ = ["BERT", "FAMILIES", "GPT2", "LLAMA", "OTHER", "Family", "recognize"]


def recognize(config: dict[str, Any], names: Iterable[str]) -> Family:
    """The family of a model; ``OTHER`` where none is known.

    ``model_type`` of the config decides; without one, the family all of whose landmarks are
    among the tensors' names.
    """
    model_type = config.get("model_type")
    if isinstance(model_type, str):
        return next((family for family in FAMILIES if model_type in family.model_types), OTHER)
    names = list(names)
    for family in FAMILIES:
        if all(any(re.search(mark, name) for name in names) for mark in family.landmarks):
            return family
    return OTHER
