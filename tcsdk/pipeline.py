"""Many pictures from where they lie to where their streams go: read, graph, entropy, write.

read, graph and entropy coding of one picture are one job of `Encoder.encode_many`, so that every
CPU has work whatever the stages weigh; writing waits for disks and networks in threads of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import tee
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from tcsdk.errors import BitstreamError, TcsdkError
from tcsdk.inspection import inspect
from tcsdk.many.outcome import Outcome
from tcsdk.many.parallel import ordered_map
from tcsdk.request import checked_request

if TYPE_CHECKING:
    from tcsdk.encoder import Encoder
    from tcsdk.request import Request

# Synced writes of small files wait for the disk and use no CPU.
_WRITERS = 4


@dataclass(frozen=True)
class Task:
    """One picture to encode.

    Attributes:
        name: What messages call it.
        target: Where its stream goes, as `write` takes it.
        load: Returns the bytes of the picture file; called in a worker thread.
        caption: What the picture shows; None for the request's.
    """

    name: str
    target: str
    load: Callable[[], bytes]
    caption: str | None = None

    def read(self) -> bytes:
        """Return the picture file: the task is its own binary file object, opened when read."""
        return self.load()

    def __str__(self) -> str:
        return self.name


def encode_tasks(
    encoder: Encoder,
    tasks: Iterable[Task],
    write: Callable[[str, bytes], None],
    request: Request | None = None,
    *,
    workers: int | None = None,
) -> Iterator[Outcome[bytes]]:
    """Read, encode and write pictures, several at a time.

    Memory is bounded: at most `2 * workers` pictures and a few streams are in work. Closing the
    iterator, or an exception in the thread that iterates (a KeyboardInterrupt, say), lets what is
    being encoded or written end, begins nothing more and leaves no thread behind.

    Args:
        encoder: What encodes.
        tasks: The pictures; read a little ahead.
        write: (target, stream) -> None; several threads call it at once.
        request: What each stream is to be like; None for what the encoder does by itself.
        workers: Pictures in work at once; None for as many as keep the encoder's device busy.

    Yields:
        One outcome per task, in order, once its stream is written. Its source is the task, its
        value the stream, or its error what reading, encoding or writing it raised (TcsdkError,
        OSError); the others go on.

    Raises:
        ValueError: The encoder cannot do what `request` asks for.
    """

    def finish(outcome: Outcome[bytes]) -> Outcome[bytes]:
        if outcome.error is not None:
            return outcome
        try:
            write(outcome.source.target, outcome.get())
        except (TcsdkError, OSError) as error:
            return Outcome(outcome.source, None, error=error)
        return outcome

    asked = checked_request(request)
    read, told = tee(tasks)
    pictures = (cast(BinaryIO, task) for task in read)
    captions = (asked.caption if task.caption is None else task.caption for task in told)
    many = encoder.encode_many(pictures, asked, captions=captions, workers=workers)
    with closing(cast(Any, many)) as coded:
        yield from ordered_map(finish, coded, _WRITERS)


def is_sound(stream: bytes) -> bool:
    """Tell whether bytes are a whole stream with checksums that hold: a target that is done.

    That of a small stream can be looked at where its model is installed.
    """
    try:
        info = inspect(stream)
        return not info.bare and (not info.small or info.family is not None)
    except BitstreamError:
        return False
