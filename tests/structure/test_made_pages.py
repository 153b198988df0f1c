"""Pages that are made from tables say what the tables say."""

from __future__ import annotations

from structure.syntax import ROOT
from support.scripts import load_script


def test_the_page_of_model_folders_is_as_its_maker_makes_it():
    made = load_script("tests/makers/make_folder_page.py").page()
    page = ROOT / "docs" / "reference" / "model-folder.md"
    assert page.read_text(encoding="utf-8") == made, (
        "make it again: python tests/makers/make_folder_page.py docs/reference/model-folder.md"
    )
