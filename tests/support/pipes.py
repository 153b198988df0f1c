"""The other end of a pipe."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Received:
    """What was read until every writer had gone."""

    bytes = b""


@contextmanager
def read_behind(pipe: Path) -> Iterator[Received]:
    """Read a pipe to its end beside the body, which writes into it."""
    received = Received()

    def read() -> None:
        received.bytes = pipe.read_bytes()

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    yield received
    reader.join(timeout=60)
    assert not reader.is_alive(), f"nobody has written into {pipe}"
