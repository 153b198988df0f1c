"""Captions that a caller gives along: what is taken for one, and what is refused."""

from __future__ import annotations

import unicodedata
from typing import Any

from tcsdk.errors import CaptionError

_REFUSED = ("Cc", "Cs")  # control characters, and halves of surrogate pairs


def checked_caption(value: Any) -> str | None:
    """Return a caption; None for one without a word, which says as much as none.

    Args:
        value: None, or a string.

    Raises:
        TypeError: Something else.
        CaptionError: It holds control characters other than blanks and ends of lines.
    """
    if value is None:
        return None
    if not isinstance(value, str):
        raise TypeError(f"expected caption as a string or None, got {value!r}")
    for at, sign in enumerate(value):
        if unicodedata.category(sign) in _REFUSED and not sign.isspace():
            raise CaptionError(
                f"expected a caption of printable characters, got {sign!r} at place {at}: take it "
                "out, or read the file that it comes from in its own encoding"
            )
    return value.strip() or None
