"""Arguments of callers, checked in one style: what was expected, and what came."""

from __future__ import annotations

import operator
import os
import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import numpy as np


def whole(
    name: str, value: Any, low: int, high: int | None = None, *, step: int = 1, what: str = ""
) -> int:
    """Return a whole number that is in range.

    Args:
        name: Of the argument.
        value: What came: anything that Python takes for an index, but no truth value.
        low: The lowest allowed.
        high: The highest allowed, or None.
        step: It has to be a multiple of this.
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
    multiple = f", a multiple of {step}" if step > 1 else ""
    text = f"expected {name} as a whole number{bounds}{multiple}{what}, got {value!r}"
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(text) from None
    if isinstance(value, bool):
        raise TypeError(text)
    if number < low or (high is not None and number > high) or number % step:
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


def colour(name: str, value: Any) -> tuple[int, int, int]:
    """Return a colour, RGB of 0..255.

    Raises:
        TypeError: Not three whole numbers.
        ValueError: More or fewer of them, or one out of range.
    """
    red, green, blue = wholes(name, value, ("red", "green", "blue"))
    for part, level in (("red", red), ("green", green), ("blue", blue)):
        whole(f"{part} of {name}", level, 0, 255)
    return red, green, blue


def flag(name: str, value: Any, *, or_: str = "") -> bool:
    """Return a truth value; "no" is none, though Python takes it for true.

    Args:
        name: Of the argument.
        value: What came.
        or_: A word that may stand in its place, for the message.

    Raises:
        TypeError: Neither True nor False.
    """
    if not isinstance(value, bool | np.bool_):
        word = f", or {or_!r}" if or_ else ""
        raise TypeError(f"expected {name} as True or False{word}, got {value!r}")
    return bool(value)


def location(name: str, value: Any, what: str = "a path") -> str:
    """Return a name or a path as text.

    Args:
        name: Of the argument.
        value: What came: a str, or a PathLike of one.
        what: What it may be, for the message.

    Raises:
        TypeError: Neither.
    """
    text = os.fspath(value) if isinstance(value, os.PathLike) else value
    if not isinstance(text, str):
        raise TypeError(f"expected {name} as {what}, got {value!r}")
    return text


def several(name: str, value: Any, what: str) -> Iterable[Any]:
    """Return an iterable as it came; text, bytes and a path are one thing, not several.

    Raises:
        TypeError: Not an iterable, or one thing.

    >>> several("models", "zoo/tfic", "paths of model folders")
    Traceback (most recent call last):
    ...
    TypeError: expected models as several paths of model folders, got 'zoo/tfic'; put it in a list
    """
    single = isinstance(value, (str, bytes, bytearray, memoryview, os.PathLike))
    if single or not isinstance(value, Iterable):
        hint = "; put it in a list" if single else ""
        raise TypeError(f"expected {name} as several {what}, got {_short(value)}{hint}")
    return value


def chosen(name: str, value: Any, allowed: Collection[str]) -> tuple[str, ...]:
    """Return some of the words that are allowed.

    Raises:
        TypeError: Not a collection of words.
        ValueError: One word, or others.
    """
    text = f"expected {name} as a tuple of {tuple(allowed)}, got {value!r}"
    try:
        words = tuple(value)
    except TypeError:
        raise TypeError(text) from None
    if isinstance(value, str) or not all(word in tuple(allowed) for word in words):
        raise ValueError(text)
    return words


def _short(value: Any) -> str:
    """Return a value for a message: a stream or a picture given by mistake may be large."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
