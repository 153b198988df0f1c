"""What a command prints: one line or JSON object per file, failures, and a progress bar."""

from __future__ import annotations

import json
import sys
from typing import Any, TextIO

_WIDTH = 30


def fail(what: str, error: BaseException) -> None:
    """Print a failure as one line on standard error."""
    text = " ".join(str(error).split()) or type(error).__name__
    print(f"{what}: {type(error).__name__}: {text}", file=sys.stderr)


class Report:
    """Print results as they come.

    Args:
        total: Number of files; more than one and a terminal make a progress bar.
        as_json: One JSON object per line instead of text.
        to_stderr: Standard output carries the result itself.
    """

    def __init__(self, total: int, as_json: bool, to_stderr: bool = False) -> None:
        self._total, self._json = total, as_json
        self._out: TextIO = sys.stderr if to_stderr else sys.stdout
        self._bar = total > 1 and sys.stderr.isatty()
        self._done = self._failed = 0

    def done(self, text: str, record: dict[str, Any]) -> None:
        """Report a file that is done."""
        self._clear()
        print(json.dumps(record) if self._json else text, file=self._out, flush=True)
        self._step()

    def failed(self, source: object, error: BaseException) -> None:
        """Report a file that failed."""
        self._clear()
        self._failed += 1
        fail(str(source), error)
        self._step()

    def exit_code(self) -> int:
        """Remove the bar and return 1 if any file failed, else 0."""
        self._clear()
        return 1 if self._failed else 0

    def _step(self) -> None:
        self._done += 1
        if self._bar:
            filled = _WIDTH * self._done // self._total
            bar = "#" * filled + "." * (_WIDTH - filled)
            print(f"\r[{bar}] {self._done}/{self._total}", end="", file=sys.stderr, flush=True)

    def _clear(self) -> None:
        if self._bar:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
