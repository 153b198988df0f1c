"""Arguments of callers, checked in one style: what was expected, and what came."""

from __future__ import annotations

import operator
import re
from collections.abc import Sequence
from typing import Any


def whole(name: str, value: Any, low: int, high: int | None = None, *, what: str = "") -> int:
    """Return a whole number that is in range.

    Args:
        name: Of the argument.
        value: What came: anything that Python takes for an index, but no truth value.
        low: The lowest allowed.
        high: The highest allowed, or None.
        what: More about it for the message, such as " steps".

    Raises:
        TypeError: Not a whole number.
        ValueError: Out of range.

    >>> whole("max_bytes", "1500", 1)
    Traceback (most recent call last):
    ...
    TypeError: expected max_bytes as a whole number above 0, got '1500'
    """
    bounds = f" {low}..{high}" if high is not None else f" above {low - 1}"
    text = f"expected {name} as a whole number{bounds}{what}, got {value!r}"
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(text) from None
    if isinstance(value, bool):
        raise TypeError(text)
    if number < low or (high is not None and number > high):
        raise ValueError(text)
    return number


def fraction(name: str, value: Any, *, or_: str = "") -> float:
    """Return a number above 0 and at most 1.

    Args:
        name: Of the argument.
        value: What came.
        or_: A word that may stand in its place, for the message.

    Raises:
        TypeError: Not a number.
        ValueError: Out of range.
    """
    word = f", or {or_!r}" if or_ else ""
    text = f"expected {name} as a number above 0 and at most 1{word}, got {value!r}"
    try:
        inside = 0.0 < value <= 1.0
        number = float(value)
    except TypeError:
        raise TypeError(text) from None
    if not inside:
        raise ValueError(text)
    return number


def expression(name: str, value: Any) -> re.Pattern[str]:
    """Return a regular expression.

    Raises:
        TypeError: Not a string.
        ValueError: Not an expression.
    """
    text = f"expected {name} as a regular expression, got {value!r}"
    if not isinstance(value, str):
        raise TypeError(text)
    try:
        return re.compile(value)
    except re.error as error:
        raise ValueError(f"{text}: {error}") from None


def wholes(name: str, value: Any, parts: Sequence[str]) -> tuple[int, ...]:
    """Return whole numbers, as many as they have names.

    Args:
        name: Of the argument.
        value: What came.
        parts: Name of each number, such as ("x", "y", "width", "height").

    Raises:
        TypeError: Not a sequence of whole numbers.
        ValueError: More or fewer of them.
    """
    text = f"expected {name} as {len(parts)} whole numbers ({', '.join(parts)}), got {value!r}"
    try:
        numbers = tuple(map(operator.index, value))
    except TypeError:
        raise TypeError(text) from None
    if len(numbers) != len(parts):
        raise ValueError(text)
    return numbers
