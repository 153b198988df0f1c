"""The command line: `tcsdk encode`, `decode`, `view`, `info`, `read` and more."""

from __future__ import annotations

from collections.abc import Sequence

from tcsdk.cli.interrupts import keep_interrupts, raise_interrupt

INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Args:
        argv: Arguments without the program's name; None for the process's own.

    Raises:
        SystemExit: argparse's own, with code 2, for arguments that it cannot parse.
    """
    try:
        keep_interrupts()
        from tcsdk.cli.verbs import run_verb  # Ctrl-C may come while this is imported

        raise_interrupt()
        return run_verb(argv)
    except KeyboardInterrupt:
        return INTERRUPTED
