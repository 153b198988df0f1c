"""Objects that are their arguments: they print as a call, travel as one, and can be closed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

Loaded = TypeVar("Loaded")
Self = TypeVar("Self", bound="Configured[Any]")


class Configured(Generic[Loaded]):
    """Remember the arguments of a constructor, and hold what was loaded for them until closed.

    Sessions and threads do not travel between processes; an unpickled object makes its own, and a
    copy or an unpickled one of a closed object is open.
    """

    _arguments: Mapping[str, object]
    _held: Loaded | None

    def close(self) -> None:
        """Let go of the loaded graphs: their memory and threads are free once no call uses them.

        Whoever encodes or decodes afterwards gets a ValueError. Closing again does nothing, and
        nobody has to close: an object that is no longer referred to frees the same. A call that
        another thread is in may still end, or raise that error.
        """
        self._held = None

    @property
    def _loaded(self) -> Loaded:
        """What was loaded."""
        held = self._held
        if held is None:
            raise ValueError(f"this {type(self).__name__} is closed: make another one")
        return held

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        arguments = ", ".join(f"{name}={value!r}" for name, value in self._arguments.items())
        return f"{type(self).__name__}({arguments})"

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[object, ...]]:
        return _call, (type(self), dict(self._arguments))


def _call(kind: Callable[..., Any], arguments: dict[str, object]) -> Any:
    return kind(**arguments)
