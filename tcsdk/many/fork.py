"""Values that hold threads of their own, and what becomes of them after `os.fork`."""

from __future__ import annotations

import ctypes
import os
import threading
import weakref
from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class PerProcess(Generic[T]):
    """Make a value on first use, once per process.

    READ ME FIRST: a forked child inherits the memory of an inference session but not its threads.
    Using such a session waits for threads that do not exist, and so does destroying it. So after
    a fork the child forgets the inherited value without destroying it (one reference to it is
    leaked on purpose) and makes its own on the next use.

    Args:
        make: Called without arguments, at most once per process unless it raises.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._value: T | None = None
        _holders.add(self)

    def get(self) -> T:
        """Return this process's value, made now if need be."""
        value = self._value
        if value is None:
            with self._lock:
                if self._value is None:
                    self._value = self._make()
                value = self._value
        return value

    def forget(self) -> None:
        """Drop the value inherited from the parent process without destroying it."""
        if self._value is not None:
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._value))
        self._value = None
        self._lock = threading.Lock()


_holders: weakref.WeakSet[PerProcess[Any]] = weakref.WeakSet()


def _forget_all() -> None:
    for holder in tuple(_holders):
        holder.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)
