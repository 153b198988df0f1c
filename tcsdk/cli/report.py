"""What a command prints: a line or JSON object per file, failures, a progress bar, a summary."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from types import TracebackType
from typing import Any, TextIO

from tcsdk.cli.files import Found
from tcsdk.cli.interrupts import raise_interrupt
from tcsdk.cli.streams import silence_output
from tcsdk.cli.words import in_shell_words, on_one_line
from tcsdk.notes import Note

NOT_VERIFIED = 3
_WIDTH = 30


def fail(what: str, error: BaseException) -> None:
    """Print a failure as one line on standard error."""
    text = in_shell_words(" ".join(str(error).split())) or type(error).__name__
    print(on_one_line(f"{what}: {type(error).__name__}: {text}"), file=sys.stderr)


class Report:
    """Print results as they come; a context, so that an interrupt says how far it came.

    A report that cannot be written (a closed pipe, a full disk) does not stop the work: it is said
    on standard error at the end, and the exit code is 1.

    Args:
        total: Number of files, and of folders that fail; more than one and a terminal make a
            progress bar.
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
        self._done = self._failed = self._skipped = self._differing = 0
        self._written = self._read = 0
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

    def found(self, found: Found) -> None:
        """Say what was left out of folders, and which cannot be searched: those count as failed."""
        for line in found.left_out:
            self._note(line)
        for error in found.unreadable:
            self.failed(error.filename, error)

    def done(
        self,
        text: str,
        record: dict[str, Any],
        notes: Sequence[Note] | None = None,
        complaints: Sequence[str] = (),
    ) -> None:
        """Report a file that is done; "bytes" of records, and "input_bytes", are summed up.

        Args:
            text: Its line or lines, whose names are `on_one_line`; "" where there is nothing.
            record: Its JSON object.
            notes: What is to be said of it: in the object, else a line each on standard error;
                None where nothing ever is.
            complaints: Why its text, which was to be verified, is not: as notes are, even if quiet.
        """
        self._clear()
        self._written += int(record.get("bytes", 0))
        self._differing += bool(complaints)
        self._read += record.get("input_bytes") or 0
        self._sizes_known &= record.get("input_bytes") is not None
        if not self._quiet:
            said = {} if notes is None else {"notes": [asdict(note) for note in notes]}
            line = json.dumps(record | said) if self._json else text
            if line:
                self._print(line)
        for note in () if self._json else notes or ():
            self._note(f"{record['input']}: note: {in_shell_words(str(note))}")
        for complaint in () if self._json else complaints:
            line = on_one_line(f"{record['input']}: not verified: {complaint}")
            print(line, file=sys.stderr, flush=True)
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
            self._print(on_one_line(f"{source}: skipped, {target} exists"))
        self._step()

    def exit_code(self) -> int:
        """Remove the bar, sum several files up, and return what `tcsdk --help` explains."""
        self._clear()
        if self._total > 1 and not self._quiet and not self._json:
            self._print(self._summary())
        if self._lost is not None:
            fail("the report is not complete, the files are", self._lost)
        if self._failed or self._lost is not None:
            return 1
        return NOT_VERIFIED if self._differing else 0

    def _summary(self) -> str:
        seconds = max(time.monotonic() - self._began, 1e-9)
        made = self._done - self._failed - self._skipped
        parts = [f"{made} of {self._total} done"]
        parts += [f"{self._skipped} skipped"] if self._skipped else []
        parts += [f"{self._failed} failed"] if self._failed else []
        parts += [f"{self._differing} not verified"] if self._differing else []
        if self._written:
            ratio = f" ({self._read / self._written:.1f}:1)" if self._sizes_known else ""
            parts.append(f"{self._written:,} bytes{ratio}")
        return ", ".join([*parts, f"{seconds:.1f} s, {self._done / seconds:.1f} a second"])

    def _note(self, line: str) -> None:
        if not self._quiet:
            self._clear()
            print(on_one_line(line), file=sys.stderr, flush=True)

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
        raise_interrupt()
        if self._bar:
            filled = _WIDTH * self._done // self._total
            bar = "#" * filled + "." * (_WIDTH - filled)
            left = (time.monotonic() - self._began) / self._done * (self._total - self._done)
            text = f"\r[{bar}] {self._done}/{self._total}, {left:.0f} s left"
            print(text, end="", file=sys.stderr, flush=True)

    def _clear(self) -> None:
        if self._bar:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
