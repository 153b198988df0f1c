"""A job's settings, and what comes of each of its pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tcsdk.arguments import several, whole
from tcsdk.encoder import Encoder
from tcsdk.keywords import check_keyword, keywords_of, naming_keywords
from tcsdk.model.find import find_model
from tcsdk.request import Request


@naming_keywords()
@dataclass(frozen=True)
class BatchJob:
    """What to encode, how, and on what.

    Attributes:
        sources: Paths or URIs: picture files and folders of them, or with `column` Parquet files
            and folders of them.
        output: Folder of the streams, a path or URI that all workers reach.
        column: Column with the pictures: bytes, objects with `bytes`, paths or URIs.
        names: Column with the names of the streams below `output`; without it the SHA-256 of the
            picture's bytes, or its path, names the stream.
        captions: With `column` the column of captions, else a CSV with the columns "file" and
            "caption" (tcsdk/captions_file.py), a path that this process reads; None for none.
        force: Encode again what is already there.
        encoder: Arguments of `Encoder`: model, device, batch and so on.
        request: What each stream is to be like.
        workers: Worker processes, each with an engine of its own; None for as many as fit.
        cpus: CPUs of a worker, and threads of its encoder.
        gpus: GPUs of a worker; fractions share one.
        rows: Pictures that a worker is handed at a time, and at most encodes again after it died.
    """

    sources: Sequence[str]
    output: str
    column: str | None = None
    names: str | None = None
    captions: str | None = None
    force: bool = False
    encoder: Mapping[str, Any] = field(default_factory=dict)
    request: Request = field(default_factory=Request)
    workers: int | None = None
    cpus: int = 1
    gpus: float = 0.0
    rows: int = 32

    def __post_init__(self) -> None:
        if not several("sources", self.sources, "paths or URIs"):
            raise ValueError("expected at least one source, got none")
        if self.names is not None and self.column is None:
            raise ValueError(f"names={self.names!r} is a column of Parquet: give column= too")
        if isinstance(self.request.text, tuple):
            raise ValueError('text= lines are those of one picture: give a batch "read" or so')
        for name in ("cpus", "rows", "workers"):
            value = getattr(self, name)
            if value is not None:
                whole(name, value, 1)
        for name in self.encoder:
            check_keyword(name, keywords_of(Encoder), "tcsdk.Encoder")
        find_model(self.encoder.get("model", "tfic"), self.encoder.get("precision"))


@dataclass(frozen=True)
class Encoded:
    """What came of one picture.

    Attributes:
        name: Its path, or its name in the Parquet.
        target: Its stream, relative to the output.
        state: "encoded", "kept" (a sound stream was there) or "failed".
        bytes: Size of the stream; 0 where it failed.
        error: What went wrong, with the error's class; "" if nothing.
        worker: Host and process that did it.
        notes: What the encoder has to say of it; "" if nothing.
        not_verified: What its text differs in, with `verify=True` among the job's `encoder`; "" if
            nothing, or where it was not read.
    """

    name: str
    target: str
    state: str
    bytes: int
    error: str
    worker: str
    notes: str
    not_verified: str


def in_words(error: Exception) -> str:
    """Return an error as `Encoded.error` says it, on one line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}"
