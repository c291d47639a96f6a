"""What commands print: tables for people on stdout, JSON for machines, messages on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

# Piped output has no width of its own: wide enough that tables keep their columns.
stdout = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
stderr = Console(stderr=True, highlight=False)


def print_json(value: Any) -> None:
    """One JSON document and a newline."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")
    sys.stdout.flush()


def say(message: str) -> None:
    """A message for a person, on stderr, so that stdout stays data."""
    stderr.print(Text(message))


def print_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    title: str | None = None,
    right: Sequence[str] = (),
) -> None:
    """A table; numbers of the named columns stand right. Landed text is shown as it is."""
    table = Table(title=title, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for column in columns:
        table.add_column(
            column,
            justify="right" if column in right else "left",
            overflow="ellipsis" if column == "text" else "fold",
            no_wrap=column == "text" or column in right,
        )
    for row in rows:
        table.add_row(*[Text(shown(value)) for value in row])
    stdout.print(table)


def shown(value: Any) -> str:
    """A value as people read it: thousands apart, four decimals, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.4f}"
    return str(value)
