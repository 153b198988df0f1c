"""The public surface: a change of it is a change for users, and is pinned where all can see it."""

from __future__ import annotations

from pathlib import Path

from support.scripts import load_script


def test_names_arguments_and_defaults_are_as_pinned():
    made = list(load_script("tests/makers/pin_surface.py").surface())
    pinned = Path(__file__).with_name("surface.txt").read_text(encoding="utf-8").splitlines()
    assert made == pinned, (
        "where that is meant: python tests/makers/pin_surface.py tests/structure/surface.txt, "
        "and a line in CHANGELOG.md"
    )
