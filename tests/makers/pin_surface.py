"""Pin the public surface: names of tcsdk, their arguments and defaults.

    python tests/makers/pin_surface.py tests/structure/surface.txt

A change of that file is a change for users: it belongs into the changelog.
"""

from __future__ import annotations

import dataclasses
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

import tcsdk


def arguments_of(function: object) -> str:
    """A callable's arguments with their defaults, without types."""
    bare = inspect.Parameter.empty
    signature = inspect.signature(function)  # type: ignore[arg-type]
    parameters = [p.replace(annotation=bare) for p in signature.parameters.values()]
    return str(signature.replace(parameters=parameters, return_annotation=bare))


def members_of(kind: type) -> Iterator[str]:
    """The public attributes, properties and methods of a class, by name."""
    names = {name for name in dir(kind) if not name.startswith("_")}
    if dataclasses.is_dataclass(kind):
        names |= {field.name for field in dataclasses.fields(kind)}
    for name in sorted(names):
        member = inspect.getattr_static(kind, name, None)
        if isinstance(member, (classmethod, staticmethod)):
            member = member.__func__
        yield f"    {name}{arguments_of(member) if inspect.isfunction(member) else ''}"


def surface() -> Iterator[str]:
    """One line for each public name, and one for each member of a class."""
    for name in tcsdk.__all__:
        value = getattr(tcsdk, name)
        if isinstance(value, type) and issubclass(value, Exception):
            yield f"{name}({', '.join(base.__name__ for base in value.__bases__)})"
        elif isinstance(value, type):
            yield f"{name}{arguments_of(value)}"
            yield from members_of(value)
        elif callable(value):
            yield f"{name}{arguments_of(value)}"
        else:
            yield name


def main() -> None:
    """Write the file."""
    Path(sys.argv[1]).write_text("\n".join(surface()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
