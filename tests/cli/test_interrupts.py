"""An interrupt that a destructor swallows ends the command all the same."""

from __future__ import annotations

import subprocess
import sys

SWALLOWED = """
import sys
from tcsdk.cli.interrupts import keep_interrupts, raise_interrupt

class Dies:
    def __del__(self):
        raise {error}

keep_interrupts()
Dies()
print("on")
raise_interrupt()
print("end")
"""


def run(error: str) -> subprocess.CompletedProcess[str]:
    code = SWALLOWED.format(error=error)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_an_interrupt_within_a_destructor_is_raised_behind_it():
    done = run("KeyboardInterrupt")
    assert done.stdout == "on\n"
    assert done.stderr.rstrip().endswith("KeyboardInterrupt")
    assert "ignored" not in done.stderr


def test_other_errors_are_printed_and_ignored_as_ever():
    done = run("ValueError('odd')")
    assert done.stdout == "on\nend\n"
    assert "odd" in done.stderr
