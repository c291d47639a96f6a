"""The house style of SQL: what it asks for, and what it lets pass."""

from __future__ import annotations

import shutil

import pytest

from hartonomous.rehearsal.style import lint_compiled

pytest.importorskip("sqlfluff")

GOOD = """\
with ranked as (
    select
        item.id,
        geometry::Point(1, 2, 0).STDistance(item.place) as distance,
        vector_distance('cosine', item.v, @q) as far
    from dbo.items as item
    left join dbo.others as other
        on other.id = item.id
)

select top (5)
    id,
    far,
    distance
from ranked
order by far
"""


@pytest.fixture
def lint(root, tmp_path):
    def run(sql: str) -> int | None:
        shutil.copyfile(root / ".sqlfluff", tmp_path / ".sqlfluff")
        folder = tmp_path / "target" / "tsql" / "dbt_sqlserver" / "compiled"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "x.sql").write_text(sql)
        return lint_compiled(tmp_path, "sqlserver")

    return run


def test_t_sql_in_house_style_passes(lint):
    assert lint(GOOD) == 0


@pytest.mark.parametrize(
    ("good", "bad", "rule"),
    [
        ("select top", "SELECT top", "CP01"),
        ("vector_distance", "VECTOR_DISTANCE", "CP03"),
        ("as item", "item", "AL01"),
        ("on other.id = item.id", "on item.id = other.id", "ST09"),
    ],
)
def test_other_styles_do_not(lint, capfd, good, bad, rule):
    assert good in GOOD
    assert lint(GOOD.replace(good, bad)) == 1
    assert rule in capfd.readouterr().out


def test_what_was_not_compiled_is_said(tmp_path):
    assert lint_compiled(tmp_path, "sqlserver") is None
