"""What a command prints: a line or JSON object per file, failures, a progress bar, a summary."""

from __future__ import annotations

import json
import sys
import time
from types import TracebackType
from typing import Any, TextIO

from tcsdk.cli.streams import silence_output

_WIDTH = 30


def fail(what: str, error: BaseException) -> None:
    """Print a failure as one line on standard error."""
    text = " ".join(str(error).split()) or type(error).__name__
    print(f"{what}: {type(error).__name__}: {text}", file=sys.stderr)


class Report:
    """Print results as they come; a context, so that an interrupt says how far it came.

    A report that cannot be written (a closed pipe, a full disk) does not stop the work: it is said
    on standard error at the end, and the exit code is 1.

    Args:
        total: Number of files; more than one and a terminal make a progress bar.
        as_json: One JSON object per line instead of text.
        to_stderr: Standard output carries the result itself.
        quiet: Print failures alone.
    """

    def __init__(
        self, total: int, as_json: bool, to_stderr: bool = False, quiet: bool = False
    ) -> None:
        self._total, self._json, self._quiet = total, as_json, quiet
        self._out: TextIO | None = sys.stderr if to_stderr else sys.stdout
        self._bar = total > 1 and sys.stderr.isatty() and not quiet
        self._done = self._failed = self._skipped = self._written = self._read = 0
        self._sizes_known = True
        self._began = time.monotonic()
        self._lost: OSError | None = None

    def __enter__(self) -> Report:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        """Say how many files are done where the rest is not: an interrupt, a mistake of ours."""
        if kind is not None and self._total > 1:
            self._clear()
            print(f"{self._done} of {self._total} done", file=sys.stderr, flush=True)

    def done(self, text: str, record: dict[str, Any]) -> None:
        """Report a file that is done; "bytes" of records, and "input_bytes", are summed up."""
        self._clear()
        self._written += int(record.get("bytes", 0))
        self._read += record.get("input_bytes") or 0
        self._sizes_known &= record.get("input_bytes") is not None
        if not self._quiet:
            self._print(json.dumps(record) if self._json else text)
        self._step()

    def failed(self, source: object, error: BaseException) -> None:
        """Report a file that failed."""
        self._clear()
        self._failed += 1
        fail(str(source), error)
        self._step()

    def skipped(self, source: object, target: object) -> None:
        """Report a file whose output is there already."""
        self._clear()
        self._skipped += 1
        if not self._quiet and not self._json:
            self._print(f"{source}: skipped, {target} exists")
        self._step()

    def exit_code(self) -> int:
        """Remove the bar, sum several files up, and return 1 if any failed, else 0."""
        self._clear()
        if self._total > 1 and not self._quiet and not self._json:
            self._print(self._summary())
        if self._lost is not None:
            fail("the report is not complete, the files are", self._lost)
        return 1 if self._failed or self._lost is not None else 0

    def _summary(self) -> str:
        seconds = max(time.monotonic() - self._began, 1e-9)
        made = self._done - self._failed - self._skipped
        parts = [f"{made} of {self._total} done"]
        parts += [f"{self._skipped} skipped"] if self._skipped else []
        parts += [f"{self._failed} failed"] if self._failed else []
        if self._written:
            ratio = f" ({self._read / self._written:.1f}:1)" if self._sizes_known else ""
            parts.append(f"{self._written:,} bytes{ratio}")
        return ", ".join([*parts, f"{seconds:.1f} s, {self._done / seconds:.1f} a second"])

    def _print(self, line: str) -> None:
        if self._lost is not None:
            return
        try:
            print(line, file=self._out, flush=True)
        except OSError as error:
            self._lost = error
            if self._out is sys.stdout:
                silence_output()

    def _step(self) -> None:
        self._done += 1
        if self._bar:
            filled = _WIDTH * self._done // self._total
            bar = "#" * filled + "." * (_WIDTH - filled)
            left = (time.monotonic() - self._began) / self._done * (self._total - self._done)
            text = f"\r[{bar}] {self._done}/{self._total}, {left:.0f} s left"
            print(text, end="", file=sys.stderr, flush=True)

    def _clear(self) -> None:
        if self._bar:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
