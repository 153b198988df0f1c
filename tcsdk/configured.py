"""Objects that are their arguments: they print as a call and travel as one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


class Configured:
    """Remember the arguments of a constructor, for `repr` and for pickle.

    Sessions and threads do not travel between processes; an unpickled object makes its own.
    """

    _arguments: Mapping[str, object]

    def __repr__(self) -> str:
        arguments = ", ".join(f"{name}={value!r}" for name, value in self._arguments.items())
        return f"{type(self).__name__}({arguments})"

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[object, ...]]:
        return _call, (type(self), dict(self._arguments))


def _call(kind: Callable[..., Any], arguments: dict[str, object]) -> Any:
    return kind(**arguments)
