"""For all tests: what an environment lacks is left out by folder and said; no deadlines; assets."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import settings

# Timing is never a test.
settings.register_profile("tcsdk", deadline=None)
settings.load_profile("tcsdk")

# Folder of tests -> a package that all of them import, and the command that installs it.
NEEDS = {
    "benchmarks": ("rapidfuzz", "the [bench] extra: make test-train"),
    "extend": ("torch", "the [train] extra: make test-train"),
    "export": ("torch", "the [train] extra: make test-train"),
    "models": ("torch", "the [train] extra: make test-train"),
    "quant": ("torch", "the [train] extra: make test-train"),
    "train": ("torch", "the [train] extra: make test-train"),
}
LEFT_OUT = {folder: need for folder, (name, need) in NEEDS.items() if find_spec(name) is None}
HERE = Path(__file__).parent


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave out the folders whose packages are not installed."""
    inner = collection_path.relative_to(HERE).parts if HERE in collection_path.parents else ()
    return True if inner and inner[0] in LEFT_OUT else None


def pytest_report_header() -> list[str]:
    """Say which folders are left out, and what they need."""
    return [f"left out: tests/{folder}, which needs {need}" for folder, need in LEFT_OUT.items()]


def pytest_terminal_summary(terminalreporter) -> None:
    """Say it at the end too, where pytest is quiet at the beginning."""
    for line in pytest_report_header():
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def assets():
    """What the renderer draws with, of the training split; skips where its fonts are missing."""
    from tcsdk.train.render import Assets

    try:
        return Assets.load("train")
    except FileNotFoundError as missing:
        pytest.skip(str(missing))


@pytest.fixture
def one_thread():
    """Torch on one thread."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
