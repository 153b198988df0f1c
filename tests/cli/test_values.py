"""Text on the command line to values, and what is said of text that is none."""

from __future__ import annotations

import argparse

import pytest

from tcsdk.cli import values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1500", 1500),
        ("1k", 1000),
        ("1K", 1000),
        ("1.5k", 1500),
        ("1.5kB", 1500),
        ("2KB", 2000),
        ("2 kB", 2000),
        ("1KiB", 1024),
        ("1ki", 1024),
        ("0.5Ki", 512),
        ("1M", 1_000_000),
        ("1MiB", 1 << 20),
        ("600B", 600),
        ("600.0", 600),
        ("1.2345k", 1234),
        ("4.1k", 4100),
    ],
)
def test_sizes_are_in_thousands_unless_an_i_is_there(text, expected):
    assert values.size(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "-5",
        "k",
        "1g",
        "1kk",
        "1,5k",
        "0.5",
        "1.5",
        "1500.5B",
        "1e3",
        "5000M",
        "٣",
        "1.k",
        "nan",
    ],
)
def test_what_is_no_size_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError, match=r"number 1\.\.4294967296, such as 1500"):
        values.size(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("white", (255, 255, 255)),
        ("Red", (255, 0, 0)),
        ("#102030", (16, 32, 48)),
        ("#fff", (255, 255, 255)),
        ("1,2,3", (1, 2, 3)),
        ("rgb(1, 2, 3)", (1, 2, 3)),
        ("#10203040", (16, 32, 48)),
        (" 1, 2,3", (1, 2, 3)),
    ],
)
def test_colours_have_names_and_numbers(text, expected):
    assert values.colour(text) == expected


@pytest.mark.parametrize("text", ["", "blu", "1,2", "1,2,256", "1,2,x", "#12", "1,2,3,4"])
def test_what_is_no_colour_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError, match="a colour as a name, #rrggbb or R,G,B"):
        values.colour(text)


def test_bytes_of_the_user_are_a_text_or_a_file(tmp_path):
    (tmp_path / "note").write_bytes(b"\0\xff")
    assert values.user_bytes("gate 7, Süd") == "gate 7, Süd".encode()
    assert values.user_bytes(f"@{tmp_path / 'note'}") == b"\0\xff"
    assert values.user_bytes("\udcff") == b"\xff"  # as the terminal sent it
    with pytest.raises(argparse.ArgumentTypeError, match="cannot read none: No such file"):
        values.user_bytes("@none")


@pytest.mark.parametrize("text", ["63", "16384", "100", "x", "64.0"])
def test_a_multiple_is_asked_for(text):
    tile = values.bounded(64, 16320, 64)
    assert tile("128") == 128
    with pytest.raises(argparse.ArgumentTypeError, match=r"64\.\.16320, a multiple of 64, got"):
        tile(text)
