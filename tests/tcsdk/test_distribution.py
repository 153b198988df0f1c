"""No message sends a user to the public index's package "tcsdk", which is a stranger's."""

from __future__ import annotations

import re
from importlib.metadata import metadata
from pathlib import Path

import pytest

import tcsdk
from tcsdk.distribution import DISTRIBUTION, install_extra

ROOT = Path(__file__).parents[2]
INSTALLS_A_STRANGERS = re.compile(r"""pip install (?:[^\n;]*["' ])?tcsdk(?![\w./-])""")
READ = ("*.py", "*.md", "*.toml", "*.cpp", "*.hpp", "Makefile", "*.mk", "run")


def sources():
    hidden = {".git", "build", "dist", "runs"}
    for pattern in READ:
        for path in ROOT.rglob(pattern):
            inner = path.relative_to(ROOT).parts
            if not hidden & set(inner) and not inner[0].startswith(".venv") and path.is_file():
                yield path


def test_the_name_is_that_of_the_installed_distribution():
    assert metadata(DISTRIBUTION)["Name"] == DISTRIBUTION
    assert tcsdk.__version__ == metadata(DISTRIBUTION)["Version"]


def test_the_advice_names_an_extra_that_exists():
    assert "ocr" in metadata(DISTRIBUTION).get_all("Provides-Extra")
    assert ".[ocr]" in install_extra("ocr")


@pytest.mark.parametrize(
    "line", ['pip install "tcsdk[cpu]"', "pip install tcsdk", "pip install -U numpy tcsdk"]
)
def test_what_is_looked_for_is_found(line):
    assert INSTALLS_A_STRANGERS.search(line)


def test_no_source_names_the_strangers_package():
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in sources()
        if path != Path(__file__)
        for line in path.read_text(encoding="utf-8").splitlines()
        if INSTALLS_A_STRANGERS.search(line)
    ]
    assert found == []
