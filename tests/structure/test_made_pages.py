"""Pages that are made from tables say what the tables say."""

from __future__ import annotations

import re

import pytest
from structure.syntax import ROOT
from support.scripts import load_script

import tcsdk
from tcsdk import errors

MADE = {
    "docs/reference/model-folder.md": "tests/makers/make_folder_page.py",
    "docs/use/errors.md": "tests/makers/make_errors_page.py",
}

WEB_MODELS = "packages/npm/src/models.js"


@pytest.mark.parametrize("page", MADE)
def test_a_page_is_as_its_maker_makes_it(page):
    made = load_script(MADE[page]).page()
    assert (ROOT / page).read_text(encoding="utf-8") == made, (
        f"make it again: python {MADE[page]} {page}"
    )


def test_the_models_that_javascript_knows_are_those_that_ship():
    text = (ROOT / WEB_MODELS).read_text(encoding="utf-8")
    maker = "tests/makers/make_web_models.py"
    assert load_script(maker).made(text) == text, f"make it again: python {maker} {WEB_MODELS}"


def test_the_page_of_errors_says_of_each_what_it_is_and_what_to_do():
    rows = re.findall(
        r"^\| `(\w+)`.* \| (.+) \| (.+) \|$",
        (ROOT / "docs/use/errors.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    known = [name for name, each in vars(errors).items() if isinstance(each, type)]
    assert sorted(name for name, _, _ in rows) == sorted(known)


def test_every_public_name_is_on_the_page_of_the_interface():
    page = (ROOT / "docs/reference/api.md").read_text(encoding="utf-8")
    documented = re.findall(r"^::: tcsdk\.(\w+)$", page, re.MULTILINE)
    others = {name for name in tcsdk.__all__ if not hasattr(errors, name)} - {"__version__"}
    assert sorted(documented) == sorted(others)
