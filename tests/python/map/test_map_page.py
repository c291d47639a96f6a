"""A map's page: what is packed into it, and that no text gets out of its place."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from html.parser import HTMLParser
from itertools import combinations
from pathlib import Path

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from map_pages import HOSTILE, hostile_page, page_of, taken_apart

from hartonomous import html_page
from hartonomous.errors import InputError
from hartonomous.html_page import check_output, save
from hartonomous.map.colors import CATEGORIES, PALETTES
from hartonomous.map.columns import first_categories, read_columns
from hartonomous.map.page import quantize
from hartonomous.map.points import count_points, cut, read_points, require_column
from hartonomous.spaces import BuiltSpace

SPACE = BuiltSpace("made_8", "made", "m", 8, "cosine")


class Tags(HTMLParser):
    """The tags of a page as a parser of HTML sees them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.attributes: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append(tag)
        self.attributes += [f"{name}={value}" for name, value in attrs]


def test_no_text_becomes_markup():
    calm, _ = page_of(["a"] * 5)
    hostile = hostile_page()
    assert Tags(hostile).found == Tags(calm).found
    assert not [a for a in Tags(hostile).attributes if a.startswith("on")]
    (data,) = re.findall(r'id="header">(.*)</script>', hostile)
    assert not set("<>&") & set(data)
    found = taken_apart(hostile)
    assert found["texts"] == HOSTILE
    assert found["columns"]["source"] == HOSTILE
    assert (found["model"], found["space"]) == tuple(HOSTILE[:2])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(), min_size=1, max_size=4), st.text())
def test_any_text_comes_back_as_it_was(texts, query):
    page, _ = page_of(texts, query={"text": query, "position": None, "results": []})
    found = taken_apart(page)
    # half a surrogate pair has no bytes in UTF-8
    assert found["texts"] == [text.encode("utf-8", "replace").decode() for text in texts]
    assert found["query"]["text"] == query.encode("utf-8", "replace").decode()


def test_the_page_allows_its_own_script_and_no_address():
    page = hostile_page()
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    for tag in ("script", "style"):
        (source,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.S)
        hashed = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{hashed}'" in policy
    assert not re.search(r"https?://|url\(|@import|\bimport\(|\bfetch\(|XMLHttp", page)
    assert not [a for a in Tags(page).attributes if re.match(r"(src|href)=", a)]


def test_positions_are_within_half_a_step():
    positions = np.random.default_rng(1).normal(size=(1000, 3)).astype(np.float32) * [1, 50, 1e-3]
    positions = positions.astype(np.float32)
    steps, box = quantize(positions)
    again = np.array(box["low"]) + steps / 65535 * np.array(box["size"])
    assert (np.abs(again - positions) <= np.array(box["size"]) / 65535 * 0.5001).all()
    assert steps.min() == 0 and steps.max() == 65535
    alone, box = quantize(np.array([[1, 2, 3]], dtype=np.float32))
    assert alone.tolist() == [[0, 0, 0]] and box == {"low": [1, 2, 3], "size": [0, 0, 0]}


def test_columns_are_numbers_or_categories():
    rows = [
        {"source": "s", "year": 2001, "mixed": 1, "flag": True, "list": [1, "a"], "odd": 1e999},
        {"source": "s", "year": None, "mixed": "one", "flag": False, "big": 2**60},
        {"source": "t", "year": 1.5, "late": "x" * 300},
    ]
    columns = {column.name: column for column in read_columns(rows, 50, wanted="unseen")}
    assert list(columns)[:2] == ["source", "year"]
    assert columns["year"].labels is None and columns["year"].values == [2001, None, 1.5]
    assert columns["source"].labels == ["s", "t"] and columns["source"].values == [0, 0, 1]
    assert columns["mixed"].labels == ["1", "one"]
    assert columns["flag"].labels == ["false", "true"]
    assert columns["list"].labels == ['[1, "a"]']
    assert columns["big"].labels == [str(2**60)]
    assert columns["odd"].values == [None, None, None]
    assert columns["unseen"].values == [None, None, None]
    assert len(columns["late"].labels[0]) == 50 and columns["late"].labels[0].endswith("…")
    assert first_categories(list(columns.values()), CATEGORIES) == "source"
    assert first_categories(read_columns(rows[:1]), CATEGORIES) is None


def test_texts_are_cut_with_an_ellipsis():
    assert cut("abc", 3) == "abc"
    assert cut("abc defg", 5) == "abc…"


@pytest.fixture
def made():
    """A built table of 500 rows: one without a position, one whose place is not finite."""
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE embeddings AS SELECT i::INTEGER AS embedding_id, "
            "CASE i WHEN 7 THEN NULL WHEN 8 THEN 'inf'::FLOAT ELSE i::FLOAT END AS x, "
            "2::FLOAT * i AS y, 1::FLOAT AS z, repeat('ä', i::INTEGER) AS source_text, "
            '\'c\' AS source, CASE WHEN i = 490 THEN \'{"rare": 1, "source": "own"}\' END '
            "AS metadata FROM range(1, 501) AS t(i)"
        )
        yield connection


