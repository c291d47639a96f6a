"""What a language model makes of a text: score and next_tokens, from Python."""

from __future__ import annotations

import time
from dataclasses import dataclass

from ..answers import ALTERNATIVES
from ..database import Database
from ..errors import InputError
from ..progress import QUIET, Progress
from .audit import log
from .calls import require_text, rows
from .names import LANGUAGE
from .ready import opened

MAXIMUM_TOP_K = 10_000


@dataclass(frozen=True)
class ScoredToken:
    """A token of a text; ``logprob`` is None for the first, before which nothing stands."""

    id: int
    text: str
    logprob: float | None


@dataclass(frozen=True)
class ScoredText:
    """``perplexity`` is exp(-mean logprob), None for a text of one token."""

    model: str
    tokens: list[ScoredToken]
    perplexity: float | None


@dataclass(frozen=True)
class NextToken:
    """A token that may follow; ``logprob`` is the natural logarithm of its ``probability``."""

    id: int
    text: str
    probability: float
    logprob: float


def score(
    database: Database, text: str, *, model: str | None = None, progress: Progress = QUIET
) -> ScoredText:
    """How likely a model finds each token of a text after those before it; lands an inference.

    Args:
        database: where the model is landed; what the model lacks is built first.
        text: read as it is: no begin token is put in front.
        model: a landed model's name or id; the default language model where not given.
        progress: shows what is built.

    Raises:
        InputError: no such model, an empty text, one that is longer than the model reads, or a
            model that predicts no tokens.
    """
    require_text(text, "text")
    with opened(database, model, LANGUAGE, progress) as (connection, chosen):
        started = time.perf_counter()
        found = rows(
            connection,
            "SELECT token_id, token, log_probability, perplexity "
            f"FROM score{chosen.language}($1) ORDER BY position",
            [text],
        )
        if not found:
            raise InputError(f"{chosen.name} reads no token in {text[:40]!r}: nothing to score")
        scored = ScoredText(
            chosen.name, [ScoredToken(*row[:3]) for row in found], perplexity=found[0][3]
        )
        log(
            database,
            "score",
            "sql",
            chosen,
            text,
            {"tokens": len(found), "perplexity": scored.perplexity},
            started,
            results=[
                {"rank": number, "id": token.id, "text": token.text, "logprob": token.logprob}
                for number, token in enumerate(scored.tokens, start=1)
            ],
        )
    return scored


def next_tokens(
    database: Database,
    prompt: str,
    *,
    top_k: int = 10,
    model: str | None = None,
    progress: Progress = QUIET,
) -> list[NextToken]:
    """The likeliest tokens after a prompt, over the whole vocabulary; lands an inference.

    ``top_k`` is from 1 to 10,000; other arguments and errors are as with :func:`score`.
    """
    require_text(prompt, "prompt")
    if not 1 <= top_k <= MAXIMUM_TOP_K:
        raise InputError(f"--top-k takes 1 to {MAXIMUM_TOP_K}; it got {top_k}")
    with opened(database, model, LANGUAGE, progress) as (connection, chosen):
        started = time.perf_counter()
        # More than was asked for: what just missed is part of the answer's history.
        found = rows(
            connection,
            "SELECT token_id, token, probability, log_probability "
            f"FROM next_tokens{chosen.language}($1, $2) ORDER BY rank",
            [prompt, top_k + ALTERNATIVES],
        )
        if not found:
            raise InputError(f"{chosen.name} reads no token in {prompt[:40]!r}: nothing to go on")
        tokens = [NextToken(*row) for row in found]
        logged = [
            {
                "rank": rank,
                "id": token.id,
                "text": token.text,
                "confidence": token.probability,
                "logprob": token.logprob,
            }
            for rank, token in enumerate(tokens, start=1)
        ]
        log(
            database,
            "next-tokens",
            "sql",
            chosen,
            prompt,
            {"top_k": top_k},
            started,
            confidence=tokens[0].probability,
            results=logged[:top_k],
            alternatives=logged[top_k:],
        )
    return tokens[:top_k]
