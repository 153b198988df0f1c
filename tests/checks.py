"""Checks that several test files share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tcsdk import errors


def check_rejects(call: Callable[[], Any], error: type[Exception], *words: str) -> None:
    """`call` raises exactly `error`, and its message holds every one of `words`."""
    with pytest.raises(error) as caught:
        call()
    assert caught.type is error, f"expected {error.__name__}, came {caught.type.__name__}"
    for word in words:
        assert word in str(caught.value), f"{word!r} is not in {str(caught.value)!r}"


def check_safe(call: Callable[[], Any]) -> bool:
    """`call` returns, or raises an error about bytes; anything else fails. True if it returned."""
    try:
        call()
    except (errors.BitstreamError, errors.BundleError):
        return False
    except (errors.PackedWeightsError, errors.GlyphAtlasError):
        return False
    return True
