"""Encoders and decoders that calls share: one for the same arguments, made when first needed."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from contextlib import suppress
from threading import Lock
from typing import Any, TypeVar

from tcsdk.many.fork import PerProcess

Kind = TypeVar("Kind")

# Each holds some 10 to 30 MB. Whoever needs more at once makes objects of their own.
MOST = 8


def kept(kind: Callable[..., Kind], **options: Any) -> Kind:
    """Return the object that a constructor made of these arguments before, or make it now.

    The `MOST` used last are kept, by each process its own: a forked child makes them anew. Several
    threads that ask at the same time get the same one. A model folder that is changed meanwhile is
    not noticed.

    Args:
        kind: `Encoder` or `Decoder`.
        options: Its arguments.

    Raises:
        Exception: What the constructor raises; nothing is then kept.
    """
    options = {name: _settled(value) for name, value in options.items()}
    objects, lock = _objects.get()
    # A relative path of a model means another folder elsewhere.
    key = (kind, _folder(), frozenset((name, _typed(value)) for name, value in options.items()))
    with lock:
        made = objects.pop(key, None)
        if made is None:
            made = kind(**options)
        objects[key] = made  # behind those used before
        while len(objects) > MOST:
            objects.popitem(last=False)
    found: Kind = made
    return found


def _folder() -> str:
    with suppress(OSError):  # somebody has removed it
        return os.getcwd()  # noqa: PTH109
    return ""


def _settled(value: Any) -> Any:
    """Return an argument in a form that can be in a key: paths as text, several as a tuple."""
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, Iterable) and not isinstance(value, (str, bytes)):
        return tuple(map(_settled, value))
    return value


def _typed(value: Any) -> Hashable:
    """Return a value with its type: True is no 1, though they are equal."""
    if isinstance(value, tuple):
        return tuple(map(_typed, value))
    return type(value), value


def _nothing() -> tuple[OrderedDict[Hashable, Any], Lock]:
    return OrderedDict(), Lock()


_objects: PerProcess[tuple[OrderedDict[Hashable, Any], Lock]] = PerProcess(_nothing)
