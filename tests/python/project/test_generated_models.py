"""Names of what is generated for the spaces and models of a database."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hartonomous.project import model_suffixes, slug


def test_names_become_suffixes():
    assert slug("sentence-transformers/all-MiniLM-L6-v2") == "all_minilm_l6_v2"
    assert slug("***") == "model"
    assert model_suffixes(["default", "a/gpt2", "b/gpt2", "c/GPT2"]) == {
        "default": "",
        "a/gpt2": "gpt2",
        "b/gpt2": "gpt2_2",
        "c/GPT2": "gpt2_3",
    }


@given(st.lists(st.text(), unique=True, max_size=12))
def test_suffixes_are_distinct_and_plain(names):
    suffixes = model_suffixes(names)
    assert list(suffixes) == names
    assert len(set(suffixes.values())) == len(names)
    assert all(s == "" or (s.replace("_", "").isalnum() and s.isascii()) for s in suffixes.values())
