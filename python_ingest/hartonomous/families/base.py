"""What a family is: a table of tensor names and the roles that they play."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

# role -> short code to filter by; what is not named here is OTHER, and every bias is BIAS.
WEIGHT_TYPES = {
    "attention_query": "Q",
    "attention_key": "K",
    "attention_value": "V",
    "attention_output": "O",
    "feed_forward_up": "UP",
    "feed_forward_gate": "GATE",
    "feed_forward_down": "DOWN",
    "embedding_token": "EMBEDDING",
    "embedding_position": "EMBEDDING",
    "embedding_type": "EMBEDDING",
    "head": "HEAD",
}

FUSED_QUERY_KEY_VALUE = "attention_query_key_value"
"""Role in a rule of one tensor that holds query, key and value one after the other."""


@dataclass(frozen=True)
class Part:
    """One landed tensor of a stored one.

    ``suffix`` is added to its name; ``share`` is (which, of how many) equal parts it is.
    """

    role: str
    weight_type: str
    layer: int | None
    transposed: bool = False
    suffix: str = ""
    share: tuple[int, int] | None = None


@dataclass(frozen=True)
class Family:
    """A family of architectures.

    Attributes:
        name: as in ``raw.models.family``.
        model_types: values of ``model_type`` in a config.
        prefix: regular expression of what wrappers put before a tensor's name.
        rules: (regular expression of the rest of the name, role). A group ``layer`` is the layer
            number, a group ``bias`` makes the role that of a bias.
        landmarks: regular expressions that tell the family by its tensors' names.
        columns_are_neurons: roles whose weights are stored input x output, as GPT-2's Conv1D.
        keys: catalog field -> names in the config, the first one present counts.
        tied_head: name that the head has in the reference implementation when the config says
            that it shares the token embedding; None where a model has none.
        tied_by_default: what a config means that does not say whether the head is tied.
    """

    name: str
    model_types: frozenset[str] = frozenset()
    prefix: str = ""
    rules: tuple[tuple[str, str], ...] = ()
    landmarks: tuple[str, ...] = ()
    columns_are_neurons: frozenset[str] = frozenset()
    keys: dict[str, tuple[str, ...]] = field(default_factory=dict)
    tied_head: str | None = None
    tied_by_default: bool = False

    def parts(self, name: str) -> list[Part]:
        """The parts that a stored tensor called ``name`` lands as, with their roles."""
        bare = re.sub(rf"^(?:{self.prefix})", "", name)
        for pattern, role in self.rules:
            match = re.fullmatch(pattern, bare)
            if match:
                groups = match.groupdict()
                layer = groups.get("layer")
                return _parts(
                    role,
                    None if layer is None else int(layer),
                    groups.get("bias") is not None,
                    role in self.columns_are_neurons,
                )
        # Without a role, a name still tells a layer's number and a bias: useful filters.
        layer = re.search(r"(?:^|\.)(?:layers?|h|blocks?)\.(\d{1,6})\.", name)
        return _parts("other", int(layer[1]) if layer else None, name.endswith(".bias"), False)

    def fields(self, config: dict[str, Any]) -> dict[str, Any]:
        """The values of the catalog's fields as the config has them; None where it has none."""
        return {
            column: next((config[key] for key in keys if config.get(key) is not None), None)
            for column, keys in self.keys.items()
        }


def weight_type_of(role: str) -> str:
    """The short filter code of a role."""
    if role.endswith("_bias"):
        return "BIAS"
    return "NORM" if role.endswith("_norm") else WEIGHT_TYPES.get(role, "OTHER")


def _parts(role: str, layer: int | None, bias: bool, transposed: bool) -> list[Part]:
    ending = "_bias" if bias else ""
    # A Conv1D's bias has one axis: there is nothing to transpose.
    transposed = transposed and not bias
    if role != FUSED_QUERY_KEY_VALUE:
        whole = role + ending
        if role == "normalizer":  # a norm without a role of its own
            return [Part("other" + ending, "BIAS" if bias else "NORM", layer)]
        return [Part(whole, weight_type_of(whole), layer, transposed)]
    return [
        Part(
            f"attention_{part}{ending}",
            weight_type_of(f"attention_{part}{ending}"),
            layer,
            transposed,
            f":{part}",
            (which, 3),
        )
        for which, part in enumerate(("query", "key", "value"))
    ]


OTHER = Family(
    "other",
    keys={
        "layers": ("num_hidden_layers", "n_layer", "num_layers", "n_layers"),
        "hidden_size": ("hidden_size", "n_embd", "d_model", "dim"),
        "attention_heads": ("num_attention_heads", "n_head", "num_heads", "n_heads"),
        "key_value_heads": ("num_key_value_heads",),
        "head_size": ("head_dim", "d_kv"),
        "vocabulary_size": ("vocab_size",),
    },
)
"""Every architecture that no family knows: tensors land under their own names."""
