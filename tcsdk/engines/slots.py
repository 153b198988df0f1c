"""Slots: what a call of a graph on a GPU needs, kept by shape, lent to one thread at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, Protocol, TypeVar

from tcsdk.engines.base import Arrays

Signature = tuple[tuple[str, tuple[int, ...]], ...]


class Slot(Protocol):
    """Buffers, and a context or binding, for inputs of fixed shapes."""

    def run(self, inputs: Arrays) -> Arrays:
        """Copy the inputs in, run the graph, copy the outputs out."""


AnySlot = TypeVar("AnySlot", bound=Slot)


def signature_of(inputs: Arrays) -> Signature:
    """Return names and shapes of the inputs, in the order of names."""
    return tuple(sorted((name, array.shape) for name, array in inputs.items()))


class SlotPool(Generic[AnySlot]):
    """Lends slots; makes them when needed, up to a limit, and drops the least recently used.

    Shapes repeat (tiles, one camera), so a slot keeps its buffers and its captured CUDA graph.
    INVARIANT: `_idle` holds the slots that nobody has, least recently used first, and
    `_made` counts them and those lent.

    Args:
        make: Signature -> slot; called without the lock, because it takes milliseconds.
        limit: Most slots at once; further calls wait for one.
    """

    def __init__(self, make: Callable[[Signature], AnySlot], limit: int) -> None:
        self._make, self._limit = make, limit
        self._changed = threading.Condition()
        self._idle: list[tuple[Signature, AnySlot]] = []
        self._made = 0

    @contextmanager
    def lend(self, signature: Signature) -> Iterator[AnySlot]:
        """Lend a slot for inputs of these shapes.

        A slot whose run raises is dropped: a failed launch leaves its buffers in no known state.
        """
        slot = self._take(signature)
        try:
            if slot is None:
                slot = self._make(signature)
            yield slot
        except BaseException:
            with self._changed:
                self._made -= 1
                self._changed.notify()
            raise
        with self._changed:
            self._idle.append((signature, slot))
            self._changed.notify()

    def _take(self, signature: Signature) -> AnySlot | None:
        """Return an idle slot, or None where the caller is to make one."""
        with self._changed:
            while True:
                for position in reversed(range(len(self._idle))):
                    if self._idle[position][0] == signature:
                        return self._idle.pop(position)[1]
                if self._made < self._limit:
                    self._made += 1
                    return None
                if self._idle:
                    del self._idle[0]
                    return None
                self._changed.wait()
