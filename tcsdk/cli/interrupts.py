"""Ctrl-C that comes while Python runs a destructor or a weak reference's callback.

Whatever is raised there is printed as "Exception ignored in ..." and forgotten, KeyboardInterrupt
too: a command over many files would go on to its end. It is kept here instead, and raised between
two files.
"""

from __future__ import annotations

import sys

_swallowed = False


def keep_interrupts() -> None:
    """Remember interrupts that are about to be forgotten, without a word on standard error."""
    before = sys.unraisablehook

    def hook(ignored: sys.UnraisableHookArgs) -> None:
        global _swallowed
        if issubclass(ignored.exc_type, KeyboardInterrupt):
            _swallowed = True
        else:
            before(ignored)

    sys.unraisablehook = hook


def raise_interrupt() -> None:
    """Raise the interrupt that was kept, once.

    Raises:
        KeyboardInterrupt: There was one.
    """
    global _swallowed
    if _swallowed:
        _swallowed = False
        raise KeyboardInterrupt
