"""Real text made on the spot: the documentation strings of the Python packages installed here.

A text is a paragraph of a docstring, 40 to 300 characters long; where paragraphs do not suffice,
single sentences of longer ones join. Two texts that differ only in digits, case or punctuation
count as one, for generated code repeats itself.
"""

from __future__ import annotations

import ast
import random
import re
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SEED = 20261123
SHORTEST, LONGEST = 40, 300
KINDS = {
    ast.Module: "module",
    ast.ClassDef: "class",
    ast.FunctionDef: "function",
    ast.AsyncFunctionDef: "function",
}
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_NO_PROSE = re.compile(r">>>|---|===|\|\s*\||::$")


@dataclass(frozen=True)
class Text:
    """A text and what a filter can ask of it."""

    text: str
    package: str
    kind: str

    @property
    def length(self) -> int:
        """Characters."""
        return len(self.text)


def libraries() -> list[Path]:
    """The folders whose packages are read: site-packages, standard library, the system's Python."""
    paths = sysconfig.get_paths()
    found = [Path(paths["purelib"]), Path(paths["platlib"]), Path(paths["stdlib"])]
    found.append(Path("/usr/lib/python3/dist-packages"))
    return [path for path in dict.fromkeys(found) if path.is_dir()]


def collect(wanted: int) -> list[Text]:
    """`wanted` distinct texts in an order that depends on SEED and the installed packages only.

    Raises:
        SystemExit: fewer are to be had here.
    """
    paragraphs: dict[str, Text] = {}
    sentences: dict[str, Text] = {}
    for folder in libraries():
        for package, kind, docstring in _docstrings(folder):
            for paragraph in docstring.split("\n\n"):
                text = " ".join(paragraph.split())
                if SHORTEST <= len(text) <= LONGEST:
                    _keep(paragraphs, text, package, kind)
                elif len(text) > LONGEST:
                    for sentence in _SENTENCE_END.split(text):
                        if SHORTEST <= len(sentence) <= LONGEST:
                            _keep(sentences, sentence, package, kind)
    chosen = _shuffled(paragraphs.values())
    if len(chosen) < wanted:
        further = (text for key, text in sentences.items() if key not in paragraphs)
        chosen = _shuffled([*chosen, *_shuffled(further)[: wanted - len(chosen)]])
    if len(chosen) < wanted:
        raise SystemExit(
            f"{len(chosen):,} texts are to be had from the packages installed here, "
            f"{wanted:,} are wanted: lower --rows or install more packages"
        )
    return chosen[:wanted]


def _keep(texts: dict[str, Text], text: str, package: str, kind: str) -> None:
    key = "".join(character for character in text.lower() if character.isalpha())
    # Less than two thirds letters is a table, a formula or code.
    if len(key) * 3 >= len(text) * 2 and not _NO_PROSE.search(text):
        texts.setdefault(key, Text(text, package, kind))


def _shuffled(texts) -> list[Text]:
    ordered = sorted(texts, key=lambda text: text.text)
    random.Random(SEED).shuffle(ordered)
    return ordered


def _docstrings(folder: Path) -> Iterator[tuple[str, str, str]]:
    """(top-level package, kind, docstring) of every Python file under a folder of packages."""
    for file in sorted(folder.rglob("*.py")):
        parts = file.relative_to(folder).parts
        # The standard library's folder holds site-packages, which is a folder of its own.
        if parts[0] in ("site-packages", "dist-packages"):
            continue
        try:
            tree = ast.parse(file.read_text(encoding="utf-8"))
        except (SyntaxError, ValueError, OSError, RecursionError):
            continue
        package = parts[0].removesuffix(".py")
        for node in _documented(tree):
            docstring = ast.get_docstring(node)
            if docstring:
                yield package, KINDS[type(node)], docstring


def _documented(tree: ast.Module) -> Iterator[ast.AST]:
    """Modules, classes and functions; expressions, most of a tree, are not visited."""
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        if type(node) in KINDS:
            yield node
        for field in ("body", "orelse", "finalbody", "handlers"):
            children = getattr(node, field, None)
            if isinstance(children, list):
                pending.extend(children)
