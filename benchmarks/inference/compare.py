"""The database beside PyTorch, in one run: latency and throughput of inference in SQL.

    python benchmarks/inference/compare.py WORK [--json FILE]

WORK is a folder that is kept: models are landed and built there once (about 1.5 GB). Every line is
a ratio to PyTorch on one thread, measured in the same run; PyTorch on two threads stands beside it.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from formulations import compare as compare_formulations
from models import database, gpt2_small
from transformers import AutoModel, AutoTokenizer, GPT2LMHeadModel

from hartonomous.cli.demo import _model_folder

QUERY = "How do green plants turn sunlight into food?"
REACH = {"embed": 8, "embed_table": 18, "decode": 5, "prefill": 13}


def median_ms(call: Callable[[], object], repeats: int) -> float:
    call()
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        call()
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1000


def on_threads(count: int, call: Callable[[], object], repeats: int) -> float:
    torch.set_num_threads(count)
    with torch.inference_mode():
        return median_ms(call, repeats)


def embedding(hartonomous, results: list[dict]) -> None:
    tokenizer = AutoTokenizer.from_pretrained(_model_folder())
    model = AutoModel.from_pretrained(_model_folder()).eval()

    def torch_embed(texts: list[str]) -> torch.Tensor:
        batch = tokenizer(texts, padding=True, return_tensors="pt")
        hidden = model(**batch).last_hidden_state
        mask = batch["attention_mask"][..., None]
        return torch.nn.functional.normalize((hidden * mask).sum(1) / mask.sum(1), dim=-1)

    texts = [f"{QUERY[: 20 + i % 24]} number {i}" for i in range(256)]
    with hartonomous.database.connect() as connection:
        connection.execute(
            "CREATE TEMP TABLE texts AS SELECT unnest(?::VARCHAR[]) AS text", [texts]
        )

        def one():
            return connection.execute("SELECT embedding FROM embed(?)", [QUERY]).fetchone()[0]

        def table():
            return connection.execute(
                "SELECT text, embedding FROM embed_table('texts', 'text')"
            ).fetchall()

        with torch.inference_mode():
            difference = np.abs(np.array(one()) - torch_embed([QUERY])[0].numpy()).max()
            expected = dict(zip(texts, torch_embed(texts).numpy(), strict=True))
        worst = max(np.abs(np.array(vector) - expected[text]).max() for text, vector in table())
        count = len(tokenizer(QUERY)["input_ids"])
        add(
            results,
            "embed",
            f"{count}-token query -> embedding, one call",
            median_ms(one, 15),
            on_threads(1, lambda: torch_embed([QUERY]), 15),
            on_threads(2, lambda: torch_embed([QUERY]), 15),
            difference,
        )
        add(
            results,
            "embed_table",
            "256 texts through embed_table",
            median_ms(table, 2),
            on_threads(1, lambda: torch_embed(texts), 3),
            on_threads(2, lambda: torch_embed(texts), 3),
            worst,
        )


def decoding(hartonomous, folder: Path, results: list[dict]) -> None:
    model = GPT2LMHeadModel.from_pretrained(gpt2_small(folder)).eval()
    ids = torch.arange(32)[None]

    def torch_step(state={}):  # noqa: B006 - the cache of the steps before
        out = model(state.get("next", ids), past_key_values=state.get("cache"), use_cache=True)
        state["cache"], state["next"] = out.past_key_values, out.logits[:, -1:].argmax(-1)

    with hartonomous.database.connect() as connection:

        def prefill():
            connection.execute(
                "CREATE OR REPLACE TEMP TABLE cache "
                "(layer INT, position INT, hidden FLOAT[], outputs FLOAT[])"
            )
            connection.execute(
                "CREATE OR REPLACE TEMP TABLE pending AS "
                "SELECT i::INT AS position, i::INT AS token_id FROM range(32) t(i)"
            )
            connection.execute("INSERT INTO cache FROM run_tokens('pending', 'cache')")

        chosen: list[int] = []

        def step():
            token, _, _ = connection.execute("FROM choose_token('cache')").fetchone()
            chosen.append(token)
            position = connection.execute("SELECT max(position) + 1 FROM cache").fetchone()[0]
            connection.execute(
                "CREATE OR REPLACE TEMP TABLE pending AS "
                "SELECT ?::INT AS position, ?::INT AS token_id",
                [position, token],
            )
            connection.execute("INSERT INTO cache FROM run_tokens('pending', 'cache')")

        first = median_ms(prefill, 3)
        chosen.clear()
        decode = median_ms(step, 8)
        with torch.inference_mode():
            expected = model.generate(
                ids,
                attention_mask=torch.ones_like(ids),
                max_new_tokens=len(chosen),
                do_sample=False,
                pad_token_id=0,
            )[0, 32:].tolist()
        same = float(expected != chosen)
        add(
            results,
            "prefill",
            "GPT-2 small, prefill of 32 tokens",
            first,
            on_threads(1, lambda: model(ids), 5),
            on_threads(2, lambda: model(ids), 5),
            same,
        )
        state = lambda: torch_step()  # noqa: E731
        add(
            results,
            "decode",
            "GPT-2 small, decode, a token",
            decode,
            on_threads(1, state, 8),
            on_threads(2, state, 8),
            same,
        )
        text = "".join(chr(65 + i) for i in range(4))
        started = time.perf_counter()
        connection.execute("FROM generate(?, max_tokens := 8)", [text]).fetchall()
        results.append(
            {
                "name": "generate",
                "what": "GPT-2 small, one call, 4 + 8 tokens, a token",
                "ms": (time.perf_counter() - started) * 1000 / 8,
            }
        )


def add(
    results: list[dict], name: str, what: str, ms: float, one: float, two: float, difference: float
) -> None:
    results.append(
        {
            "name": name,
            "what": what,
            "ms": ms,
            "torch_1_ms": one,
            "torch_2_ms": two,
            "ratio": ms / one,
            "reach": REACH[name],
            "difference": float(difference),
        }
    )
    print(
        f"{what}: {ms:.0f} ms, PyTorch {one:.1f} (1 thread) {two:.1f} (2), ratio {ms / one:.1f}x "
        f"(reach {REACH[name]}x), difference {difference:.1e}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("work", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    hartonomous = database(options.work)
    results: list[dict] = []
    embedding(hartonomous, results)
    decoding(hartonomous, options.work, results)
    for tokens in (1, 10):
        seconds = compare_formulations(tokens)
        line = ", ".join(f"{name} {value * 1000:.1f} ms" for name, value in seconds.items())
        print(f"one 384 x 1536 product, {tokens} tokens: {line}", flush=True)
        results.append(
            {"name": f"formulations_{tokens}", "ms": {n: v * 1000 for n, v in seconds.items()}}
        )
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
