from __future__ import annotations

import dataclasses
import inspect
import pickle

import pytest

import tcsdk
from checks import check_rejects
from tcsdk.batch import BatchJob
from tcsdk.keywords import naming_keywords, taking


class Pen:
    def __init__(self, colour: str = "blue", *, width: int = 1) -> None:
        pass


class Paper:
    def __init__(self, *, width: int = 210, height: int = 297) -> None:
        pass


@taking(Pen, Paper)
def draw(what: str, *, times: int = 1, **options: object) -> object:
    """Draw."""
    return what, times, options


def test_keywords_of_the_constructors_are_handed_on():
    assert draw("x", times=2, colour="red", height=5) == ("x", 2, {"colour": "red", "height": 5})


def test_the_signature_shows_them_all_and_the_first_of_two_defaults():
    shown = str(inspect.signature(draw)).replace("'", "")
    assert shown == (
        "(what: str, *, times: int = 1, colour: str = blue, width: int = 1, "
        "height: int = 297) -> object"
    )
    assert (draw.__name__, draw.__doc__) == ("draw", "Draw.")


def test_another_keyword_is_refused_with_the_likely_one():
    check_rejects(
        lambda: draw("x", color="red"),
        TypeError,
        "expected keywords of tcsdk.Pen or tcsdk.Paper, got 'color'; did you mean 'colour'?",
    )
    check_rejects(lambda: draw("x", time=2), TypeError, "did you mean 'times'?")
    check_rejects(lambda: draw("x", size=2), TypeError, "got 'size'")


@naming_keywords(Paper)
class Print:
    def __init__(self, what: str, *, colour: str = "blue") -> None:
        self.said = what, colour


def test_a_constructor_names_the_likely_keyword_and_else_whose_it_is():
    assert Print("x", colour="red").said == ("x", "red")
    assert str(inspect.signature(Print)).startswith("(what: 'str', *, colour:")
    check_rejects(
        lambda: Print("x", color="red"),
        TypeError,
        "expected keywords of tcsdk.Print, got 'color'; did you mean 'colour'?",
    )
    check_rejects(lambda: Print("x", heigth=1), TypeError, "did you mean 'height' of tcsdk.Paper?")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: tcsdk.Encoder(max_byte=3), "did you mean 'max_bytes' of tcsdk.Request?"),
        (lambda: tcsdk.Encoder(tiles=64), "tcsdk.Encoder, got 'tiles'; did you mean 'tile'?"),
        (lambda: tcsdk.Decoder(layer="first"), "did you mean 'layers'?"),
        (lambda: tcsdk.Request(max_byte=3), "expected keywords of tcsdk.Request"),
        (lambda: BatchJob(["a"], "out", row=3), "did you mean 'rows'?"),
        (lambda: BatchJob(["a"], "out", encoder={"tiles": 64}), "did you mean 'tile'?"),
        (lambda: tcsdk.read("a.png", pages=2), "expected keywords of tcsdk.read"),
        (lambda: tcsdk.Encoder.encode(None, "a.png", qualtiy=2), "did you mean 'quality'?"),
        (lambda: tcsdk.Decoder.decode(None, "a.tcs", regions=()), "did you mean 'region'?"),
    ],
)
def test_every_public_call_names_the_likely_keyword(call, words):
    check_rejects(call, TypeError, words)


def test_objects_whose_constructors_are_checked_are_copied_and_pickled():
    request = dataclasses.replace(tcsdk.Request(quality=3), max_bytes=500)
    assert (request.quality, request.max_bytes) == (3, 500)
    assert pickle.loads(pickle.dumps(request)).quality == 3
