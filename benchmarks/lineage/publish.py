"""How long it takes to publish inferences to the embedded graph server, and whether all arrive.

Every inference has 1 decision, 1 model, 3 results and 3 alternatives, each of the six found in a
space of 2,000 texts, and a caller, a reasoning mode, a callable, a space and a run besides: what a
search logs. All from a seed. The graph is counted after it. What `sync` costs for one more is
measured too.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import resource
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hartonomous.database import Database
from hartonomous.lineage import server
from hartonomous.lineage.bolt import BoltTransport, Graph
from hartonomous.lineage.publish import publish
from hartonomous.lineage.target import require

SEED = 20261123
TEXTS = 2_000
COUNTS = {
    "Inference": "MATCH (n:Inference) RETURN count(n) AS found",
    "Decision": "MATCH (n:Decision) RETURN count(n) AS found",
    "Result": "MATCH (n:Result) RETURN count(n) AS found",
    "Alternative": "MATCH (n:Alternative) RETURN count(n) AS found",
    "USED_MODEL": "MATCH (:Inference)-[r:USED_MODEL]->(:Model) RETURN count(r) AS found",
    "RESULTED_IN": "MATCH (:Inference)-[r:RESULTED_IN]->(:Decision) RETURN count(r) AS found",
    "RETURNED": "MATCH (:Decision)-[r:RETURNED]->(:Result) RETURN count(r) AS found",
    "CONSIDERED": "MATCH (:Inference)-[r:CONSIDERED]->(:Alternative) RETURN count(r) AS found",
}


def inference(number: int, draw: random.Random) -> dict[str, Any]:
    """One log entry of a search."""
    text = f"question {draw.randrange(20_000)} of what may be asked of a few thousand texts"
    distances = sorted(draw.uniform(0.2, 0.9) for _ in range(6))
    found = [
        {
            "rank": rank,
            "id": (identity := draw.randrange(TEXTS)),
            "text": f"The text of number {identity} is a sentence of some ten to fifteen words.",
            "source": "texts",
            "distance": distance,
            "similarity": 1 - distance,
            "confidence": 1 - distance,
        }
        for rank, distance in enumerate(distances, start=1)
    ]
    moment = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(seconds=20 * number)
    return {
        "task": "search",
        "method": "auto",
        "space_id": "sentences_384",
        "models": ["BERT-base"],
        "model_ids": ["5e1f"],
        "students": [],
        "run_id": "0b6cf2c7-3a3c-4b39-8d0e-6a1f7f6f2f11",
        "query_text": text,
        "query_hash": hashlib.sha256(text.encode()).hexdigest(),
        "settings": {"top_k": 3, "metric": "cosine", "filters": []},
        "duration_ms": round(draw.uniform(1, 30), 3),
        "confidence": found[0]["confidence"],
        "recall_estimate": 0.98,
        "results": found[:3],
        "alternatives": found[3:],
        "caller": f"caller {draw.randrange(20)}",
        "inference_id": f"{draw.getrandbits(128):032x}",
        "created_at": moment.strftime("%Y-%m-%dT%H:%M:%S.%f"),
    }


def write_log(folder: Path, count: int, draw: random.Random) -> None:
    """A file a day, as the log is."""
    days: dict[str, list[str]] = {}
    for number in range(count):
        entry = inference(number, draw)
        days.setdefault(entry["created_at"][:10], []).append(json.dumps(entry))
    for day, lines in days.items():
        with (folder / f"{day}.jsonl").open("a") as file:
            file.write("".join(line + "\n" for line in lines))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inferences", type=int, default=100_000)
    parser.add_argument("--memory", default=server.MEMORY)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    draw = random.Random(SEED)
    with tempfile.TemporaryDirectory() as folder:
        database = Database.locate(Path(folder) / "bench.duckdb")
        database.sink().close()
        write_log(database.inference_folder, arguments.inferences, draw)
        started = server.start(database, memory=arguments.memory)
        try:
            figures = measure(database, arguments.inferences, draw, started.pid)
        finally:
            server.stop(database)
    print(json.dumps(figures, indent=2))
    if arguments.out:
        arguments.out.write_text(json.dumps(figures, indent=2) + "\n")
    wrong = {n: c for n, c in figures["counts"].items() if c != figures["expected"][n]}
    if wrong:
        raise SystemExit(f"the graph does not hold what was logged: {wrong}")


def measure(database: Database, count: int, draw: random.Random, pid: int | None) -> dict[str, Any]:
    transport = BoltTransport(require(database))
    before = sum(os.getloadavg()[:1])
    client, of_server = time.process_time(), _cpu_seconds(pid)
    published = publish(database, transport)
    client, of_server = time.process_time() - client, _cpu_seconds(pid) - of_server
    # One more, as `sync` writes it: the log grows by a line.
    write_log(database.inference_folder, 1, draw)
    one = publish(database, transport)
    again = publish(database, transport)
    transport.close()
    with Graph(require(database)) as graph:
        counts = {name: graph.read(query)[0]["found"] for name, query in COUNTS.items()}
    total = count + 1
    thrice = ("Result", "Alternative", "RETURNED", "CONSIDERED")
    return {
        "inferences": count,
        "seconds": published.seconds,
        "inferences_per_second": round(count / published.seconds),
        "nodes": published.nodes,
        "edges": published.edges,
        "transactions": published.transactions,
        "client_cpu_seconds": round(client, 1),
        "server_cpu_seconds": round(of_server, 1),
        "client_peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "load_before": round(before, 1),
        "one_more_seconds": one.seconds,
        "nothing_new_seconds": again.seconds,
        "counts": counts,
        "expected": {name: total * (3 if name in thrice else 1) for name in COUNTS},
    }


def _cpu_seconds(pid: int | None) -> float:
    """Processor time of the server until now; 0 where the system does not say."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
