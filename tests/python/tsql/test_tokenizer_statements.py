"""The statements by which SQL Server tokenizes, run on DuckDB, against the library `tokenizers`.

Whether a server would accept them is the checker's to say, where there is one: the rehearsal holds
two tokenizers, here it reads the statements of all.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from compiled_tokenizers import TABLES, CompiledTokenizers
from tsql_on_duckdb import Thrown
from tsql_texts_on_duckdb import from_units, units

from hartonomous.landing.tsql_schema import sqlserver_statements
from hartonomous.rehearsal.check import check

sys.path.append(str(Path(__file__).parents[1] / "tokenizing"))  # as pytest does, if it reads it

import tokenizer_project
import tokenizer_texts
import tokenizer_zoo as zoo

pytestmark = pytest.mark.xdist_group("tsql-tokenizers")

NAMES = ["minilm", "wordpiece_added", "added", "llama3", "qwen2", "smollm"]


@pytest.fixture(scope="module")
def tokenizers(tmp_path_factory, project, minilm):
    folder = tmp_path_factory.mktemp("tsql-tokenizers")
    folders = zoo.folders(NAMES, folder / "made", minilm)
    folders["metaspace"] = zoo.save(zoo.metaspace(), folder / "metaspace")
    copy = tokenizer_project.copy_project(project, folder / "project")
    compiled = CompiledTokenizers(folders, folder, copy, tokenizer_project.land)
    return compiled, {name: zoo.load(folders[name]) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_texts_and_token_lists(tokenizers, name):
    compiled, references = tokenizers
    reference = references[name]
    given = tokenizer_texts.texts(100, 11, zoo.specials(reference))
    given += [text[:150] for text in tokenizer_texts.marked_texts()]
    expected = [encoding.ids for encoding in reference.encode_batch(given)]
    found = compiled.encode(name, given)
    differing = [
        (ascii(text), ids, wanted)
        for text, ids, wanted in zip(given, found, expected, strict=True)
        if ids != wanted
    ]
    assert differing[:3] == [], f"{len(differing)} of {len(given)}"
    single = zoo.byte_tokens(reference)
    lists = tokenizer_texts.id_lists(120, 12, reference.get_vocab_size(), single)
    lists += [*filter(None, expected), *tokenizer_texts.edges_of_utf8(single)]
    for skip in (True, False):
        decoded = compiled.decode(name, lists, skip_special=skip)
        assert decoded == reference.decode_batch(lists, skip_special_tokens=skip)


@pytest.mark.parametrize("name", ["minilm", "llama3"])
def test_truncation(tokenizers, name):
    compiled, references = tokenizers
    reference = zoo.Tokenizer.from_str(references[name].to_str())
    reference.no_padding()
    given = ["", "hello big world again and again", "  ", "x"]
    for limit in (0, 2, 5):
        reference.enable_truncation(limit)
        expected = [encoding.ids for encoding in reference.encode_batch(given)]
        assert compiled.encode(name, given, limit) == expected, limit


def test_a_text_that_is_null_has_no_tokens(tokenizers):
    compiled, references = tokenizers
    assert compiled.encode("minilm", [None, "a"]) == [[], references["minilm"].encode("a").ids]


def test_what_sql_does_not_run_is_refused_by_name(tokenizers):
    compiled, _ = tokenizers
    with pytest.raises(Thrown, match="Metaspace"):
        compiled.encode("metaspace", ["a"])
    with pytest.raises(Thrown, match="Metaspace"):
        compiled.decode("metaspace", [[1]])


GIVEN = """
create table dbo.given_texts (text_id bigint not null, text nvarchar(max) null);
create table dbo.given_tokens (
    text_id bigint not null, position int not null, token_id int not null
);
"""


def test_the_checker_finds_no_error(tokenizers, checker, tmp_path):
    compiled, _ = tokenizers
    views = [f"create view dbo.tokenizer_{t} as {compiled.sql[f'tokenizer_{t}']}" for t in TABLES]
    context = tmp_path / "context.sql"
    context.write_text("\nGO\n".join([*sqlserver_statements(), GIVEN, *views, ""]))
    procedures = [
        f"create or alter procedure dbo.{name} @given_max_tokens int as\nbegin\n{sql}\nend"
        for name, sql in compiled.sql.items()
        if name.startswith(("encode_", "plain_"))
    ]
    assert len(procedures) == 2 * (len(NAMES) + 1)
    path = tmp_path / "procedures.sql"
    path.write_text("\nGO\n".join([*procedures, ""]))
    found = check(checker, path, "sql2025", context)
    assert found.errors == []
    assert found.warnings == []


@pytest.mark.parametrize("text", ["", "a\0é漢", "😀a\U0010ffff\U0010d800", "\U0010d83d\U0010de00"])
def test_units_are_those_of_utf_16(text):
    assert len(units(text)) == len(text.encode("utf-16-be")) // 2
    assert from_units(units(text)) == text
