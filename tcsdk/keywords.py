"""Keywords: handed on to constructors, and refused with the likely one where they are unknown."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from functools import wraps
from inspect import Parameter, Signature, signature
from types import MappingProxyType
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Result = TypeVar("Result")
Kind = TypeVar("Kind", bound=type)


def keywords_of(kind: type) -> dict[str, Parameter]:
    """Return the arguments of a constructor by name, each as a keyword."""
    parameters = signature(kind).parameters
    return {name: p.replace(kind=Parameter.KEYWORD_ONLY) for name, p in parameters.items()}


def taking(*kinds: type) -> Callable[[Callable[Given, Result]], Callable[Given, Result]]:
    """Let a function take keywords, those of constructors too where it has `**options`.

    They show in `help()` with their defaults, and another keyword is refused before the function
    is called.

    Args:
        kinds: Classes; of a keyword that several have, the first one's default is shown.

    Raises:
        TypeError: When the function is called: a keyword that neither it nor the classes have.
    """

    def wrap(function: Callable[Given, Result]) -> Callable[Given, Result]:
        shape = signature(function)
        own = shape.parameters.items()
        known = {name: p for name, p in own if p.kind is not Parameter.VAR_KEYWORD}
        for kind in kinds:
            for name, parameter in keywords_of(kind).items():
                known.setdefault(name, parameter)
        whose = " or ".join(f"tcsdk.{kind.__name__}" for kind in kinds)

        @wraps(function)
        def checked(*arguments: Given.args, **options: Given.kwargs) -> Result:
            for name in options:
                check_keyword(name, known, whose or f"tcsdk.{function.__qualname__}")
            return function(*arguments, **options)

        checked.__signature__ = Signature(  # type: ignore[attr-defined]
            list(known.values()), return_annotation=shape.return_annotation
        )
        return checked

    return wrap


def naming_keywords(*elsewhere: type) -> Callable[[Kind], Kind]:
    """Let a class refuse a keyword that its constructor has not, and name the likely one.

    Args:
        elsewhere: Classes whose keywords it is given by mistake.
    """

    def wrap(kind: Kind) -> Kind:
        construct, known = kind.__init__, keywords_of(kind)  # type: ignore[misc]
        others = {f"tcsdk.{other.__name__}": keywords_of(other) for other in elsewhere}

        @wraps(construct)
        def checked(self: object, *arguments: object, **options: object) -> None:
            for name in options:
                check_keyword(name, known, f"tcsdk.{kind.__name__}", others)
            construct(self, *arguments, **options)

        kind.__init__ = checked  # type: ignore[misc]
        return kind

    return wrap


def check_keyword(
    name: str,
    known: Collection[str],
    whose: str,
    others: Mapping[str, Collection[str]] = MappingProxyType({}),
) -> None:
    """Refuse a keyword that is not known.

    Args:
        name: What came.
        known: What may come.
        whose: What takes those.
        others: What else takes keywords, and which, that it may have been meant for.

    Raises:
        TypeError: It is not among them; says which is likely, and what takes that.
    """
    if name in known:
        return
    hint = ""
    for taker, keywords in {"": known, **others}.items():
        likely = get_close_matches(name, keywords, 1)
        if likely:
            hint = f"; did you mean {likely[0]!r}{taker and f' of {taker}'}?"
            break
    raise TypeError(f"expected keywords of {whose}, got {name!r}{hint}")
