"""The guide's tables are the schema: ``python tests/python/lineage/test_guide.py`` writes them."""

from __future__ import annotations

import re
from pathlib import Path

from hartonomous.lineage.graph import SCHEMA

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "lineage.md"


def tables() -> tuple[str, str]:
    labels = ["| label | what it is | PROV | key | properties |", "|---|---|---|---|---|"]
    for name, label in SCHEMA.labels.items():
        properties = ", ".join(f"`{key}`" for key in label.properties)
        labels.append(
            f"| `{name}` | {label.description} | {label.prov} | {label.key} | {properties} |"
        )
    relations = ["| relation | what it says | PROV | joins | properties |", "|---|---|---|---|---|"]
    for name, relation in SCHEMA.relations.items():
        joins = ", ".join(f"{start} → {end}" for start, end in relation.ends)
        properties = ", ".join(f"`{key}`" for key in relation.properties)
        relations.append(
            f"| `{name}` | {relation.description} | {relation.prov} | {joins} | {properties} |"
        )
    return "\n".join(labels), "\n".join(relations)


def written(text: str) -> str:
    for name, table in zip(("labels", "relations"), tables(), strict=True):
        text = re.sub(
            rf"(<!-- {name}: .*? -->\n).*?(\n<!-- end -->)",
            lambda found, table=table: found[1] + table + found[2],
            text,
            flags=re.DOTALL,
        )
    return text


def test_the_guide_tells_the_schema():
    text = GUIDE.read_text()
    assert written(text) == text


if __name__ == "__main__":
    GUIDE.write_text(written(GUIDE.read_text()))