def test_points_without_a_place_are_left_out(made):
    points = read_points(made, SPACE, limit=1000)
    assert points.total == len(points.ids) == 498
    assert points.index_of(7) is None and points.index_of(9) == 6
    assert points.positions[6].tolist() == [9, 18, 1]
    assert points.texts[6] == "ä" * 9 and points.texts[-1] == "ä" * 199 + "…"
    assert points.rows[points.index_of(490)] == {"source": "c", "rare": 1, "metadata.source": "own"}


def test_a_sample_is_seeded_and_grows_by_its_limit(made):
    ids = {
        (limit, seed): set(read_points(made, SPACE, limit=limit, seed=seed).ids.tolist())
        for limit in (50, 100)
        for seed in (0, 1)
    }
    assert {key: len(found) for key, found in ids.items()} == {key: key[0] for key in ids}
    assert ids[50, 0] < ids[100, 0] and ids[50, 0] != ids[50, 1]
    assert ids[50, 0] == set(read_points(made, SPACE, limit=50).ids.tolist())
    # spread over all of them
    assert 150 < np.mean(list(ids[100, 0])) < 350
    left_out = sorted(set(range(1, 501)) - {7, 8} - ids[50, 0])[:5]
    kept = read_points(made, SPACE, limit=50, keep=left_out)
    assert len(kept.ids) == 50 and set(left_out) < set(kept.ids.tolist())


def test_nothing_to_draw_is_said(made):
    made.execute("UPDATE embeddings SET x = NULL")
    with pytest.raises(InputError, match="made_8 has 500 embeddings and no position to draw"):
        count_points(made, SPACE)
    made.execute("DELETE FROM embeddings")
    with pytest.raises(InputError, match=r"made_8 has 0 embeddings.*hartonomous ingest texts"):
        read_points(made, SPACE, limit=5)


def test_a_column_that_a_sample_may_miss_is_known(made):
    require_column(made, SPACE, "rare")
    require_column(made, SPACE, "metadata.source")
    with pytest.raises(InputError, match=r"a column 'Rare'; there are source, rare"):
        require_column(made, SPACE, "Rare")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("map.duckdb", r"takes a file NAME.html; it got '.*map.duckdb'"),
        ("missing/map.html", "there is no folder .*missing; make it"),
        ("file.txt/map.html", "there is no folder .*file.txt"),
        ("folder.html", "folder.html is a folder"),
    ],
)
def test_an_output_that_cannot_be_is_named(tmp_path, name, message):
    (tmp_path / "file.txt").touch()
    (tmp_path / "folder.html").mkdir()
    with pytest.raises(InputError, match=message):
        check_output(tmp_path / name)


def test_a_page_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "map.html"
    path.write_text("the older page")
    # root may write everywhere, so that a refusal is made up
    monkeypatch.setattr(html_page.os, "replace", _refuse)
    with pytest.raises(InputError, match=r"map.html cannot be written \(Permission denied\)"):
        save(path, b"new")
    assert path.read_text() == "the older page" and os.listdir(tmp_path) == ["map.html"]
    monkeypatch.undo()
    assert save(path, b"new") == 3 and path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["map.html"]
    path.with_name("other").touch()
    assert path.stat().st_mode == path.with_name("other").stat().st_mode


def _refuse(*_: object) -> None:
    raise PermissionError(13, "Permission denied")


def test_a_folder_that_may_not_be_written_to(tmp_path):
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match="cannot be written"):
        save(Path(tmp_path) / "map.html", b"new")


# Machado, Oliveira and Fernandes 2009, severity 1: how linear RGB is seen without one kind of cone.
SIGHTS = {
    "all cones": np.eye(3),
    "protanopia": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                            [-0.003882, -0.048116, 1.051998]]),
    "deuteranopia": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                              [-0.011820, 0.042940, 0.968881]]),
    "tritanopia": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                            [0.004733, 0.691367, 0.303900]]),
}  # fmt: skip


def linear(color: str) -> np.ndarray:
    value = np.array([int(color[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.array(to_xyz) @ np.clip(rgb, 0, 1) / [0.9505, 1, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def contrast(one: str, other: str) -> float:
    dark, light = sorted(float(linear(color) @ [0.2126, 0.7152, 0.0722]) for color in (one, other))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", PALETTES)
@pytest.mark.parametrize("sight", SIGHTS)
def test_colors_differ_for_every_sight(theme, sight):
    palette = PALETTES[theme]
    seen = {c: lab(SIGHTS[sight] @ linear(c)) for c in [*palette["categories"], palette["none"]]}
    for one, other in combinations(palette["categories"], 2):
        assert np.linalg.norm(seen[one] - seen[other]) >= 28, (one, other)
    for color in palette["categories"]:
        assert np.linalg.norm(seen[color] - seen[palette["none"]]) >= 12, color
        assert contrast(color, palette["ground"]) >= 2.99, color
    # A gradient is read by its lightness, which must rise all along it.
    lightness = [lab(SIGHTS[sight] @ linear(color))[0] for color in palette["gradient"]]
    assert np.diff(lightness).min() > 1
