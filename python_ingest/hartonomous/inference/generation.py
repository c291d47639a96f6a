"""What a language model writes after a prompt, a token at a time.

Each step is two SQL statements over a key/value cache in a temporary table: choose_token reads the
last row of it, run_tokens runs the chosen token through all layers and gives the rows to add. The
one-call forms, generate and generate_beam, are for callers in SQL; beams need that form here, too.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from ..database import Database
from ..errors import InputError
from ..progress import QUIET, Progress
from .audit import log
from .calls import require_text, rows, run
from .models import RunnableModel
from .names import LANGUAGE
from .ready import opened
from .tokens import decode, encode, maximum_positions

_PENDING = "hartonomous_pending_tokens"
_CACHE = "hartonomous_cache"
_RUN, _CHOOSE = "hartonomous_run", "hartonomous_choose"
_INCOMPLETE = "\N{REPLACEMENT CHARACTER}"
"""What the bytes of a character read as while some are missing."""

MAXIMUM_SEED = 2**63 - 1

Considered = list[dict[str, Any]]
"""{id, text, logprob} of the likeliest other tokens of a step: what the log has besides."""


@dataclass(frozen=True)
class Sampling:
    """How tokens are chosen.

    ``temperature`` 0 is greedy. ``top_k`` keeps that many of the likeliest tokens, 0 all;
    ``top_p`` then those that together reach this probability. A ``seed`` gives the same text again.
    """

    max_tokens: int = 20
    temperature: float = 0.0
    top_k: int = 0
    top_p: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.max_tokens < 1:
            raise InputError(f"--max-tokens takes 1 or more; it got {self.max_tokens}")
        if not 0 <= self.temperature < float("inf"):
            raise InputError(f"--temperature takes 0 (greedy) or more; it got {self.temperature:g}")
        if self.top_k < 0:
            raise InputError(f"--top-k takes 0 (all) or more; it got {self.top_k}")
        if not 0 < self.top_p <= 1:
            raise InputError(f"--top-p takes more than 0, up to 1 (all); it got {self.top_p:g}")
        if not -MAXIMUM_SEED <= self.seed <= MAXIMUM_SEED:
            raise InputError(f"--seed takes a number of 64 bits; it got {self.seed}")


@dataclass(frozen=True)
class WrittenToken:
    """A token that was chosen.

    ``text`` is what can be shown since the token before: '' while a character is incomplete, and
    with its last piece the whole character. ``logprob`` is the model's own, before temperature and
    filters. What is left of a character that stays incomplete comes last, as text that belongs to
    no token: ``id`` and ``logprob`` are None.
    """

    id: int | None
    text: str
    logprob: float | None


@dataclass
class Generated:
    """A continuation: new tokens only, the end token left out."""

    model: str
    text: str = ""
    token_ids: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)


def generate(
    database: Database,
    prompt: str,
    sampling: Sampling | None = None,
    *,
    model: str | None = None,
    progress: Progress = QUIET,
) -> Generated:
    """The whole continuation of a prompt; arguments and errors are as with :func:`stream`."""
    written = Stream(database, prompt, sampling or Sampling(), model, progress)
    for _ in written:
        pass
    return written.generated


class Stream:
    """Tokens as they are chosen, an iterator of :class:`WrittenToken`.

    A character whose bytes are several tokens is held back until it is complete. ``generated``
    holds what was written so far, and afterwards all of it. Ended, by itself or by its reader, it
    lands an inference.

    Args:
        database: where the model is landed; what the model lacks is built first.
        prompt: read as it is: no begin token is put in front.
        sampling: how tokens are chosen, and how many.
        model: a landed model's name or id; the default language model where not given.
        progress: shows what is built.

    Raises:
        InputError: no such model, an empty prompt, one that is longer than the model reads, or a
            model that predicts no tokens; while iterating.
    """

    def __init__(
        self,
        database: Database,
        prompt: str,
        sampling: Sampling,
        model: str | None = None,
        progress: Progress = QUIET,
    ) -> None:
        require_text(prompt, "prompt")
        self.generated = Generated("")
        self._database, self._prompt, self._sampling = database, prompt, sampling
        self._model, self._progress = model, progress

    def __iter__(self) -> Iterator[WrittenToken]:
        """Write the continuation; each iteration begins anew."""
        sampling = self._sampling
        with opened(self._database, self._model, LANGUAGE, self._progress) as (connection, chosen):
            self.generated = Generated(chosen.name)
            considered: list[Considered] = []
            started = time.perf_counter()
            finished = False
            try:
                yield from _write(
                    connection, chosen, self._prompt, sampling, self.generated, considered
                )
                finished = True
            except GeneratorExit:
                finished = True
                raise
            finally:
                if finished:
                    _name_tokens(connection, chosen, considered)
                    self._log(chosen, started, considered)

    def _log(self, chosen: RunnableModel, started: float, considered: list[Considered]) -> None:
        sampling = self._sampling
        settings: dict[str, Any] = {
            "max_tokens": sampling.max_tokens,
            "temperature": sampling.temperature,
        }
        if sampling.temperature:
            settings |= {"top_k": sampling.top_k, "top_p": sampling.top_p, "seed": sampling.seed}
        method = "sampling" if sampling.temperature else "greedy"
        _log(
            self._database,
            method,
            chosen,
            self._prompt,
            settings,
            started,
            self.generated,
            considered,
        )


def generate_beam(
    database: Database,
    prompt: str,
    *,
    max_tokens: int = 20,
    beams: int = 4,
    model: str | None = None,
    progress: Progress = QUIET,
) -> Generated:
    """The likeliest continuation that beam search finds, all at once; lands an inference.

    ``beams`` is how many are followed; other arguments and errors are as with :class:`Stream`.
    """
    require_text(prompt, "prompt")
    Sampling(max_tokens=max_tokens)
    if beams < 1:
        raise InputError(f"--beams takes 1 or more; it got {beams}")
    with opened(database, model, LANGUAGE, progress) as (connection, chosen):
        _require_room(connection, chosen, encode(connection, chosen, prompt))
        started = time.perf_counter()
        found = rows(
            connection,
            "SELECT token_id, log_probability, generated_text "
            f"FROM generate_beam{chosen.language}($1, $2, $3) ORDER BY seq",
            [prompt, max_tokens, beams],
        )
        written = Generated(
            chosen.name,
            found[-1][2] if found else "",
            [row[0] for row in found],
            [row[1] for row in found],
        )
        settings = {"max_tokens": max_tokens, "beams": beams}
        _log(database, "beam_search", chosen, prompt, settings, started, written)
    return written


def _write(
    connection: duckdb.DuckDBPyConnection,
    model: RunnableModel,
    prompt: str,
    sampling: Sampling,
    generated: Generated,
    considered: list[Considered],
) -> Iterator[WrittenToken]:
    ids = encode(connection, model, prompt)
    positions = _require_room(connection, model, ids)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {_PENDING} (position INTEGER, token_id INTEGER)"
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {_CACHE} "
        "(layer INTEGER, position INTEGER, hidden FLOAT[], outputs FLOAT[])"
    )
    try:
        _add(connection, 0, ids)
        run(connection, _run_statement(model))
        _prepare(
            connection, {_RUN: _run_statement(model), _CHOOSE: _choose_statement(model, sampling)}
        )
        shown = 0
        for step in range(sampling.max_tokens):
            token_id, logprob, is_end, others = _choose(connection, model, step)
            considered.append(json.loads(others or "[]"))
            if is_end:
                break
            generated.token_ids.append(token_id)
            generated.logprobs.append(logprob)
            generated.text = decode(connection, model, generated.token_ids)
            complete = generated.text.rstrip(_INCOMPLETE)
            position = len(ids) + step
            is_last = step + 1 == sampling.max_tokens or position >= positions
            if len(complete) < shown:  # a complete character that is itself U+FFFD was shown
                complete = generated.text[:shown]
            yield WrittenToken(token_id, complete[shown:], logprob)
            shown = len(complete)
            if is_last:
                break
            _add(connection, position, [token_id])
            run(connection, f"EXECUTE {_RUN}")
        if shown < len(generated.text):
            yield WrittenToken(None, generated.text[shown:], None)
    finally:
        for name in (_RUN, _CHOOSE):
            connection.execute(f"DEALLOCATE {name}")
        connection.execute(f"DROP TABLE IF EXISTS {_PENDING}")
        connection.execute(f"DROP TABLE IF EXISTS {_CACHE}")


def _prepare(connection: duckdb.DuckDBPyConnection, statements: dict[str, str]) -> None:
    """Plan the statements of a step once: for a small model that takes longer than running them.

    DuckDB would plan with the positions that the cache holds now, and leave out as impossible what
    comes later: such a plan gives the same logits at every step. So statistics stay out of it.
    """
    connection.execute("SET disabled_optimizers = 'statistics_propagation'")
    try:
        for name, statement in statements.items():
            run(connection, f"PREPARE {name} AS {statement}")
    finally:
        connection.execute("RESET disabled_optimizers")


def _add(connection: duckdb.DuckDBPyConnection, position: int, ids: list[int]) -> None:
    """Make tokens that stand at a position and after it the ones to be run next."""
    connection.execute(f"DELETE FROM {_PENDING}")
    connection.execute(
        f"INSERT INTO {_PENDING} SELECT $1 + generate_subscripts($2, 1) - 1, unnest($2::INTEGER[])",
        [position, ids],
    )


def _run_statement(model: RunnableModel) -> str:
    """Runs the pending tokens and adds them to the cache."""
    return (
        f"INSERT INTO {_CACHE} SELECT layer, position, hidden, outputs "
        f"FROM run_tokens{model.language}('{_PENDING}', '{_CACHE}')"
    )


def _choose_statement(model: RunnableModel, sampling: Sampling) -> str:
    """Chooses the token after the last one of the cache; its parameter is the step, from 0."""
    # Checked numbers, not text: repr gives a double back exactly.
    settings = (
        f"{sampling.temperature!r}::DOUBLE, {sampling.top_k:d}, {sampling.top_p!r}::DOUBLE, "
        f"{sampling.seed:d}"
    )
    # All columns: what was built by an older version has no fourth one, `considered`.
    return f"FROM choose_token{model.language}('{_CACHE}', {settings}, $1)"


def _choose(
    connection: duckdb.DuckDBPyConnection, model: RunnableModel, step: int
) -> tuple[int, float, bool, str | None]:
    """(token_id, log_probability, is_end, considered) of the next token."""
    found = rows(connection, f"EXECUTE {_CHOOSE}({step:d})")
    if not found:
        raise InputError(f"{model.name} gives no token: its scores are not numbers")
    token_id, logprob, is_end, *considered = found[0]
    return token_id, logprob, is_end, considered[0] if considered else None


def _name_tokens(
    connection: duckdb.DuckDBPyConnection, model: RunnableModel, considered: list[Considered]
) -> None:
    """Give the tokens that were considered their texts, as the vocabulary has them."""
    every = [token for tokens in considered for token in tokens]
    texts = dict(
        connection.execute(
            "SELECT token_id, token FROM landing.raw.tokens WHERE tokenizer_id = "
            "(SELECT tokenizer_id FROM landing.raw.models WHERE model_id = $1 LIMIT 1) "
            "AND token_id IN (SELECT unnest($2::INTEGER[]))",
            [model.model_id, sorted({token["id"] for token in every})],
        ).fetchall()
    )
    for token in every:
        token["text"] = texts.get(token["id"])


def _require_room(
    connection: duckdb.DuckDBPyConnection, model: RunnableModel, ids: list[int]
) -> int:
    """The number of positions; InputError where the prompt has no token or more than those."""
    if not ids:
        raise InputError(f"{model.name} reads no token in the prompt: nothing to go on")
    positions = maximum_positions(connection, model)
    if len(ids) > positions:
        raise InputError(
            f"the prompt has {len(ids)} tokens, and {model.name} reads {positions} at most: "
            "shorten it"
        )
    return positions


def _log(
    database: Database,
    method: str,
    model: RunnableModel,
    prompt: str,
    settings: dict[str, Any],
    started: float,
    written: Generated,
    considered: Sequence[Considered] = (),
) -> None:
    tokens = zip(written.token_ids, written.logprobs, strict=True)
    results: list[dict[str, Any]] = [
        {"rank": number, "id": token_id, "logprob": logprob}
        for number, (token_id, logprob) in enumerate(tokens, start=1)
    ]
    if results:
        results[-1]["text"] = written.text
    alternatives = [
        {"step": step, "rank": rank, **token}
        for step, tokens in enumerate(considered, start=1)
        for rank, token in enumerate(tokens, start=1)
    ]
    log(
        database,
        "generate",
        method,
        model,
        prompt,
        settings,
        started,
        results=results,
        alternatives=alternatives,
    )
