"""Make docs/use/errors.md from the docstrings of tcsdk/errors.py.

python tests/makers/make_errors_page.py docs/use/errors.md
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

from tcsdk import errors

HEAD = """# Errors
Every error says what was expected, what came, and what to do. All of them are in `tcsdk.errors`,
and derive from `TcsdkError`:
```python
import tcsdk

try:
    picture = tcsdk.Decoder().decode("meter.tcs")
except tcsdk.TruncatedStreamError:  # one cause
    picture = tcsdk.Decoder(on_error="conceal").decode("meter.tcs")
except tcsdk.TcsdkError as error:  # any other
    print(error)
```
Arguments that are out of their range are a plain `ValueError` or `TypeError`. A path that cannot be
read is the `OSError` that Python raises.

In the shell an error is one line on standard error, and the exit code is 1. Wrong use is 2.
`tcsdk --help` lists the codes.

A name in brackets is the built-in class that the error is as well. This page is made from
`tcsdk/errors.py`: `python tests/makers/make_errors_page.py docs/use/errors.md`.
"""
# Base class -> heading of the table of it and what derives from it, in the page's order.
SECTIONS = {
    errors.BitstreamError: "Streams",
    errors.ModelError: "Models",
    errors.EngineError: "Engines and devices",
    errors.TcsdkError: "Everything else",
}


def classes() -> list[type[errors.TcsdkError]]:
    """All errors, in the file's order."""
    found = vars(errors).values()
    return [each for each in found if isinstance(each, type) and each.__module__ == errors.__name__]


def section_of(error: type[errors.TcsdkError]) -> type[errors.TcsdkError]:
    """The base class under which an error stands."""
    return next(base for base in SECTIONS if issubclass(error, base))


def paragraphs(error: type[errors.TcsdkError]) -> tuple[str, str]:
    """Cause and remedy, each in one line."""
    cause, remedy = (inspect.getdoc(error) or "").split("\n\n")[:2]
    return " ".join(cause.split()), " ".join(remedy.split())


def row(error: type[errors.TcsdkError]) -> str:
    """An error's row of a table."""
    cause, remedy = paragraphs(error)
    builtin = [base.__name__ for base in error.__bases__ if base.__module__ == "builtins"]
    also = f" ({', '.join(builtin)})" if builtin and error is not errors.TcsdkError else ""
    return f"| `{error.__name__}`{also} | {cause} | {remedy} |\n"


def parts() -> Iterator[str]:
    """The page, piece by piece."""
    yield HEAD
    for section, heading in SECTIONS.items():
        yield f"\n## {heading}\n\n| error | cause | what to do |\n|---|---|---|\n"
        yield from (row(error) for error in classes() if section_of(error) is section)


def page() -> str:
    """The whole page."""
    return "".join(parts())


def main() -> None:
    """Write the page."""
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
