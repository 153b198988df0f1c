"""The command line: `tcsdk encode`, `decode`, `info`, `read`, `models`, `doctor`."""

from tcsdk.cli.main import main

__all__ = ["main"]
