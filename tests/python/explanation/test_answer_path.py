"""What belongs to an answer's history, and where it stands in the picture."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import combinations

import pytest
from histories import HOSTILE, INFERENCE, elements
from hypothesis import given, settings
from hypothesis import strategies as st

from hartonomous.explanation.layout import COLUMNS, HEIGHT, WIDTH, place
from hartonomous.explanation.page import render
from hartonomous.explanation.path import path_of
from hartonomous.lineage.graph import SCHEMA


def test_a_history_reaches_the_files_and_nothing_that_is_not_its_own():
    path = path_of(INFERENCE, elements())
    names = set(path.nodes)
    assert ("SourceFile", "notes.csv@ab") in names
    assert ("Feedback", "f1") in names
    assert {("Text", f"t{n}") for n in range(1, 6)} <= names
    assert ("Inference", "other") not in names
    assert not any(label in ("Layer", "Tensor") for label, _ in names)
    # what the callable reads is drawn, what that reads in turn once more, and no farther
    assert ("DbtModel", "m.cell_codes") in names
    assert ("DbtModel", "m.far_away") not in names
    assert {edge.start for edge in path.edges} | {edge.end for edge in path.edges} <= names
    assert path.left_out == 0


def test_many_results_are_left_out_and_counted():
    path = path_of(INFERENCE, elements(results=50))
    drawn = [name for name in path.nodes if name[0] == "Result"]
    assert len(drawn) == 20
    assert path.left_out == 30
    assert "30 more results are not drawn" in render(path).decode()


def test_every_label_has_a_column():
    placed = {label for _, labels in COLUMNS for label in labels}
    assert placed == set(SCHEMA.labels)


def test_boxes_do_not_overlap_and_lie_inside():
    layout = place(path_of(INFERENCE, elements(results=12)))
    for one, other in combinations(layout.boxes.values(), 2):
        assert abs(one.x - other.x) >= WIDTH or abs(one.y - other.y) >= HEIGHT
    for box in layout.boxes.values():
        assert 0 <= box.x <= layout.width - WIDTH and 0 <= box.y <= layout.height - HEIGHT


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append(tag)
        assert not [name for name, _ in attrs if name.startswith("on") or name in ("src", "href")]


def test_no_text_becomes_markup():
    calm = render(path_of(INFERENCE, elements())).decode()
    hostile = render(path_of(INFERENCE, elements(HOSTILE))).decode()
    assert Tags(hostile).found == Tags(calm).found
    assert re.search(r"default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-", calm)
    assert not re.search(r"https?://|@import|\bfetch\(|XMLHttp", calm)


@settings(max_examples=25, deadline=None)
@given(st.text(min_size=1, max_size=30))
def test_any_question_can_be_drawn(query):
    page = render(path_of(INFERENCE, elements(query, results=1)))
    assert page.decode().count('class="node ') == len(path_of(INFERENCE, elements(query, 1)).nodes)


@pytest.mark.parametrize("known", [True, False])
def test_an_answer_whose_tables_are_gone_is_drawn_of_its_log(known):
    only = [e for e in elements() if known or getattr(e, "label", "") not in ("Text", "SourceFile")]
    assert render(path_of(INFERENCE, only))
