"""Ordered, bounded work over threads: for the tiles of a picture and for many pictures."""

from __future__ import annotations

import atexit
from _thread import LockType, allocate_lock, start_new_thread
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Generic, TypeVar, cast

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

    @property
    def pictures_beside(self) -> bool:
        """Whether other pictures are in work, not other tiles alone."""
        return self.concurrent and self.workers == 1

    @classmethod
    def on_tiles(cls, tiles: int, threads: int) -> Work:
        """Choose for one picture: tiles side by side where they fill the CPUs, else in turn."""
        workers = min(threads, _MOST_TILES)
        if tiles < threads or workers == 1:
            return cls(1, concurrent=False)
        return cls(workers, concurrent=True)


Item = TypeVar("Item")
Result = TypeVar("Result")


class _Call(Generic[Item, Result]):
    """A function called on one item: made by a worker, awaited by the calling thread."""

    def __init__(self, item: Item) -> None:
        self._item = item
        self._ended: SimpleQueue[tuple[Result | None, BaseException | None]] = SimpleQueue()

    def make(self, function: Callable[[Item], Result]) -> None:
        try:
            self._ended.put((function(self._item), None))
        except BaseException as error:
            self._ended.put((None, error))

    def done(self) -> bool:
        return not self._ended.empty()

    def result(self) -> Result:
        """Wait for the call; return its value or raise its exception. Once only."""
        value, error = self._ended.get()
        try:
            if error is not None:
                raise error
            return cast(Result, value)
        finally:
            del error  # its traceback has this frame


class _Workers(Generic[Item, Result]):
    """Threads that no exception in the calling thread, whenever it comes, leaves waiting.

    A KeyboardInterrupt may come between any two bytecodes of the main thread, those of
    `threading.Condition` among them: a lock is then taken and never given back, and whoever uses
    `concurrent.futures` or starts a `threading.Thread` at that moment waits for ever. So the two
    sides share only what CPython does whole or not at all: SimpleQueue and `_thread`. See
    docs/decisions/interrupts.md.
    """

    def __init__(self, function: Callable[[Item], Result], most: int) -> None:
        self._function, self._most = function, most
        self._calls: SimpleQueue[_Call[Item, Result] | None] = SimpleQueue()
        self._running: list[LockType] = []  # one per thread, free once it has ended
        self._closed = False
        atexit.register(self.close)

    def submit(self, item: Item) -> _Call[Item, Result]:
        if len(self._running) < self._most:
            self._start()
        call: _Call[Item, Result] = _Call(item)
        self._calls.put(call)
        return call

    def close(self) -> None:
        """Let what has begun end, begin nothing more and wait for the threads."""
        self._closed = True
        for _ in range(self._most):
            self._calls.put(None)
        for running in self._running:
            with running:
                pass
        atexit.unregister(self.close)

    def _start(self) -> None:
        running = allocate_lock()
        running.acquire()
        start_new_thread(self._work, (running,))
        self._running.append(running)

    def _work(self, running: LockType) -> None:
        try:
            while (call := self._calls.get()) is not None:
                if not self._closed:
                    call.make(self._function)
        finally:
            running.release()


def ordered_map(
    function: Callable[[Item], Result], items: Iterable[Item], workers: int
) -> Iterator[Result]:
    """Yield `function(item)` in the order of the items, computed ahead by a pool of threads.

    At most `2 * workers` items are taken ahead of the result handed out, so memory stays bounded
    however long the input is. A finished result is handed out before another item is taken, so
    a slow source (a camera) does not hold back what is ready. Closing the iterator, or an exception
    in the calling thread, cancels what has not begun and waits for what has.

    Args:
        function: Called in a worker thread; what it raises is raised here, in order.
        items: Any iterable, read by the calling thread.
        workers: Threads; 1 runs everything in the calling thread.
    """
    if workers <= 1:
        yield from map(function, items)
        return
    threads: _Workers[Item, Result] = _Workers(function, workers)
    pending: deque[_Call[Item, Result]] = deque()
    try:
        for item in items:
            pending.append(threads.submit(item))
            while pending and (len(pending) >= 2 * workers or pending[0].done()):
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        threads.close()
