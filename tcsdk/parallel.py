"""Ordered, bounded work over threads: for the tiles of a picture and for many pictures."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future

# Each tile in work takes some 30 MB: windows, activations. So many are enough to fill a machine.
_MOST_TILES = 8


@dataclass(frozen=True)
class Work:
    """How a picture's tiles share the CPUs.

    Attributes:
        workers: Tiles in work at once.
        concurrent: Whether other graphs run beside one, which then keeps to one thread.
    """

    workers: int
    concurrent: bool

    @classmethod
    def on_tiles(cls, tiles: int, threads: int) -> Work:
        """Choose for one picture: tiles side by side where they fill the CPUs, else in turn."""
        workers = min(threads, _MOST_TILES)
        if tiles < threads or workers == 1:
            return cls(1, concurrent=False)
        return cls(workers, concurrent=True)


Item = TypeVar("Item")
Result = TypeVar("Result")


def ordered_map(
    function: Callable[[Item], Result], items: Iterable[Item], workers: int
) -> Iterator[Result]:
    """Yield `function(item)` in the order of the items, computed ahead by a pool of threads.

    At most `2 * workers` items are taken ahead of the result handed out, so memory stays bounded
    however long the input is. A finished result is handed out before another item is taken, so
    a slow source (a camera) does not hold back what is ready. Closing the iterator cancels what
    has not begun.

    Args:
        function: Called in a worker thread; what it raises is raised here, in order.
        items: Any iterable, read by the calling thread.
        workers: Threads; 1 runs everything in the calling thread.
    """
    if workers <= 1:
        yield from map(function, items)
        return
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(workers, thread_name_prefix="tcsdk")
    pending: deque[Future[Result]] = deque()
    try:
        for item in items:
            pending.append(pool.submit(function, item))
            while pending and (len(pending) >= 2 * workers or pending[0].done()):
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
