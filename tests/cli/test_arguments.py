"""A verb's arguments as keywords: those of an Encoder here, those of a Request there."""

from __future__ import annotations

import pytest

from tcsdk.cli.arguments import encoder_of, request_of
from tcsdk.cli.verbs import build_parser

OPTIONS = ("--tile", "128", "--background", "black", "--user", "gate 7", "--max-bytes", "2k")


@pytest.mark.parametrize(
    ("line", "others"),
    [
        (
            ("encode", "a.png", "--threads", "2", "--base-quality", "9", "--verify"),
            {
                "threads": 2,
                "base_quality": 9,
                "base_model": "base",
                "verify": True,
                "verify_limit": 80,
                "verify_lines": None,
            },
        ),
        (
            ("batch", "in", "-o", "out", "--batch", "4", "--cpus", "3"),
            {"batch": 4, "verify": False, "verify_limit": 80, "verify_lines": None},
        ),
    ],
)
def test_what_encodes_and_what_is_asked_of_a_stream_are_told_apart(line, others):
    arguments = build_parser().parse_args([*line, *OPTIONS, "-q", "30"])
    assert encoder_of(arguments) == {
        "model": "tfic",
        "device": "auto",
        "tile": 128,
        "background": (0, 0, 0),
        "verify_limit": 80,
        "verify_lines": None,
        "refine": 0,
        **others,
    }
    request = request_of(arguments)
    assert (request.max_bytes, request.quality, request.user) == (2000, 30, b"gate 7")
