"""Commands that pages show have the options that they are given.

Options are read from the source, so that nothing of the extras has to be installed: those of the
module that is run, and of the functions that it imports to add options to its parser.
"""

import argparse
import ast
import re
from functools import cache
from pathlib import Path

import pytest
from structure.pages import module_file, pages
from structure.syntax import ROOT, STAGES, tree_of

from tcsdk.cli.verbs import build_parser

RUN = re.compile(r"python3? -m ((?:tcsdk|benchmarks)[\w.]*)(.*)")
DEVICE = re.compile(r"(?:^|[\s(])tcsdk ([a-z-]+)(.*)")
OPTION = re.compile(r"--[a-z][a-z0-9-]*")
SPAN = re.compile(r"(?<!`)`([^`]+)`(?!`)")
BLOCK = re.compile(r"^ *```[^\n]*\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
USAGE = re.compile(r"^ {4}(python -m .*(?:\n {8}.*)*)", re.MULTILINE)
CODE = ("tcsdk", *STAGES, "benchmarks")
END = re.compile(r"\s#|[|;>]|&&")  # of a command, where another or a remark begins
ADDS = re.compile(r"option|argument|parser")  # in the name of a function that adds some


def commands(text):
    """The commands of a page: lines of blocks, put together where they go on, and code spans."""
    for block in BLOCK.findall(text):
        yield from re.sub(r"\\\n\s*", " ", block).splitlines()
    for span in SPAN.findall(BLOCK.sub("", text)):
        yield re.sub(r"\s+", " ", span)


def usages():
    """The commands that docstrings of modules begin with, by file."""
    for folder in CODE:
        for file in sorted((ROOT / folder).rglob("*.py")):
            shown = USAGE.findall(ast.get_docstring(tree_of(file)) or "")
            yield file, [re.sub(r"\s+", " ", command) for command in shown]


def options_given(shown, program):
    """What is run and each option that it is given, of one program's commands."""
    for command in shown:
        if match := program.search(command):
            rest = END.split(match[2])[0]
            for word in rest.replace("[", " ").split():
                if option := OPTION.match(word):
                    yield match[1], option.group()


@cache
def options_in(file):
    """Options that a file's own code adds to a parser, and modules whose functions add some."""
    own, others = set(), set()
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "add_argument":
            names = {a.value for a in node.args if isinstance(a, ast.Constant)}
            own |= names
            if any("BooleanOptionalAction" in ast.unparse(k.value) for k in node.keywords):
                own |= {name.replace("--", "--no-", 1) for name in names}
        if isinstance(node, ast.ImportFrom) and node.module:
            others |= {node.module for name in node.names if ADDS.search(name.name)}
    return own, others


@cache
def options_of(module):
    """Options of a module that is run."""
    file = module_file(module)
    own, others = options_in(file) if file else (set(), set())
    files = [found for name in others - {"argparse"} if (found := module_file(name))]
    return {"--help", *own, *(option for other in files for option in options_in(other)[0])}


def commands_of(parser):
    """The commands of a parser, by name."""
    found = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    return {name: made for action in found for name, made in action.choices.items()}


def all_options(parser):
    """Options of a command, and of what it is parted into."""
    inner = [option for part in commands_of(parser).values() for option in all_options(part)]
    return {*parser._option_string_actions, *inner}


@cache
def device_options():
    """Options of each command of `tcsdk`."""
    return {name: all_options(made) for name, made in commands_of(build_parser()).items()}


@pytest.mark.parametrize("page", [pytest.param(path, id=str(path)) for path in pages()])
def test_modules_have_the_options_that_they_are_given(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    given = set(options_given(commands(text), RUN))
    assert sorted(pair for pair in given if pair[1] not in options_of(pair[0])) == []


@pytest.mark.parametrize("page", [pytest.param(path, id=str(path)) for path in pages()])
def test_commands_of_tcsdk_have_the_options_that_they_are_given(page):
    text, known = (ROOT / page).read_text(encoding="utf-8"), device_options()
    given = {pair for pair in options_given(commands(text), DEVICE) if pair[0] in known}
    assert sorted(pair for pair in given if pair[1] not in known[pair[0]]) == []


def test_modules_have_the_options_that_docstrings_name():
    found = {file: set(options_given(shown, RUN)) for file, shown in usages()}
    assert sum(map(len, found.values())) > 50
    wrong = [(f.name, o) for f, given in found.items() for m, o in given if o not in options_of(m)]
    assert wrong == []


def test_the_checks_find_what_is_wrong():
    text = "`python -m tcsdk.train x\n--seed 1` and `tcsdk encode --nothing`.\n```\n"
    text += "python -m tcsdk.export a \\\n    --made-up # --remark\n```\n"
    assert list(options_given(commands(text), RUN)) == [
        ("tcsdk.export", "--made-up"),
        ("tcsdk.train", "--seed"),
    ]
    assert list(options_given(commands(text), DEVICE)) == [("encode", "--nothing")]
    assert "--seed" in options_of("tcsdk.train")
    assert "--no-reading" in options_of("tcsdk.export")
    assert "--made-up" not in options_of("tcsdk.export")
    assert "--nothing" not in device_options()["encode"]
    assert Path("docs/README.md") in pages()
