"""Functions that take the keywords of constructors and hand them on."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from functools import wraps
from inspect import Parameter, Signature, signature
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Result = TypeVar("Result")


def keywords_of(kind: type) -> dict[str, Parameter]:
    """Return the arguments of a constructor by name, each as a keyword."""
    parameters = signature(kind).parameters
    return {name: p.replace(kind=Parameter.KEYWORD_ONLY) for name, p in parameters.items()}


def taking(*kinds: type) -> Callable[[Callable[Given, Result]], Callable[Given, Result]]:
    """Let a function with `**options` take the keywords of constructors.

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

        @wraps(function)
        def checked(*arguments: Given.args, **options: Given.kwargs) -> Result:
            for name in options:
                if name not in known:
                    raise TypeError(_refusal(name, list(known), kinds))
            return function(*arguments, **options)

        checked.__signature__ = Signature(  # type: ignore[attr-defined]
            list(known.values()), return_annotation=shape.return_annotation
        )
        return checked

    return wrap


def _refusal(name: str, known: list[str], kinds: tuple[type, ...]) -> str:
    whose = " or ".join(f"tcsdk.{kind.__name__}" for kind in kinds)
    likely = get_close_matches(name, known, 1)
    hint = f"; did you mean {likely[0]!r}?" if likely else ""
    return f"expected keywords of {whose}, got {name!r}{hint}"
