"""Where the package of browsers lies, and what its tests need."""

from __future__ import annotations

import shutil

import pytest
from structure.syntax import ROOT

PACKAGE = ROOT / "packages" / "npm"
NODE = shutil.which("node")

needs_package = [
    pytest.mark.skipif(NODE is None, reason="Node.js is missing: apt-get install nodejs"),
    pytest.mark.skipif(
        not (PACKAGE / "dist" / "tcs.wasm").exists(), reason="the module is not built: make web"
    ),
]
