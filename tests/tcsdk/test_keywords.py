from __future__ import annotations

import inspect

from checks import check_rejects
from tcsdk.keywords import taking


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
