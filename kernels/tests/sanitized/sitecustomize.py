"""Puts the module of a sanitizer build in the place of tcsdk._kernels.

Python runs this at its start when the folder is on PYTHONPATH, in child processes too. The
variable TCS_SANITIZED names the module's file.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location


class SanitizedKernels:
    """Finds tcsdk._kernels in the sanitizer build and nothing else."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Answer Python's import system."""
        if name != "tcsdk._kernels":
            return None
        return spec_from_file_location(name, os.environ["TCS_SANITIZED"])


sys.meta_path.insert(0, SanitizedKernels)
