"""hartonomous feedback, hartonomous forget: what is said of answers, and what must go."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from .. import forget as forgetting
from .. import inference_log
from ..database import Database
from ..errors import InputError
from . import options
from .output import print_json, print_table, say


def feedback(
    inference: Annotated[
        str, typer.Argument(help="An inference's id, the beginning of it, or `last`.")
    ],
    good: Annotated[
        bool | None, typer.Option("--good/--bad", help="What it was.", show_default=False)
    ] = None,
    rank: Annotated[
        int | None, typer.Option(help="The result that is meant; else the whole answer.")
    ] = None,
    note: Annotated[str | None, typer.Option(help="Why, in words.")] = None,
    database: options.Database = None,
    as_json: options.Json = False,
) -> None:
    """Say whether an answer, or one of its results, was good; ensembles are tuned by it."""
    if good is None:
        raise InputError("say --good or --bad")
    opened = Database.locate(database)
    opened.require_landed()
    said = inference_log.feedback(
        opened.inference_folder,
        inference,
        inference_log.GOOD if good else inference_log.BAD,
        rank=rank,
        note=note,
    )
    if as_json:
        print_json(said)
        return
    which = "" if rank is None else f"result {rank} of "
    say(f"noted: {which}{said['inference_id'][:8]} was {said['verdict']}")


def forget(
    text: Annotated[str | None, typer.Option(help="The text that must go.")] = None,
    text_hash: Annotated[
        str | None, typer.Option(help="Its SHA-256 instead, as the log has it.")
    ] = None,
    older_than: Annotated[
        str | None, typer.Option(help="Inferences older than this, such as 90d, 12w or 36h.")
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Change nothing, only look where the text stands.")
    ] = False,
    database: options.Database = None,
    as_json: options.Json = False,
) -> None:
    """Take a text out of log, tables and graph, and prove it; or drop old inferences.

    Both files of the database are written anew without it. The graph follows the tombstone in the
    log, with the next `hartonomous sync` or `publish-lineage`. Exit code 1 where the text still
    stands somewhere.
    """
    opened = Database.locate(database)
    if older_than is not None:
        if text is not None or text_hash is not None or verify:
            raise InputError("--older-than goes alone: it is about inferences, not about a text")
        dropped, moment = forgetting.forget_older(opened, older_than)
        if as_json:
            print_json({"inferences": dropped, "older_than": moment})
        else:
            say(f"{dropped} inferences from before {moment[:19]} UTC are gone")
        return
    if verify:
        found = forgetting.verify(opened, text=text, digest=text_hash)
        if as_json:
            print_json({"found": [asdict(place) for place in found]})
    else:
        done = forgetting.forget_text(opened, text=text, digest=text_hash, say=say)
        found = done.found
        if as_json:
            print_json(asdict(done))
        else:
            say(
                f"gone: {done.texts} landed texts, {done.embeddings} embeddings, {done.queries} "
                f"held-out queries, {done.log_texts} places in {done.log_entries} inferences"
            )
            for file in done.files:
                say(f"{file} was landed and is yours: landed again, it brings the text back")
    if not as_json:
        _tell(found)
    if any(place.kind == "value" for place in found):
        raise typer.Exit(1)


def _tell(found: list[forgetting.Found]) -> None:
    if not found:
        say("searched every table, log and file: the text stands nowhere")
        return
    print_table(
        ["where", "as", "times"],
        [[place.where, place.kind, str(place.count)] for place in found],
        title="the text still stands here",
        right=["times"],
    )
    if all(place.kind == "bytes" for place in found):
        say("`bytes` is what stands within something longer: name that text to forget it, too")
