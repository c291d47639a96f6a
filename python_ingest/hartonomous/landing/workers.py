"""Jobs on a few threads, which stop together when one fails."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait

Job = Callable[[Callable[[], bool]], None]
"""A job is given a function that says whether it should stop early."""


def run_all(jobs: Sequence[Job], workers: int) -> None:
    """Run every job, ``workers`` at a time, in order of the sequence.

    When one raises, or the caller is interrupted, no further job begins, running ones are told to
    stop, and the first error is raised once they have.
    """
    stop = threading.Event()

    def run(job: Job) -> None:
        if not stop.is_set():
            try:
                job(stop.is_set)
            except BaseException:
                stop.set()
                raise

    with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        futures = [pool.submit(run, job) for job in jobs]
        try:
            wait(futures, return_when=FIRST_EXCEPTION)
        finally:
            stop.set()
    for future in futures:
        future.result()
