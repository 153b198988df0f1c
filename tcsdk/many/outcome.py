"""What comes of each of many pictures or streams."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from tcsdk.errors import TcsdkError
from tcsdk.many.parallel import ordered_map
from tcsdk.notes import Note

Value = TypeVar("Value")
Item = TypeVar("Item")


@dataclass(frozen=True)
class Outcome(Generic[Value]):
    """What came of one item: a value, or the error that it raised.

    Attributes:
        source: The item, as given.
        value: The result; None where there is an error.
        timings: EncodeTimings or DecodeTimings; None where there is an error.
        damage: Tiles that were concealed, for decoders that do so.
        verification: What `Encoder(verify=True)` did; None without it.
        notes: What an encoder has to say of the picture, as `Note`.
        error: A TcsdkError or an OSError (a file that cannot be read), or None.
    """

    source: Any
    value: Value | None
    timings: Any = None
    damage: tuple[Any, ...] = ()
    verification: Any = None
    notes: tuple[Note, ...] = ()
    error: TcsdkError | OSError | None = None

    def get(self) -> Value:
        """Return the value or raise the error."""
        if self.error is not None:
            raise self.error
        return cast("Value", self.value)  # an outcome without error has a value


def outcomes(
    function: Callable[[Item], Outcome[Value]],
    items: Iterable[Item],
    workers: int,
    source: Callable[[Item], Any] = lambda item: item,
) -> Iterator[Outcome[Value]]:
    """Yield the outcome of each item in order, computed ahead by several threads.

    Args:
        function: Item -> outcome. TcsdkError and OSError become the item's outcome; any other
            exception is a mistake of the program and ends the iteration.
        items: Any iterable; at most `2 * workers` items are taken ahead.
        workers: Threads.
        source: Item -> `source` of the outcome of one that failed.
    """

    def attempt(item: Item) -> Outcome[Value]:
        try:
            return function(item)
        except (TcsdkError, OSError) as error:
            return Outcome(source(item), None, error=error)

    return ordered_map(attempt, items, workers)
