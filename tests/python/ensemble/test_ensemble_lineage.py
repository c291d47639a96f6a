"""An ensemble's results are texts, not rows of one space: its history reaches them all the same."""

from __future__ import annotations

import pytest
from ensemble_project import vectors

from hartonomous.ensemble import ensemble_search
from hartonomous.explanation.write import draw
from hartonomous.lineage.from_catalog import from_catalog
from hartonomous.lineage.graph import Node

pytestmark = pytest.mark.xdist_group("ensemble")


def test_an_answer_leads_to_its_texts_and_to_their_file(own_copy, tmp_path):
    hartonomous, _ = own_copy
    asked = {"small_16": vectors("small")[3]}
    found = ensemble_search(hartonomous.database, "apple river", asked, top_k=3)
    named = {
        element.key: element.properties["text"]
        for element in from_catalog(hartonomous.database)
        if isinstance(element, Node) and element.label == "Text"
    }
    assert {result.id: result.text for result in found}.items() <= named.items()
    page = tmp_path / "why.html"
    drawn = draw(hartonomous.database, "last", page, target_folder=tmp_path / "none")
    text = page.read_text()
    assert drawn.bytes == page.stat().st_size
    assert all(result.text.split(": ")[1][:20] in text for result in found)
    assert "SourceFile" in text
