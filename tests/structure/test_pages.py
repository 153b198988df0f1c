"""What every page keeps: widths, lengths, and that what it names is there."""

import re
from pathlib import Path

import pytest
from structure.pages import module_file, pages
from structure.syntax import ROOT

WIDTH = 100  # columns of prose
MOST_WORDS = 250  # of a decision
CARD_LINES, README_LINES = 60, 110

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
BEGINS = re.compile(r"\||[-*] |\d+\. ")
CODE = re.compile(r"`([^`]+)`")
FILE = re.compile(r"[\w.*-]+(?:/[\w.*-]+)*\.(?:py|md|csv|cpp|hpp|h|yml|toml|png|jpg)")
MODULE = re.compile(r"python3? -m ((?:tcsdk|benchmarks)[\w.]*)")
PAGE_NAME = re.compile(r"\bdocs/[\w/-]+\.md\b")
CODE_FOLDERS = "tcsdk kernels models train quant export benchmarks examples tests".split()
# Files that a command writes into a folder of the reader's choice.
WRITTEN = set(
    "card.md report.md sweep.md quantisers.csv quantisers.md sizes.png decoded.png demo.png "
    "weights.pt".split()
)


def lines_outside_code(text):
    """The lines of a page that are not in a block of code."""
    inside = False
    for line in text.splitlines():
        if line.startswith("```"):
            inside = not inside
        elif not inside:
            yield line


def is_prose(line):
    return bool(line.strip()) and not line.startswith(("|", "    ", "<!--", "!["))


def run_on(text):
    """Lines that begin a list or a table and have prose before them: no blank line parts them.

    The site's Markdown takes them for prose, other readers do not.
    """
    before, block = "", ""  # the line before; what began the lines since the last blank one
    for line in lines_outside_code(text):
        begins = BEGINS.match(line)
        kind = begins.group()[0] if begins else "prose"
        if not before.strip() or before.startswith(("#", "<!--")):
            block = kind
        elif begins and block == "prose":
            yield line
        before = line


def names_of_files(text):
    """Files that a page names in code spans: paths, and bare names of Python files."""
    for span in CODE.findall(" ".join(lines_outside_code(text))):
        for word in span.split():
            match = FILE.fullmatch(word.partition("::")[0].rstrip(",;:"))
            if match and ("/" in word or word.partition("::")[0].endswith(".py")):
                yield match.group()


def is_there(name, page):
    """Whether a file is named by its path from the top, from the page, or by its end."""
    if name.rpartition("/")[2] in WRITTEN or name.startswith("runs/"):
        return True
    places = [ROOT, (ROOT / page).parent]
    if any(next(place.glob(name), None) for place in places):
        return True
    top = name.partition("/")[0]
    if "/" in name and (ROOT / top).is_dir():
        return False
    return any(next(ROOT.glob(f"{folder}/**/{name}"), None) for folder in CODE_FOLDERS)


PAGES = [pytest.param(path, id=str(path)) for path in pages()]
DECISIONS = [
    pytest.param(path, id=path.stem)
    for path in sorted((ROOT / "docs" / "decisions").glob("*.md"))
    if path.name != "README.md"
]


@pytest.mark.parametrize("page", PAGES)
def test_prose_is_no_wider_than_a_hundred_columns(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    wide = [line for line in lines_outside_code(text) if is_prose(line) and len(line) > WIDTH]
    assert not wide


@pytest.mark.parametrize("page", PAGES)
def test_lists_and_tables_have_a_blank_line_before_them(page):
    assert list(run_on((ROOT / page).read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    links = [link for line in lines_outside_code(text) for link in LINK.findall(line)]
    local = [link.partition("#")[0] for link in links if "://" not in link]
    assert not [link for link in local if link and not (ROOT / page.parent / link).exists()]


@pytest.mark.parametrize("page", PAGES)
def test_files_that_are_named_are_there(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    assert not [name for name in names_of_files(text) if not is_there(name, page)]


def test_pages_that_code_names_are_there():
    missing = []
    for folder in CODE_FOLDERS:
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".py", ".pyi", ".cpp", ".hpp", ".h"):
                named = PAGE_NAME.findall(path.read_text(encoding="utf-8"))
                missing += [(path, name) for name in named if not (ROOT / name).is_file()]
    assert not missing


@pytest.mark.parametrize("page", PAGES)
def test_modules_that_are_run_are_there(page):
    text = re.sub(r"\s+", " ", (ROOT / page).read_text(encoding="utf-8"))
    assert not [name for name in MODULE.findall(text) if module_file(name) is None]


@pytest.mark.parametrize("folder", ["decisions", "studies"])
def test_every_decision_and_every_study_is_in_the_index(folder):
    index = (ROOT / "docs" / folder / "README.md").read_text(encoding="utf-8")
    names = {path.name for path in (ROOT / "docs" / folder).glob("*.md")} - {"README.md"}
    assert not [name for name in names if f"({name})" not in index]


@pytest.mark.parametrize("page", DECISIONS)
def test_a_decision_is_short(page):
    assert len(page.read_text(encoding="utf-8").split()) <= MOST_WORDS


@pytest.mark.parametrize(
    "card", sorted((ROOT / "zoo").glob("*/card.md")), ids=lambda path: path.parent.name
)
def test_a_card_is_short(card):
    text = card.read_text(encoding="utf-8")
    assert sum(map(is_prose, lines_outside_code(text))) <= CARD_LINES


def test_the_first_page_is_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= README_LINES


def test_the_checks_find_what_is_wrong():
    names = list(names_of_files("`tcsdk/nothing.py` and `one two.py`"))
    assert names == ["tcsdk/nothing.py", "two.py"]
    assert not is_there("tcsdk/nothing.py", Path("README.md"))
    assert not is_there("nothing_of_the_kind.py", Path("README.md"))
    assert is_there("tcsdk/encoder.py", Path("README.md"))
    assert is_there("encoder.py", Path("README.md"))
    assert module_file("tcsdk.train.nothing") is None
    assert module_file("tcsdk.train") == ROOT / "train" / "__main__.py"
    assert list(lines_outside_code("a\n```\nb\n```\nc")) == ["a", "c"]
    assert list(run_on("as follows:\n- one\n\n- two\n\n# A\n- three\n| x |")) == ["- one"]
    assert not is_prose("| a table |")
    assert is_prose("A sentence.")
