"""Forgetting a text, and what is old."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from .. import inference_log
from ..database import Database
from ..errors import InputError
from ..inference_log import text_hash
from .built import remove_built
from .landed import Landed, find_landed, remove_landed
from .proof import Found, find_everywhere

_HASH = re.compile(r"[0-9a-f]{64}")
_AGE = re.compile(r"(\d{1,6})([dhw])")
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


@dataclass
class Forgotten:
    """What went: of the log, of what was landed and built; and where the text still stands."""

    text_hash: str
    log_entries: int = 0
    log_texts: int = 0
    texts: int = 0
    embeddings: int = 0
    queries: int = 0
    files: list[str] = field(default_factory=list)
    """Files that it was landed from: they are the caller's own."""
    found: list[Found] = field(default_factory=list)
    """What a search of everything still finds; values must be none."""


def forget_text(
    database: Database,
    *,
    text: str | None = None,
    digest: str | None = None,
    say: Callable[[str], None] = lambda message: None,
) -> Forgotten:
    """Take a text out of log, landed tables and built tables; the graph follows the tombstone.

    It goes where it is a value of its own: a text that was landed, asked, found or written. Longer
    texts that contain it stay, and are counted as bytes.

    Args:
        database: where.
        text: the text; or
        digest: its SHA-256 in hexadecimal, as the log has it.
        say: told what is being done.

    Raises:
        InputError: neither or both are given, or no such hash can be.
        DatabaseBusyError: another process holds the database; what was done so far is complete.
    """
    digest = _digest(text, digest)
    database.require_landed()
    database.ensure_inference_folder()
    landed = find_landed(database, digest)
    for tombstone in inference_log.read_events(database.inference_folder, "forgotten"):
        if tombstone.get("text_hash") == digest:
            landed.remember(tombstone)
    # First of all: afterwards nobody knows which entries and ids the graph must forget.
    told = inference_log.find_text(database.inference_folder, digest)
    _bury(database, digest, landed, told)
    say("taking it out of the log")
    redacted = inference_log.redact(database.inference_folder, digest)
    if redacted.texts > told.texts:  # somebody asked or found it just now
        _bury(database, digest, landed, redacted)
    held = {place.where.split(".")[0] for place in find_everywhere(database, digest, None)}
    if landed or "landing" in held:
        say(f"writing {database.landed.name} anew")
        remove_landed(database, digest, landed)
    if database.built.exists() and (landed or "built" in held):
        say(f"writing {database.built.name} anew")
        remove_built(database, digest, landed)
    entries = {*redacted.asked, *(key.rsplit("/", 1)[0] for key in redacted.results)}
    entries |= {key.rsplit("/", 1)[0] for key in redacted.alternatives}
    return Forgotten(
        digest,
        log_entries=len(entries),
        log_texts=redacted.texts,
        texts=len(landed.text_ids),
        embeddings=len(landed.embeddings),
        queries=landed.queries,
        files=landed.files,
        found=find_everywhere(database, digest, text),
    )


def _bury(
    database: Database, digest: str, landed: Landed, redacted: inference_log.Redacted
) -> None:
    """Leave a tombstone in the log: what the graph follows."""
    tombstone = inference_log.event(
        "forgotten",
        text_hash=digest,
        query_hash=digest,
        text_ids=landed.text_ids,
        embeddings=landed.embeddings,
        queries=landed.queries,
        asked=redacted.asked,
        results=redacted.results,
        alternatives=redacted.alternatives,
    )
    inference_log.append_event(database.inference_folder, tombstone)


def verify(
    database: Database, *, text: str | None = None, digest: str | None = None
) -> list[Found]:
    """Where a text still stands; nothing is changed. Arguments are as with :func:`forget_text`."""
    digest = _digest(text, digest)
    database.require_landed()
    return find_everywhere(database, digest, text)


def forget_older(database: Database, age: str) -> tuple[int, str]:
    """Drop inferences that are older than ``90d``, ``12w`` or ``36h``: how many, and since when.

    A tombstone with their number stays, which the graph follows.

    Raises:
        InputError: an age of another form.
    """
    match = _AGE.fullmatch(age.strip())
    if match is None or not int(match[1]):
        raise InputError(f"--older-than takes an age such as 90d, 12w or 36h; it got {age!r}")
    database.require_landed()
    try:
        since = datetime.now(UTC) - timedelta(**{_UNITS[match[2]]: int(match[1])})
    except OverflowError as error:
        raise InputError(f"--older-than {age} reaches back before the calendar begins") from error
    moment = since.strftime("%Y-%m-%dT%H:%M:%S.%f")
    dropped = inference_log.drop_before(database.inference_folder, moment)
    if dropped:
        inference_log.append_event(
            database.inference_folder,
            inference_log.event("forgotten", older_than=moment, inferences=dropped),
        )
    return dropped, moment


def _digest(text: str | None, digest: str | None) -> str:
    if (text is None) == (digest is None):
        raise InputError("name one text: by --text, or by its SHA-256 with --text-hash")
    if text is not None:
        if not text:
            raise InputError("--text is empty: every text contains it")
        return text_hash(text)
    assert digest is not None
    if not _HASH.fullmatch(digest.lower()):
        raise InputError(
            f"--text-hash takes the 64 hexadecimal digits of a SHA-256; it got {digest!r}"
        )
    return digest.lower()
