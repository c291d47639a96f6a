"""hartonomous ingest ..., hartonomous remove ...: what lands, and what leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from ..build import DEFAULT_TARGET
from ..database import Database
from ..errors import InputError
from ..inference.encoder import chosen_embedder, text_encoder
from ..landing.sink import Sink
from ..landing.targets import server_sink
from ..landing.texts_models import EncoderOf, torch_encoder
from ..landing.told import told
from ..progress import Progress
from . import options
from .output import print_json, say

app = typer.Typer(help="Land models, texts, vectors and held-out queries.", no_args_is_help=True)
remove_app = typer.Typer(help="Remove what was landed.", no_args_is_help=True)

Name = Annotated[str | None, typer.Option("--name", help="Its name in the database.")]
Column = Annotated[
    str | None,
    typer.Option("--column", help="The column with the text; `text`, or the only text column."),
]
Embedder = Annotated[
    str,
    typer.Option(
        "--embedder",
        help="torch (sentence-transformers), sql (the landed model, in the database), or auto: "
        "torch where it is installed.",
    ),
]
Reducer = Annotated[str, typer.Option("--reducer", help="What places texts in 3-D: umap or pca.")]


@contextmanager
def _sink(database: Path | None, target: str, *, must_exist: bool = False) -> Iterator[Sink]:
    if target == DEFAULT_TARGET:
        sink: Sink = Database.locate(database).sink(must_exist=must_exist)
    else:
        sink = server_sink(target)
        sink.ensure_schema()
    try:
        yield sink
    finally:
        sink.close()


def _land(
    database: Path | None, target: str, as_json: bool, land: Callable[[Sink, Progress], Any]
) -> None:
    with _sink(database, target) as sink:
        landed = land(sink, Progress())
    if as_json:
        print_json({k: v for k, v in asdict(landed).items() if not k.startswith("_")})


def _land_rows(
    land: Callable[..., Any],
    file: Path,
    database: Path | None,
    target: str,
    as_json: bool,
    **options: Any,
) -> None:
    def landed(sink: Sink, progress: Progress) -> Any:
        return told(progress, land, sink, file, **options)

    _land(database, target, as_json, landed)


@contextmanager
def _encoder(
    database: Path | None, target: str, embedder: str, model: str | None
) -> Iterator[EncoderOf]:
    """What embeds; to be entered before the sink is opened."""
    if target == DEFAULT_TARGET:
        with text_encoder(Database.locate(database), embedder, model, Progress()) as encoder_of:
            yield encoder_of
        return
    if embedder == "sql" or chosen_embedder(embedder) == "sql":
        raise InputError(
            f"texts for {target} are embedded by sentence-transformers "
            "(pip install 'hartonomous[ingest]', --embedder torch): SQL embeds on DuckDB"
        )
    yield torch_encoder


@app.command("model")
def model(
    source: Annotated[
        str, typer.Argument(help="A folder, a hub id, a .safetensors or a .onnx file.")
    ],
    name: Name = None,
    target: options.Target = DEFAULT_TARGET,
    database: options.Database = None,
    as_json: options.Json = False,
) -> None:
    """Land a model's tensors, configuration and tokenizer as rows.

    Its name is the one given, else the hub id, else the folder's. Landing it again changes nothing;
    a landing that was stopped goes on where it was.
    """
    from ..landing.model import land_model

    _land(
        database,
        target,
        as_json,
        lambda sink, progress: land_model(sink, source, name, progress=progress),
    )


@app.command("texts")
def texts(
    file: Annotated[Path, typer.Argument(help="csv, jsonl, parquet or txt (one text a line).")],
    column: Column = None,
    name: Name = None,
    model: options.Model = None,
    reducer: Reducer = "umap",
    embedder: Embedder = "auto",
    target: options.Target = DEFAULT_TARGET,
    database: options.Database = None,
    as_json: options.Json = False,
) -> None:
    """Embed texts and land them with their vectors, 3-D positions and other columns.

    Only texts that the database lacks are embedded: by sentence-transformers, or by the landed
    model's own SQL, which gives the same vectors. With SQL and `--reducer pca` the extra `ingest`
    is not needed.
    """
    from ..landing.texts import land_texts

    with _encoder(database, target, embedder, model) as encoder_of:
        _land_rows(
            land_texts,
            file,
            database,
            target,
            as_json,
            column=column,
            name=name,
            model=model,
            reducer=reducer,
            encoder_of=encoder_of,
        )


@app.command("embeddings")
def embeddings(
    file: Annotated[Path, typer.Argument(help="A parquet file.")],
    vector_column: Annotated[
        str, typer.Option("--vector-column", help="The column with the vectors.")
    ],
    column: Column = None,
    name: Name = None,
    model: Annotated[
        str | None, typer.Option("--model", "-m", help="What made the vectors; names the space.")
    ] = None,
    metric: Annotated[str, typer.Option(help="cosine, euclidean or dot.")] = "cosine",
    reducer: Reducer = "umap",
    target: options.Target = DEFAULT_TARGET,
    database: options.Database = None,
    as_json: options.Json = False,
) -> None:
    """Land vectors that were made elsewhere, up to 4,096 dimensions."""
    from ..landing.embeddings import land_embeddings

    _land_rows(
        land_embeddings,
        file,
        database,
        target,
        as_json,
        vector_column=vector_column,
        column=column,
        name=name,
        model_name=model,
        metric=metric,
        reducer=reducer,
    )


@app.command("queries")
def queries(
    file: Annotated[Path, typer.Argument(help="csv, jsonl, parquet or txt (one query a line).")],
    vector_column: Annotated[
        str | None,
        typer.Option(
            "--vector-column",
            help="The column with the vectors, in a parquet file: for a space whose vectors were "
            "made elsewhere, named by --model.",
        ),
    ] = None,
    column: Column = None,
    model: options.Model = None,
    embedder: Embedder = "auto",
    target: options.Target = DEFAULT_TARGET,
    database: options.Database = None,
    as_json: options.Json = False,
) -> None:
    """Land held-out queries: never searchable, they tune searches and measure their recall."""
    from ..landing.queries import land_queries, land_query_vectors

    if vector_column is not None:
        _land_rows(
            land_query_vectors,
            file,
            database,
            target,
            as_json,
            model=model,
            vector_column=vector_column,
            column=column,
        )
        return
    with _encoder(database, target, embedder, model) as encoder_of:
        _land_rows(
            land_queries,
            file,
            database,
            target,
            as_json,
            column=column,
            model=model,
            encoder_of=encoder_of,
        )


@remove_app.command("model")
def remove_model(
    name: Annotated[str, typer.Argument(help="The model's name.")],
    target: options.Target = DEFAULT_TARGET,
    database: options.Database = None,
) -> None:
    """Remove a model. Tensors that another model shares stay."""
    from ..landing.model_remove import remove_model as remove

    with _sink(database, target, must_exist=True) as sink:
        remove(sink, name)
    say(f"model {name} was removed; `hartonomous build` takes it out of the built tables")


@remove_app.command("texts")
def remove_texts(
    name: Annotated[str, typer.Argument(help="The collection's name.")],
    target: options.Target = DEFAULT_TARGET,
    database: options.Database = None,
) -> None:
    """Remove a collection of texts with its embeddings."""
    from ..landing.texts_removal import remove_texts as remove

    with _sink(database, target, must_exist=True) as sink:
        remove(sink, name)
    say(f"texts {name} were removed; `hartonomous build` takes them out of the built tables")
