"""Messages on the command line name its own options."""

from __future__ import annotations

import argparse

import pytest
from support.small_model import MODEL, file_of, smooth_picture

from tcsdk.cli import main
from tcsdk.cli.verbs import build_parser
from tcsdk.cli.words import _OPTIONS, in_shell_words, option_of


def options() -> set[str]:
    (verbs,) = (a for a in build_parser()._actions if isinstance(a, argparse._SubParsersAction))
    return {
        name
        for parser in verbs.choices.values()
        for action in parser._actions
        for name in action.option_strings
    }


@pytest.mark.parametrize("name", _OPTIONS)
def test_every_option_that_messages_name_is_there(name):
    assert option_of(name) in options()


def test_values_and_truths_become_options():
    assert in_shell_words("tile=256, scale='auto' or verify=True") == (
        "--tile 256, --scale auto or --verify"
    )
    assert in_shell_words("a tile of 256 pixels") == "a tile of 256 pixels"


def test_a_refusal_has_no_python_in_it(tmp_path, capsys):
    picture = tmp_path / "a.png"
    picture.write_bytes(file_of(smooth_picture(200, 100)))
    command = ["encode", str(picture), "--model", str(MODEL), "--max-bytes", "40", "--scale", "1"]
    assert main(command) == 1
    said = capsys.readouterr().err
    assert "--max-bytes 40 is too small" in said
    assert "--scale auto" in said
    assert "=" not in said
    assert said.count("\n") == 1
